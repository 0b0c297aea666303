"""What all pages for people share: one look, no scripts, and headers that let nothing else in."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.instants import format_instant
from resolvers.report_drawing import STARTED_BY, duration_text, without_terminal_codes

_TEMPLATES = Path(__file__).parent / "templates"

#: Stands in each page itself, so that a page is one file: to save, to send, to download.
STYLESHEET: Final = (_TEMPLATES / "page.css").read_text(encoding="utf-8")

# CSP Level 3, section 8.3: the base64 of the hash of exactly what stands between the tags.
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLESHEET.encode()).digest()).decode()


def page_headers(*, has_form: bool = False) -> dict[str, str]:
    """The headers of every page: it runs nothing, loads nothing, is not framed, found or kept.

    An address may hold a share's secret, so it is told to no other site either, and by a page that
    has no form to nobody at all. From one with a form a browser would say `Origin: null` then
    (Fetch, section 3.2), and the form would be a stranger's.
    """
    return {
        "Content-Security-Policy": _policy("'self'" if has_form else "'none'"),
        "Referrer-Policy": "same-origin" if has_form else "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _policy(forms: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_STYLE_HASH}'",
            "base-uri 'none'",
            f"form-action {forms}",
            "frame-ancestors 'none'",
        )
    )


def render_not_found_page() -> str:
    """One page for unknown, expired, revoked and deleted alike: it must not tell which."""
    return render("not_found.html")


def render(template: str, **values: object) -> str:
    """A page from one of the templates; all values but Markup are escaped."""
    return _ENVIRONMENT.get_template(template).render(stylesheet=Markup(STYLESHEET), **values)


# ---------------------------------------------------------------- filters


def _time(instant: datetime) -> Markup:
    """To the second, in UTC: without a script the reader's own zone is not known."""
    shown = f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}">{}</time>').format(format_instant(instant), shown)


def _word(constant: str) -> str:
    """`COMPLETED` as `Completed`."""
    return constant.capitalize()


def _is_web_url(url: str | None) -> bool:
    """Whether a link may lead there; `javascript:` and its like must never stand in an href."""
    return url is not None and url.lower().startswith(("http://", "https://"))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        time=_time,
        word=_word,
        started_by=STARTED_BY.__getitem__,
        duration=duration_text,
        plain=without_terminal_codes,
        web_url=_is_web_url,
        counted=_counted,
    )
    return environment


_ENVIRONMENT = _environment()
