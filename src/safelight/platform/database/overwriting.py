"""How do deleted rows leave the disk, and not only the table?

SQLite leaves freed bytes where they lay until something else needs the place, and its
write-ahead log shows them for a while more. PostgreSQL keeps dead rows until it vacuums;
nothing here changes that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def overwritten(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Overwrite with zeros what this connection deletes meanwhile, on SQLite."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete=ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA secure_delete=OFF")


def empty_log(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Empty SQLite's write-ahead log as far as nobody reads it; never inside a transaction."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
