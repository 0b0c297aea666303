"""Files of the console: in the coding that a browser likes, and asked for once."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from server.assets import best_coding, read_assets
from tests.support.console import APP, FONT, SMALL, STYLE, build_console


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("br ; q=0.8 , gzip;q=0.7", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", "identity"),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("*;q=0", "identity"),
        ("identity", "identity"),
        ("identity, br;q=0.5", "identity"),
        ("identity;q=0.5, br", "br"),
        ("identity;q=0, zstd", "identity"),
        ("broccoli", "identity"),
        (",;q=1,", "identity"),
    ],
)
def test_the_coding_is_the_one_that_is_liked_best(accepted: str, coding: str) -> None:
    assert best_coding(accepted, ["br", "gzip", "identity"]) == coding


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    return build_console(tmp_path) / "assets"


def test_ready_made_files_are_codings_and_no_files_of_their_own(assets: Path) -> None:
    read = read_assets(assets)
    assert sorted(read) == sorted([APP, STYLE, SMALL, FONT, "icon-1.svg"])
    assert list(read[APP].content) == ["br", "gzip", "identity"]
    assert list(read[SMALL].content) == ["identity"]
    assert gzip.decompress(read[STYLE].content["gzip"]) == read[STYLE].content["identity"]


def test_what_was_read_is_served_whatever_becomes_of_the_folder(assets: Path) -> None:
    read = read_assets(assets)
    text = (assets / APP).read_bytes()
    for path in assets.iterdir():
        path.unlink()
    assert read[APP].answer(Headers()).body == text


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        (APP, "text/javascript; charset=utf-8"),
        (STYLE, "text/css; charset=utf-8"),
        ("icon-1.svg", "image/svg+xml"),
        (FONT, "font/ttf"),
    ],
)
def test_media_types_are_ours_and_not_the_systems(assets: Path, name: str, media_type: str) -> None:
    for accepted in ("", "br"):
        answer = read_assets(assets)[name].answer(Headers({"Accept-Encoding": accepted}))
        assert answer.headers["content-type"] == media_type
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_a_browser_has_is_not_sent_again(assets: Path) -> None:
    app = read_assets(assets)[APP]
    tags = []
    for accepted in ("br", "gzip", "identity"):
        asked = {"Accept-Encoding": accepted}
        tag = app.answer(Headers(asked)).headers["etag"]
        tags.append(tag)
        for told in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = app.answer(Headers({**asked, "If-None-Match": told}))
            assert (answer.status_code, answer.body) == (304, b"")
            assert answer.headers["etag"] == tag
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert app.answer(Headers({**asked, "If-None-Match": '"other"'})).status_code == 200
    assert len(set(tags)) == 3
