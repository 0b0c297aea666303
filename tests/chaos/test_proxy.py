"""The proxy before a broker does what it is told to, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.chaos.frames import NATS, POSTGRES, RESP, Frame, Framing, Splitter
from tests.chaos.patience import until, within
from tests.chaos.proxy import LOCALHOST, Muddle, Proxy
from tests.support.brokers import ValkeyBroker

SUBSCRIBED = b"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"


def resp_message(text: bytes) -> bytes:
    return b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$%d\r\n%s\r\n" % (len(text), text)


@pytest.mark.parametrize(
    ("framing", "talk", "messages"),
    [
        (RESP, [b"+OK\r\n", SUBSCRIBED, resp_message(b"*1\r\n"), b"$-1\r\n", b":0\r\n"], [2]),
        (NATS, [b"INFO {}\r\n", b"MSG c 1 6\r\nMSG\r\n \r\n", b"PING\r\n", b"+OK\r\n"], [1]),
        (POSTGRES, [b"R\0\0\0\x08\0\0\0\0", b"A\0\0\0\x09abcde", b"Z\0\0\0\x05I"], [1]),
    ],
)
def test_frames_are_found_however_their_bytes_arrive(
    framing: Framing, talk: list[bytes], messages: list[int]
) -> None:
    expected = [Frame(data, index in messages) for index, data in enumerate(talk)]
    data = b"".join(talk)
    for size in range(1, len(data) + 1):
        splitter = Splitter(framing)
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        assert [frame for piece in pieces for frame in splitter.feed(piece)] == expected


@pytest.fixture
def valkey() -> Iterator[ValkeyBroker]:
    broker = ValkeyBroker()
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
async def proxy(valkey: ValkeyBroker) -> AsyncIterator[Proxy]:
    async with Proxy(valkey.port, RESP, Random(1)) as proxy:
        yield proxy


class Listener:
    """Listens to the channel, and publishes on it, through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def publish(self, *texts: bytes) -> None:
        reader, writer = await asyncio.open_connection(LOCALHOST, self._port)
        for text in texts:
            writer.write(b"PUBLISH c %s\r\n" % text)
            assert await within("an answer", reader.readline()) == b":1\r\n"
        writer.close()

    @property
    def _port(self) -> int:
        port: int = self._writer.get_extra_info("peername")[1]
        return port

    async def hear(self, *texts: bytes) -> None:
        """Just these come next, in this order."""
        expected = b"".join(map(resp_message, texts))
        assert await within("messages", self._reader.readexactly(len(expected))) == expected

    async def message(self) -> bytes:
        """The text of the next one."""
        frame = [await within("a message", self._reader.readline()) for _ in range(7)]
        text: bytes = frame[-1].strip()
        return text

    async def hear_the_end(self) -> None:
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await within("the end", self._reader.readexactly(1))


@asynccontextmanager
async def listening(proxy: Proxy) -> AsyncIterator[Listener]:
    reader, writer = await asyncio.open_connection(LOCALHOST, proxy.port)
    writer.write(b"SUBSCRIBE c\r\n")
    answer = reader.readexactly(len(SUBSCRIBED))
    assert await within("the subscription", answer) == SUBSCRIBED
    try:
        yield Listener(reader, writer)
    finally:
        writer.close()


async def test_messages_are_lost_and_doubled_and_what_is_none_passes(proxy: Proxy) -> None:
    async with listening(proxy) as listener:
        await listener.publish(b"one")
        await listener.hear(b"one")
        proxy.muddle = Muddle(dropped=1)
        await listener.publish(b"lost")
        # The publisher has its answer before what it said has passed to the listener.
        await until("the loss", lambda: proxy.dropped)
        proxy.muddle = Muddle(doubled=1)
        await listener.publish(b"two", b"three")
        await listener.hear(b"two", b"two", b"three", b"three")
        proxy.mend()
        await listener.publish(b"four")
        await listener.hear(b"four")
    assert (proxy.dropped, proxy.doubled) == (1, 2)


async def test_delayed_messages_come_whole_and_overtake_each_other(proxy: Proxy) -> None:
    texts = [b"%d" % number for number in range(10)]
    async with listening(proxy) as listener:
        proxy.muddle = Muddle(delay=0.05)
        await listener.publish(*texts)
        came = [await listener.message() for _ in texts]
    assert sorted(came) == texts
    assert came != texts


async def test_a_cut_breaks_connections_off_until_it_is_mended(proxy: Proxy) -> None:
    async with listening(proxy) as listener:
        await proxy.cut()
        await listener.hear_the_end()
        assert proxy.connections == 0
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            async with listening(proxy):
                pass
    proxy.mend()
    async with listening(proxy) as listener:
        await listener.publish(b"again")
        await listener.hear(b"again")


async def test_what_is_said_during_a_silence_comes_behind_it(proxy: Proxy) -> None:
    async with listening(proxy) as listener:
        proxy.fall_silent()
        publishing = asyncio.create_task(listener.publish(b"held"))
        done, _ = await asyncio.wait({publishing}, timeout=0.2)
        assert not done
        proxy.mend()
        await publishing
        await listener.hear(b"held")
