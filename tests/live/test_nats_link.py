"""What the NATS client makes of a connection that breaks, on the event loop of the service."""

import asyncio
from collections.abc import Iterator

import pytest
import uvloop
from nats.aio.transport import TcpTransport

from live.wakeups.nats_link import nats_link
from tests.support.brokers import NatsBroker

WITHIN = 20.0


@pytest.fixture
def broker() -> Iterator[NatsBroker]:
    made = NatsBroker()
    made.start()
    yield made
    made.kill()


def test_a_connection_that_breaks_while_something_is_sent_is_told_as_lost(
    broker: NatsBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """The library writes what is pending before it closes, for which uvloop has no socket left."""

    async def break_it() -> None:
        async with (
            asyncio.timeout(WITHIN),
            nats_link(broker.wakeup_url, "agent-runs-test", lambda _: None) as link,
        ):
            await link.send(b"this arrives")
            # A kill of the broker hits this moment now and then only.
            transport = link.client._transport
            assert isinstance(transport, TcpTransport)
            assert transport._io_writer is not None
            transport._io_writer.transport.abort()
            with pytest.raises(RuntimeError, match="handler is closed"):
                await link.send(b"this does not")
            await link.lost()
            reading = link.client._reading_task
            assert reading is not None
            await reading

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(break_it())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
