"""What the processes of a scene hold when nobody asks anything of them: it must not grow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from models.database import POSTGRES_POOL
from tests.chaos.patience import POLL, RanOut, within
from tests.chaos.scene import TRANSPORTS, Scene
from tests.chaos.web import Census, Web

#: Looks that make out what a process holds at rest, without what it is at for a moment.
LOOKS = 3
#: Rounds after which caches and pools are warm.
WARM = 2
#: What a process may hold more from then on, however many rounds it lives: what it is at for a
#: moment, and what Python does not give back to the system.
MAX_OBJECTS, MAX_BYTES = 10, 16 * 1024 * 1024
GROWTH = {"own": MAX_OBJECTS, "coroutines": MAX_OBJECTS, "threads": 2, "resident": MAX_BYTES}

SESSIONS = """
SELECT state, left(query, 300), now() - state_change FROM pg_stat_activity
WHERE datname LIKE 'test%' AND pid <> pg_backend_pid() AND state <> 'idle'
"""


@dataclass
class _Known:
    """One process, from its start on."""

    tasks: int
    files: int
    #: At rest after each round.
    rounds: list[Census] = field(default_factory=list)


class Watch:
    """Compares what each process holds after a round with what it held when it began."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known: dict[int, _Known] = {}

    async def meet(self) -> None:
        """Take note of processes that are new."""
        for web, pid in self._processes():
            if pid not in self._known:
                await self._at_rest(web, pid, None)
                looks = [await web.census(pid) for _ in range(LOOKS)]
                self._known[pid] = _Known(
                    tasks=min(look.tasks for look in looks),
                    files=min(look.lasting_files for look in looks),
                )

    async def check(self) -> None:
        """Wait until every process is at rest, holding no more than at its beginning."""
        for web, pid in self._processes():
            known = self._known.get(pid)
            census = await self._at_rest(web, pid, known)
            if known is not None:
                known.rounds.append(census)
        await self._check_sessions()
        self._check_growth()

    def report(self) -> Iterator[str]:
        """How memory went, for each process that lived for some rounds."""
        for pid, known in self._known.items():
            if len(known.rounds) > WARM:
                warm, last = known.rounds[WARM - 1], known.rounds[-1]
                yield (
                    f"process {pid}, {len(known.rounds)} rounds: own objects {warm.own} -> "
                    f"{last.own}, coroutines {warm.coroutines} -> {last.coroutines}, "
                    f"MB {warm.resident >> 20} -> {last.resident >> 20}, "
                    f"files {known.files} -> {last.lasting_files}, tasks {last.tasks}"
                )

    def _processes(self) -> list[tuple[Web, int]]:
        return [(web, pid) for web in self._scene.webs for pid in web.workers]

    async def _at_rest(self, web: Web, pid: int, known: _Known | None) -> Census:
        latest: list[Census] = []

        async def looking() -> Census:
            while True:
                latest[:] = [await web.census(pid)]
                if not self._held(latest[0], known):
                    return latest[0]
                await asyncio.sleep(POLL)

        try:
            rested: Census = await within("a process at rest", looking())
        except RanOut as error:
            held = [self._held(census, known) for census in latest]
            raise AssertionError(f"process {pid} still holds {held}: {latest}") from error
        return rested

    def _held(self, census: Census, known: _Known | None) -> list[str]:
        """What it holds too much, or too little, of."""
        broker = TRANSPORTS[self._scene.transport]
        held = {
            "clients": census.clients,
            "followers": census.followers,
            "broadcasts": census.broadcasts,
            "websockets": census.websockets,
            "requests": census.requests,
            "connections to the broker": census.broker != broker,
            # One that is on its way yet has fewer tasks than it will have.
            "relays without a broker": census.carrying != 1,
            "connections to the database": census.database > POSTGRES_POOL,
        }
        if known is not None:
            # All have the same, and one may have been met before it had begun all that it does.
            held["tasks"] = census.tasks > max(one.tasks for one in self._known.values())
            held["files"] = census.lasting_files > known.files
        return [name for name, too_much in held.items() if too_much]

    async def _check_sessions(self) -> None:
        """No session of the database is in the middle of anything."""
        found: list[Any] = []

        async def looking() -> None:
            while rows := await asyncio.to_thread(self._scene.postgres.execute, SESSIONS):
                found[:] = rows

        try:
            await within("idle sessions", looking())
        except RanOut as error:
            raise RanOut(f"{error}: {found}") from error

    def _check_growth(self) -> None:
        for pid, known in self._known.items():
            for name, most in GROWTH.items():
                if len(known.rounds) > WARM:
                    last = getattr(known.rounds[-1], name)
                    grown = last - self._warm(name)
                    assert grown <= most, f"process {pid} grew by {grown} {name} to {last}"

    def _warm(self, name: str) -> int:
        """The most that any process held after its first rounds: they are alike."""
        return max(
            getattr(census, name)
            for known in self._known.values()
            for census in known.rounds[:WARM]
        )
