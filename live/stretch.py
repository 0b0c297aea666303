"""Which stretch of a stream an execution is to send, and how far it has come.

A subscription is sent in stretches: what is stored already, to one subscriber alone, then what is
still to come, to all who asked for the same. The streams of `live/` keep to a stretch and note in
it where they are, so that the next one begins exactly there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from live.ends import StreamEnd
from live.newcomers import Newcomers


@dataclass(slots=True)
class Stretch:
    """The whole of a stream, unless told otherwise: from the client's cursor, and then live.

    A position counts what lies before it: lines of a log, events of a run.
    """

    #: Where it begins; None: at the client's cursor.
    start: int | None = None
    #: Where it ends; None: at the end of what is stored, unless it is live.
    until: int | None = None
    #: Whether it goes on with what is still to come.
    is_live: bool = True
    #: Seconds after a batch in which what comes is gathered for the next.
    window: float = 0.0
    #: A cursor that counts instead of the client's own: where an interrupted stream left off.
    resume: str | None = None
    #: Of a stream of states: who joins it while it is under way.
    newcomers: Newcomers = field(default_factory=Newcomers)

    #: Up to here everything was sent.
    position: int = 0
    #: Up to here everything was looked at: since `position` there was nothing to send.
    seen: int = 0
    #: `position` and `seen` as they were before the last batch.
    before: tuple[int, int] = (0, 0)
    #: The cursor of the last batch, as clients know it; None where the stream has none.
    cursor: str | None = None
    #: On the last batch of the stream.
    end: StreamEnd | None = None

    def begin(self, position: int) -> int:
        """Where to begin, where the client's cursor says `position`."""
        self.position = self.seen = position if self.start is None else self.start
        return self.position

    def bound(self, last: int) -> int:
        """How far to read of what goes up to `last`."""
        return last if self.until is None else min(last, self.until)

    def pass_over(self, position: int) -> None:
        """Everything up to here was looked at, and nothing of it is to be sent."""
        self.seen = position

    def send(self, position: int, end: StreamEnd | None = None) -> None:
        """A batch goes out with which everything up to here was sent."""
        self.before = self.position, self.seen
        self.position = self.seen = position
        self.end = end
