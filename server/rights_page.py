"""docs/rights.md: the table of rights, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resolvers.rights import FIELDS, META_FIELDS, ROLES, ROUTES, Right
from resolvers.viewer import Role

_HEAD = """# Who may do what

Made from `resolvers/rights.py` by `make schema`. A scope (`agent-runs token create --agent …
--cluster …`) narrows each row to runs of these agents and on these clusters; a reporter writes only
the runs that its own principal started."""


def rights_page() -> str:
    """The whole page."""
    return "\n\n".join([_HEAD, _roles(), _fields(), _routes()])


def _roles() -> str:
    rows = (
        (
            right,
            *("yes" if role in ROLES[right] else "" for role in (*Role, None)),
        )
        for right in Right
    )
    return "## Rights\n\n" + _table(("right", *(role.lower() for role in Role), "nobody"), rows)


def _fields() -> str:
    rows = (
        (f"`{name}`", right, ", ".join(f"`{field}`" for field in fields))
        for name, lines in {**FIELDS, "any": META_FIELDS}.items()
        for right, fields in _by_right(lines).items()
    )
    return "## Fields of the schema\n\n" + _table(("type", "right", "fields"), rows)


def _by_right(lines: Mapping[str, Right]) -> dict[Right, list[str]]:
    found: dict[Right, list[str]] = {}
    for field, right in lines.items():
        found.setdefault(right, []).append(field)
    return found


def _routes() -> str:
    rows = ((f"`{path}`", right) for path, right in ROUTES.items())
    return "## Routes\n\n" + _table(("path", "right"), rows)


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
