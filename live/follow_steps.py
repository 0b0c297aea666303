"""Following a run's transitions: its history after a cursor, then what is still to come."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial

from live.ends import FALLBACK_SECONDS, ShuttingDown, StreamEnd, patiently
from live.hub import Hub
from live.stretch import Stretch
from models.run import Run
from models.run_event import RunEvent
from models.visibility import EVERYTHING, visible_runs

#: Events of one batch; a run of 1,000 steps has some thousands.
MAX_BATCH_EVENTS = 500


@dataclass(frozen=True, slots=True)
class TransitionBatch:
    """Transitions of steps. One without any tells that the run's own status changed, or the end."""

    events: list[RunEvent]
    #: Everything up to here of the run's events was looked at.
    end_event: int
    #: As it is now; a deleted one as it was last seen.
    run: Run
    end: StreamEnd | None = None


async def follow_transitions(
    hub: Hub, run: Run, after: int, stretch: Stretch | None = None
) -> AsyncGenerator[TransitionBatch, None]:
    """Batches of all transitions after `after`, each once and in order; see `follow_logs`.

    `run` is the run as the caller found it, for the case that it is deleted at once.
    """
    stretch = stretch or Stretch()
    with hub.follow_run(run.id) as follower:
        position = stretch.begin(after)
        while True:
            # Before each batch: from a deletion's commit on nobody is sent a transition any more.
            found = await patiently(visible_runs(EVERYTHING).filter(id=run.id).first, follower)
            if found is None:
                stretch.send(position, StreamEnd.RUN_DELETED)
                yield TransitionBatch([], position, run, StreamEnd.RUN_DELETED)
                return
            run = found
            last = stretch.bound(run.last_event)
            if position < last:
                events = await patiently(partial(_read, run, position, last), follower)
                if events:
                    position = events[-1].sequence
                    stretch.send(position)
                    yield TransitionBatch([e for e in events if e.step_id], position, run)
                if events and position < last:
                    continue
            if not run.is_active and position >= run.last_event:
                stretch.send(position, StreamEnd.RUN_ENDED)
                yield TransitionBatch([], position, run, StreamEnd.RUN_ENDED)
                return
            if not stretch.is_live:
                return
            if follower.closed:
                raise ShuttingDown
            await follower.wait(FALLBACK_SECONDS)


async def _read(run: Run, after: int, until: int) -> list[RunEvent]:
    """The next events, as far as the run is known; none where it was purged meanwhile."""
    rows = RunEvent.filter(run_id=run.id, sequence__gt=after, sequence__lte=until)
    return await rows.order_by("sequence").limit(MAX_BATCH_EVENTS)
