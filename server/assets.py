"""Files that are named for their content: sent as they were built, kept by browsers for good."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse

from server.media_types import qualities

IDENTITY: Final = "identity"
#: What stands ready beside a file, by its ending; of codings that a client likes alike the first.
_CODINGS: Final = {".br": "br", ".gz": "gzip"}

#: The system's own table differs between systems, and nobody guesses behind `nosniff`.
_MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}

#: A year is as good as for ever (RFC 9111, section 1.2.2); `immutable` (RFC 8246) spares browsers
#: the question on a reload too.
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, in every coding that it was built in."""

    name: str
    #: Its bytes by coding, IDENTITY among them.
    content: Mapping[str, bytes]

    def answer(self, asked: Headers) -> Response:
        """The file in the coding that the request's headers like best, or that it is known."""
        coding = best_coding(asked.get("accept-encoding", ""), self.content)
        # The name tells the content, on every machine and whenever it was installed. Another coding
        # is another representation (RFC 9110, section 8.8.3.3).
        tag = f'"{self.name}"' if coding == IDENTITY else f'"{self.name}.{coding}"'
        headers = {**_HEADERS, "ETag": tag}
        if _names(asked.get("if-none-match", ""), tag):
            return NotModifiedResponse(Headers(headers))
        if coding != IDENTITY:
            headers["Content-Encoding"] = coding
        media_type = _MEDIA_TYPES.get(Path(self.name).suffix, "application/octet-stream")
        return Response(self.content[coding], headers=headers, media_type=media_type)


def read_assets(folder: Path) -> dict[str, Asset]:
    """All files of a folder by name, with what stands ready-made beside them.

    They are held in memory: a process goes on serving the build that it began with, whole, whatever
    an upgrade does to the folder meanwhile.
    """
    files = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    return {
        name: Asset(name, dict(_codings(path, files)))
        for name, path in files.items()
        if path.suffix not in _CODINGS
    }


def _codings(path: Path, files: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    for ending, coding in _CODINGS.items():
        if ready := files.get(path.name + ending):
            yield coding, ready.read_bytes()
    yield IDENTITY, path.read_bytes()


def best_coding(accepted: str, offered: Collection[str]) -> str:
    """Which of the offered codings an `Accept-Encoding` likes best (RFC 9110, section 12.5.3).

    Of those liked alike the one that is offered first; IDENTITY where it likes none, also if it
    refuses that one: the file is more use than an empty 406.
    """
    liked = dict(qualities(accepted))

    def liking(coding: str) -> float:
        return liked.get(coding, liked.get("*", 0.0))

    return max((coding for coding in offered if liking(coding)), key=liking, default=IDENTITY)


def _names(told: str, tag: str) -> bool:
    """Whether an `If-None-Match` names the tag; a proxy may have made a weak one of it."""
    tags = {each.strip().removeprefix("W/") for each in told.split(",")}
    return tag in tags or "*" in tags
