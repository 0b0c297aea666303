from __future__ import annotations

import strawberry

from resolvers.errors import BadInput, counted

#: Runs of one call: each is asked in a transaction of its own.
MAX_IDS = 1_000


@strawberry.input
class CancelRunsInput:
    ids: list[strawberry.ID] = strawberry.field(description="1000 at most.")
    reason: str | None = None

    def checked_ids(self) -> list[strawberry.ID]:
        """The ids, if they are not too many."""
        if len(self.ids) > MAX_IDS:
            raise BadInput("input.ids", f"at most {MAX_IDS} ids", counted(len(self.ids), "ids"))
        return self.ids
