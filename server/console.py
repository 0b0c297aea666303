"""The console as `make console` built it: two shells, the files that they load, and their headers.

A shell is a page of a few lines that loads the app; what it shows it asks the API for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from server.assets import Asset, read_assets

#: Where Vite puts it (console/vite.config.ts).
BUILT: Final = Path(__file__).parent / "static" / "console"

#: What a build writes where a prefix belongs.
_ASSETS, _PREFIX = '="./assets/', '<meta name="prefix" content="">'

#: It runs, loads and asks nothing but what is ours, WebSockets to us included (CSP Level 3, section
#: 6.7.2.8), and is not framed.
_APP_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
#: Monaco, GraphiQL's editor, writes styles as it goes and has a font in them. Its workers are ours
#: and go by `script-src`.
_GRAPHIQL_POLICY: Final = _APP_POLICY | {
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
}


@dataclass(frozen=True, slots=True)
class Console:
    """One build, for a service below one path."""

    app: str
    graphiql: str
    #: By name.
    assets: Mapping[str, Asset]


def read_console(folder: Path, prefix: str) -> Console | None:
    """The build in a folder, below the path `prefix` of addresses; None where none stands there."""
    shells = [folder / "index.html", folder / "graphiql.html"]
    if not all(shell.is_file() for shell in shells):
        return None
    app, graphiql = (_below(prefix, shell.read_text(encoding="utf-8")) for shell in shells)
    return Console(app, graphiql, read_assets(folder / "assets"))


def _below(prefix: str, shell: str) -> str:
    """A shell whose addresses hold at any depth: each page of the app has it."""
    path = escape(prefix)
    shell = shell.replace(_ASSETS, f'="{path}/assets/')
    return shell.replace(_PREFIX, f'<meta name="prefix" content="{path}">')


def app_headers() -> dict[str, str]:
    """The headers of the app's shell."""
    return _headers(_APP_POLICY)


def graphiql_headers() -> dict[str, str]:
    """The headers of GraphiQL's shell."""
    return _headers(_GRAPHIQL_POLICY)


def _headers(policy: Mapping[str, str]) -> dict[str, str]:
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        # An address tells what somebody looks for: no other site's business.
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "X-Content-Type-Options": "nosniff",
        # It names the files of one build: an old one would load what is gone.
        "Cache-Control": "no-store",
    }
