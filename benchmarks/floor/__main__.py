"""Serve one floor: `python -m benchmarks.floor NAME PORT`, with DATABASE_URL, COMPRESSION."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import uvicorn


def main(name: str, port: int) -> None:
    """As server/serving.py does it, without what the service itself adds."""
    app = import_module(f"benchmarks.floor.{name}").create_app(os.environ["DATABASE_URL"])
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        ws="websockets-sansio",
        ws_ping_interval=None,
        ws_per_message_deflate=os.environ.get("COMPRESSION") != "off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


main(sys.argv[1], int(sys.argv[2]))
