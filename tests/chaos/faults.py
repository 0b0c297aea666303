"""What goes wrong in a round. Each fault is done to the scene and mended again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from models.transactions import PATIENCE_SECONDS
from tests.chaos.patience import until
from tests.chaos.proxy import Muddle
from tests.chaos.scene import Scene
from tests.chaos.web import Web

#: Does the fault to the scene, for so many seconds, and mends it; at the latest `Scene.mend` does.
Fault = Callable[[Scene, Random, float], Awaitable[None]]


async def _kill_and_start(scene: Scene, web: Web, seconds: float) -> None:
    await asyncio.to_thread(web.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(web.start)


async def kill_a_service(scene: Scene, rng: Random, seconds: float) -> None:
    """kill -9 of a web process, with its workers where it has some."""
    await _kill_and_start(scene, rng.choice(scene.webs), seconds)


async def kill_a_worker(scene: Scene, rng: Random, seconds: float) -> None:
    """kill -9 of one of several workers, which its service replaces; of a lone one the same."""
    web = max(scene.webs, key=lambda each: len(each.workers))
    before = web.workers
    if len(before) == 1:
        await _kill_and_start(scene, web, seconds)
        return
    victim = rng.choice(before)
    scene.kill_process(victim)
    await until("another worker", lambda: len(set(web.workers) - {victim}) == len(before))


async def restart_a_service(scene: Scene, rng: Random, seconds: float) -> None:
    """As for an upgrade: SIGTERM, and a new one."""
    web = rng.choice(scene.webs)
    status = await asyncio.to_thread(web.stop)
    assert status == 0, f"SIGTERM ended a web process with status {status}"
    await asyncio.sleep(seconds)
    await asyncio.to_thread(web.start)


async def stop_a_process(scene: Scene, rng: Random, seconds: float) -> None:
    """SIGSTOP of a process that serves: its connections stay open, and nothing answers."""
    pid = rng.choice([pid for web in scene.webs for pid in web.workers])
    scene.sleep(pid)
    await asyncio.sleep(seconds)
    scene.wake(pid)


async def kill_the_database(scene: Scene, rng: Random, seconds: float) -> None:
    await asyncio.to_thread(scene.postgres.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(scene.postgres.start)


async def lose_the_database_for_long(scene: Scene, rng: Random, seconds: float) -> None:
    """For longer than a write goes on trying: it is refused, and told again by its reporter."""
    await kill_the_database(scene, rng, PATIENCE_SECONDS + seconds / 2)


async def freeze_the_database(scene: Scene, rng: Random, seconds: float) -> None:
    await asyncio.to_thread(scene.postgres.pause)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(scene.postgres.resume)


async def kill_the_broker(scene: Scene, rng: Random, seconds: float) -> None:
    """Where PostgreSQL is the broker: the same of it."""
    if scene.broker is None:
        await kill_the_database(scene, rng, seconds)
        return
    await asyncio.to_thread(scene.broker.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(scene.broker.start)


async def muddle_messages(scene: Scene, rng: Random, seconds: float) -> None:
    """The broker drops, doubles, delays and so reorders messages, until the round is over."""
    scene.proxy.muddle = Muddle(
        dropped=rng.uniform(0.1, 0.9), doubled=rng.uniform(0.1, 0.5), delay=rng.uniform(0.05, 2)
    )
    await asyncio.sleep(seconds)


async def cut_the_broker_off(scene: Scene, rng: Random, seconds: float) -> None:
    await scene.proxy.cut()
    await asyncio.sleep(seconds)
    scene.proxy.mend()


async def silence_the_broker(scene: Scene, rng: Random, seconds: float) -> None:
    """A cut cable: connections stay open, and nothing comes through."""
    scene.proxy.fall_silent()
    await asyncio.sleep(seconds)
    scene.proxy.mend()


FAULTS: tuple[Fault, ...] = (
    kill_a_service,
    kill_the_broker,
    kill_the_database,
    stop_a_process,
    muddle_messages,
    kill_a_worker,
    cut_the_broker_off,
    restart_a_service,
    silence_the_broker,
    freeze_the_database,
    lose_the_database_for_long,
)


#: Where these are done to a broker of its own, processes and database are none the wiser.
OF_THE_BROKER = (kill_the_broker, muddle_messages, cut_the_broker_off, silence_the_broker)


def name_of(fault: Fault) -> str:
    return fault.__name__.replace("_", " ")
