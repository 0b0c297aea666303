"""The database's history, applied in order by `agent-runs migrate`; see docs/decisions/0003."""
