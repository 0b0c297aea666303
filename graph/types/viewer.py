from __future__ import annotations

import strawberry

from graph.enums import Role


@strawberry.type(description="Who asks.")
class Viewer:
    name: str
    role: Role
