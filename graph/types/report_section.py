from __future__ import annotations

import strawberry


@strawberry.interface(
    description="A part of a report. A client that does not know its type can show `markdown`."
)
class ReportSection:
    heading: str = strawberry.field(description="Plain text.")
    markdown: str = strawberry.field(description="The body, without its heading.")
