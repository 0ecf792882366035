"""What does the database refuse about transfers, even if the code forgets?

What arrived stays on record as it arrived, and no record of a transfer is deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.platform.database.triggers import Trigger, install, remove

_CHANGED: Final = "what was sent is not changed"
_DELETED: Final = "a transfer is not deleted"
_ITEM_STAYS: Final = """
NEW.transfer_id <> OLD.transfer_id OR NEW.number <> OLD.number
  OR NEW.instance_id <> OLD.instance_id
  OR (OLD.state = 'sent' AND (NEW.state <> 'sent' OR NEW.sha256 <> OLD.sha256
    OR NEW.size <> OLD.size OR NEW.sent_at <> OLD.sent_at
    OR NEW.under IS DISTINCT FROM OLD.under))
"""
_TRANSFER_STAYS: Final = """
NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.study_id <> OLD.study_id
  OR NEW.organization_id <> OLD.organization_id OR NEW.connection_id <> OLD.connection_id
  OR NEW.consent_id IS DISTINCT FROM OLD.consent_id OR NEW.ordered_by <> OLD.ordered_by
  OR NEW.ordered_at <> OLD.ordered_at OR NEW.wanted <> OLD.wanted OR NEW.sent < OLD.sent
  OR NEW.sealed_coercion IS DISTINCT FROM OLD.sealed_coercion
  OR OLD.state IN ('sent', 'withdrawn')
"""
_TABLES: Final = ("transfer_transfer", "transfer_transferitem")

TRIGGERS: Final = (
    Trigger(
        name="transfer_stays",
        table=_TABLES[0],
        event="UPDATE",
        says=_CHANGED,
        when=_TRANSFER_STAYS,
    ),
    Trigger(
        name="transfer_item_stays",
        table=_TABLES[1],
        event="UPDATE",
        says=_CHANGED,
        when=_ITEM_STAYS,
    ),
    Trigger(name="transfer_is_kept", table=_TABLES[0], event="DELETE", says=_DELETED),
    Trigger(name="transfers_are_kept", table=_TABLES[0], event="TRUNCATE", says=_DELETED),
    Trigger(name="transfer_item_is_kept", table=_TABLES[1], event="DELETE", says=_DELETED),
    Trigger(name="transfer_items_are_kept", table=_TABLES[1], event="TRUNCATE", says=_DELETED),
)


def remove_triggers(using: str = "default", plan: Sequence[object] = (), **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Take the triggers away before a migration that changes something."""
    if using == "default" and plan:
        remove(connections[using], TRIGGERS)


def install_triggers(using: str = "default", **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Make the triggers that are missing. Runs after every migration of the database."""
    if using != "default":
        return
    connection = connections[using]
    if set(_TABLES) <= set(connection.introspection.table_names()):
        install(connection, TRIGGERS)
