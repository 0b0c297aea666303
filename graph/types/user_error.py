from __future__ import annotations

from typing import Self

import strawberry

from graph.enums import UserErrorCode
from resolvers import errors


@strawberry.type(description="Something that the state of data does not allow.")
class UserError:
    code: UserErrorCode
    message: str = strawberry.field(description="What was expected, and what came.")
    field: list[str] | None = strawberry.field(
        description="The path in `input` of what it is about, list indices included."
    )
    node_id: strawberry.ID | None = strawberry.field(description="What it is about.")

    @classmethod
    def of(cls, error: errors.UserError) -> Self:
        return cls(
            code=error.code,
            message=error.message,
            field=None if error.field is None else list(error.field),
            node_id=None if error.node_id is None else strawberry.ID(error.node_id),
        )
