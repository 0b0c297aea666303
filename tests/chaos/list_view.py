"""A list of runs that is kept by its updates, as docs/protocol.md tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.chaos.follower import LOST, BrokenOff, refuse, socket_to, words_of
from tests.chaos.patience import POLL
from tests.chaos.writer import Caller
from tests.end_to_end.client import Json

UPDATES = """subscription ($filter: RunFilter) {
  runUpdates(filter: $filter) { kind run { id status revision } deletedRunId }
}"""
LIST = """query ($filter: RunFilter) {
  runs(first: 100, filter: $filter) { nodes { id status revision } }
}"""


class ListView:
    """Reads the list whenever it is told RESET, and keeps it by what comes then."""

    def __init__(self, caller: Caller, homes: Sequence[str], run_filter: Json) -> None:
        self._caller = caller
        self._homes = homes
        self._filter = run_filter
        self.runs: dict[str, Json] = {}
        self.losses: list[str] = []

    async def keep(self) -> None:
        """Go on until cancelled."""
        turn = 0
        while True:
            try:
                await self._keep(self._homes[turn % len(self._homes)])
            except (*LOST, BrokenOff) as error:
                self.losses.append(words_of(error))
                await asyncio.sleep(POLL)
            turn += 1

    async def read(self) -> dict[str, Json]:
        """The list as it is now."""
        body = {"query": LIST, "variables": {"filter": self._filter}}
        nodes = (await self._caller.ask(body))["runs"]["nodes"]
        return {run["id"]: run for run in nodes}

    async def _keep(self, home: str) -> None:
        async with socket_to(home) as socket:
            await socket.subscribe("1", UPDATES, filter=self._filter)
            while True:
                frame = await socket.receive()
                if frame["type"] == "error":
                    refuse(frame["payload"])
                assert frame["type"] == "next", frame
                await self._take(frame["payload"]["data"]["runUpdates"])

    async def _take(self, update: Json) -> None:
        run = update["run"]
        match update["kind"]:
            case "RESET":
                self.runs = await self.read()
            case "ENTERED":
                self._put(run)
            case "CHANGED" if run["id"] in self.runs:
                self._put(run)
            case "LEFT":
                self.runs.pop(run["id"], None)
            case "DELETED":
                self.runs.pop(update["deletedRunId"], None)

    def _put(self, run: Json) -> None:
        """Of two states of a run the later one counts."""
        known = self.runs.get(run["id"])
        if known is None or known["revision"] <= run["revision"]:
            self.runs[run["id"]] = run
