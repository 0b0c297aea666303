"""The report that a command leaves behind as a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

from server.cli.client import Json

#: Bytes. A report is for people to read; the service refuses larger bodies in any case.
MAX_REPORT_BYTES = 1024 * 1024

#: Characters of a title, by the API.
MAX_TITLE = 200

_HEADING = re.compile(r"\s*# +(.+?)[ #]*(?:\n|\Z)")


class UnreadableReport(Exception):
    """There is no report in the file; its text says why."""


def read_report(path: Path) -> Json:
    """The ReportInput in `path`: a `.md` file is one section of text, any other is JSON.

    Only the form is looked at; what is in it the service checks. Raises UnreadableReport.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_REPORT_BYTES + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableReport(f"the report {path} cannot be read: {error}") from error
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableReport(f"the report {path} is larger than {MAX_REPORT_BYTES} bytes")
    return _from_markdown(path, text) if path.suffix.lower() == ".md" else _from_json(path, text)


def _from_markdown(path: Path, text: str) -> Json:
    """The first heading, where the text begins with one, is the title."""
    heading = _HEADING.match(text)
    title = (heading[1] if heading else path.stem)[:MAX_TITLE]
    body = text[heading.end() :] if heading else text
    return {"title": title, "sections": [{"text": {"heading": path.name, "markdown": body}}]}


def _from_json(path: Path, text: str) -> Json:
    try:
        report = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableReport(f"the report {path} is not JSON: {error}") from error
    if not isinstance(report, dict):
        raise UnreadableReport(f"the report {path} is not a JSON object")
    return report
