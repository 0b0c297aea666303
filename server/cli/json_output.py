"""JSON for programs, which a terminal may show as well."""

from __future__ import annotations

import orjson

from server.cli.terminal import CONTROLS


def json_bytes(value: object, *, indent: bool = False) -> bytes:
    """`value` as JSON with a line feed behind it.

    Control characters that JSON would let pass are escaped, so that a terminal finds none to obey.
    """
    options = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indent else 0)
    text = orjson.dumps(value, option=options).decode()
    return CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
