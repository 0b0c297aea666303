"""Which type stands for which row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tortoise import Model

import models
from graph.types.agent import Agent
from graph.types.audit_entry import AuditEntry
from graph.types.cluster import Cluster
from graph.types.deletion import Deletion
from graph.types.node import Node
from graph.types.report import Report
from graph.types.report_share import ReportShare
from graph.types.run import Run
from graph.types.step import Step

_NODE_OF: dict[type[Model], Callable[[Any], Node]] = {
    models.Agent: Agent.of,
    models.AuditEntry: AuditEntry.of,
    models.Cluster: Cluster.of,
    models.Deletion: Deletion.of,
    models.Report: Report.of,
    models.ReportShare: ReportShare.of,
    models.Run: Run.of,
    models.Step: Step.of,
}


def as_node(row: Model | None) -> Node | None:
    """The row as clients see it."""
    return None if row is None else _NODE_OF[type(row)](row)
