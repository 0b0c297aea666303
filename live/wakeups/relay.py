"""The relay: carries wake-ups between this process's hub and the others, through a broker.

Whatever a broker loses, doubles or reorders, the poll makes good, so none of it is guarded against.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog

from live.hub import Hub
from live.wakeups.address import WakeupUrl
from live.wakeups.channel import channel_of_database
from live.wakeups.link import Link
from live.wakeups.message import Wakeup
from live.wakeups.outbox import Outbox

log = structlog.get_logger(__name__)

#: Seconds to connect to the broker, listen, and hear oneself.
CONNECT_SECONDS = 5.0
#: Seconds that the broker may take to accept a message, or to bring one back. Beyond, the
#: connection counts as lost: a frozen broker and a cut cable say nothing by themselves.
ANSWER_SECONDS = 5.0
#: A process that has not heard itself for this long sends a wake-up of nothing, to see that the
#: whole way works. Each costs every other process a message.
ECHO_SECONDS = 10.0
#: Pauses between tries to reach the broker. The poll serves meanwhile.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
#: Seconds that a shutdown spends on telling what is still owed.
FLUSH_SECONDS = 0.5


class Relay:
    """Sends what the hub publishes, wakes the hub with what others send.

    `look` is called when something may have been missed: it should look at everything, soon.
    """

    def __init__(self, hub: Hub, url: WakeupUrl, look: Callable[[], None]) -> None:
        self._hub = hub
        self._url = url
        self._look = look
        self._origin = secrets.token_hex(8)
        self._outbox = Outbox(self._origin)
        self._echoed = asyncio.Event()
        self._heard_at = 0.0
        self._pause = FIRST_PAUSE
        self._is_away = False
        self._has_said_junk = False
        self._is_up = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Carry wake-ups until told to stop, through every outage of the broker.

        Returns within FLUSH_SECONDS and what leaving the broker takes, whatever state that is in.
        """
        with self._hub.announced_by(self._outbox.note):
            carrying = asyncio.create_task(self._carry_on())
            try:
                await stop.wait()
                if self._is_up.is_set():
                    await self._outbox.told(FLUSH_SECONDS)
            finally:
                carrying.cancel()
                await asyncio.wait({carrying})

    async def _carry_on(self) -> None:
        """One connection after the other."""
        while True:
            try:
                await self._connected()
            except Exception as error:
                self._note_away(error)
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def up(self) -> None:
        """Wait until the broker carries what is sent from now on."""
        await self._is_up.wait()

    async def _connected(self) -> None:
        """One connection's life; raises what ended it."""
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(CONNECT_SECONDS):
                channel = await channel_of_database()
                link = await stack.enter_async_context(self._url.open(channel, self._receive))
                await self._hear_myself(link)
            self._note_up()
            stack.callback(self._is_up.clear)
            # Whatever was said while we did not listen.
            self._look()
            await self._carry(link)

    async def _carry(self, link: Link) -> None:
        """Send until sending fails or the connection breaks."""
        sending = asyncio.create_task(self._send(link))
        losing = asyncio.create_task(link.lost())
        try:
            await asyncio.wait({sending, losing}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            raise ConnectionError("the connection was closed")
        finally:
            sending.cancel()
            losing.cancel()
            await asyncio.wait({sending, losing})

    async def _send(self, link: Link) -> None:
        """Send what is noted: at once while idle, together what comes while a message is sent."""
        while True:
            await self._outbox.wait(self._seconds_to_echo())
            while wakeup := self._outbox.take():
                await self._tell(link, wakeup)
            if self._seconds_to_echo() <= 0:
                await self._hear_myself(link)

    async def _tell(self, link: Link, wakeup: Wakeup) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await link.send(wakeup.encode())
        except BaseException:
            self._outbox.put_back(wakeup)
            raise

    async def _hear_myself(self, link: Link) -> None:
        self._echoed.clear()
        async with asyncio.timeout(ANSWER_SECONDS):
            await link.send(Wakeup(self._origin).encode())
            await self._echoed.wait()

    def _seconds_to_echo(self) -> float:
        return max(0.0, self._heard_at + ECHO_SECONDS - asyncio.get_running_loop().time())

    def _receive(self, payload: bytes) -> None:
        wakeup = Wakeup.decode(payload)
        if wakeup is None:
            self._note_junk(payload)
        elif wakeup.origin == self._origin:
            self._heard_at = asyncio.get_running_loop().time()
            self._echoed.set()
        else:
            self._wake(wakeup)

    def _wake(self, wakeup: Wakeup) -> None:
        for run_id, revision, listed in wakeup.reached:
            self._hub.wake(run_id, revision=revision, listed=listed)
        if wakeup.look:
            self._look()

    def _note_up(self) -> None:
        if self._is_away:
            log.info("wake-ups work again", broker=self._url.shown)
        self._is_away = False
        self._pause = FIRST_PAUSE
        self._is_up.set()

    def _note_away(self, error: Exception) -> None:
        if not self._is_away:
            said = self._url.without_secrets(repr(error))
            log.warning("wake-ups lost, the poll goes on", broker=self._url.shown, error=said)
        self._is_away = True

    def _note_junk(self, payload: bytes) -> None:
        if not self._has_said_junk:
            log.warning("message on the wake-ups' channel that is none", bytes=len(payload))
        self._has_said_junk = True
