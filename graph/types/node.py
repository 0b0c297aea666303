from __future__ import annotations

import strawberry


@strawberry.interface(description="Something with a global id, under which `node` finds it again.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Global, opaque, URL-safe and readable: the kind, `_`, and a UUID."
    )
