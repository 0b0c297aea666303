"""The floor of a mutation: stock Strawberry reads an input like appendLogs' and does nothing."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry
from starlette.types import ASGIApp
from strawberry.asgi import GraphQL


@strawberry.enum
class LogLevel(Enum):
    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


@strawberry.enum
class LogStream(Enum):
    STDOUT = 0
    STDERR = 1


@strawberry.input
class LogLineInput:
    message: str
    at: datetime | None = None
    level: LogLevel | None = LogLevel.INFO
    stream: LogStream | None = LogStream.STDOUT
    step_key: str | None = None


@strawberry.input
class AppendLogsInput:
    run_id: strawberry.ID
    offset: int
    lines: list[LogLineInput]
    attempt: int | None = 1
    source: str | None = "main"


@strawberry.type
class UserError:
    code: str
    message: str


@strawberry.type
class AppendLogsPayload:
    next_offset: int
    user_errors: list[UserError]


@strawberry.type
class Query:
    nothing: bool = True


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def append_logs(self, input: AppendLogsInput) -> AppendLogsPayload:
        return AppendLogsPayload(next_offset=input.offset + len(input.lines), user_errors=[])


def create_app(_: str) -> ASGIApp:
    return GraphQL(strawberry.Schema(query=Query, mutation=Mutation), graphql_ide=None)
