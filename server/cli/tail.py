"""`agent-runs tail`: the last log lines of a run, and those still to come."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

import typer

from server.cli.choices import LogLevel, LogStream
from server.cli.client import GraphQLClient, Json, Refused, without_none
from server.cli.endpoint import DEFAULT_URL, Endpoint, UrlOption
from server.cli.log_lines import FIELDS, LineFormat
from server.cli.running import run
from server.cli.subscriptions import Watcher, subscribe
from server.cli.terminal import first_line, has_colours, say, write_bytes
from server.cli.times import duration

#: The API's bound on a page.
PAGE = 1000
#: Lines asked for that are held until they are shown; the whole of a long log is no tail.
MAX_LINES = 100_000

#: Exit status of `tail -f` where the run ended otherwise than as COMPLETED.
NOT_COMPLETED = 1

LAST = f"""
query Last($id: ID!, $filter: LogFilter, $last: Int!, $before: String) {{
  run(id: $id) {{
    logs(filter: $filter, last: $last, before: $before) {{
      nodes {{ {FIELDS} }} endCursor pageInfo {{ hasPreviousPage startCursor }}
    }}
  }}
}}"""

FOLLOW = f"""
subscription Follow($id: ID!, $filter: LogFilter, $after: String) {{
  logLines(runId: $id, filter: $filter, after: $after) {{ lines {{ {FIELDS} }} endCursor end }}
}}"""

END = """
query End($id: ID!) {
  run(id: $id) { status durationSeconds error { message step { name } } }
}"""


def command(
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="The run, run_….")],
    url: UrlOption = DEFAULT_URL,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new lines until the run ends.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, max=MAX_LINES, help="How many of the last lines.")
    ] = 100,
    level: Annotated[
        LogLevel | None,
        typer.Option(case_sensitive=False, help="This level and those that matter more."),
    ] = None,
    stream: Annotated[
        list[LogStream] | None, typer.Option(case_sensitive=False, help="May be repeated.")
    ] = None,
    step: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Lines of this step; may be repeated.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Each line as one JSON object, with all its fields.")
    ] = False,
    timestamps: Annotated[bool, typer.Option("--timestamps", "-t", help="When it was.")] = False,
) -> None:
    """Show the last log lines of a run, and with -f follow it.

    A lost connection is made again, and no line is missed or shown twice. On a terminal, lines come
    with their step and level, and control characters but for colours are shown, not obeyed;
    elsewhere each message is written as it was told.

    With -f the exit status is 0 where the run completed and 1 where it failed, was cancelled or was
    deleted; it is 2 where the service cannot be asked.
    """
    on_terminal = sys.stdout.isatty()
    tail = Tail(
        Endpoint(url),
        run_id,
        without_none(minLevel=level, streams=stream or None, stepKeys=step or None),
        LineFormat(on_terminal, has_colours(sys.stdout), as_json, timestamps),
    )
    raise typer.Exit(run(tail.show(lines, follow=follow)))


@dataclass
class Tail:
    """Shows lines of one run in the order of their sequence, each once."""

    endpoint: Endpoint
    run_id: str
    filter: Json
    format: LineFormat
    #: Everything up to here was shown.
    cursor: str | None = None
    sequence: int = 0

    async def show(self, lines: int, *, follow: bool) -> int:
        """The last `lines` lines, then with `follow` all others; the status to exit with."""
        async with GraphQLClient(self.endpoint) as client:
            await self._write(await self._last(client, lines))
            if not follow:
                return 0
            await self._follow()
            return await self._say_end(client)

    async def _last(self, client: GraphQLClient, count: int) -> list[Json]:
        """The last `count` lines, page by page from the end, and the cursor behind them."""
        pages: list[list[Json]] = []
        missing, before = count, None
        while True:
            page = await self._page(client, min(max(missing, 1), PAGE), before)
            self.cursor = self.cursor or page["endCursor"]
            pages.append(page["nodes"])
            missing -= len(page["nodes"])
            before = page["pageInfo"]["startCursor"]
            if missing <= 0 or before is None or not page["pageInfo"]["hasPreviousPage"]:
                break
        lines = [line for nodes in reversed(pages) for line in nodes]
        return lines[len(lines) - min(count, len(lines)) :]

    async def _page(self, client: GraphQLClient, last: int, before: str | None) -> Json:
        variables = {"id": self.run_id, "filter": self.filter, "last": last, "before": before}
        found = (await client.execute(LAST, variables))["run"]
        if found is None:
            raise Refused(f"there is no run {self.run_id}")
        page: Json = found["logs"]
        return page

    async def _follow(self) -> None:
        """Shows each batch as it comes, up to the one that says that it was the last."""
        batches = subscribe(self.endpoint, FOLLOW, self._variables, Watcher(say))
        end = None
        async with aclosing(batches):
            async for data in batches:
                batch = data["logLines"]
                await self._write(batch["lines"])
                self.cursor = batch["endCursor"]
                end = batch["end"] or end
        if end is None:
            raise Refused("the service ended the log without saying why")

    def _variables(self) -> Json:
        return {"id": self.run_id, "filter": self.filter, "after": self.cursor}

    async def _write(self, lines: list[Json]) -> None:
        new = [line for line in lines if line["sequence"] > self.sequence]
        if new:
            self.sequence = new[-1]["sequence"]
            # In a thread: a pager that reads no further must not keep the connection from living.
            data = b"".join(map(self.format.bytes_of, new))
            await asyncio.to_thread(write_bytes, sys.stdout, data)

    async def _say_end(self, client: GraphQLClient) -> int:
        ended = (await client.execute(END, {"id": self.run_id}))["run"]
        if ended is None:
            say("end of the log: the run was deleted")
            return NOT_COMPLETED
        status = ended["status"]
        say(f"end of the log: {status} after {duration(ended['durationSeconds'])}{_why(ended)}")
        return 0 if status == "COMPLETED" else NOT_COMPLETED


def _why(ended: Json) -> str:
    error = ended["error"]
    if error is None:
        return ""
    step = f" in step {error['step']['name']}" if error["step"] else ""
    return f"{step}: {first_line(error['message'])}"
