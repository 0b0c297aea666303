"""Documents that are known by their hash: those of the operator's folder, and clients' own.

Clients name one by `documentId` ("sha256:" and the hash: GraphQL over HTTP, appendix A) or by
Apollo's `extensions.persistedQuery`, and may register one by sending its text with its hash
(https://www.apollographql.com/docs/apollo-server/performance/apq).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from graphql import GraphQLError, print_ast
from graphql.utilities import separate_operations

from graph.documents import Prepared

#: Bounds and parses a document. Raises GraphQLError.
Prepare = Callable[[str], Prepared]
#: The same, and validates it without holding up others.
LookThrough = Callable[[str], Awaitable[Prepared]]

#: The only version of the protocol that there is.
APQ_VERSION = 1
_HASH = re.compile(r"[0-9a-f]{64}")
_ID_PREFIX = "sha256:"

NOT_ALLOWED = "DOCUMENT_NOT_ALLOWED"


class BadFolder(ValueError):
    """PERSISTED_DOCUMENTS cannot be used; the sentence says why."""


class NotServed(Exception):
    """A document that is not known, or not allowed; the sentence is meant for the client."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


class PersistedDocuments:
    """Finds the text that a request means."""

    def __init__(
        self,
        look_through: LookThrough,
        folder: Mapping[str, str] | None = None,
        *,
        only: bool = False,
        registered: int = 0,
    ) -> None:
        """`folder` has texts by their hashes. With `only` no other may be executed; else
        `registered` documents of clients are kept."""
        self._look_through = look_through
        self._folder = folder or {}
        self._only = only
        self._room = 0 if only else registered
        self._registered: OrderedDict[str, str] = OrderedDict()

    async def text_of(self, parameters: Mapping[str, Any]) -> str | None:
        """The document of a request whose parameters are of their types; None where it has none.

        Raises NotServed.
        """
        query: str | None = parameters.get("query") or None
        told = _hash_of(parameters)
        if told is None:
            return self._allowed(query)
        return self._known(told) if query is None else await self._told(query, told, parameters)

    def _allowed(self, query: str | None) -> str | None:
        if self._only and query is not None and hash_of(query) not in self._folder:
            raise NotServed(
                "expected one of the documents of PERSISTED_DOCUMENTS, since PERSISTED_ONLY is on",
                NOT_ALLOWED,
            )
        return query

    def _known(self, told: str) -> str:
        if found := self._folder.get(told):
            return found
        if self._only:
            raise NotServed(f"expected a hash of PERSISTED_DOCUMENTS, got {told}", NOT_ALLOWED)
        if not self._room:
            raise NotServed("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        if told not in self._registered:
            raise NotServed("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        self._registered.move_to_end(told)
        return self._registered[told]

    async def _told(self, query: str, told: str, parameters: Mapping[str, Any]) -> str | None:
        """A text that comes with its hash: to be registered, where that is how Apollo does it."""
        if hash_of(query) != told:
            raise NotServed("provided sha does not match query", "BAD_INPUT")
        if self._room and "persistedQuery" in (parameters.get("extensions") or {}):
            await self._register(told, query)
        return self._allowed(query)

    async def _register(self, told: str, query: str) -> None:
        try:
            prepared = await self._look_through(query)
        except GraphQLError:
            return  # it is told when it is executed
        if not prepared.errors:
            self._registered[told] = query
            self._registered.move_to_end(told)
            if len(self._registered) > self._room:
                self._registered.popitem(last=False)


def hash_of(text: str) -> str:
    """SHA-256 of a document's text in UTF-8, in lower case."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_folder(folder: Path, prepare: Prepare) -> dict[str, str]:
    """The documents of a folder's .graphql files, by their hashes. Raises BadFolder."""
    if not folder.is_dir():
        raise BadFolder(f"PERSISTED_DOCUMENTS: expected a directory, got {str(folder)!r}")
    paths = sorted(folder.rglob("*.graphql"))
    if not paths:
        raise BadFolder(
            f"PERSISTED_DOCUMENTS: expected .graphql files in {str(folder)!r}, got none"
        )
    return {hash_of(text): text for path in paths for text in _documents(path, prepare)}


def _documents(path: Path, prepare: Prepare) -> Iterator[str]:
    """The text of a file as it stands and without white space around it, and each of its operations
    alone, with the fragments that it uses, as clients print it."""
    try:
        text = path.read_text("utf-8")
        prepared = prepare(text)
        errors = list(prepared.errors)
    except (OSError, UnicodeDecodeError) as error:
        raise BadFolder(f"PERSISTED_DOCUMENTS: {path}: {error}") from error
    except GraphQLError as error:
        errors = [error]
    if errors:
        raise BadFolder(f"PERSISTED_DOCUMENTS: {path}: {_placed(errors[0])}")
    yield from (text, text.strip())
    for document in separate_operations(prepared.document).values():
        printed = print_ast(document)
        yield from (printed, printed.strip())


def _placed(error: GraphQLError) -> str:
    where = f"line {error.locations[0].line}: " if error.locations else ""
    return f"{where}{error.message}"


def _hash_of(parameters: Mapping[str, Any]) -> str | None:
    """The hash by which a request names its document. Raises NotServed where it is none."""
    if (document_id := parameters.get("documentId")) is not None:
        return _checked("documentId", document_id, document_id.removeprefix(_ID_PREFIX), _ID_PREFIX)
    apollo = (parameters.get("extensions") or {}).get("persistedQuery")
    if apollo is None:
        return None
    if not isinstance(apollo, dict) or apollo.get("version") != APQ_VERSION:
        raise NotServed("Unsupported persisted query version", "BAD_INPUT")
    told = apollo.get("sha256Hash")
    return _checked("extensions.persistedQuery.sha256Hash", told, told, "")


def _checked(name: str, told: object, hash_: object, prefix: str) -> str:
    if not isinstance(hash_, str) or not _HASH.fullmatch(hash_):
        got = repr(told)[:60]
        raise NotServed(
            f"{name}: expected {prefix}<64 hexadecimal digits in lower case>, got {got}",
            "BAD_INPUT",
        )
    return hash_
