"""How large a document is, read before it is parsed.

Parsing takes some ten microseconds a word, validating a hundred a field, and everybody else waits
meanwhile. What a greedy client sends is to cost less than that, so its words are counted first, up
to the one that is too many, and fragments where they are spread. By GraphQL's grammar (section 2 of
the specification) a brace that stands in no parenthesis opens a selection set, and a name in one is
a field: no more need be understood. What is no document at all is left for the parser to tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import attrgetter, gt
from typing import NoReturn

from graph.errors import limit_exceeded
from graph.limits import DocumentLimits

# Section 2.1. Possessive, so that nothing is tried twice. What stands at the end, or has none, is a
# piece as well: the search would go on from each character of it, which takes the square.
_SPACE = r"[\t \n\r,\ufeff]*+(?:\#[^\n\r]*+[\t \n\r,\ufeff]*+)*+"
_NAME = r"[_A-Za-z][_0-9A-Za-z]*+"
_TEXT = r'"""(?:[^"\\]|\\"""|\\|"(?!""))*+(?:"""|\Z)|"(?:[^"\\\n\r]|\\.)*+"'

#: The next piece of a document, by its last group: a field with its alias, a spread with its name.
_PIECE = re.compile(
    rf"{_SPACE}(?:"
    rf"(?P<name>{_NAME})(?:{_SPACE}:{_SPACE}(?P<aliased>{_NAME}))?+"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
    rf"|(?P<inline>\.\.\.)(?:{_SPACE}(?:on\b{_SPACE}(?P<of_type>{_NAME})|(?P<spread>{_NAME})))?+"
    rf"|(?P<at>@)(?:{_SPACE}(?P<directive>{_NAME}))?+"
    r"|(?P<number>-?[0-9][-+.0-9eE]*+)"
    rf"|(?P<other>{_TEXT}|[^\t \n\r,\ufeff])"
    r"|(?P<end>\Z))"
)
#: How many tokens each of them is.
_TOKENS = {"aliased": 3, "of_type": 3, "spread": 2, "directive": 2, "end": 0}

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
#: What counts as it is written as well as where it is spread.
_AS_WRITTEN = ("fields", "aliases", "directives", "fragments")
_OF_A_SHAPE = ("depth", *_AS_WRITTEN)
_sizes = attrgetter(*_OF_A_SHAPE)
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


_NOTHING = Shape()


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
    reader.read(query)
    return Outline(reader.whole(), reader.introspects)


class _Reader:
    """Takes a document piece by piece."""

    def __init__(self, limits: DocumentLimits) -> None:
        self._limits = limits
        self._values = 0  # a parenthesis, and what is open in it
        self._allowed = attrgetter(*(f"max_{name}" for name in _OF_A_SHAPE))(limits)
        self._levels: list[int] = []  # of the fields in each selection set that is open
        self._header: list[str] = []
        self._is_inline = False  # whether the next selection set is an inline fragment's
        self._shape = Shape()
        self._shapes: list[Shape] = []
        self._operations: list[Shape] = []
        self._fragments: dict[str, Shape] = {}
        self._whole_fragments: dict[str, Shape] = {}
        self.introspects = False
        # What becomes of a piece, by its kind. Of all others nothing is to be known.
        self._outside = {
            "name": self._take_field,
            "aliased": self._take_aliased,
            "open": self._open,
            "close": self._close,
            "inline": self._take_inline,
            "of_type": self._take_inline,
            "spread": self._take_spread,
            "at": self._take_directive,
            "directive": self._take_directive,
            "number": self._take_number,
        }
        self._in_values = {
            "open": self._open_value,
            "close": self._close_value,
            "number": self._take_number,
        }

    def read(self, query: str) -> None:
        tokens, allowed = 0, self._limits.max_tokens
        has_comments = "#" in query
        for piece in _PIECE.finditer(query):
            kind = piece.lastgroup or ""
            tokens += _TOKENS.get(kind, 1)
            if has_comments:  # each is a token to the parser, too
                tokens += query.count("#", piece.start(), piece.start(kind))
            if tokens > allowed:
                self._refuse("tokens")
            take = (self._in_values if self._values else self._outside).get(kind)
            if take:
                take(piece[kind])

    def whole(self) -> Shape:
        """Of all operations. Definitions that none of them spreads are to keep to the limits too,
        since they have to be validated."""
        whole = Shape()
        whole.depth = max((self._fragment(name).depth for name in self._fragments), default=0)
        for operation in map(self._expanded, self._operations):
            root_fields = max(whole.root_fields, operation.root_fields)
            whole.add(operation, 1)
            whole.root_fields = root_fields
        for name in _AS_WRITTEN:
            written = sum(getattr(shape, name) for shape in self._shapes)
            setattr(whole, name, max(written, getattr(whole, name)))
        self._check(whole)
        if whole.root_fields > self._limits.max_root_fields:
            self._refuse("root_fields")
        return whole

    def _take_field(self, name: str) -> None:
        if not self._levels:
            self._header.append(name)
            return
        self._is_inline = False
        shape, level = self._shape, self._levels[-1]
        shape.fields += 1
        shape.root_fields += level == 1
        shape.depth = max(shape.depth, level)
        self.introspects |= name in _INTROSPECTION
        if shape.fields > self._limits.max_fields:
            self._refuse("fields")

    def _take_aliased(self, name: str) -> None:
        self._count("aliases")
        self._take_field(name)

    def _take_spread(self, name: str) -> None:
        self._count("fragments")
        self._shape.spreads.append((name, self._levels[-1] if self._levels else 1))

    def _take_inline(self, _: str) -> None:
        self._count("fragments")
        self._is_inline = True

    def _take_directive(self, _: str) -> None:
        self._count("directives")

    def _take_number(self, digits: str) -> None:
        if len(digits) > self._limits.max_number_length:
            self._refuse("number_length")

    def _open_value(self, _: str) -> None:
        self._values += 1
        if self._values - 1 > self._limits.max_value_depth:
            self._refuse("value_depth")

    def _close_value(self, _: str) -> None:
        self._values -= 1

    def _open(self, bracket: str) -> None:
        """A list of arguments begins, or a selection set: an inline fragment's, a field's, or a
        definition's."""
        if bracket != "{":
            self._values = 1
            return
        if not self._levels:
            self._define()
        level = self._levels[-1] if self._levels else 0
        self._levels.append(level if self._is_inline else level + 1)
        self._is_inline = False
        # Inline fragments inside one another add no level, but the parser follows them too.
        if len(self._levels) > 2 * self._limits.max_depth:
            self._refuse("depth")

    def _close(self, _: str) -> None:
        if self._levels:
            self._levels.pop()
        if not self._levels:
            self._shape = Shape()

    def _define(self) -> None:
        self._shapes.append(self._shape)
        match self._header:
            case ["fragment", name, *_]:
                self._fragments[name] = self._shape
            case _:
                self._operations.append(self._shape)
        self._header = []

    def _count(self, name: str) -> None:
        """One more in this definition."""
        count = getattr(self._shape, name) + 1
        setattr(self._shape, name, count)
        if count > getattr(self._limits, f"max_{name}"):
            self._refuse(name)

    def _expanded(self, shape: Shape) -> Shape:
        """With the fragments that it spreads. Each is measured once, however often it is spread: a
        few that spread one another twice would otherwise take exponential time."""
        whole = Shape()
        whole.add(shape, 1)
        for name, level in shape.spreads:
            whole.add(self._fragment(name), level)
        self._check(whole)
        return whole

    def _fragment(self, name: str) -> Shape:
        if name not in self._whole_fragments:
            # Validation tells of a fragment that spreads itself, and of one that is not there.
            self._whole_fragments[name] = _NOTHING
            if name in self._fragments:
                self._whole_fragments[name] = self._expanded(self._fragments[name])
        return self._whole_fragments[name]

    def _check(self, shape: Shape) -> None:
        """See that a definition keeps to the limits."""
        for name, is_beyond in zip(_OF_A_SHAPE, map(gt, _sizes(shape), self._allowed), strict=True):
            if is_beyond:
                self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        allowed: int = getattr(self._limits, f"max_{name}")
        raise limit_exceeded(f"MAX_{name.upper()}", allowed, f"at most {allowed} {_WHAT[name]}")
