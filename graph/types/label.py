from __future__ import annotations

import strawberry


@strawberry.type(description="A name and a value that a run was given, to be found by.")
class Label:
    name: str
    value: str
