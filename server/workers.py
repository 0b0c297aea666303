"""Several processes that serve on one listening socket: started, replaced and ended together."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import Any

import structlog

from models.database import database
from server.serving import listen, serve_on
from server.settings import Settings

log = structlog.get_logger(__name__)

#: Pauses before a worker that ended is replaced: at once, but one that ends again and again, as
#: while the database is away, must not keep a core busy with starting.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
#: Seconds after which a worker counts as having worked.
STEADY_SECONDS = 10.0
#: Seconds that a worker may take to end beyond the grace, which it gives twice: to requests, and to
#: operations whose client has gone. The bounds of followers, relay and database fit into it.
END_SECONDS = 10.0

#: Spawned, not forked: a fork copies the state of random generators, and with it the next ids.
_SPAWN = multiprocessing.get_context("spawn")

Start = Callable[[], SpawnProcess]


def serve_together(settings: Settings, configure_logging: Callable[[], None]) -> bool:
    """Serve with `settings.workers` processes until SIGTERM or SIGINT; whether all ended in order.

    `configure_logging` is called in each and must be picklable. Raises what `serve` does.
    """
    with listen(settings.host, settings.port) as listener:
        served = replace(settings, port=listener.getsockname()[1])

        def start() -> SpawnProcess:
            process = _SPAWN.Process(target=_work, args=(served, listener, configure_logging))
            process.start()
            return process

        return asyncio.run(_supervise(served, listener, start))


async def _supervise(settings: Settings, listener: socket.socket, start: Start) -> bool:
    # A database that cannot be used is told of once, and not by each worker again and again.
    async with database(settings.database_url):
        pass
    stop = asyncio.Event()

    def end() -> None:
        # Each worker closes its own: as long as one of us listens the system accepts connections
        # that nobody will serve any more.
        listener.close()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    log.info("starting workers", count=settings.workers, url=settings.served_url)
    grace = 2 * settings.shutdown_grace.total_seconds() + END_SECONDS
    keeping = [_keep(start, stop, grace) for _ in range(settings.workers)]
    return all(await asyncio.gather(*keeping))


async def _keep(start: Start, stop: asyncio.Event, grace: float) -> bool:
    """Have one worker at any time, until told to stop; whether the last one ended in order."""
    loop = asyncio.get_running_loop()
    pause = FIRST_PAUSE
    while not stop.is_set():
        began = loop.time()
        process = start()
        ended = _ended(process)
        stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
        await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ended.done():
            return await _end(process, ended, grace)
        log.warning("worker died", pid=process.pid, status=process.exitcode)
        if loop.time() - began > STEADY_SECONDS:
            pause = FIRST_PAUSE
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()
        pause = min(2 * pause, LONGEST_PAUSE)
    return True


async def _end(process: SpawnProcess, ended: asyncio.Future[Any], grace: float) -> bool:
    """Tell the process to end, and kill it where it has not within `grace` seconds."""
    process.terminate()
    await asyncio.wait({ended}, timeout=grace)
    if not ended.done():
        log.error("worker killed, it did not end in time", pid=process.pid, seconds=grace)
        process.kill()
        await ended
    return process.exitcode == 0


def _ended(process: SpawnProcess) -> asyncio.Future[Any]:
    """Done once the process has ended, and its exit status is known."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Any] = loop.create_future()

    def note() -> None:
        loop.remove_reader(process.sentinel)
        process.join()
        ended.set_result(None)

    loop.add_reader(process.sentinel, note)
    return ended


def _work(
    settings: Settings, listener: socket.socket, configure_logging: Callable[[], None]
) -> None:
    """One worker's life."""
    # A Ctrl-C at the terminal is for the parent, which then ends us once and in order.
    os.setpgid(0, 0)
    configure_logging()
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        serve_on(settings, listener)
    except Exception:
        log.exception("worker failed")
        sys.exit(1)


def _end_with_parent() -> None:
    """A parent that was killed cannot tell us; without it nobody would ever end us."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
