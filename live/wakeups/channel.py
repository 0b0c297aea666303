"""The name under which the processes of one database find each other at a broker."""

from __future__ import annotations

from hashlib import sha256

from models.database import connection

#: What PostgreSQL says of itself, so that two addresses of one database make one channel, and two
#: databases behind one broker make two.
_IDENTITY = """
SELECT system_identifier::text || '/' || current_database() AS identity FROM pg_control_system()
"""


async def channel_of_database() -> str:
    """Such as `agent_runs_0123456789abcdef`: a name that every broker takes."""
    (row,) = await connection().execute_query_dict(_IDENTITY)
    return f"agent_runs_{sha256(row['identity'].encode()).hexdigest()[:16]}"
