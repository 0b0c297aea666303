"""From the acknowledgement of an append to its arrival at followers, at a steady pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from benchmarks.crowd.client import bare
from benchmarks.figures import Figure, Goal, Latency, latency_figures
from benchmarks.http_client import connected
from benchmarks.measures.delivery import (
    Announcer,
    Delivery,
    Process,
    delivering,
    follower_of,
    service_source,
)
from benchmarks.rounds import interleaved
from benchmarks.size import Size

SECTION = "arriving"
FLOOR = "same bytes, sent"
#: Seconds between two appends: a chatty run.
PERIOD = 0.05
#: Seconds that count for what arrived before its acknowledgement did: less cannot be told apart,
#: since reporter and followers wait for the same cores.
LEAST = 0.0001
#: A round ends after so many times the time that its appends should take.
_SLOWEST = 3


async def measure(service: Process, floor: Process, size: Size) -> list[Figure]:
    """By the service and benchmarks/floor/channels.py."""
    followers = size.timed_followers
    reporter = await service_source(service.port)
    own = follower_of(service.port, reporter)
    async with (
        delivering(service, reporter, own, followers, timed=True) as ours,
        delivering(floor, Announcer(), bare(floor.port), followers, timed=True) as base,
    ):
        rounds = await interleaved(
            size.rounds, [partial(_round, one, size.delivered_appends) for one in (ours, base)]
        )
    name = f"{followers} followers, {1 / PERIOD:.0f} appends/s,"
    figures = []
    for index, since in enumerate(("acknowledged", "sent")):
        waits, bare_waits = ([one[index] for one in told] for told in rounds)
        # The goal is of what a follower waits behind the acknowledgement.
        goal = Goal(2) if since == "acknowledged" else None
        title = f"{name} {since} to arrival"
        figures += latency_figures(SECTION, title, waits, FLOOR, bare_waits, goal)
    return figures


async def _round(delivery: Delivery, appends: int) -> tuple[Latency, Latency]:
    """Waits since the acknowledgement, LEAST for what arrived before it; and since the sending."""
    await delivery.audience.arrivals()
    sent: list[tuple[int, float, float]] = []
    began = due = time.perf_counter()
    async with connected(delivery.process.port) as http:
        while len(sent) < appends and time.perf_counter() < began + _SLOWEST * appends * PERIOD:
            await asyncio.sleep(due - time.perf_counter())
            at = time.perf_counter()
            await delivery.source.append(http)
            sent.append((delivery.source.offset, at, time.perf_counter()))
            due += PERIOD
    await delivery.audience.reach(delivery.source.offset)
    return await _waits(delivery, sent)


async def _waits(
    delivery: Delivery, sent: Sequence[tuple[int, float, float]]
) -> tuple[Latency, Latency]:
    since_known, since_sent = [], []
    #: By socket, how many of the appends have arrived there.
    arrived: dict[int, int] = {}
    for arrival in await delivery.audience.arrivals():
        index = arrived.get(arrival.socket, 0)
        # One message may bring several appends.
        while index < len(sent) and sent[index][0] <= arrival.line:
            _, at, acknowledged = sent[index]
            since_known.append(max(LEAST, arrival.at - acknowledged))
            since_sent.append(arrival.at - at)
            index += 1
        arrived[arrival.socket] = index
    return Latency.of(since_known), Latency.of(since_sent)
