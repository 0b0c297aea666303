"""Reporters that tell what was not acknowledged again, elsewhere, until it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from tests.chaos.patience import POLL
from tests.end_to_end.client import Json, mutation_of
from tests.graph.support import PATH

#: Seconds after which a client tries another process.
CALL_SECONDS = 3.0
#: Lines of one call, and seconds between two: at most. Without a pause they would take the cores
#: from processes that start.
BATCH, PAUSE = 20, 0.1
#: How often a batch of lines is followed by a step.
STEPS_SHARE = 0.1
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
#: Errors that mean "try again".
PASSING = ("UNAVAILABLE", "INTERRUPTED")


class Caller:
    """Tells the processes of a service, whichever answers."""

    def __init__(self, homes: Sequence[str], http: httpx.AsyncClient) -> None:
        self._homes = homes
        self._http = http
        self._turn = 0
        #: Calls that were told again, and why.
        self.failed: list[str] = []

    async def insist(self, mutation: str, fields: str, /, **told: Any) -> Json:
        """Tell the same until it is answered; there must be no userErrors."""
        body = {"query": mutation_of(mutation, fields), "variables": {"input": told}}
        payload: Json = (await self.ask(body))[mutation]
        assert payload["userErrors"] == [], (mutation, payload["userErrors"])
        return payload

    async def ask(self, body: Json) -> Json:
        """The data of the answer, from the first process that gives one."""
        while (data := await self._attempt(body)) is None:
            self._turn += 1
            await asyncio.sleep(POLL)
        return data

    async def _attempt(self, body: Json) -> Json | None:
        home = self._homes[self._turn % len(self._homes)]
        try:
            response = await self._http.post(f"{home}{PATH}", json=body, timeout=CALL_SECONDS)
        except httpx.TransportError as error:
            self.failed.append(type(error).__name__)
            return None
        answer: Json = response.json()
        if "errors" not in answer:
            data: Json = answer["data"]
            return data
        code = answer["errors"][0]["extensions"]["code"]
        assert code in PASSING, answer["errors"]
        self.failed.append(code)
        return None


@dataclass(eq=False)
class Writer:
    """One source of one run: appends lines until told to stop."""

    caller: Caller
    run_id: str
    source: str
    rng: Random
    #: Whether it tells of steps as well, now and then.
    has_steps: bool = False
    #: The level and text of each line that the service said it has, by offset.
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    #: When it said so, likewise; by the clock of this process.
    acknowledged_at: list[float] = field(default_factory=list)
    #: The key and status of each step's transition, likewise.
    transitions: list[tuple[str, str]] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self) -> None:
        while not self.stop.is_set():
            await self._append()
            if self.has_steps and self.rng.random() < STEPS_SHARE:
                await self._step()
            await asyncio.sleep(self.rng.uniform(0, PAUSE))

    async def _append(self) -> None:
        offset = len(self.acknowledged)
        batch = [self._line(offset + index) for index in range(self.rng.randint(1, BATCH))]
        payload = await self.caller.insist(
            "appendLogs",
            "nextOffset",
            runId=self.run_id,
            source=self.source,
            offset=offset,
            lines=[{"level": level, "message": message} for level, message in batch],
        )
        assert payload["nextOffset"] == offset + len(batch)
        self.acknowledged += batch
        self.acknowledged_at += [time.monotonic()] * len(batch)

    async def _step(self) -> None:
        """A step from its beginning to its end; one that is mentioned first is made as PENDING."""
        key = f"step {len(self.transitions) // 3}"
        await self._update(key, "RUNNING")
        self.transitions += [(key, "PENDING"), (key, "RUNNING")]
        await self._update(key, "COMPLETED")
        self.transitions.append((key, "COMPLETED"))

    async def _update(self, key: str, status: str) -> None:
        steps = [{"key": key, "status": status}]
        await self.caller.insist("updateSteps", "__typename", runId=self.run_id, steps=steps)

    def _line(self, number: int) -> tuple[str, str]:
        rng = self.rng
        text = "é\r\n\u2028 " if rng.random() < 0.1 else "x" * rng.randint(0, 200)
        return rng.choice(LEVELS), f"{self.source} {number} {text}"
