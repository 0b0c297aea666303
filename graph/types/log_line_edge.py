from __future__ import annotations

import strawberry

from graph.types.log_line import LogLine


@strawberry.type(description="One log line, with its place in the log.")
class LogLineEdge:
    cursor: str = strawberry.field(description="Everything up to this line was looked at.")
    node: LogLine
