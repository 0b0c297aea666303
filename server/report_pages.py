"""A report's page, for its readers and for those it is shared with, and how its files are sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup

from resolvers.report_document import ReportDocument
from server.pages import page_headers, render


def render_report_page(
    document: ReportDocument,
    html: str,
    downloads: Sequence[tuple[str, str]] = (),
    *,
    shared: bool = False,
    expires_at: datetime | None = None,
) -> str:
    """The report and nothing of an app around it: to read, to print, to download as HTML.

    `html` is `report_html(document)`, sanitised; it is taken as it is. `downloads` are labels and
    addresses; the downloaded page itself has none. A shared page leads to its downloads and nowhere
    else, and says until when it can be read (`expires_at`; None: for as long as it is shared).
    """
    return render(
        "report.html",
        title=document.title,
        body=Markup(html),
        downloads=downloads,
        shared=shared,
        expires_at=expires_at,
    )


def report_page_headers() -> dict[str, str]:
    """The headers of a report's page and of its downloads."""
    return page_headers()


def content_disposition(file_name: str) -> str:
    """The header that makes a browser save the answer under this name (RFC 6266).

    Names beyond plain ASCII also travel in `filename*` (RFC 8187), which browsers prefer.
    """
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "_", file_name)
    header = f'attachment; filename="{plain}"'
    return (
        header if plain == file_name else f"{header}; filename*=UTF-8''{quote(file_name, safe='')}"
    )
