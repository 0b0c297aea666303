"""A proxy before a broker: it cuts, falls silent, and loses, doubles and delays messages."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Self

from tests.chaos.frames import Frame, Framing, Splitter

LOCALHOST = "127.0.0.1"
CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Muddle:
    """What happens to messages on their way from the broker: shares of them, and seconds."""

    dropped: float = 0.0
    doubled: float = 0.0
    #: Each message is held for up to so long by itself, so they overtake each other.
    delay: float = 0.0


class Proxy:
    """Listens on a port of its own for the length of the block, and passes on to `target`."""

    def __init__(self, target: int, framing: Framing, rng: Random) -> None:
        self.port = 0
        self._target = target
        self._framing = framing
        self._rng = rng
        #: What happens to messages from now on.
        self.muddle = Muddle()
        self._is_cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._passing: set[asyncio.Task[None]] = set()
        #: What was done to messages.
        self.dropped = self.doubled = self.delayed = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOCALHOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._cut()

    @property
    def connections(self) -> int:
        return len(self._passing)

    async def cut(self) -> None:
        """Break all connections off, and refuse new ones until `mend`."""
        self._is_cut = True
        await self._cut()

    def mend(self) -> None:
        self._is_cut = False
        self._flows.set()
        self.muddle = Muddle()

    def fall_silent(self) -> None:
        """Connections stay, new ones are accepted, and nothing passes until `mend`."""
        self._flows.clear()

    async def _cut(self) -> None:
        passing = set(self._passing)
        for task in passing:
            task.cancel()
        if passing:
            await asyncio.wait(passing)

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        try:
            if not self._is_cut:
                await self._pass(reader, writer)
        except asyncio.CancelledError:
            pass  # cut
        finally:
            self._passing.discard(task)
            writer.transport.abort()

    async def _pass(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Pass bytes both ways until either side ends."""
        with suppress(OSError):
            broker_reader, broker_writer = await asyncio.open_connection(LOCALHOST, self._target)
            ways = {
                asyncio.create_task(self._to_broker(reader, broker_writer)),
                asyncio.create_task(self._from_broker(broker_reader, writer)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.wait(ways)
                broker_writer.transport.abort()

    async def _to_broker(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()

    async def _from_broker(self, reader: StreamReader, writer: StreamWriter) -> None:
        splitter = Splitter(self._framing)
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flows.wait()
                for frame in splitter.feed(data):
                    self._send(frame, writer)
                await writer.drain()

    def _send(self, frame: Frame, writer: StreamWriter) -> None:
        if not frame.is_message:
            _write(writer, frame.data)
            return
        muddle, rng = self.muddle, self._rng
        if rng.random() < muddle.dropped:
            self.dropped += 1
            return
        copies = 2 if rng.random() < muddle.doubled else 1
        self.doubled += copies - 1
        for _ in range(copies):
            if muddle.delay:
                self.delayed += 1
                loop = asyncio.get_running_loop()
                loop.call_later(rng.uniform(0, muddle.delay), _write, writer, frame.data)
            else:
                _write(writer, frame.data)


def _write(writer: StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)
