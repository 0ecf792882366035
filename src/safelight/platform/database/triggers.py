"""How does a room have the database itself refuse a change, on SQLite and on PostgreSQL?

A room declares its triggers in SQL that both understand, with `IS [NOT] DISTINCT FROM`
where NULL counts as a value, and `SECONDS(a, b)` for how long it is from one column's time to
another's. They are looked at after every migration, since Django's
SQLite schema editor rebuilds a table by copying and so drops its triggers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.backends.base.base import BaseDatabaseWrapper

_PRESENT_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_PRESENT_POSTGRES = """
    SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)
"""
_SECONDS = re.compile(r"SECONDS\(([\w.]+), ([\w.]+)\)")
_ON_SQLITE = r"ROUND((julianday(\2) - julianday(\1)) * 86400)"
_ON_POSTGRES = r"EXTRACT(EPOCH FROM (\2 - \1))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One refusal: `event` on `table` fails with `says`, always or where `when` holds.

    `when` is SQL about the rows NEW and OLD and may look into other tables; what it must
    not see half-done is locked first by the queries `locks`, on PostgreSQL, where others
    write meanwhile. `event` TRUNCATE exists there only: it empties without deleting rows.
    """

    name: str
    table: str
    event: Literal["INSERT", "UPDATE", "DELETE", "TRUNCATE"]
    says: str
    when: str = ""
    locks: tuple[str, ...] = ()

    def on_sqlite(self) -> str:
        """Return the statement that makes the trigger."""
        when = _SECONDS.sub(_ON_SQLITE, self.when)
        when = when.replace("IS NOT DISTINCT FROM", "IS").replace("IS DISTINCT FROM", "IS NOT")
        condition = f" WHEN {when}" if when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table}"
            f"{condition} BEGIN SELECT RAISE(ABORT, '{self.says}'); END"
        )

    def body_on_postgres(self) -> str:
        """Return the body of the function that the trigger calls."""
        refuse = f"RAISE EXCEPTION '{self.says}' USING ERRCODE = 'integrity_constraint_violation';"
        if not self.when:
            return f"BEGIN {refuse} END"
        row = "OLD" if self.event == "DELETE" else "NEW"
        # Each statement of such a function sees what was committed before it.
        first = "".join(lock.strip().replace("SELECT", "PERFORM", 1) + "; " for lock in self.locks)
        when = _SECONDS.sub(_ON_POSTGRES, self.when)
        return f"BEGIN {first}IF {when} THEN {refuse} END IF; RETURN {row}; END"

    def on_postgres(self) -> tuple[str, ...]:
        """Return the statements that make the trigger anew."""
        each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        function = (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql"
            f" AS $body${self.body_on_postgres()}$body$"
        )
        trigger = (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table}"
            f" FOR EACH {each} EXECUTE FUNCTION {self.name}()"
        )
        return function, f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}", trigger


def install(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Make the triggers that are missing or not as declared; tables must be there."""
    is_sqlite = connection.vendor == "sqlite"
    present = installed(connection)
    with connection.cursor() as cursor:
        for trigger in triggers:
            if is_sqlite and trigger.event == "TRUNCATE":
                continue
            wanted = trigger.on_sqlite() if is_sqlite else trigger.body_on_postgres()
            if present.get(trigger.name) == wanted:
                continue
            if is_sqlite:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")
                cursor.execute(wanted)
            else:
                for statement in trigger.on_postgres():
                    cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Take triggers away before a migration, where they would stand in its way.

    SQLite checks every trigger whenever a table is renamed or dropped, and refuses if
    one looks into a table that is not there at that moment.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for trigger in triggers:
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")


def take_away(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Take triggers away for good, because what they look into is no longer there."""
    present = installed(connection)
    if connection.vendor == "sqlite":
        remove(connection, triggers)
        return
    with connection.cursor() as cursor:
        for trigger in triggers:
            if trigger.name in present:
                cursor.execute(f"DROP TRIGGER {trigger.name} ON {trigger.table}")
            # Where the table was dropped, its trigger went with it, and this did not.
            cursor.execute(f"DROP FUNCTION IF EXISTS {trigger.name}()")


def missing(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> list[str]:
    """Name the triggers that the database lacks."""
    present = installed(connection)
    is_sqlite = connection.vendor == "sqlite"
    expected = {each.name for each in triggers if not (is_sqlite and each.event == "TRUNCATE")}
    return sorted(expected - present.keys())


def unfit(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> list[str]:
    """Name the triggers that the database lacks, or that do something else than declared."""
    present = installed(connection)
    is_sqlite = connection.vendor == "sqlite"
    return sorted(
        each.name
        for each in triggers
        if not (is_sqlite and each.event == "TRUNCATE")
        and present.get(each.name) != (each.on_sqlite() if is_sqlite else each.body_on_postgres())
    )


def installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the triggers that the database has and that fire, each with what it does."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT_SQLITE if connection.vendor == "sqlite" else _PRESENT_POSTGRES, [])
        return dict(cursor.fetchall())
