"""Finding secrets in free text and putting REDACTED in their place.

RE2 does the searching: its time is linear in the text, whatever an operator's pattern is, and all
patterns together take one pass over all the lines of a call (docs/decisions/0024).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
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


#: From where to where a pattern matches, and from where to where the secret is in that.
_Match = tuple[int, int, int, int]


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
        return self.all_without((text,))[0]

    def all_without(self, texts: Sequence[str]) -> Sequence[str]:
        """The same for several, of which each becomes what it would alone; themselves where there
        is no secret in any, nor a key's end."""
        joined = "\n".join(texts).encode(*_CODEC)
        if not self._may_be_in(joined):
            return texts
        lines = _Lines([text.encode(*_CODEC) for text in texts])
        for pattern in self._matching(joined):
            lines.redact(pattern)
        return [
            text if line is None else line.decode(*_CODEC)
            for text, line in zip(texts, lines.changed, strict=True)
        ]

    def _may_be_in(self, text: bytes) -> bool:
        """Whether there may be a secret in texts that were joined by line feeds, in one pass.

        At line feeds `^` and `$` match as well, so nothing is missed.
        """
        return self.is_on and self._any.search(text) is not None

    def _matching(self, text: bytes) -> Sequence[_Pattern]:
        """Those that match. A set whose memory does not suffice names none: then all are tried."""
        which = self._which.Match(text)
        return [self._patterns[index] for index in sorted(which)] if which else self._patterns


class _Pattern:
    """One pattern, compiled."""

    def __init__(self, pattern: SecretPattern) -> None:
        self._regex = _compiled(pattern.regex)
        self._spares = None if pattern.spares is None else _compiled(pattern.spares)
        self._group = self._regex.groupindex.get("secret", 0)

    def matches(self, text: bytes, start: int = 0, stop: int | None = None) -> list[_Match]:
        """Where it matches, and what of that is secret."""
        found = self._regex.finditer(text, start, stop)
        return [(*match.span(), *match.span(self._group)) for match in found]

    def is_in(self, text: bytes) -> bool:
        return self._regex.search(text) is not None

    def spares(self, secret: bytes) -> bool:
        """Whether it is none, although it has the shape of one."""
        return self._spares is not None and self._spares.fullmatch(secret) is not None


class _Lines:
    """Lines from which secrets are taken, each as if it stood alone, by searching all together."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._told = lines
        self._lines = list(lines)
        #: Those from which something was taken.
        self.changed: list[bytes | None] = [None] * len(lines)
        self._join()

    def redact(self, pattern: _Pattern) -> None:
        """Put REDACTED in the place of a pattern's secrets, where it matches what was told."""
        secrets: dict[int, list[tuple[int, int]]] = {}
        for start, stop in self._secrets(pattern):
            secrets.setdefault(bisect_right(self._starts, start) - 1, []).append((start, stop))
        for index, spans in secrets.items():
            # Where the line is another by now, the pattern may match only what was made of it.
            if self.changed[index] is None or pattern.is_in(self._told[index]):
                self._lines[index] = self.changed[index] = self._without(index, spans)
        if secrets:
            self._join()

    def _secrets(self, pattern: _Pattern) -> Iterator[tuple[int, int]]:
        """Where they are in the joined lines. Where a match goes over the end of a line, which it
        could not if that stood alone, they are looked at one by one."""
        found = pattern.matches(self._joined)
        if any(
            stop >= self._starts[bisect_right(self._starts, start)] for start, stop, *_ in found
        ):
            spans = pairwise(self._starts)
            found = [match for a, b in spans for match in pattern.matches(self._joined, a, b - 1)]
        for *_, start, stop in found:
            if start < stop and not pattern.spares(self._joined[start:stop]):
                yield start, stop

    def _without(self, index: int, secrets: Iterable[tuple[int, int]]) -> bytes:
        pieces, end = [], self._starts[index]
        for start, stop in secrets:
            pieces += [self._joined[end:start], _MARK]
            end = stop
        return b"".join([*pieces, self._joined[end : self._starts[index + 1] - 1]])

    def _join(self) -> None:
        self._joined = b"\n".join(self._lines)
        # Where each begins, and behind the last where one more would.
        self._starts = list(accumulate((len(line) + 1 for line in self._lines), initial=0))


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
