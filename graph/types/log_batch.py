from __future__ import annotations

from typing import Self

import strawberry

from graph.enums import StreamEnd
from graph.types.log_line import LogLine
from resolvers import follow


@strawberry.type(description="Lines that arrived close together.")
class LogBatch:
    lines: list[LogLine] = strawberry.field(
        description="Those that match. A filtered follower gets none now and then, for its cursor's sake."
    )
    end_cursor: str = strawberry.field(
        description="Everything up to here was looked at: come back with it."
    )
    end: StreamEnd | None = strawberry.field(description="Only in the last batch.")
