"""What keeps rows of the trail from being changed, when code forgets?

Triggers in the database. They stop mistakes; whoever can write the file can drop
them, and is found by the verifier. Django's SQLite schema editor rebuilds a table
by copying and so drops its triggers: they are put back after every migration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_UNCHANGED = " AND ".join(
    f"NEW.{column} IS OLD.{column}"
    for column in (
        "row",
        "entry_id",
        "at",
        "kind",
        "outcome",
        "actor",
        "subject",
        "vault_id",
        "text",
        "mac",
    )
)
_PLACED = "OLD.seq IS NULL AND NEW.seq IS NOT NULL AND OLD.chain IS NULL AND NEW.chain IS NOT NULL"

# name -> (table, when it fires)
TRIGGERS = {
    "audit_entry_not_deleted": ("audit_entry", "BEFORE DELETE ON audit_entry"),
    "audit_entry_placed_once": (
        "audit_entry",
        f"BEFORE UPDATE ON audit_entry WHEN NOT ({_PLACED} AND {_UNCHANGED})",
    ),
    "audit_checkpoint_not_deleted": ("audit_checkpoint", "BEFORE DELETE ON audit_checkpoint"),
    "audit_checkpoint_not_changed": ("audit_checkpoint", "BEFORE UPDATE ON audit_checkpoint"),
    "audit_tip_not_deleted": ("audit_tip", "BEFORE DELETE ON audit_tip"),
    "audit_tip_not_turned_back": (
        "audit_tip",
        "BEFORE UPDATE ON audit_tip WHEN NEW.size < OLD.size OR NEW.id IS NOT OLD.id",
    ),
}


def install_triggers(*, using: str = "default", **_signal: Any) -> None:  # noqa: ANN401 (Django's signal)
    """Create the triggers that are missing; called after every migration."""
    connection = connections[using]
    if using != "default" or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        present = installed_triggers(cursor)
        for name, (table, event) in TRIGGERS.items():
            if table in tables and name not in present:
                when, _, condition = event.partition(" WHEN ")
                cursor.execute(
                    f"CREATE TRIGGER {name} {when} FOR EACH ROW"
                    + (f" WHEN {condition}" if condition else "")
                    + f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
                )


def installed_triggers(cursor: CursorWrapper) -> set[str]:
    """Return the names of ours that the database has."""
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return {name for (name,) in cursor.fetchall()} & TRIGGERS.keys()
