"""Markdown from strangers: escaped where text is meant, rendered within bounds, never cut short.

CommonMark with GFM's tables and strikethrough. Section numbers are those of CommonMark 0.31.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

#: Quotes and lists inside one another. Beyond it the parser would leave text out, and each level
#: multiplies its time. The preset for CommonMark has the same.
MAX_NESTING = 20

#: Characters that may begin or end markup, in all texts of one report. The parser's time goes by
#: them: 20,000 of the worst kind take one or two seconds, those of 350 KiB of prose a fifth of one.
MAX_MARKS = 20_000
_MARKS = "\n!#$%&*+-:<=>@[\\]^_`{|}~"

#: All link targets of one report. One definition may be referred to ten thousand times, and each
#: time its target is written out: 256 KiB of Markdown could become gigabytes of HTML.
MAX_LINK_CHARS = 1024 * 1024

# Backslashes escape ASCII punctuation (2.4); these are all that begin anything inside a line. An
# underscore within a word begins nothing (6.2, rules 2 and 6) and reads better bare.
_INLINE_MARKS = re.compile(r"[\\`*\[\]<>&|~#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")

# White space is trimmed at the ends, and a line break ends the line; written as character
# references both are text like any other (2.5).
_FRAGILE_SPACE = re.compile(r"^\s+|\s+$|[\n\r]")

_PARSER = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "maxNesting": MAX_NESTING})
_PARSER.enable(["table", "strikethrough"])
_RENDERER = RendererHTML()


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is, within one line: in a cell, a heading, a sentence.

    Not at the beginning of a paragraph, where `1.` or `-` would begin a list.
    """
    escaped = _INLINE_MARKS.sub(r"\\\g<0>", text)
    return _FRAGILE_SPACE.sub(lambda space: "".join(f"&#{ord(c)};" for c in space[0]), escaped)


class OutOfBounds(Exception):
    """The Markdown takes too long to parse, is nested too deep, or grows too large as HTML."""


class MarkdownRenderer:
    """Renders the texts of one report, one after the other, within what one report may cost."""

    def __init__(self) -> None:
        self._marks_left = MAX_MARKS
        self._link_chars_left = MAX_LINK_CHARS

    def html(self, markdown: str) -> str:
        """HTML, raw HTML shown as text; where it is out of bounds, all of the text in a `<pre>`.

        Links are the text's own, so the result is still to be sanitised.
        """
        try:
            tokens = [_adapted(token) for token in self._parse(markdown)]
            return _RENDERER.render(tokens, _PARSER.options, {})
        # The parser is not ours, and a report is there to be read, whatever trips the parser up.
        except Exception:
            return _preformatted(markdown)

    def closed(self, markdown: str) -> str:
        """The Markdown, its last code fence closed, so that what follows is not taken for code.

        An unclosed fence runs to the end of the document (4.5), which is the whole report's.
        """
        try:
            tokens = self._parse(markdown)
        except Exception:  # as above
            return markdown
        fence = tokens[-1] if tokens and tokens[-1].type == "fence" else None
        if fence is None or _is_closed(fence, markdown):
            return markdown
        return markdown.removesuffix("\n") + "\n" + fence.markup

    def _parse(self, markdown: str) -> list[Token]:
        self._marks_left = _spend(self._marks_left, sum(map(markdown.count, _MARKS)))
        tokens = _PARSER.parse(markdown)
        if any(token.level >= MAX_NESTING - 1 for token in tokens):
            raise OutOfBounds
        self._link_chars_left = _spend(self._link_chars_left, sum(map(_link_chars, tokens)))
        return tokens


def _spend(left: int, cost: int) -> int:
    if cost > left:
        raise OutOfBounds
    return left - cost


def _link_chars(token: Token) -> int:
    own = sum(len(str(token.attrs.get(name, ""))) for name in ("href", "src", "title"))
    return own + sum(map(_link_chars, token.children or ()))


def _is_closed(fence: Token, markdown: str) -> bool:
    """Whether the fence's last line closes it, rather than the document's end."""
    first, end = fence.map or (0, 0)
    last_line = re.split(r"\r\n?|\n", markdown)[:end][-1]
    mark, length = fence.markup[0], len(fence.markup)
    closing = re.fullmatch(rf" {{0,3}}{mark}{{{length},}}[ \t]*", last_line)
    return closing is not None and end - first > 1


def _preformatted(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>"


def _adapted(token: Token) -> Token:
    """A parsed token as it should stand on a report's page."""
    if token.type in ("heading_open", "heading_close"):
        # Below the report's H1 and its sections' H2, so that the outline stays true.
        token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    if "style" in token.attrs:
        # A column's alignment. Inline styles are not let through, nor taken by the page's policy.
        token.attrs["align"] = str(token.attrs.pop("style")).removeprefix("text-align:")
    if token.children:
        token.children = list(_without_images(token.children))
    return token


def _without_images(tokens: Iterable[Token]) -> Iterator[Token]:
    """Images as links that say what they show: a report must not call out to other servers.

    Within a link they are its text, for links do not nest.
    """
    in_link = False
    for token in tokens:
        if token.type == "image":
            yield from _image_as_text(token) if in_link else _image_as_link(token)
            continue
        in_link = token.type == "link_open" or (in_link and token.type != "link_close")
        yield token


def _image_as_link(image: Token) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": image.attrs["src"]})
    yield from _image_as_text(image)
    yield Token("link_close", "a", -1)


def _image_as_text(image: Token) -> Iterator[Token]:
    alt = _RENDERER.renderInlineAsText(image.children or (), _PARSER.options, {})
    yield Token("text", "", 0, content=alt or str(image.attrs["src"]))
