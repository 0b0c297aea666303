"""A tour from its first process to its last."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from server.cli.client import GraphQLClient, ServiceError
from server.cli.endpoint import Endpoint
from server.cli.execution import NOT_STARTED
from server.cli.tour.children import Children, agent_runs
from server.cli.tour.guide import guide
from server.cli.tour.runs import COMPLETES, FAILS, GOES_ON, IS_CANCELLED, TourRun, tour_runs
from server.cli.tour.watching import TourWatch, is_active, ready

#: Seconds that a run which is cancelled at the tour's end has to tell its own end.
CANCEL_PATIENCE_S = 5.0


class ChildEnded(Exception):
    """A process that the tour needs has ended by itself."""


class Tour:
    """A service on `host` and `port`, and its runs; their programs write into `folder`."""

    def __init__(self, children: Children, host: str, port: int, folder: Path) -> None:
        self._children = children
        self._address = (host, port)
        self._folder = folder
        self._endpoint = Endpoint(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        self._name = uuid4().hex[:8]
        self._execs: dict[str, Process] = {}
        self._ending = False

    async def run(self) -> None:
        """Goes on until it is cancelled. Raises ChildEnded, in a group, where it cannot."""
        await self._migrate()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._serve())
            await ready(self._endpoint.url)
            if not os.environ.get("DATABASE_URL", "sqlite:").startswith("sqlite:"):
                # On SQLite the service does the worker's work itself.
                await self._children.start(agent_runs("worker"))
            for run in tour_runs(self._folder):
                tasks.create_task(self._exec(run))
            async with GraphQLClient(self._endpoint) as client:
                watch = TourWatch(self._endpoint, client, self._name)
                try:
                    await self._show(watch)
                finally:
                    await self._end_runs(watch)

    async def _migrate(self) -> None:
        migration = await self._children.start(agent_runs("migrate"))
        if await migration.wait() != 0:
            raise ChildEnded("the database could not be brought up to date")

    async def _serve(self) -> None:
        host, port = self._address
        # Its log would push what we print off the screen, a line for every batch of the live run.
        quiet = () if "LOG_LEVEL" in os.environ else ("--log-level", "warning")
        service = await self._children.start(
            agent_runs("serve", "--host", host, "--port", str(port), *quiet)
        )
        await service.wait()
        raise ChildEnded("the service has ended")

    async def _exec(self, run: TourRun) -> None:
        """Starts the run; what exec has to say is of interest only where it could not start."""
        said = self._folder / f"{run.agent}.txt"
        with said.open("wb") as file:
            command = run.command_line(self._endpoint.url, self._name)
            process = await self._children.start(command, stderr=file)
        self._execs[run.agent] = process
        if await process.wait() == NOT_STARTED and not self._ending:
            raise ChildEnded(said.read_text().strip())

    async def _show(self, watch: TourWatch) -> None:
        runs = await watch.until(lambda found: len(found) == len(self._execs) > 0)
        cancelled = runs[IS_CANCELLED]["id"]
        await watch.first_line(cancelled)
        await watch.cancel(cancelled, reason="This one was only an example.")
        await self._execs[COMPLETES].wait()
        await self._execs[FAILS].wait()
        page, failed, live = runs[COMPLETES]["url"], runs[FAILS]["id"], runs[GOES_ON]["id"]
        print(guide(self._endpoint, page=page, failed_id=failed, live_id=live), flush=True)
        await asyncio.Event().wait()

    async def _end_runs(self, watch: TourWatch) -> None:
        """Cancels what still runs, so that it ends as what it is: neither failed nor lost."""
        self._ending = True
        with suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(CANCEL_PATIENCE_S):
                active = [run["id"] for run in (await watch.runs()).values() if is_active(run)]
                await watch.cancel(*active, reason="The tour has ended.")
                await self._execs[GOES_ON].wait()
