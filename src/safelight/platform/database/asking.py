"""How is a question that every request asks put to a database without composing it anew?

Composing a statement takes Django's mapper ten times as long as SQLite needs to answer
it, so what each frame and each search waits for is written out. Everything else asks
through the models.
"""

from __future__ import annotations

from collections.abc import Sized
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

Value = UUID | str | bytes | int | None


def ask(statement: str, *values: Value, using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """Return what a statement finds; its `%s` stand for `values` in order."""
    connection = connections[using]
    is_native = connection.features.has_native_uuid_field
    put = [each.hex if isinstance(each, UUID) and not is_native else each for each in values]
    with connection.cursor() as cursor:
        cursor.execute(statement, put)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def ask_one(
    statement: str, *values: Value, using: str = DEFAULT_DB_ALIAS
) -> tuple[Any, ...] | None:
    """Return the first row that a statement finds, or None."""
    found = ask(statement, *values, using=using)
    return found[0] if found else None


def marks(values: Sized) -> str:
    """Return a place for each value, as `IN (...)` wants them."""
    return ", ".join(["%s"] * len(values))


def as_id(column: UUID | str) -> UUID:
    """Read an id: SQLite keeps it as text."""
    return column if isinstance(column, UUID) else UUID(column)


def as_time(column: datetime) -> datetime:
    """Read a time: SQLite keeps it without its zone, which is always UTC."""
    return column if column.tzinfo is not None else column.replace(tzinfo=UTC)
