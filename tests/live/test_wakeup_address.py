"""WAKEUP_URL: what it may be, and that nothing secret of it is shown."""

import asyncio

import pytest
from structlog.testing import capture_logs

from live.hub import Hub
from live.wakeups import relay
from live.wakeups.address import BadWakeupUrl, wakeup_url
from live.wakeups.relay import Relay
from models.database import DatabaseUrl, database
from tests.support.service import free_port

POSTGRES = DatabaseUrl.parse("postgres://me:s3cret@db/runs")
SQLITE = DatabaseUrl.parse("sqlite:///runs.db")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "postgres://me@db/runs"),
        ("postgres://me:s3cret@other:5433/wakeups", "postgres://me@other:5433/wakeups"),
        ("redis://:s3cret@h:6379/1", "redis://h:6379/1"),
        ("rediss://me:s3cret@h", "rediss://me@h"),
        ("valkey://h", "valkey://h"),
        ("nats://me:s3cret@h:4222", "nats://h:4222"),
        ("nats://s3cret@h", "nats://h"),  # a token
    ],
)
def test_a_broker_is_shown_without_its_secrets(text: str, shown: str) -> None:
    url = wakeup_url(text, POSTGRES)
    assert url is not None
    assert url.shown == shown
    secret = "s3cret" if "s3cret" in url.text else ""
    assert "s3cret" not in url.without_secrets(f"cannot connect to {text} with {secret}")


@pytest.mark.parametrize(("text", "database_url"), [("memory://", POSTGRES), ("", SQLITE)])
def test_where_nothing_carries_wakeups_there_is_no_broker(
    text: str, database_url: DatabaseUrl
) -> None:
    assert wakeup_url(text, database_url) is None
    assert wakeup_url("memory://", SQLITE) is None


@pytest.mark.parametrize(
    "text",
    [
        "s3cret",
        "memory:",
        "amqp://me:s3cret@h",
        "redis://",
        "redis://me:s3cret@h/zero",
        "redis://h?password=s3cret",
        "nats://me:s3cret@h:port",
        "nats://h:4222/s3cret",
        "postgres://me:s3cret@h",
        "postgres://h/d?password=s3cret",
        "redis://me:s3cret@[::1",
    ],
)
def test_what_is_no_broker_is_refused_without_telling_secrets(text: str) -> None:
    with pytest.raises(BadWakeupUrl, match="WAKEUP_URL: expected") as caught:
        wakeup_url(text, POSTGRES)
    assert "s3cret" not in str(caught.value)


def test_a_broker_on_sqlite_is_refused() -> None:
    with pytest.raises(BadWakeupUrl, match="expected memory://, since SQLite") as caught:
        wakeup_url("redis://me:s3cret@h", SQLITE)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "redis", "rediss", "nats"])
async def test_no_password_stands_in_the_log(
    scheme: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "CONNECT_SECONDS", 1.0)
    path = "/d" if scheme == "postgres" else ""
    url = wakeup_url(f"{scheme}://me:s3cret@127.0.0.1:{free_port()}{path}", POSTGRES)
    assert url is not None
    stop = asyncio.Event()
    with capture_logs() as logs:
        async with database(postgres_url):
            running = asyncio.create_task(Relay(Hub(), url, lambda: None).run(stop))
            async with asyncio.timeout(20):
                while not logs:  # noqa: ASYNC110 - the log tells it nowhere else
                    await asyncio.sleep(0.01)
            stop.set()
            await running
    assert "s3cret" not in str(logs)
