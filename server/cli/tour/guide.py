"""What a tour prints once there is something to see."""

from __future__ import annotations

import os
import sys

from server.cli.endpoint import DEFAULT_URL, Endpoint

LIST = """\
query {
  runs(first: 10) {
    totalCount
    nodes {
      id status startedAt durationSeconds
      agent { name } cluster { name } trigger { source name } error { message }
    }
  }
}"""

DETAIL = """\
query {
  run(id: "%s") {
    status inputs
    error { message details step { name } }
    steps { name status durationSeconds errorMessage }
    logs(last: 5) { nodes { sequence stepKey message } }
  }
}"""

FOLLOW = """\
subscription {
  logLines(runId: "%s") { lines { sequence at message } endCursor end }
}"""


def guide(endpoint: Endpoint, *, page: str, failed_id: str, live_id: str) -> str:
    """The addresses, three queries to paste, and how to follow the run that goes on."""
    url = "" if endpoint.url == DEFAULT_URL else f" --url {endpoint.url}"
    command = _own_name()
    return f"""
Agent Runs is at {endpoint.url}

  Console     {endpoint.url}/runs
  GraphiQL    {endpoint.url}/graphiql
  GraphQL     {endpoint.graphql}
  WebSocket   {endpoint.websocket}
  A run       {page}

The latest runs:

{_indented(LIST)}

A failed run, with the step in which it failed:

{_indented(DETAIL % failed_id)}

The log of a run that goes on, as it is written:

{_indented(FOLLOW % live_id)}

The same on the command line:

  {command} list{url}
  {command} show{url} {failed_id}
  {command} tail -f{url} {live_id}

Ctrl-C ends the tour. What it made stays.
"""


def _own_name() -> str:
    """How we were called, so that what is printed can be pasted into the same shell."""
    called = sys.argv[0]
    if os.path.basename(called) != "agent-runs":
        return f"{os.path.basename(sys.executable)} -m server.cli"
    return os.path.relpath(called) if os.path.isabs(called) else called


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
