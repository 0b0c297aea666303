"""Rows in tests, with what a test does not care about filled in, consistent with one another."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.agent import Agent, Cluster
from models.ids import new_id
from models.instants import ENDLESS, FOREVER, span_micros
from models.run import RunWithInputs, encode_labels, fold, search_text_of
from models.states import AgentKind, RunStatus, StepStatus, TriggerSource
from models.step import StepWithOutput
from tests.support.clock import START


async def make_agent(name: str = "nightly-etl", **values: Any) -> Agent:
    """The agent of that name, made at its first mention."""
    defaults = {
        "id": new_id(),
        "folded_name": fold(name),
        "created_at": START,
        "kind": AgentKind.TASK,
    }
    agent, _ = await Agent.get_or_create(name=name, defaults=defaults | values)
    return agent


async def make_cluster(name: str = "eu-1", **values: Any) -> Cluster:
    """The cluster of that name, made at its first mention."""
    defaults = {"id": new_id(), "folded_name": fold(name), "created_at": START}
    cluster, _ = await Cluster.get_or_create(name=name, defaults=defaults | values)
    return cluster


def run_of(
    agent: Agent,
    cluster: Cluster,
    *,
    seconds: float | None = None,
    labels: Iterable[tuple[str, str]] = (),
    **values: Any,
) -> RunWithInputs:
    """A run, not stored yet. With `seconds` it has ended after so long, COMPLETED unless told."""
    run_id = values.pop("id", None) or new_id()
    started_at: datetime = values.pop("started_at", START)
    completed_at = FOREVER if seconds is None else started_at + timedelta(seconds=seconds)
    name, external_id = values.pop("trigger_name", "ada"), values.pop("trigger_external_id", None)
    message = values.pop("error_message", None)
    defaults = {
        "status": RunStatus.RUNNING if seconds is None else RunStatus.COMPLETED,
        "changed_at": started_at,
        "last_heard_at": started_at,
        "trigger_source": TriggerSource.MANUAL,
        "duration": ENDLESS if seconds is None else span_micros(started_at, completed_at),
    }
    return RunWithInputs(
        id=run_id,
        agent_id=agent.id,
        cluster_id=cluster.id,
        trigger_name=name,
        trigger_external_id=external_id,
        error_message=message,
        labels=encode_labels(labels),
        search_text=search_text_of(run_id, agent.name, cluster.name, name, external_id, message),
        started_at=started_at,
        completed_at=completed_at,
        **(defaults | values),
    )


async def make_run(
    agent: str = "nightly-etl", cluster: str = "eu-1", **values: Any
) -> RunWithInputs:
    """A stored run; see `run_of`."""
    run = run_of(await make_agent(agent), await make_cluster(cluster), **values)
    await run.save(force_create=True)
    return run


async def make_step(run_id: UUID, key: str, position: int, **values: Any) -> StepWithOutput:
    """A stored step."""
    defaults: dict[str, Any] = {"name": key, "attempt": 1, "status": StepStatus.PENDING}
    return await StepWithOutput.create(
        id=new_id(), run_id=run_id, key=key, position=position, **(defaults | values)
    )
