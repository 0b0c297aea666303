"""What a page in a browser can do, by the Fetch standard (https://fetch.spec.whatwg.org)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

#: Content types that a page may send anywhere without the browser asking first.
SIMPLE_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
SIMPLE_METHODS = ("GET", "HEAD", "POST")
#: Headers that it may, besides Content-Type; what the browser itself adds is not the page's.
SIMPLE_HEADERS = ("accept", "accept-language", "content-language")
#: How a browser names a page whose origin is nobody's business: a sandboxed frame, a local file.
OPAQUE = "null"


class Blocked(Exception):
    """The browser sent nothing but its own question, or keeps the answer from the page."""


@dataclass(frozen=True)
class Page:
    """A page, and the cookies that its browser has for the service."""

    http: httpx.AsyncClient
    origin: str
    cookies: str = ""

    async def fetch(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> httpx.Response:
        """`fetch(…, { credentials: "include" })`. Raises Blocked."""
        headers = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if asked := self._to_ask_first(method, headers):
            await self._ask_first(method, path, asked)
        answer = await self._send(method, path, body, headers | self._named("cors", "empty"))
        self._check_shared(answer)
        return answer

    async def post_form(self, path: str, body: bytes, enctype: str) -> httpx.Response:
        """`<form method=post>`: the browser goes there, and shows its user what comes."""
        headers = self._named("navigate", "document") | {"content-type": enctype}
        return await self._send("POST", path, body, headers)

    async def send_unread(self, path: str, body: bytes, content_type: str) -> None:
        """`fetch(…, { mode: "no-cors" })` and `navigator.sendBeacon`: sent, and never read."""
        if _essence(content_type) not in ("", *SIMPLE_TYPES):
            raise Blocked(f"no-cors with {content_type}")
        headers = self._named("no-cors", "empty")
        headers |= {"content-type": content_type} if content_type else {}
        await self._send("POST", path, body, headers)

    async def embed(self, path: str, destination: str) -> httpx.Response:
        """`<img src>`, `<script src>`, `<iframe src>` …: without an origin."""
        mode = "navigate" if destination == "iframe" else "no-cors"
        return await self._send("GET", path, b"", self._metadata(mode, destination))

    async def link(self, path: str) -> httpx.Response:
        """`<a href>` and `<form method=get>`: its user goes there, without an origin."""
        return await self._send("GET", path, b"", self._metadata("navigate", "document"))

    # ------------------------------------------------------------ the browser's own part

    def _to_ask_first(self, method: str, headers: Mapping[str, str]) -> list[str] | None:
        """The headers to ask for, where the service has to be asked at all; else None."""
        odd = sorted(name for name, value in headers.items() if not _is_simple(name, value))
        return odd if odd or method not in SIMPLE_METHODS else None

    async def _ask_first(self, method: str, path: str, names: list[str]) -> None:
        """The preflight (section 4.8), which carries no cookies."""
        asked = {
            "origin": self.origin,
            "access-control-request-method": method,
            "access-control-request-headers": ",".join(names),
        }
        answer = await self.http.options(path, headers=asked | self._metadata("cors", "empty"))
        self._check_shared(answer)
        allowed = _listed(answer, "access-control-allow-headers")
        methods = _listed(answer, "access-control-allow-methods")
        if not answer.is_success or not set(names) <= allowed or method.lower() not in methods:
            raise Blocked(f"preflight: {answer.status_code}, {method} with {names}")

    def _check_shared(self, answer: httpx.Response) -> None:
        """The CORS check (section 4.9), of a request with credentials."""
        if answer.headers.get("access-control-allow-origin") != self.origin:
            raise Blocked("the answer is not for this origin")
        if answer.headers.get("access-control-allow-credentials") != "true":
            raise Blocked("the answer is not for requests with credentials")

    async def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        kept = {"cookie": self.cookies} if self.cookies else {}
        return await self.http.request(method, path, content=body, headers={**headers, **kept})

    def _named(self, mode: str, destination: str) -> dict[str, str]:
        return {"origin": self.origin} | self._metadata(mode, destination)

    def _metadata(self, mode: str, destination: str) -> dict[str, str]:
        """Fetch Metadata (https://www.w3.org/TR/fetch-metadata/)."""
        told = {"site": self._site(), "mode": mode, "dest": destination}
        return {f"sec-fetch-{name}": value for name, value in told.items()}

    def _site(self) -> str:
        own = self.http.base_url
        if self.origin == f"{own.scheme}://{own.netloc.decode()}":
            return "same-origin"
        return (
            "same-site" if self.origin.startswith(f"{own.scheme}://{own.host}:") else "cross-site"
        )


def _is_simple(name: str, value: str) -> bool:
    return name in SIMPLE_HEADERS or (name == "content-type" and _essence(value) in SIMPLE_TYPES)


def _essence(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _listed(answer: httpx.Response, name: str) -> set[str]:
    return {part.strip().lower() for part in answer.headers.get(name, "").split(",")}
