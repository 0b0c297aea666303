"""`agent-runs list`: runs, by filters."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from server.cli.choices import OrderField, RunStatus, TriggerSource
from server.cli.client import GraphQLClient, Json
from server.cli.endpoint import DEFAULT_URL, Endpoint, UrlOption
from server.cli.json_output import json_bytes
from server.cli.run_filter import each_alone, named, order_of, started_range
from server.cli.run_table import print_rows, print_table
from server.cli.running import run
from server.cli.terminal import write_bytes

#: The API's bound on a page.
PAGE = 200
#: Runs in one answer to a person; a program that wants more pages by itself.
MAX_RUNS = 10_000

RUNS = """
query Runs($filter: RunFilter, $orderBy: RunOrder!, $first: Int!, $after: String) {
  runs(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes {
      id url status startedAt completedAt durationSeconds nextAttemptAt
      agent { name } cluster { name } trigger { source name }
      labels { name value } error { code message step { name } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

ONLY, NOT = "Only these.", "All but these."

Names = Annotated[list[str] | None, typer.Option(metavar="NAME", help=ONLY)]
Labels = Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help=ONLY)]
Statuses = Annotated[list[RunStatus] | None, typer.Option(case_sensitive=False, help=ONLY)]
Sources = Annotated[list[TriggerSource] | None, typer.Option(case_sensitive=False, help=ONLY)]
NotNames = Annotated[list[str] | None, typer.Option(metavar="NAME", help=NOT)]
NotLabels = Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help=NOT)]
NotStatuses = Annotated[list[RunStatus] | None, typer.Option(case_sensitive=False, help=NOT)]
NotSources = Annotated[list[TriggerSource] | None, typer.Option(case_sensitive=False, help=NOT)]


def command(
    url: UrlOption = DEFAULT_URL,
    status: Statuses = None,
    agent: Names = None,
    cluster: Names = None,
    source: Sources = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Who or what triggered it.")
    ] = None,
    label: Labels = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Started then or later: 24h, 7d, 2026-11-24T08:00."),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Started before then.")] = None,
    search: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="In agent, cluster, trigger, error message and ids."),
    ] = None,
    exclude_status: NotStatuses = None,
    exclude_agent: NotNames = None,
    exclude_cluster: NotNames = None,
    exclude_source: NotSources = None,
    exclude_by: NotNames = None,
    exclude_label: NotLabels = None,
    order: Annotated[
        OrderField, typer.Option(case_sensitive=False, help="What to sort by.")
    ] = OrderField.STARTED,
    ascending: Annotated[
        bool, typer.Option("--ascending", help="Oldest, or shortest, first.")
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MAX_RUNS, help="How many at most.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Each run as one JSON object.")] = False,
) -> None:
    """List runs, the latest first.

    Filters may be repeated: of one option any value fits, of different options all must. Each
    --exclude-… hides what it names. Names match exactly. Where the output is no terminal, each run
    is one line of fields between tabs: status, agent, cluster, source, trigger, started, duration
    in seconds, id, error.
    """
    try:
        wanted = named(
            statuses=status, agents=agent, clusters=cluster, sources=source, by=by, labels=label
        )
        hidden = named(
            statuses=exclude_status,
            agents=exclude_agent,
            clusters=exclude_cluster,
            sources=exclude_source,
            by=exclude_by,
            labels=exclude_label,
            label_option="--exclude-label",
        )
        started = started_range(since, until, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    wanted |= {"startedAt": started} if started else {}
    wanted |= {"search": search} if search else {}
    wanted |= {"exclude": each_alone(hidden)} if hidden else {}
    listing = Listing(wanted, order_of(order, ascending=ascending), limit)
    run(_list(Endpoint(url), listing, as_json=as_json))


@dataclass(frozen=True, slots=True)
class Listing:
    """Which runs, in which order, how many at most."""

    filter: Json
    order: Json
    limit: int

    async def pages(self, client: GraphQLClient) -> AsyncIterator[list[Json]]:
        """The runs, page by page."""
        missing, after = self.limit, None
        while missing > 0:
            variables = {
                "filter": self.filter,
                "orderBy": self.order,
                "first": min(missing, PAGE),
                "after": after,
            }
            page = (await client.execute(RUNS, variables))["runs"]
            yield page["nodes"]
            missing -= len(page["nodes"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return


async def _list(endpoint: Endpoint, listing: Listing, *, as_json: bool) -> None:
    """A table needs all its rows before its first line; other forms are written as they come."""
    on_terminal = sys.stdout.isatty()
    rows: list[Json] = []
    async with GraphQLClient(endpoint) as client:
        async for page in listing.pages(client):
            if as_json:
                write_bytes(sys.stdout, b"".join(map(json_bytes, page)))
            elif on_terminal:
                rows += page
            else:
                print_rows(page)
    if on_terminal and not as_json:
        print_table(rows)
