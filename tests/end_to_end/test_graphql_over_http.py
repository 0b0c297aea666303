"""GraphQL over HTTP as its authors audit it: the npm package graphql-http, on a real service."""

from __future__ import annotations

from collections import Counter

from tests.support.node import told_by
from tests.support.service import Service

#: How many audits there are of each kind, so that none goes missing unseen.
AUDITS = {"MUST": 13, "SHOULD": 23, "MAY": 25}


def test_every_audit_passes(shared_service: Service) -> None:
    audits = told_by("audits.mjs", url=f"{shared_service.url}/graphql")
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert Counter(audit["name"].split()[0] for audit in audits) == AUDITS
