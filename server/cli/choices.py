"""The API's enums, as far as people choose from them on the command line."""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    RUNNING = "RUNNING"
    RETRYING = "RETRYING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class TriggerSource(StrEnum):
    MANUAL = "MANUAL"
    SCHEDULE = "SCHEDULE"
    COPILOT = "COPILOT"
    WEBHOOK = "WEBHOOK"
    EVENT = "EVENT"


class AgentKind(StrEnum):
    TASK = "TASK"
    WORKFLOW = "WORKFLOW"


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogStream(StrEnum):
    STDOUT = "STDOUT"
    STDERR = "STDERR"
    SYSTEM = "SYSTEM"


class OrderField(StrEnum):
    STARTED = "started"
    COMPLETED = "completed"
    DURATION = "duration"
