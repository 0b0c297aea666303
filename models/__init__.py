"""What is stored: Tortoise models, the state machine, migrations."""

from models.agent import Agent, Cluster, Named
from models.api_token import ApiToken, BrowserLogin
from models.audit_entry import AuditEntry
from models.deletion import Deletion
from models.hearing import Hearing
from models.log_chunk import LogChunk
from models.report import Report, ReportShare, ReportWithSections
from models.run import Run, RunWithInputs
from models.run_attempt import RunAttempt
from models.run_event import RunEvent
from models.step import Step, StepWithOutput

__all__ = [
    "Agent",
    "ApiToken",
    "AuditEntry",
    "BrowserLogin",
    "Cluster",
    "Deletion",
    "Hearing",
    "LogChunk",
    "Named",
    "Report",
    "ReportShare",
    "ReportWithSections",
    "Run",
    "RunAttempt",
    "RunEvent",
    "RunWithInputs",
    "Step",
    "StepWithOutput",
]
