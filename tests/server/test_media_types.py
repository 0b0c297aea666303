"""In which media type an answer is given, as a client likes it."""

from __future__ import annotations

import pytest

from server.media_types import GRAPHQL_RESPONSE, JSON, answer_type

NEWER, OLDER = "application/graphql-response+json", "application/json"


@pytest.mark.parametrize(
    "accept",
    [
        NEWER,
        NEWER.upper(),
        f"{NEWER}; charset=utf-8, {OLDER}; charset=utf-8",
        f"{OLDER}, {NEWER}",
        f"{NEWER},{OLDER};q=0.9",
        f"{NEWER};q=0.5, */*;q=0.1",
        f"{NEWER};q=0.001",
        f"multipart/mixed;deferSpec=20220824, {NEWER}, {OLDER}",
        f"{NEWER}, application/graphql+json, {OLDER}, text/event-stream, multipart/mixed",
    ],
)
def test_who_names_the_newer_media_type_and_likes_it_as_well_gets_it(accept: str) -> None:
    assert answer_type(accept) == GRAPHQL_RESPONSE


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        OLDER,
        f"{OLDER}, {NEWER};q=0.9",
        f"*/*, {NEWER};q=0.5",
        f"{NEWER};q=0",
        f"{NEWER};q=0.000, {OLDER}",
        f"{OLDER};q=0.2, */*;q=0.9, {NEWER};q=0.1",
    ],
)
def test_who_likes_json_better_or_has_not_heard_of_the_newer_one_gets_json(accept: str) -> None:
    assert answer_type(accept) == JSON


@pytest.mark.parametrize("accept", ["text/html", ",;,=", "q=1", f"x{NEWER}", "\x00", "," * 10_000])
def test_who_takes_neither_or_says_nothing_that_makes_sense_gets_json(accept: str) -> None:
    assert answer_type(accept) == JSON
