"""How much room does a database take?"""

from __future__ import annotations

from pathlib import Path

from django.db import connections


def size_of(alias: str) -> int:
    """Return the bytes of a database: of its files with SQLite, as PostgreSQL says otherwise."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        files = (Path(name + ending) for ending in ("", "-wal"))
        return sum(each.stat().st_size for each in files if each.is_file())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        found: int = cursor.fetchone()[0]
    return found
