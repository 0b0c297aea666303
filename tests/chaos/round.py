"""One round: runs are written and followed, a fault comes in between, and nothing is amiss."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random

import httpx

from tests.chaos.faults import OF_THE_BROKER, Fault, name_of
from tests.chaos.follower import LOG, STEPS, EventFollower, Follower, SocketFollower
from tests.chaos.list_view import ListView
from tests.chaos.patience import RanOut, until, within
from tests.chaos.scene import Scene
from tests.chaos.writer import LEVELS, Caller, Writer
from tests.end_to_end.client import Json

#: Runs of a round, and the sources that write each.
RUNS, SOURCES = 2, ("main", "side")
#: Lines that are acknowledged before the fault begins: at most, the seed says how many; and those
#: that each writer is acknowledged once the fault is mended.
MAX_BEFORE, AFTER = 600, 40
#: What one follower of each run does not want to see.
FILTERED, MIN_LEVEL = "filtered", "WARNING"
#: Another one comes when much is there already.
LATECOMER = "latecomer"
#: Seconds after which a line is late, where only the broker is not well: the poll brings it within
#: a second (`live.poll.POLL_SECONDS`), on a quiet machine.
LATEST = 6.0

LOGS = """query ($run: ID!, $after: String) {
  run(id: $run) {
    status
    logs(first: 1000, after: $after) {
      nodes { sequence source level message } endCursor pageInfo { hasNextPage }
    }
  }
}"""


@dataclass
class Told:
    """One run of a round: who writes it, and who follows."""

    run_id: str
    caller: Caller
    writers: list[Writer]
    followers: list[Follower] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return sum(len(writer.acknowledged) for writer in self.writers)

    def delay(self) -> float:
        """Seconds from a line's acknowledgement to its arrival at the last who followed then."""
        acknowledged_at = {
            (writer.source, message): at
            for writer in self.writers
            for (_, message), at in zip(writer.acknowledged, writer.acknowledged_at, strict=True)
        }
        return max(
            at - acknowledged_at[line["source"], line["message"]]
            for follower in self.followers
            if follower.topic is LOG and follower.name != LATECOMER
            for line, at in zip(follower.items, follower.came_at, strict=True)
        )

    async def complete(self) -> None:
        ends = [
            {"source": writer.source, "nextOffset": len(writer.acknowledged)}
            for writer in self.writers
        ]
        await self.caller.insist("completeRun", "run { status }", runId=self.run_id, logEnds=ends)

    async def stored(self) -> list[Json]:
        """The log, page by page."""
        lines: list[Json] = []
        after, is_more = None, True
        while is_more:
            variables = {"run": self.run_id, "after": after}
            run = (await self.caller.ask({"query": LOGS, "variables": variables}))["run"]
            assert run["status"] == "COMPLETED"
            page = run["logs"]
            lines += page["nodes"]
            after, is_more = page["endCursor"], page["pageInfo"]["hasNextPage"]
        return lines


@dataclass(frozen=True)
class Played:
    """What a round was like."""

    fault: str
    lines: int
    followers: int
    losses: Counter[str]
    retries: Counter[str]
    #: The latest line came so long after its acknowledgement.
    delay: float
    #: From the end of the last run to the end of the last follower.
    end_seconds: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.fault}: {self.lines} lines, {self.followers} followers, "
            f"lost connections: {_counts(self.losses)}; calls told again: {_counts(self.retries)}; "
            f"lines came within {self.delay:.1f} s, ends within {self.end_seconds:.1f} s; "
            f"{self.seconds:.1f} s"
        )


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common()) or "none"


class Round:
    """Runs that are written and followed on a scene while a fault is done to it."""

    def __init__(self, scene: Scene, rng: Random) -> None:
        self._scene = scene
        self._rng = rng
        self._runs: list[Told] = []
        self._callers: list[Caller] = []
        #: Its runs are told from others by it.
        self._agent = f"agent {rng.getrandbits(64):x}"

    async def play(self, fault: Fault, seconds: float) -> Played:
        """Raises AssertionError where something is missing, doubled or out of order."""
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            # Without verify=False it would read the machine's certificates, which takes long.
            http = await stack.enter_async_context(httpx.AsyncClient(verify=False))
            async with asyncio.TaskGroup() as group:
                ended = await self._write_and_follow(group, http, fault, seconds)
            end_seconds = time.monotonic() - ended
            for told in self._runs:
                _check(told, await within("reading back", told.stored()))
            delay = max(told.delay() for told in self._runs)
            if self._scene.broker is not None and fault in OF_THE_BROKER:
                assert delay < LATEST, f"a line came {delay:.1f} s after its acknowledgement"
        return Played(
            fault=name_of(fault),
            lines=sum(told.acknowledged for told in self._runs),
            followers=sum(len(told.followers) for told in self._runs),
            losses=Counter(
                loss for told in self._runs for f in told.followers for loss in f.losses
            ),
            retries=Counter(why for caller in self._callers for why in caller.failed),
            delay=delay,
            end_seconds=end_seconds,
            seconds=time.monotonic() - began,
        )

    async def _write_and_follow(
        self, group: asyncio.TaskGroup, http: httpx.AsyncClient, fault: Fault, seconds: float
    ) -> float:
        """When the last run was told to end; all followers have come to their end."""
        lists = [
            ListView(self._caller(http), self._homes(), {"agentNames": [self._agent], **also})
            for also in ({}, {}, {"statuses": ["RUNNING"]})
        ]
        keeping = [group.create_task(view.keep()) for view in lists]
        for _ in range(RUNS):
            self._runs.append(await self._begin(http))
        following = [
            self._join(group, told, follower)
            for told in self._runs
            for follower in self._followers(told.run_id)
        ]
        writing = [group.create_task(writer.write()) for writer in self._writers]
        await self._disturb(fault, seconds)
        for told in self._runs:
            late = SocketFollower(LATECOMER, self._homes(), told.run_id)
            following.append(self._join(group, told, late))
        await self._end(writing)
        ended = time.monotonic()
        try:
            await within("the followers' ends", asyncio.wait(following))
        except RanOut as error:
            raise AssertionError(f"{error}: {self._behind()}") from error
        for view in lists:
            await _check_list(view)
        for task in keeping:
            task.cancel()
        return ended

    async def _disturb(self, fault: Fault, seconds: float) -> None:
        """Do the fault at a moment of the seed's."""
        moment = self._rng.randint(0, MAX_BEFORE)
        await until("the first lines", lambda: sum(t.acknowledged for t in self._runs) >= moment)
        await fault(self._scene, self._rng, seconds)

    async def _end(self, writing: Sequence[asyncio.Task[None]]) -> None:
        """Have some more lines written, and end the runs."""
        goals = {writer: len(writer.acknowledged) + AFTER for writer in self._writers}
        await until(
            "lines behind the fault",
            lambda: all(len(writer.acknowledged) >= goal for writer, goal in goals.items()),
        )
        for writer in goals:
            writer.stop.set()
        await within("the writers' last lines", asyncio.wait(writing))
        for told in self._runs:
            await within("the end of a run", told.complete())

    @property
    def _writers(self) -> list[Writer]:
        return [writer for told in self._runs for writer in told.writers]

    async def _begin(self, http: httpx.AsyncClient) -> Told:
        """A run that just began."""
        caller = self._caller(http)
        payload = await within(
            "the beginning of a run",
            caller.insist(
                "startRun",
                "run { id }",
                agent={"name": self._agent},
                cluster="eu-1",
                trigger={"source": "MANUAL", "name": "ada"},
                idempotencyKey=f"{self._rng.getrandbits(128):x}",
            ),
        )
        run_id = payload["run"]["id"]
        writers = [
            Writer(
                self._caller(http),
                run_id,
                source,
                Random(self._rng.random()),
                has_steps=source == SOURCES[0],
            )
            for source in SOURCES
        ]
        return Told(run_id, caller, writers)

    def _caller(self, http: httpx.AsyncClient) -> Caller:
        caller = Caller(self._homes(), http)
        self._callers.append(caller)
        return caller

    def _homes(self) -> list[str]:
        """All processes, in an order of the seed's."""
        homes = self._scene.homes
        return self._rng.sample(homes, len(homes))

    def _followers(self, run_id: str) -> list[Follower]:
        """Some share an execution, one has another one of its own."""
        return [
            *(SocketFollower(f"socket {n}", self._homes(), run_id) for n in range(3)),
            *(EventFollower(f"events {n}", self._homes(), run_id) for n in range(2)),
            SocketFollower(FILTERED, self._homes(), run_id, minLevel=MIN_LEVEL),
            *(SocketFollower(f"steps {n}", self._homes(), run_id, STEPS) for n in range(2)),
        ]

    def _join(self, group: asyncio.TaskGroup, told: Told, follower: Follower) -> asyncio.Task[None]:
        told.followers.append(follower)
        return group.create_task(follower.follow())

    def _behind(self) -> str:
        """Which followers have not come to their end, and how far they are."""
        return "; ".join(
            f"{follower.name} of {told.run_id} has {len(follower.items)} {follower.topic.items}, "
            f"{told.acknowledged} lines are there, lost {follower.losses}"
            for told in self._runs
            for follower in told.followers
            if not follower.ends
        )


async def _check_list(view: ListView) -> None:
    """What was kept by updates is what is there."""
    listed = await view.read()
    try:
        await until("the list as it is", lambda: view.runs == listed)
    except RanOut as error:
        raise AssertionError(
            f"{error}: {view.runs} was kept, {listed} is there, it lost {view.losses}"
        ) from error


def _check(told: Told, stored: Sequence[Json]) -> None:
    """Every acknowledged line is stored once, in order, and came so to every follower."""
    where = f"of {told.run_id}"
    sequences = [line["sequence"] for line in stored]
    assert sequences == list(range(1, len(stored) + 1)), f"sequences {where} have gaps"
    for writer in told.writers:
        found = [
            (line["level"], line["message"]) for line in stored if line["source"] == writer.source
        ]
        assert found == writer.acknowledged, (
            f"{writer.source} {where} was acknowledged {len(writer.acknowledged)} lines, "
            f"{len(found)} are stored: {_first_difference(writer.acknowledged, found)}"
        )
    loud = LEVELS[LEVELS.index(MIN_LEVEL) :]
    matching = [line for line in stored if line["level"] in loud]
    transitions = [
        {"step": {"key": key}, "to": to}
        for writer in told.writers
        for key, to in writer.transitions
    ]
    for follower in told.followers:
        lines = matching if follower.name == FILTERED else stored
        expected = lines if follower.topic is LOG else transitions
        assert follower.items == list(expected), (
            f"{follower.name} {where} was sent {len(follower.items)} of {len(expected)}: "
            f"{_first_difference(expected, follower.items)}; it lost {follower.losses}"
        )
        assert follower.ends == ["RUN_ENDED"], f"{follower.name} {where}: {follower.ends}"


def _first_difference(expected: Sequence[object], found: Sequence[object]) -> str:
    for index, (want, got) in enumerate(zip(expected, found, strict=False)):
        if want != got:
            return f"at {index} {want} was expected, {got} came"
    return f"the first {min(len(expected), len(found))} are the same"
