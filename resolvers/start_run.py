"""startRun: a reporter begins a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tortoise.exceptions import IntegrityError

from models.agent import Agent, Cluster, Named
from models.ids import Kind, global_id
from models.run import (
    Run,
    RunWithInputs,
    decode_labels,
    encode_labels,
    fold,
    search_text_of,
)
from models.run_attempt import RunAttempt
from models.run_change import RunChange
from models.states import AgentKind
from models.step import StepWithOutput
from models.transactions import transact
from models.visibility import Scope, is_visible
from resolvers.commands import NewStep, StartRun
from resolvers.errors import Forbidden, Refused, UserErrorCode, counted, echo, invalid
from resolvers.redaction import left_alone
from resolvers.reporter import checked_time
from resolvers.service import Service
from resolvers.step_book import MAX_STEPS, StepBook
from resolvers.text import (
    MAX_DETAILS,
    MAX_LABEL_VALUE,
    checked,
    checked_name,
    checked_optional,
    checked_url,
)
from resolvers.told_again import are_same_labels, is_same, is_same_json
from resolvers.uninterrupted import uninterrupted
from resolvers.update_steps import set_parent
from resolvers.viewer import Viewer

N = TypeVar("N", bound=Named)

#: Labels are shown in rows and read with every list.
MAX_LABELS = 50


@dataclass(frozen=True, slots=True)
class StartedRun:
    run: Run
    #: False: the idempotency key was known, and this is the run that it began.
    created: bool


@uninterrupted
async def start_run(service: Service, viewer: Viewer, told: StartRun) -> StartedRun:
    """Begin a run; make its agent and its cluster where they are mentioned for the first time.

    Raises Refused: INVALID, and CONFLICT where the idempotency key came with another input before.
    """
    started_at = _check(told, service.clock())
    _check_scope(viewer.scope, told)
    kept = service.redactor.told(told)
    run_id = service.new_id()

    async def body() -> StartedRun:
        if made := await Run.filter(id=run_id).first():
            return StartedRun(made, created=True)  # by a try whose commit's answer was lost
        now = service.clock()
        agent = await _named(Agent, service, told.agent_name, now)
        cluster = await _named(Cluster, service, told.cluster, now)
        if known := await _known(viewer, agent, told):
            return StartedRun(known, created=False)
        await _describe(viewer.scope, agent, kept)
        run = _new_run(run_id, viewer, agent, cluster, kept, started_at or now, now)
        change = RunChange(run, now)
        change.begin()
        await RunAttempt.create(run_id=run.id, number=1, started_at=run.started_at)
        await _add_steps(service, change, kept.steps)
        await change.insert()
        return StartedRun(run, created=True)

    try:
        started = await transact(body)
    except IntegrityError:
        # Somebody used the same idempotency key at the same moment: now it is known.
        started = await transact(body)
    run = started.run
    service.hub.publish(run.id, revision=run.revision, listed=started.created)
    return started


def _check(told: StartRun, now: datetime) -> datetime | None:
    checked_name(told.agent_name, "agent", "name")
    checked_optional(told.agent_description, "agent", "description", most=MAX_DETAILS)
    checked_name(told.cluster, "cluster")
    checked_name(told.trigger_name, "trigger", "name")
    checked_url(told.trigger_url, "trigger", "url")
    if told.trigger_external_id is not None:
        checked_name(told.trigger_external_id, "trigger", "externalId")
    if told.idempotency_key is not None:
        checked_name(told.idempotency_key, "idempotencyKey")
    _check_labels(told.labels)
    if told.steps and told.agent_kind is AgentKind.TASK:
        got = counted(len(told.steps), "steps")
        raise invalid(("steps",), "none for an agent of kind TASK", got)
    if len(told.steps) > MAX_STEPS:
        raise invalid(("steps",), f"at most {MAX_STEPS} steps", counted(len(told.steps), "steps"))
    return checked_time(told.started_at, now, "startedAt")


def _check_scope(scope: Scope, told: StartRun) -> None:
    """A reporter of some agents or clusters begins no other runs. Raises Forbidden."""
    for field, names, name in (
        ("agent.name", scope.agents, told.agent_name),
        ("cluster", scope.clusters, told.cluster),
    ):
        if names is not None and name not in names:
            expected = " or ".join(sorted(names)) or "none"
            raise Forbidden(f"{field}: expected {expected}, as of your scope, got {echo(name)}")


def _check_labels(labels: Sequence[tuple[str, str]]) -> None:
    if len(labels) > MAX_LABELS:
        raise invalid(("labels",), f"at most {MAX_LABELS} labels", counted(len(labels), "labels"))
    for index, (name, value) in enumerate(labels):
        checked_name(name, "labels", str(index), "name")
        checked(value, ("labels", str(index), "value"), most=MAX_LABEL_VALUE)


async def _named(model: type[N], service: Service, name: str, now: datetime) -> N:
    """The agent or cluster of that name, made where it is new; two at once make one."""
    found = await model.filter(name=name).first()
    if found is None:
        row = model(id=service.new_id(), name=name, folded_name=fold(name), created_at=now)
        await model.bulk_create([row], ignore_conflicts=True)
        found = await model.get(name=name)
    return found


async def _describe(scope: Scope, agent: Agent, told: StartRun) -> None:
    """Give the agent the kind and the description that are told.

    Not where it has runs beyond the scope: those who see these are not to be told by others.
    """
    new = {"kind": told.agent_kind, "description": told.agent_description}
    changed = {
        name: value
        for name, value in new.items()
        if value is not None and getattr(agent, name) != value
    }
    if changed and not await _runs_beyond(scope, agent):
        await Agent.filter(id=agent.id).update(**changed)


async def _runs_beyond(scope: Scope, agent: Agent) -> bool:
    """Whether the agent has a run that the scope does not show."""
    if scope.is_everything:
        return False
    return await Run.filter(~scope.condition(), agent_id=agent.id).exists()


async def _known(viewer: Viewer, agent: Agent, told: StartRun) -> RunWithInputs | None:
    """The run that this reporter began with this idempotency key."""
    if told.idempotency_key is None:
        return None
    run = await RunWithInputs.filter(
        agent_id=agent.id, principal=viewer.principal, idempotency_key=told.idempotency_key
    ).first()
    if run is None:
        return None
    if not is_visible(run):
        raise _conflict("the idempotency key is that of a run that was deleted", run)
    if run.fingerprint != _fingerprint(told) or not _is_same_input(run, told):
        raise _conflict("the idempotency key came with another input before", run)
    return run


def _conflict(message: str, run: Run) -> Refused:
    return Refused(
        UserErrorCode.CONFLICT,
        f"idempotencyKey: {message}",
        "idempotencyKey",
        node_id=global_id(Kind.RUN, run.id),
    )


def _fingerprint(told: StartRun) -> str:
    """SHA-256 over what redaction leaves alone: of a secret, not even a hash is stored."""
    text = json.dumps(asdict(left_alone(told)), default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_same_input(run: RunWithInputs, told: StartRun) -> bool:
    """Whether the run has the other texts as they were told, maybe redacted.

    But for the agent's description and the names of steps, which may have been changed since.
    """
    return (
        is_same(run.trigger_name, told.trigger_name)
        and is_same(run.trigger_url, told.trigger_url)
        and is_same(run.trigger_external_id, told.trigger_external_id)
        and is_same_json(run.inputs, told.inputs)
        and are_same_labels(decode_labels(run.labels), told.labels)
    )


def _new_run(
    run_id: UUID,
    viewer: Viewer,
    agent: Agent,
    cluster: Cluster,
    told: StartRun,
    started_at: datetime,
    now: datetime,
) -> RunWithInputs:
    return RunWithInputs(
        id=run_id,
        principal=viewer.principal,
        agent_id=agent.id,
        cluster_id=cluster.id,
        changed_at=now,
        trigger_source=told.trigger_source,
        trigger_name=told.trigger_name,
        trigger_url=told.trigger_url,
        trigger_external_id=told.trigger_external_id,
        inputs=told.inputs,
        labels=encode_labels(told.labels),
        search_text=search_text_of(
            run_id, agent.name, cluster.name, told.trigger_name, told.trigger_external_id, None
        ),
        idempotency_key=told.idempotency_key,
        fingerprint=_fingerprint(told) if told.idempotency_key is not None else None,
        started_at=started_at,
        last_heard_at=now,
    )


async def _add_steps(service: Service, change: RunChange, steps: Sequence[NewStep]) -> None:
    book = StepBook(service, change, [])
    made: list[StepWithOutput] = []
    for index, new in enumerate(steps):
        field = ("steps", str(index))
        if book.find(new.key):
            raise invalid((*field, "key"), "a key that no other step has", new.key)
        step = book.mention(new.key, *field, "key")
        if new.name is not None:
            book.set(step, name=checked_name(new.name, *field, "name"))
        made.append(step)
    for index, (step, new) in enumerate(zip(made, steps, strict=True)):
        if new.parent_key is not None:
            set_parent(book, step, new.parent_key, ("steps", str(index), "parentKey"))
    await book.save()
