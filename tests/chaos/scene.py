"""The scene of the rounds: a database, a broker behind a proxy, and the processes of a service."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

import psutil

from models.database import migrate
from tests.chaos.frames import NATS, POSTGRES, RESP, Framing
from tests.chaos.proxy import Proxy
from tests.chaos.web import Web
from tests.support.brokers import NatsBroker, ValkeyBroker
from tests.support.engines import Engines
from tests.support.postgres import PostgresServer, run_in_a_loop_of_its_own

#: What carries wake-ups, and how many connections a process has to it.
TRANSPORTS = {"valkey": 2, "nats": 1, "postgres": 1}
#: How many processes each service of the scene has.
SHAPES = ((1, 1, 1), (1, 2))
#: Seconds: no run is ended for its reporter's silence while rounds last.
SETTINGS = {"SILENCE_SECONDS": "36000", "CANCEL_GRACE_SECONDS": "36000"}


class Broker(Protocol):
    port: int

    def start(self) -> None: ...
    def kill(self) -> None: ...


@dataclass
class Scene:
    transport: str
    postgres: PostgresServer
    #: None where PostgreSQL carries the wake-ups as well.
    broker: Broker | None
    proxy: Proxy
    webs: list[Web]
    #: Processes that were stopped and not yet woken.
    asleep: set[int] = field(default_factory=set)

    @property
    def homes(self) -> list[str]:
        return [web.url for web in self.webs]

    @property
    def shape(self) -> str:
        counts = [web.settings["WORKERS"] for web in self.webs]
        return f"{self.transport}, processes {'+'.join(counts)}"

    def mend(self) -> None:
        """End what lasts for the whole of a round."""
        self.proxy.mend()

    def kill_process(self, pid: int) -> None:
        psutil.Process(pid).kill()

    def sleep(self, pid: int) -> None:
        self.asleep.add(pid)
        psutil.Process(pid).send_signal(signal.SIGSTOP)

    def wake(self, pid: int) -> None:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).send_signal(signal.SIGCONT)
        self.asleep.discard(pid)


@asynccontextmanager
async def set_up(
    engines: Engines, folder: Path, transport: str, shape: tuple[int, ...], rng: Random
) -> AsyncIterator[Scene]:
    """A scene, for the length of the block. Its logs are in the folder."""
    postgres = await asyncio.to_thread(engines.own_postgres)
    broker = _broker(transport)
    try:
        database = await asyncio.to_thread(postgres.create_database)
        await asyncio.to_thread(run_in_a_loop_of_its_own, lambda: migrate(database))
        if broker is not None:
            await asyncio.to_thread(broker.start)
        target, framing = (broker or postgres).port, _framing(transport)
        async with Proxy(target, framing, rng) as proxy:
            wakeup_url = _wakeup_url(transport, database, postgres.port, proxy.port)
            webs = [
                Web(
                    database,
                    folder / f"web-{number}.log",
                    ports={"broker": proxy.port, "database": postgres.port},
                    WAKEUP_URL=wakeup_url,
                    WORKERS=str(workers),
                    **SETTINGS,
                )
                for number, workers in enumerate(shape)
            ]
            scene = Scene(transport, postgres, broker, proxy, webs)
            try:
                await asyncio.gather(*(asyncio.to_thread(web.start) for web in webs))
                yield scene
            finally:
                for pid in set(scene.asleep):
                    scene.wake(pid)
                for web in webs:
                    await asyncio.to_thread(web.__exit__)
    finally:
        if broker is not None:
            await asyncio.to_thread(broker.kill)
        await asyncio.to_thread(postgres.remove)


def _broker(transport: str) -> Broker | None:
    match transport:
        case "valkey":
            return ValkeyBroker()
        case "nats":
            return NatsBroker()
    return None


def _framing(transport: str) -> Framing:
    return {"valkey": RESP, "nats": NATS, "postgres": POSTGRES}[transport]


def _wakeup_url(transport: str, database: str, database_port: int, port: int) -> str:
    if transport == "postgres":
        through = database.replace(f":{database_port}/", f":{port}/")
        return f"{through}?sslmode=disable"
    return f"{transport}://127.0.0.1:{port}"
