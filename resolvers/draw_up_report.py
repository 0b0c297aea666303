"""The report of a completed run whose reporter gave none."""

from __future__ import annotations

from collections.abc import Sequence

from live import log_store
from models.agent import Agent, Cluster
from models.run import Run
from models.step import Step
from resolvers.commands import ToldReport
from resolvers.report_drawing import MAX_LAST_LINES, StepSummary, draw_up


async def drawn_up(run: Run, steps: Sequence[Step]) -> ToldReport:
    """A report from what is known of the run: its numbers, its steps, its last lines."""
    agent = await Agent.get(id=run.agent_id)
    cluster = await Cluster.get(id=run.cluster_id)
    last = await log_store.read_backward(run.id, run.last_sequence + 1, MAX_LAST_LINES, None)
    document = draw_up(
        agent_name=agent.name,
        cluster_name=cluster.name,
        trigger_source=run.trigger_source,
        trigger_name=run.trigger_name,
        started_at=run.started_at,
        completed_at=run.completed_at,
        attempts=run.attempt,
        log_lines=run.last_sequence,
        steps=[StepSummary(step.name, step.status, step.duration_seconds) for step in steps],
        last_lines=[line.message for line in last.lines],
    )
    return ToldReport(document.title, document.summary, document.sections)
