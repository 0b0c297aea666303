"""What was measured on."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import psutil

#: Libraries that the figures depend on.
_LIBRARIES = (
    *("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "httptools"),
    *("websockets", "tortoise-orm", "asyncpg", "aiosqlite", "orjson", "zstandard"),
)


def machine() -> dict[str, Any]:
    """Facts for the JSON file. Nothing names the machine."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": _system(),
        "cores": len(psutil.Process().cpu_affinity() or ()) or os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        # What else ran when the measuring began, in cores.
        "load_before": round(os.getloadavg()[0], 2),
    }


def _system() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return platform.platform(terse=True)
