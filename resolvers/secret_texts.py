"""Finding secrets in free text and putting REDACTED in their place.

RE2 does the searching: its time is linear in the text, whatever an operator's pattern is, and all
patterns together take one pass over all the lines of a call (docs/decisions/0024).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import re2

from resolvers.errors import echo
from resolvers.secret_patterns import END, SecretPattern

#: What stands where a secret stood.
REDACTED = "[redacted]"

#: Patterns that an operator may add, and characters of one: beyond them it is no pattern any more.
MAX_PATTERNS = 100
MAX_PATTERN_CHARS = 1_000
#: Instructions of all of them, which bound what a byte of text may cost. Ours have as many.
MAX_PROGRAM = 5_000
#: Bytes that RE2 may use for all patterns together, most of them for the states of its automaton;
#: for one it is 8 MiB. What does not fit is searched more slowly, never left out.
_MAX_MEMORY = 64 * 1024 * 1024

_MARK = REDACTED.encode()
# A lone surrogate is refused or replaced before anything is stored, but may get as far as here.
_CODEC = ("utf-8", "surrogatepass")


class BadPattern(ValueError):
    """A pattern that cannot be; the sentence says why."""


class SecretTexts:
    """Some patterns, compiled. Without any it finds nothing."""

    def __init__(self, patterns: Sequence[SecretPattern]) -> None:
        self._patterns = [_Pattern(pattern) for pattern in patterns]
        # The end of a private key as well: the lines before it may be the rest of one.
        regexes = [*(pattern.regex for pattern in patterns), END] if patterns else []
        self._any = _compiled("|".join(f"(?:{regex})" for regex in regexes), is_one=True)
        self._which = re2.Set.SearchSet(_options())
        for pattern in patterns:
            self._which.Add(f"(?m:{pattern.regex})")
        self._which.Compile()

    @property
    def is_on(self) -> bool:
        return bool(self._patterns)

    def without(self, text: str) -> str:
        """The text with REDACTED in the place of each secret; itself where there is none."""
        encoded = before = text.encode(*_CODEC)
        for pattern in self._matching(encoded):
            encoded = pattern.without(encoded)
        return text if encoded == before else encoded.decode(*_CODEC)

    def all_without(self, texts: Sequence[str]) -> Sequence[str]:
        """The same for several; themselves where there is no secret in any, nor a key's end.

        By halves: with one secret among a hundred lines most of them are looked at only together.
        """
        if len(texts) == 1:
            return (self.without(texts[0]),)
        if not self._may_be_in("\n".join(texts).encode(*_CODEC)):
            return texts
        half = len(texts) // 2
        return (*self.all_without(texts[:half]), *self.all_without(texts[half:]))

    def _may_be_in(self, text: bytes) -> bool:
        """Whether there may be a secret in texts that were joined by line feeds, in one pass.

        At line feeds `^` and `$` match as well, so nothing is missed.
        """
        return self.is_on and self._any.search(text) is not None

    def _matching(self, text: bytes) -> Sequence[_Pattern]:
        """Those that match. A set whose memory does not suffice names none: then all are tried."""
        if which := self._which.Match(text):
            return [self._patterns[index] for index in sorted(which)]
        return self._patterns if self._may_be_in(text) else ()


class _Pattern:
    """One pattern, compiled."""

    def __init__(self, pattern: SecretPattern) -> None:
        self._regex = _compiled(pattern.regex)
        self._spares = None if pattern.spares is None else _compiled(pattern.spares)
        self._group = self._regex.groupindex.get("secret", 0)

    def without(self, text: bytes) -> bytes:
        pieces, end = [], 0
        for start, stop in self._secrets(text):
            pieces += [text[end:start], _MARK]
            end = stop
        return b"".join([*pieces, text[end:]])

    def _secrets(self, text: bytes) -> Iterator[tuple[int, int]]:
        for match in self._regex.finditer(text):
            start, stop = match.span(self._group)
            if start < stop and not (self._spares and self._spares.fullmatch(text[start:stop])):
                yield start, stop


def checked_patterns(regexes: Sequence[str]) -> list[SecretPattern]:
    """An operator's patterns. Raises BadPattern where one is wrong, or all are too much."""
    if len(regexes) > MAX_PATTERNS:
        raise BadPattern(f"expected at most {MAX_PATTERNS} patterns, got {len(regexes)}")
    program = sum(map(_checked_program, regexes))
    if program > MAX_PROGRAM:
        raise BadPattern(
            f"expected at most {MAX_PROGRAM} instructions of RE2 in all, got {program}"
        )
    return [SecretPattern(regex) for regex in regexes]


def _checked_program(regex: str) -> int:
    """How many instructions the pattern has."""
    if len(regex) > MAX_PATTERN_CHARS:
        expected = f"at most {MAX_PATTERN_CHARS} characters"
        raise BadPattern(f"expected {expected}, got {len(regex)}: {echo(regex)}")
    if r"\A" in regex or r"\z" in regex:
        raise BadPattern(rf"expected ^ and $, which match at lines, not \A and \z: {echo(regex)}")
    compiled = _compiled(regex)
    if compiled.search(b"") is not None:
        raise BadPattern(f"expected a pattern that does not match the empty text: {echo(regex)}")
    return int(compiled.programsize)


def _compiled(regex: str, *, is_one: bool = False) -> Any:
    """The regex, in which `^` and `$` match at lines; `is_one`: without any groups."""
    try:
        return re2.compile(f"(?m:{regex})", _options(is_one=is_one))
    except (re2.error, UnicodeEncodeError) as error:
        why = error.args[0]
        why = why.decode(errors="replace") if isinstance(why, bytes) else "no Unicode"
        raise BadPattern(f"expected a pattern of RE2 ({why}), got {echo(regex)}") from error


def _options(*, is_one: bool = True) -> Any:
    options = re2.Options()
    options.never_capture = is_one
    if is_one:
        options.max_mem = _MAX_MEMORY
    options.log_errors = False
    return options
