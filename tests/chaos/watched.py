"""`agent-runs serve`, which counts what it holds when it gets SIGUSR1, and writes it to its log.

The service is the real one: only the handler is added, in each of its processes, since one that is
spawned runs the main module's top level as well.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
from collections import Counter
from types import AsyncGeneratorType, CoroutineType, GeneratorType

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from live.broadcast import Broadcast
from live.hub import Follower, ListFollower
from live.wakeups.relay import Relay
from server.websocket_protocol import WebSocketProtocol

#: The project's rooms: what is of their types is ours.
OWN = frozenset(("server", "graph", "resolvers", "live", "models"))
COROUTINES = (CoroutineType, GeneratorType, AsyncGeneratorType)


def _count(*_: object) -> None:
    if asyncio._get_running_loop() is None:
        return  # it does not serve yet
    gc.collect()
    kinds = Counter(map(type, gc.get_objects()))
    tasks = asyncio.all_tasks()
    census = {
        "event": "census",
        "level": "info",
        "pid": os.getpid(),
        "tasks": len(tasks),
        "carrying": sum(_name(task) == Relay._send.__qualname__ for task in tasks),
        "followers": kinds[Follower] + kinds[ListFollower],
        "broadcasts": kinds[Broadcast],
        "websockets": kinds[WebSocketProtocol],
        "requests": kinds[HttpToolsProtocol],
        "own": sum(count for kind, count in kinds.items() if _room(kind) in OWN),
        "coroutines": sum(kinds[kind] for kind in COROUTINES),
    }
    os.write(2, json.dumps(census).encode() + b"\n")


def _name(task: asyncio.Task[object]) -> str:
    return str(getattr(task.get_coro(), "__qualname__", ""))


def _room(kind: type) -> str:
    return str(kind.__module__).split(".")[0]


signal.signal(signal.SIGUSR1, _count)

if __name__ == "__main__":
    from server.cli import main

    main()
