"""`agent-runs show`: everything about one run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from server.cli.client import GraphQLClient, Json, Refused
from server.cli.endpoint import DEFAULT_URL, Endpoint, UrlOption
from server.cli.json_output import json_bytes
from server.cli.run_page import print_run
from server.cli.running import run
from server.cli.terminal import write_bytes

RUN = """
query Run($id: ID!) {
  run(id: $id) {
    id url status startedAt completedAt durationSeconds nextAttemptAt lastHeardAt lastSequence
    agent { name kind } cluster { name }
    trigger { source name url externalId }
    inputs labels { name value }
    error { code message step { key name } details }
    attempts { number startedAt endedAt failure }
    cancellation { by at reason }
    steps {
      key name position parent { key } attempt status startedAt completedAt durationSeconds
      output errorMessage
    }
    report { id url title markdown downloads { format url } }
  }
}"""


def command(
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="The run, run_….")],
    url: UrlOption = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="The API's answer as it is.")] = False,
) -> None:
    """Show everything about a run but for its log, for which there is tail."""
    found = run(_find(Endpoint(url), run_id))
    if as_json:
        write_bytes(sys.stdout, json_bytes(found, indent=True))
    else:
        print_run(found)


async def _find(endpoint: Endpoint, run_id: str) -> Json:
    async with GraphQLClient(endpoint) as client:
        found: Json | None = (await client.execute(RUN, {"id": run_id}))["run"]
    if found is None:
        raise Refused(f"there is no run {run_id}")
    return found
