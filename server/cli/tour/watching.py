"""What a tour asks of its service, by the public API as anyone would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import httpx

from server.cli.backoff import backoff
from server.cli.client import GraphQLClient, Json, Refused
from server.cli.endpoint import Endpoint
from server.cli.subscriptions import Watcher, subscribe
from server.cli.terminal import say
from server.cli.tour.runs import LABEL

UPDATES = "subscription Tour($filter: RunFilter) { runUpdates(filter: $filter) { kind } }"

LINES = "subscription Lines($id: ID!) { logLines(runId: $id) { lines { sequence } end } }"

RUNS = """
query Tour($filter: RunFilter) {
  runs(filter: $filter, first: 20) { nodes { id url status agent { name } } }
}"""

#: The runs of a tour by the names of their agents.
Runs = dict[str, Json]


def is_active(run: Json) -> bool:
    """Whether the run goes on."""
    return run["status"] in ("RUNNING", "RETRYING")


async def ready(url: str) -> None:
    """Returns once the service can serve."""
    async with httpx.AsyncClient() as http:
        for pause in backoff(0.02, 0.5):
            try:
                if (await http.get(f"{url}/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            await asyncio.sleep(pause)


class TourWatch:
    """The runs of one tour, told by their label."""

    def __init__(self, endpoint: Endpoint, client: GraphQLClient, tour: str) -> None:
        self._endpoint = endpoint
        self._client = client
        self._filter = {"labels": [{"name": LABEL, "value": tour}]}

    async def until(self, reached: Callable[[Runs], bool]) -> Runs:
        """The runs as soon as `reached` holds of them; looked at whenever one of them changes."""
        changes = subscribe(self._endpoint, UPDATES, lambda: {"filter": self._filter}, Watcher(say))
        async with aclosing(changes):
            async for _ in changes:
                runs = await self.runs()
                if reached(runs):
                    return runs
        raise Refused("the service ended the subscription")

    async def runs(self) -> Runs:
        nodes = (await self._client.execute(RUNS, {"filter": self._filter}))["runs"]["nodes"]
        return {run["agent"]["name"]: run for run in nodes}

    async def first_line(self, run_id: str) -> None:
        """Returns once the run has written something."""
        lines = subscribe(self._endpoint, LINES, lambda: {"id": run_id}, Watcher(say))
        async with aclosing(lines):
            async for data in lines:
                if data["logLines"]["lines"]:
                    return

    async def cancel(self, *run_ids: str, reason: str) -> None:
        await self._client.mutate_each("cancelRuns", {"ids": run_ids, "reason": reason})
