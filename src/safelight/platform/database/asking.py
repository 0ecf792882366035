"""How is a question that every request asks put to a database without composing it anew?

Composing a statement takes Django's mapper ten times as long as SQLite needs to answer
it, so what each frame and each search waits for is written out. Everything else asks
through the models. Django's cursor alone takes several times as long again, so SQLite is
asked past it, unless somebody watches the cursor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Sized
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Value = UUID | str | bytes | int | None
Row = tuple[Any, ...]

_PLACE: Final = re.compile("%([s%])")


def ask(statement: str, *values: Value, using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """Return what a statement finds; its `%s` stand for `values` in order."""
    connection = connections[using]
    if connection.vendor == "sqlite" and not _is_watched(connection):
        return _ask_sqlite(connection, statement, _put(values, is_native=False))
    put = _put(values, is_native=connection.features.has_native_uuid_field)
    with connection.cursor() as cursor:
        cursor.execute(statement, put)
        found: list[Row] = cursor.fetchall()
    return found


def _put(values: Iterable[Value], *, is_native: bool) -> list[Value]:
    return [each.hex if isinstance(each, UUID) and not is_native else each for each in values]


def _is_watched(connection: BaseDatabaseWrapper) -> bool:
    """Say whether the cursor does more than ask: counts, wraps, or refuses after a failure."""
    return bool(
        connection.execute_wrappers or connection.queries_logged or connection.needs_rollback
    )


def _ask_sqlite(
    connection: BaseDatabaseWrapper, statement: str, values: Sequence[Value]
) -> list[Row]:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        found: list[Row] = connection.connection.execute(_as_sqlite(statement), values).fetchall()
    return found


@lru_cache(maxsize=256)
def _as_sqlite(statement: str) -> str:
    return _PLACE.sub(lambda sign: "?" if sign[1] == "s" else "%", statement)


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
