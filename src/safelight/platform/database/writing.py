"""How are new rows written without composing a statement for each?

Composing an INSERT and preparing its values takes Django's mapper many times as long as
the database needs for the row, and every object that comes in waits for several. Here a
table's statement is composed once, and rows go to the database together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models

_AS_THEY_ARE = frozenset(
    {
        models.BigIntegerField,
        models.BinaryField,
        models.BooleanField,
        models.CharField,
        models.IntegerField,
        models.PositiveSmallIntegerField,
        models.TextField,
    }
)


@dataclass(frozen=True, slots=True)
class _Insert:
    """One table's statement. `writers` are by position: those columns that need one."""

    statement: str
    read: Callable[[models.Model], tuple[Any, ...]]
    writers: tuple[tuple[int, Callable[[Any], Any]], ...]

    def values(self, row: models.Model) -> list[Any]:
        values = list(self.read(row))
        for at, write in self.writers:
            if values[at] is not None:
                values[at] = write(values[at])
        return values


def insert(
    rows: Sequence[models.Model], *, using: str = DEFAULT_DB_ALIAS, unless_there: bool = False
) -> None:
    """Write new rows of one model, in order, all or none inside the caller's transaction.

    Numbers that the database gives are not read back, and no signal is sent.
    `unless_there`: leave out those that a unique constraint refuses.
    """
    if not rows:
        return
    composed = _composed(type(rows[0]), using, unless_there)
    values = [composed.values(row) for row in rows]
    with connections[using].cursor() as cursor:
        if len(values) == 1:
            cursor.execute(composed.statement, values[0])
        else:
            cursor.executemany(composed.statement, values)
    for row in rows:
        row._state.adding, row._state.db = False, using  # noqa: SLF001 (as the mapper does)


def change(
    statement: str,
    *values: UUID | datetime | str | bytes | int | None,
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Run an UPDATE or DELETE; its `%s` stand for `values` in order. Return how many rows."""
    connection = connections[using]
    is_native = connection.features.has_native_uuid_field
    put: list[Any] = []
    for value in values:
        if isinstance(value, UUID) and not is_native:
            put.append(value.hex)
        elif isinstance(value, datetime):
            put.append(connection.ops.adapt_datetimefield_value(value))
        else:
            put.append(value)
    with connection.cursor() as cursor:
        cursor.execute(statement, put)
        count: int = cursor.rowcount
    return count


@cache
def _composed(
    model: type[models.Model],
    using: str,
    unless_there: bool,  # noqa: FBT001 (the key of a cache)
) -> _Insert:
    fields = [
        field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})'  # noqa: S608
    if unless_there:
        statement += " ON CONFLICT DO NOTHING"
    writers = tuple(
        (at, _writer(field, using))
        for at, field in enumerate(fields)
        if type(field) not in _AS_THEY_ARE
    )
    return _Insert(statement, attrgetter(*(field.attname for field in fields)), writers)


def _writer(field: models.Field[Any, Any], using: str) -> Callable[[Any], Any]:
    """Return what makes a value of a column fit for its database."""
    is_native = connections[using].features.has_native_uuid_field
    if isinstance(field, models.UUIDField) and not is_native:
        return attrgetter("hex")

    def write(value: Any) -> Any:  # noqa: ANN401 (what the column holds)
        return field.get_db_prep_save(value, connections[using])

    return write
