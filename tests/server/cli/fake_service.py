"""The reporter's side of the API in memory, for tests of what a reporter does when calls fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from server.cli.client import Json, Refused, Unreachable, mutation

#: What becomes of a call, by its name: "lost" is not done, "unanswered" is; None lets it pass.
Fate = Callable[[str], str | None]


def all_is_well(name: str) -> None:
    return None


class FakeService:
    """One run and whatever it was told."""

    def __init__(self, fate: Fate = all_is_well) -> None:
        self.fate = fate
        self.calls: list[tuple[str, Json]] = []
        self.documents: set[str] = set()
        self.lines: list[Json] = []
        self.steps: dict[str, Json] = {}
        self.status = "RUNNING"
        self.cancellation: Json | None = None
        self.interval = 60.0
        self.end: tuple[str, Json] | None = None
        #: Cleared, it keeps calls waiting that came later.
        self.open = asyncio.Event()
        self.open.set()
        self._called = asyncio.Event()

    async def mutate(self, name: str, given: Json, selection: str = "") -> Json:
        self.calls.append((name, given))
        self.documents.add(mutation(name, selection))
        self._called.set()
        await self.open.wait()
        fate = self.fate(name)
        if fate == "lost":
            raise Unreachable("lost on the way there")
        payload = getattr(self, f"_{name}")(given) | {"run": self._run()}
        if fate == "unanswered":
            raise Unreachable("lost on the way back")
        return payload

    def named(self, name: str) -> list[Json]:
        """What the calls of that name were given."""
        return [given for called, given in self.calls if called == name]

    async def heard(self, name: str, times: int = 1) -> None:
        """Returns once so many calls of that name have come."""
        while len(self.named(name)) < times:
            self._called.clear()
            await self._called.wait()

    def _run(self) -> Json:
        return {
            "id": "run_1",
            "url": "http://service/runs/run_1",
            "status": self.status,
            "error": None,
            "cancellation": self.cancellation,
        }

    def _startRun(self, given: Json) -> Json:
        return {"created": True}

    def _heartbeat(self, given: Json) -> Json:
        self._check_active()
        return {"intervalSeconds": self.interval}

    def _appendLogs(self, given: Json) -> Json:
        self._check_active()
        offset, lines = given["offset"], given["lines"]
        if offset > len(self.lines):
            raise self._refused("OFFSET_GAP", nextOffset=len(self.lines))
        known = self.lines[offset:]
        if known != lines[: len(known)]:
            raise self._refused("OFFSET_CONFLICT", nextOffset=len(self.lines))
        self.lines += lines[len(known) :]
        return {"nextOffset": len(self.lines)}

    def _updateSteps(self, given: Json) -> Json:
        self._check_active()
        for step in given["steps"]:
            self.steps[step["key"]] = self.steps.get(step["key"], {}) | step
        return {}

    def _scheduleRetry(self, given: Json) -> Json:
        self._check_active()
        self.status = "RETRYING"
        return {}

    def _startAttempt(self, given: Json) -> Json:
        self._check_active()
        self.status = "RUNNING"
        self.lines = []
        return {}

    def _completeRun(self, given: Json) -> Json:
        return self._ended("COMPLETED", given)

    def _failRun(self, given: Json) -> Json:
        return self._ended("FAILED", given)

    def _confirmCancel(self, given: Json) -> Json:
        return self._ended("CANCELLED", given)

    def _ended(self, status: str, given: Json) -> Json:
        if self.end is None:
            self._check_active()
            self.status, self.end = status, (status, given)
        return {}

    def _check_active(self) -> None:
        if self.status not in ("RUNNING", "RETRYING"):
            raise self._refused("RUN_ENDED")

    def _refused(self, code: str, **payload: Any) -> Refused:
        return Refused(code, code, payload | {"run": self._run()})
