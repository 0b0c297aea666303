"""The arguments that every connection takes, and those that several fields share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import strawberry

First: TypeAlias = Annotated[
    int | None, strawberry.argument(description="This many rows from the start, or behind `after`.")
]
After: TypeAlias = Annotated[
    str | None, strawberry.argument(description="A cursor of this list: what lies behind it.")
]
Last: TypeAlias = Annotated[
    int | None, strawberry.argument(description="This many rows from the end, or before `before`.")
]
Before: TypeAlias = Annotated[
    str | None, strawberry.argument(description="A cursor of this list: what lies before it.")
]
NameContains: TypeAlias = Annotated[
    str | None, strawberry.argument(description="A literal part of the name, whatever the case.")
]
Top: TypeAlias = Annotated[
    int | None, strawberry.argument(description="This many, the largest first.")
]
