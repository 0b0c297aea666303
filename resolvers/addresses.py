"""The addresses that are handed out. PUBLIC_URL makes them, never a request's Host."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from models.ids import Kind, global_id
from resolvers.service import Service


class ReportFormat(StrEnum):
    MARKDOWN = "MARKDOWN"
    HTML = "HTML"
    JSON = "JSON"


#: The end of a download's address, and of its file's name.
EXTENSIONS = {ReportFormat.MARKDOWN: "md", ReportFormat.HTML: "html", ReportFormat.JSON: "json"}


def run_url(service: Service, run_id: UUID) -> str:
    """The page of a run, for people."""
    return f"{service.policy.public_url}/runs/{global_id(Kind.RUN, run_id)}"


def report_url(service: Service, report_id: UUID) -> str:
    """The page of a report, for those who may see its run."""
    return f"{service.policy.public_url}/reports/{global_id(Kind.REPORT, report_id)}"


def report_download_url(service: Service, report_id: UUID, report_format: ReportFormat) -> str:
    return f"{report_url(service, report_id)}/download.{EXTENSIONS[report_format]}"


def shared_report_url(service: Service, token: str) -> str:
    """The page of a shared report, for whoever holds the secret."""
    return f"{service.policy.public_url}/reports/shared/{token}"


def shared_download_url(service: Service, token: str, report_format: ReportFormat) -> str:
    return f"{shared_report_url(service, token)}/download.{EXTENSIONS[report_format]}"
