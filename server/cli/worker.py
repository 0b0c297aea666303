"""agent-runs worker"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from server.cli.failing import explained
from server.cli.options import (
    CANCEL_GRACE,
    DELETE_GRACE,
    SILENCE,
    CancelGrace,
    DatabaseUrl,
    DeleteGrace,
    LogLevel,
    Logs,
    Silence,
    WakeupUrl,
)
from server.logging import LogFormat, configure_logging
from server.settings import DEFAULT_DATABASE_URL, Settings, check_settings
from server.worker import work


def command(
    database_url: DatabaseUrl = DEFAULT_DATABASE_URL,
    wakeup_url: WakeupUrl = "",
    delete_grace_seconds: DeleteGrace = DELETE_GRACE,
    silence_seconds: Silence = SILENCE,
    cancel_grace_seconds: CancelGrace = CANCEL_GRACE,
    log_format: Logs = LogFormat.AUTO,
    log_level: LogLevel = "info",
) -> None:
    """Purge deleted runs and end lost ones, until SIGTERM. On SQLite `serve` does it itself."""
    configure_logging(log_format, log_level)
    settings = Settings(
        database_url=database_url,
        wakeup_url=wakeup_url,
        delete_grace=timedelta(seconds=delete_grace_seconds),
        silence=timedelta(seconds=silence_seconds),
        cancel_grace=timedelta(seconds=cancel_grace_seconds),
    )
    with explained():
        asyncio.run(work(check_settings(settings)))
