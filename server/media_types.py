"""In which media type an answer is given: by `Accept` (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

JSON = "application/json"
#: With this media type the status tells of errors (GraphQL over HTTP, section 6.4.2).
GRAPHQL_RESPONSE = "application/graphql-response+json"
#: What both are in.
CHARSET = "; charset=utf-8"

#: Ranges that hold JSON, the most specific first, which is the one that counts.
_JSON_RANGES = (JSON, "application/*", "*/*")
_QUALITY = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")


def answer_type(accept: str) -> str:
    """The media type that a client prefers; of two that it likes alike the newer one.

    That one has to be named: many clients that have never heard of it take `*/*`. Who takes neither
    gets JSON all the same, as the specification allows: it tells more than an empty 406.
    """
    liked = dict(qualities(accept))
    newer = liked.get(GRAPHQL_RESPONSE, 0.0)
    older = next((liked[name] for name in _JSON_RANGES if name in liked), 0.0)
    return GRAPHQL_RESPONSE if newer and newer >= older else JSON


def qualities(accepted: str) -> Iterator[tuple[str, float]]:
    """Each entry of an `Accept…` header, and how much it is liked: from 0, not at all, to 1."""
    for part in accepted.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        told = (_QUALITY.fullmatch(parameter) for parameter in parameters)
        yield name, next((float(quality[1]) for quality in told if quality), 1.0)
