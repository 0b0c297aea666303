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

from live.broadcast import Broadcast
from live.hub import Follower, ListFollower
from server.websocket_protocol import WebSocketProtocol


def _count(*_: object) -> None:
    gc.collect()
    objects = gc.get_objects()
    kinds = Counter(map(type, objects))
    census = {
        "event": "census",
        "level": "info",
        "pid": os.getpid(),
        "tasks": len(asyncio.all_tasks(asyncio.get_event_loop())),
        "followers": kinds[Follower] + kinds[ListFollower],
        "broadcasts": kinds[Broadcast],
        "websockets": kinds[WebSocketProtocol],
        "objects": len(objects),
    }
    os.write(2, json.dumps(census).encode() + b"\n")


signal.signal(signal.SIGUSR1, _count)

if __name__ == "__main__":
    from server.cli import main

    main()
