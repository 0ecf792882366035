"""Does a database server do what is relied on: keep what it acknowledged, and in private?"""

from __future__ import annotations

from safelight.platform.database.asking import ask, ask_one

_OFF = """
    SELECT name FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
    ORDER BY name
"""
_ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
# An address of neither kind means a socket of this machine.
_NEAR = "SELECT inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8'::inet"


def unsafe_settings(alias: str) -> list[str]:
    """Name the settings of a PostgreSQL server that would lose a commit in a power cut."""
    return [name for (name,) in ask(_OFF, using=alias)]


def is_secret_on_the_way(alias: str) -> bool:
    """Say whether the connection to a PostgreSQL server is encrypted or stays on this machine."""
    return any(
        found is not None and found[0] is True
        for found in (ask_one(_ENCRYPTED, using=alias), ask_one(_NEAR, using=alias))
    )
