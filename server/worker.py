"""`agent-runs worker`: maintenance in a process of its own, beside those that serve."""

from __future__ import annotations

import asyncio
import signal

import structlog

from live.hub import Hub
from live.wakeups.address import wakeup_url
from live.wakeups.relay import Relay
from models.database import database
from resolvers.service import Service
from server.maintenance import maintain
from server.settings import Settings

log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """Maintain the database until SIGTERM or SIGINT; a chore under way is finished first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with database(settings.database_url) as url:
        log.info("worker started")
        service = Service(hub=Hub(), policy=settings.policy)
        broker = wakeup_url(settings.wakeup_url, url)
        async with asyncio.TaskGroup() as tasks:
            if broker:
                # Nobody follows runs in this process, so nothing can be missed here.
                relay = Relay(service.hub, broker, lambda: None)
                tasks.create_task(relay.run(stop))
            await maintain(service, stop)
        log.info("worker stopped")
