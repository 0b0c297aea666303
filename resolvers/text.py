"""Checks of the texts that clients tell: their length, and the characters no database holds."""

from __future__ import annotations

import re

from resolvers.errors import Phrase, counted, invalid

#: Names of agents, clusters, steps, sources, people: longer than any that was seen, short enough
#: to stand in an index entry and on a line.
MAX_NAME = 200
#: Values of labels: shown in rows and read with every list.
MAX_LABEL_VALUE = 500
#: Addresses: what browsers and proxies commonly pass on.
MAX_URL = 2_048
#: The message of an error and the reason of a retry or a cancellation: some paragraphs.
MAX_SENTENCE = 16_384
#: What stands below an error's message, such as a stack trace.
MAX_DETAILS = 65_536

# NUL cannot be stored by PostgreSQL, a lone surrogate cannot be written as UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def unstorable(text: str) -> str | None:
    """The first character in `text` that cannot be stored, as `U+0000`; None where all can."""
    found = _UNSTORABLE.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def checked(text: str, field: tuple[str, ...], *, most: int, least: int = 0) -> str:
    """The text, or a refusal that names its field."""
    if not least <= len(text) <= most:
        raise invalid(field, f"{least} to {most} characters", counted(len(text), "characters"))
    if character := unstorable(text):
        raise invalid(field, "text without NUL and lone surrogates", Phrase(character))
    return text


def checked_name(text: str, *field: str) -> str:
    """A name: 1 to MAX_NAME characters."""
    return checked(text, field, most=MAX_NAME, least=1)


def checked_optional(text: str | None, *field: str, most: int) -> str | None:
    """The text, or None where there is none."""
    return None if text is None else checked(text, field, most=most)


def checked_url(text: str | None, *field: str) -> str | None:
    """An address that a page may link to: http or https, so that no link runs a script."""
    if text is None:
        return None
    checked(text, field, most=MAX_URL, least=1)
    if not text.lower().startswith(("http://", "https://")):
        raise invalid(field, "an http or https address", text)
    return text
