"""How large a document is, read before it is parsed.

Parsing takes some ten microseconds a word, validating a hundred a field, and everybody else waits
meanwhile. What a greedy client sends is to cost less than that, so its words are counted first, up
to the one that is too many. By GraphQL's grammar (section 2 of the specification) a brace that
stands in no parenthesis opens a selection set, and a name in one is a field: no more need be
understood. What is no document at all is left for the parser to tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from graph.errors import limit_exceeded
from graph.limits import DocumentLimits

# Words, and what may stand before them: section 2.1. Possessive, so that nothing is tried twice.
_WORD = re.compile(
    r"(?:[\t \n\r,\ufeff]++|\#[^\n\r]*+)*+"
    r'("""(?:[^"\\]|\\"""|\\|"(?!""))*+"""'
    r'|"(?:[^"\\\n\r]|\\.)*+"'
    r"|[_A-Za-z][_0-9A-Za-z]*+|\.\.\.|-?[0-9][-+.0-9eE]*+|[^\t \n\r,\ufeff])"
)

#: What each limit counts, as the error calls it.
_WHAT = {
    "tokens": "tokens",
    "number_length": "characters of a number",
    "depth": "levels",
    "value_depth": "values inside one another",
    "fields": "fields",
    "root_fields": "fields of the operation itself",
    "aliases": "aliases",
    "directives": "directives",
    "fragments": "places that spread a fragment",
}
_OF_A_SHAPE = [name for name in _WHAT if name not in ("tokens", "number_length", "value_depth")]
_NUMERIC = frozenset("-0123456789")
_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(slots=True)
class Shape:
    """How large an operation or a fragment is."""

    depth: int = 0
    fields: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0
    fragments: int = 0
    #: Names of the fragments that it spreads, each with the level of the fields beside it.
    spreads: list[tuple[str, int]] = field(default_factory=list)

    def add(self, other: Shape, level: int) -> None:
        """What a fragment adds where it is spread among fields of a level, from 1."""
        self.depth = max(self.depth, level - 1 + other.depth)
        self.root_fields += other.root_fields if level == 1 else 0
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.fragments += other.fragments


@dataclass(frozen=True, slots=True)
class Outline:
    #: Of all operations together, with fragments where they are spread.
    whole: Shape
    #: Whether it asks for the schema.
    introspects: bool


def outline_of(query: str, limits: DocumentLimits) -> Outline:
    """The outline of a document. Raises GraphQLError as soon as it is found to break a limit."""
    if len(query) > limits.max_document_length:
        raise limit_exceeded(
            "MAX_DOCUMENT_LENGTH",
            limits.max_document_length,
            f"a document of at most {limits.max_document_length} characters",
            len(query),
        )
    reader = _Reader(limits)
    for match in _WORD.finditer(query):
        reader.take(match[1])
    return Outline(reader.whole(), reader.introspects)


class _Reader:
    """Takes a document word by word."""

    def __init__(self, limits: DocumentLimits) -> None:
        self._limits = limits
        self._raw = Shape()
        self._words = 0
        self._values = 0  # a parenthesis, and what is open in it
        self._levels: list[int] = []  # of the fields in each selection set that is open
        self._header: list[str] = []
        self._before = ""  # the word before, where it tells what a name is
        self._is_inline = False  # whether the next selection set is an inline fragment's
        self._shape = Shape()
        self._operations: list[Shape] = []
        self._fragments: dict[str, Shape] = {}
        self._spread: dict[str, Shape] = {}
        self.introspects = False

    def take(self, word: str) -> None:
        self._words += 1
        if self._words > self._limits.max_tokens:
            self._refuse("tokens")
        if word[0] in _NUMERIC and len(word) > self._limits.max_number_length:
            self._refuse("number_length")
        if self._values:
            self._take_value(word)
        elif word[0] == "_" or word[0].isalpha():
            self._take_name(word)
        else:
            self._take_mark(word)

    def whole(self) -> Shape:
        """Of all operations. Fragments that none of them spreads have to be validated as well."""
        whole = Shape()
        for shape in self._operations:
            whole.add(self._expanded(shape), 1)
        whole.root_fields = max(
            (self._expanded(shape).root_fields for shape in self._operations), default=0
        )
        self._check(whole)
        return whole

    def _take_value(self, word: str) -> None:
        if word in ("(", "[", "{"):
            self._values += 1
            if self._values - 1 > self._limits.max_value_depth:
                self._refuse("value_depth")
        elif word in (")", "]", "}"):
            self._values -= 1

    def _take_mark(self, word: str) -> None:
        match word:
            case "(":
                self._values = 1
            case "{":
                self._open()
            case "}":
                if self._levels:
                    self._levels.pop()
            case "...":
                self._is_inline = True
                self._count("fragments")
            case "@":
                self._count("directives")
            case ":":
                # The name before was an alias, and the field is still to come.
                self._shape.fields -= 1
                self._raw.fields -= 1
                self._shape.root_fields -= len(self._levels) > 0 and self._levels[-1] == 1
                self._count("aliases")
        self._before = word

    def _take_name(self, name: str) -> None:
        before, self._before = self._before, name
        if not self._levels:
            if before != "@":
                self._header.append(name)
        elif before == "...":
            if name == "on":
                self._before = "... on"
            else:
                self._is_inline = False
                self._shape.spreads.append((name, self._levels[-1]))
        elif before not in ("@", "... on"):
            self._take_field(name)

    def _take_field(self, name: str) -> None:
        self._is_inline = False
        level = self._levels[-1]
        self._shape.depth = max(self._shape.depth, level)
        self._shape.root_fields += level == 1
        self.introspects |= name in _INTROSPECTION
        self._count("fields")

    def _open(self) -> None:
        """A selection set begins: an inline fragment's, a field's, or a definition's."""
        if not self._levels:
            self._define()
        level = self._levels[-1] if self._levels else 0
        self._levels.append(level if self._is_inline else level + 1)
        self._is_inline = False
        # Inline fragments inside one another add no level, but the parser follows them too.
        if len(self._levels) > 2 * self._limits.max_depth:
            self._refuse("depth")

    def _define(self) -> None:
        self._shape = Shape()
        match self._header:
            case ["fragment", name, *_]:
                self._fragments[name] = self._shape
            case _:
                self._operations.append(self._shape)
        self._header = []

    def _count(self, name: str) -> None:
        """One more, in this definition and as the document is written."""
        setattr(self._shape, name, getattr(self._shape, name) + 1)
        count = getattr(self._raw, name) + 1
        setattr(self._raw, name, count)
        # The last field may turn out to be an alias.
        if count - (name == "fields") > getattr(self._limits, f"max_{name}"):
            self._refuse(name)

    def _expanded(self, shape: Shape) -> Shape:
        """With the fragments that it spreads. Each is measured once, however often it is spread: a
        few that spread one another twice would otherwise take exponential time."""
        whole = Shape()
        whole.add(shape, 1)
        for name, level in shape.spreads:
            whole.add(self._fragment(name), level)
        return whole

    def _fragment(self, name: str) -> Shape:
        if name not in self._spread:
            # Validation tells of a fragment that spreads itself, and of one that is not there.
            self._spread[name] = Shape()
            self._spread[name] = self._expanded(self._fragments.get(name, Shape()))
        return self._spread[name]

    def _check(self, whole: Shape) -> None:
        # As it is written counts as well: fragments that nobody spreads are validated too.
        whole.fields = max(whole.fields, self._raw.fields)
        whole.depth = max(whole.depth, *(self._fragment(name).depth for name in self._fragments), 0)
        for name in _OF_A_SHAPE:
            if getattr(whole, name) > getattr(self._limits, f"max_{name}"):
                self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        allowed: int = getattr(self._limits, f"max_{name}")
        raise limit_exceeded(f"MAX_{name.upper()}", allowed, f"at most {allowed} {_WHAT[name]}")
