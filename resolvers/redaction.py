"""Secrets are redacted before anything is stored: what is told, as it may be kept.

By their names in `inputs`, outputs and labels (resolvers/secret_keys.py), by their shape in every
text (resolvers/secret_texts.py). A command's text is redacted unless resolvers/commands.py marks
it as something else, so a new one cannot be forgotten. docs/redaction.md, docs/decisions/0024.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache, partial
from operator import is_not
from typing import Any, TypeVar, get_args, get_type_hints

import orjson

from resolvers.commands import Kept
from resolvers.key_blocks import KEY, going_on, may_go_on, without_keys
from resolvers.secret_keys import folded, secret_keys
from resolvers.secret_patterns import PATTERNS
from resolvers.secret_texts import REDACTED, SecretTexts, checked_patterns

T = TypeVar("T")

#: What becomes of a value of a command, by how it is marked there; None: free text.
Change = Callable[[Any, Kept | None], Any]


class Redactor:
    """Redacts by names of keys, folded, and by shapes. The same text always becomes the same."""

    def __init__(self, keys: frozenset[str], texts: SecretTexts) -> None:
        self._keys, self._texts = keys, texts
        self._is_on = bool(keys) or texts.is_on

    def text(self, text: str) -> str:
        """A text of its own, such as a reason."""
        return self._texts.without(text)

    def lines(self, messages: Sequence[str]) -> Sequence[str]:
        """The messages of one call, in their order: private keys are told by several of them."""
        redacted = self._texts.all_without(messages) if self._is_on else messages
        is_key = redacted is not messages and any(KEY in message for message in messages)
        return without_keys(redacted) if is_key else redacted

    def may_go_on(self, messages: Sequence[str]) -> bool:
        """Whether only the lines before tell what these are; see resolvers/key_blocks.py."""
        return self._texts.is_on and may_go_on(messages)

    def going_on(self, before: Sequence[str], messages: Sequence[str]) -> Sequence[str]:
        """Messages as they may be stored behind `before`."""
        return going_on(before, messages)

    def told(self, told: T) -> T:
        """A command of resolvers.commands, as it may be kept; AppendLogs has `lines`."""
        if not self._is_on:
            return told
        texts: list[str] = []
        _changed(told, None, partial(_note, texts))
        # All at once, since a report may have 100,000 cells.
        change = partial(self._redacted, self._by_text(texts))
        return _changed(told, None, change)  # type: ignore[no-any-return]

    def _redacted(self, texts: Mapping[str, str], value: Any, kept: Kept | None) -> Any:
        match kept:
            case Kept.AS_JSON:
                return self.json(value)
            case Kept.AS_LABELS:
                return tuple(self._label(*label) for label in value)
        return texts.get(value, value)

    def _by_text(self, texts: Sequence[str]) -> Mapping[str, str]:
        """What becomes of those of the texts in which there is a secret."""
        pairs = zip(texts, self._texts.all_without(texts), strict=True)
        return {text: redacted for text, redacted in pairs if redacted != text}

    def json(self, text: str) -> str:
        """JSON as text: the values of secret keys at any depth, and secrets in other strings.

        All else stays as it is, the order of keys and the digits of numbers too.
        """
        if not self._is_on:
            return text
        # A Fragment is written as it was read.
        tree = json.loads(text, parse_int=orjson.Fragment, parse_float=orjson.Fragment)
        redacted = self._value(tree, self._by_text(list(_strings(tree))))
        return text if redacted is tree else orjson.dumps(redacted).decode()

    def _value(self, value: Any, texts: Mapping[str, str]) -> Any:
        """A value of JSON; itself where nothing is redacted. As deep as the scalar lets it be."""
        if isinstance(value, dict):
            new = {name: self._named(name, inner, texts) for name, inner in value.items()}
            return new if any(new[name] is not value[name] for name in new) else value
        if isinstance(value, list):
            items = [self._value(inner, texts) for inner in value]
            return items if any(map(is_not, items, value)) else value
        return texts.get(value, value) if isinstance(value, str) else value

    def _named(self, name: str, value: Any, texts: Mapping[str, str]) -> Any:
        # null says that there is none.
        if value is not None and self._is_secret(name):
            return REDACTED
        return self._value(value, texts)

    def _label(self, name: str, value: str) -> tuple[str, str]:
        return name, REDACTED if self._is_secret(name) else self.text(value)

    def _is_secret(self, name: str) -> bool:
        return folded(name) in self._keys


def _strings(value: Any) -> Iterator[str]:
    """The strings in a value of JSON, but for names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


@cache
def default_redactor() -> Redactor:
    """By our own names and patterns."""
    return redactor()


def redactor(keys: Iterable[str] = (), patterns: Sequence[str] = ()) -> Redactor:
    """By our own and an operator's; see `secret_keys` and `checked_patterns`. Raises BadPattern."""
    return Redactor(secret_keys(keys), SecretTexts([*PATTERNS, *checked_patterns(patterns)]))


@cache
def no_redactor() -> Redactor:
    """Leaves everything as it is told."""
    return Redactor(frozenset(), SecretTexts(()))


# ---------------------------------------------------------------- walking over a command


def left_alone(told: T) -> T:
    """A command with None in the place of everything that redaction may change."""
    return _changed(told, None, lambda _, kept: None)  # type: ignore[no-any-return]


def _changed(value: Any, kept: Kept | None, change: Change) -> Any:
    """The value with each text in it changed, but for those that are marked as names."""
    if kept is Kept.AS_NAME or value is None or isinstance(value, Enum):
        return value
    if isinstance(value, str) or kept is Kept.AS_LABELS:
        return change(value, kept)
    if isinstance(value, tuple):
        return tuple(_changed(inner, kept, change) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        marks = _marks(type(value))
        inner = {name: _changed(getattr(value, name), marks[name], change) for name in marks}
        return replace(value, **inner)
    return value


@cache
def _marks(command: type) -> dict[str, Kept | None]:
    """By field, how its annotation is marked."""
    hints = get_type_hints(command, include_extras=True)
    return {field.name: _mark(hints[field.name]) for field in fields(command)}


def _mark(hint: Any) -> Kept | None:
    """The mark of an annotation, which may stand inside of `… | None`."""
    if isinstance(hint, Kept):
        return hint
    inner = (*getattr(hint, "__metadata__", ()), *get_args(hint))
    return next((mark for mark in map(_mark, inner) if mark), None)


def _note(texts: list[str], value: Any, kept: Kept | None) -> Any:
    if kept is None:
        texts.append(value)
    return value
