"""What does the database refuse about reports, even if the code forgets?

A report begins as a draft; it is signed by an approval of exactly its bytes, its author's own,
that was used; and what is signed is never changed and never deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.platform.database.triggers import Trigger, install, remove, take_away

_TABLE: Final = "reports_writtenreport"
_CHANGED: Final = "a signed report is not changed"
_NOT_APPROVED: Final = """
NEW.signed_at IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM accounts_authorization a WHERE a.id = NEW.authorization_id
  AND a.account_id = NEW.author_id AND a.digest = NEW.signed_digest AND a.used_at IS NOT NULL)
"""


def _trigger(name: str, event: Any, says: str, when: str = "") -> Trigger:  # noqa: ANN401 (one of four words)
    return Trigger(name=name, table=_TABLE, event=event, says=says, when=when)


TRIGGERS: Final = (
    _trigger("report_begins", "INSERT", "a report begins as a draft", "NEW.signed_at IS NOT NULL"),
    _trigger("report_stays", "UPDATE", _CHANGED, "OLD.signed_at IS NOT NULL"),
    _trigger("report_approved", "UPDATE", "not signed by its author", _NOT_APPROVED),
    _trigger(
        "report_is_kept", "DELETE", "a signed report is not deleted", "OLD.signed_at IS NOT NULL"
    ),
    _trigger("reports_are_kept", "TRUNCATE", "a signed report is not deleted"),
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
    if {_TABLE, "accounts_authorization"} <= set(connection.introspection.table_names()):
        install(connection, TRIGGERS)
    else:
        take_away(connection, TRIGGERS)
