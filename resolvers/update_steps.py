"""updateSteps: a reporter tells of its steps, several at once, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.ids import Kind, global_id
from models.instants import format_instant
from models.run import Run
from models.run_change import RunChange
from models.states import STEP_ENDED, STEP_SOURCES, StepStatus
from models.step import Step, StepWithOutput
from resolvers.commands import StepUpdate, Unset, UpdateSteps
from resolvers.errors import Refused, UserErrorCode, counted, invalid
from resolvers.reporter import checked_time, ended, report
from resolvers.service import Service
from resolvers.step_book import MAX_STEPS, StepBook
from resolvers.text import MAX_SENTENCE, checked, checked_name
from resolvers.told_again import is_same, is_same_json
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer


@dataclass(frozen=True, slots=True)
class UpdatedSteps:
    #: Those that were told of, in the order told, each once.
    steps: list[StepWithOutput]
    run: Run


@uninterrupted
async def update_steps(service: Service, viewer: Viewer, told: UpdateSteps) -> UpdatedSteps:
    """Make or change steps. The same told twice, or what a step is past already, changes nothing.

    Raises Refused: besides what every reporter's call can, INVALID (a parent that is missing or a
    descendant, an end before the start, too many steps), CONFLICT (another end than the one told),
    RUN_ENDED where something would change.
    """

    if len(told.steps) > MAX_STEPS:
        raise invalid(("steps",), f"at most {MAX_STEPS} steps", counted(len(told.steps), "steps"))
    for index, update in enumerate(told.steps):
        _check_texts(update, "steps", str(index))
    kept = service.redactor.told(told)

    async def tell(change: RunChange) -> UpdatedSteps:
        book = await StepBook.open(service, change)
        steps = [
            book.mention(update.key, "steps", str(index), "key")
            for index, update in enumerate(told.steps)
        ]
        updates = kept.steps
        if not change.run.is_active:
            # Nothing changes any more, redaction neither.
            updates = tuple(map(_as_stored, steps, kept.steps, told.steps))
        for index, (step, update) in enumerate(zip(steps, updates, strict=True)):
            _apply(book, change, step, update, ("steps", str(index)))
        if book.is_changed and not change.run.is_active:
            raise ended(change.run)
        await book.save()
        return UpdatedSteps(list(dict.fromkeys(steps)), change.run)

    return await report(service, viewer, told.run_id, told.attempt, tell)


def _apply(
    book: StepBook,
    change: RunChange,
    step: StepWithOutput,
    update: StepUpdate,
    field: tuple[str, ...],
) -> None:
    if isinstance(update.status, StepStatus) and _is_past(step, update.status, change.run):
        return
    if not isinstance(update.name, Unset):
        book.set(step, name=step.key if update.name is None else update.name)
    if not isinstance(update.parent_key, Unset):
        set_parent(book, step, update.parent_key, (*field, "parentKey"))
    at = checked_time(update.at, change.now, *field, "at")
    if isinstance(update.status, StepStatus):
        _move(book, change, step, update.status, at, field)
    if not isinstance(update.output, Unset):
        book.set(step, output=update.output)
    if not isinstance(update.error_message, Unset):
        book.set(step, error_message=update.error_message)


def _check_texts(update: StepUpdate, *field: str) -> None:
    if isinstance(update.name, str):
        checked_name(update.name, *field, "name")
    if isinstance(update.error_message, str):
        checked(update.error_message, (*field, "errorMessage"), most=MAX_SENTENCE)


def _as_stored(step: StepWithOutput, update: StepUpdate, told: StepUpdate) -> StepUpdate:
    """The update with the texts that the step has already, if they were redacted otherwise."""
    if isinstance(told.name, str) and is_same(step.name, told.name):
        update = replace(update, name=step.name)
    if isinstance(told.error_message, str) and is_same(step.error_message, told.error_message):
        update = replace(update, error_message=step.error_message)
    if isinstance(told.output, str) and step.output and is_same_json(step.output, told.output):
        update = replace(update, output=step.output)
    return update


def set_parent(
    book: StepBook, step: StepWithOutput, key: str | None, field: tuple[str, ...]
) -> None:
    """Put a step below another, or below none; INVALID where that is missing or below the step."""
    if key is None:
        book.set(step, parent_id=None)
        return
    parent = book.find(key)
    if parent is None:
        raise invalid(field, "the key of a step of this run or of this call", key)
    if any(above is step for above in _upwards(book, parent)):
        raise invalid(field, "a step that is neither the step itself nor below it", key)
    book.set(step, parent_id=parent.id)


def _upwards(book: StepBook, step: Step) -> Sequence[Step]:
    """The step and all above it. Ends, since no cycle is ever let in."""
    above: list[Step] = []
    found: Step | None = step
    while found is not None:
        above.append(found)
        found = book.find_by_id(found.parent_id) if found.parent_id else None
    return above


def _move(
    book: StepBook,
    change: RunChange,
    step: StepWithOutput,
    status: StepStatus,
    at: datetime | None,
    field: tuple[str, ...],
) -> None:
    if status is step.status:
        return
    if _is_done_again(step, status, change.run):
        # It begins anew: nothing of its earlier time is left.
        book.set(step, started_at=None, completed_at=None, output=None, error_message=None)
    elif step.status not in STEP_SOURCES[status]:
        if not change.run.is_active:
            raise ended(change.run)
        raise Refused(
            UserErrorCode.CONFLICT,
            f"{'.'.join(field)}.status: step {step.key!r} is {step.status} already, got {status}",
            *field,
            "status",
            node_id=global_id(Kind.RUN, change.run.id),
        )
    book.move(step, status, _end_time(change, step, status, at, field))


#: The statuses before a step's end, in their order.
_ON_THE_WAY = (StepStatus.PENDING, StepStatus.RUNNING)


def _is_past(step: Step, told: StepStatus, run: Run) -> bool:
    """Whether a call that comes late, or twice, tells of a status that the step has left behind."""
    if told not in _ON_THE_WAY or told is step.status or _is_done_again(step, told, run):
        return False
    return step.status in STEP_ENDED or told is StepStatus.PENDING


def _is_done_again(step: Step, told: StepStatus, run: Run) -> bool:
    """Whether the new attempt does again what an earlier one had completed."""
    return (
        step.status is StepStatus.COMPLETED
        and step.attempt < run.attempt
        and told not in (StepStatus.COMPLETED, StepStatus.PENDING)
    )


def _end_time(
    change: RunChange,
    step: Step,
    status: StepStatus,
    at: datetime | None,
    field: tuple[str, ...],
) -> datetime:
    start = step.started_at if status in STEP_ENDED else None
    if at is None:
        return max(change.now, start or change.now)
    if start is not None and at < start:
        expected = f"a time not before the step's start, {format_instant(start)}"
        raise invalid((*field, "at"), expected, format_instant(at))
    return at
