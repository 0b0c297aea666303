from __future__ import annotations

from collections.abc import Sequence

import strawberry


@strawberry.input(description="A label's name and value.")
class LabelInput:
    name: str
    value: str


def plain_labels(labels: Sequence[LabelInput]) -> tuple[tuple[str, str], ...]:
    """(name, value) pairs."""
    return tuple((label.name, label.value) for label in labels)
