"""`agent-runs delete`: deletes runs with all that belongs to them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from server.cli.client import GraphQLClient, Json, user_errors
from server.cli.endpoint import DEFAULT_URL, Endpoint, UrlOption
from server.cli.running import run
from server.cli.terminal import say, visible
from server.cli.times import local

#: The API's bound on one call.
MAX_IDS = 1000

#: Exit status where a run was not deleted.
NOT_ALL = 1

DELETION = "deletedRunIds deletion { id restorableUntil }"


def command(
    run_ids: Annotated[list[str], typer.Argument(metavar="RUN_ID", help="The runs, run_….")],
    url: UrlOption = DEFAULT_URL,
    force: Annotated[
        bool, typer.Option("--force", help="Delete runs that have not ended, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete runs, with their logs, steps, reports and shared links.

    What can be deleted is, also where another of the runs is not. Exit status 1 where any was not
    deleted. Deleted runs can be restored for a while; how is said at the end.
    """
    ids = tuple(dict.fromkeys(run_ids))
    if not yes:
        _ask(len(ids))
    deleted = run(_delete(Endpoint(url), ids, force=force))
    raise typer.Exit(0 if deleted == len(ids) else NOT_ALL)


def _ask(count: int) -> None:
    """Goes on only where someone says yes."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("expected --yes, as there is no terminal to ask on")
    what = "this run" if count == 1 else f"these {count} runs"
    typer.confirm(f"Delete {what}, with logs, steps, reports and shared links?", abort=True)


async def _delete(endpoint: Endpoint, ids: Sequence[str], *, force: bool) -> int:
    """Says for each run whether it was deleted; returns how many were."""
    deleted = 0
    async with GraphQLClient(endpoint) as client:
        for some in _batches(ids):
            given = {"ids": some, "force": force}
            payload = await client.mutate_each("deleteRuns", given, DELETION)
            for run_id in payload["deletedRunIds"]:
                print(f"{run_id} deleted")
            for error in user_errors(payload):
                say(f"{error.node_id or 'not deleted'}: {error.message}")
            if payload["deletion"] is not None:
                _say_how_to_restore(payload["deletion"])
            deleted += len(payload["deletedRunIds"])
    return deleted


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MAX_IDS):
        yield ids[start : start + MAX_IDS]


def _say_how_to_restore(deletion: Json) -> None:
    if deletion["restorableUntil"] is None:
        return
    until = local(deletion["restorableUntil"])
    restore = f'restoreRuns(input: {{deletionId: "{visible(deletion["id"])}"}})'
    print(f"Until {until} this undoes it: mutation {{ {restore} {{ restoredCount }} }}")
