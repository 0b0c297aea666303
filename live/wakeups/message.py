"""A wake-up as it travels: who sends it, and which runs reached which revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

#: Bytes of one message: PostgreSQL takes less than 8,000 in a NOTIFY. The same for all.
MAX_BYTES = 7_900
#: Bytes of one run in a message: its id (32), a revision (10), a flag, and what stands between.
_RUN_BYTES = 52
#: Bytes around the runs: the origin, and what stands between.
_FRAME_BYTES = 100
#: Runs in one message.
MAX_RUNS = (MAX_BYTES - _FRAME_BYTES) // _RUN_BYTES
#: The column `run.revision` holds no more.
_MAX_REVISION = 2**31 - 1


class Reached(NamedTuple):
    """The run reached the revision; see `live.hub.Hub.publish`."""

    run_id: UUID
    revision: int | None
    listed: bool


@dataclass(frozen=True, slots=True)
class Wakeup:
    """`origin` names the sending process. One without runs only shows that the way is open."""

    origin: str
    reached: Sequence[Reached] = ()
    #: More changed than is told: look at everything.
    look: bool = False

    def encode(self) -> bytes:
        """At most MAX_BYTES for MAX_RUNS runs."""
        runs = [[run_id.hex, revision, int(listed)] for run_id, revision, listed in self.reached]
        return orjson.dumps({"from": self.origin, "look": self.look, "runs": runs})

    @classmethod
    def decode(cls, payload: bytes) -> Wakeup | None:
        """None for what is no wake-up: anybody may write to a broker."""
        if len(payload) > MAX_BYTES:
            return None
        try:
            told = orjson.loads(payload)
            origin, look = told["from"], told["look"]
            reached = [_reached(*run) for run in told["runs"]]
        except (ValueError, TypeError, KeyError):
            return None
        if not (isinstance(origin, str) and isinstance(look, bool)):
            return None
        return cls(origin, reached, look)


def _reached(run_id: Any, revision: Any, listed: Any) -> Reached:
    if not (isinstance(run_id, str) and listed in (0, 1)):
        raise ValueError("not a run of a wake-up")
    if revision is not None and not (type(revision) is int and 0 < revision <= _MAX_REVISION):
        raise ValueError("not a revision")
    return Reached(UUID(hex=run_id), revision, bool(listed))
