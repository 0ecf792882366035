"""What does the database refuse about people who act for others, even if the code forgets?

Nothing begins as verified; a helper needs the used approval of the one they help;
everybody else needs two different members of one institution's staff, neither of
whom is the one who asks or is asked for. What has ended stays ended, and nothing
is ever deleted or turned into something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.platform.database.triggers import Trigger, install, remove

_CHANGED: Final = "a representative is not changed"
_KEPT: Final = "a representative is not deleted"

_BEGINS_OPEN: Final = """
NEW.state NOT IN ('invited', 'pending') OR (NEW.state = 'invited') <> (NEW.kind = 'helper')
  OR NEW.first_by_id IS NOT NULL OR NEW.second_by_id IS NOT NULL OR NEW.ended_at IS NOT NULL
"""

_STAYS: Final = """
NEW.id <> OLD.id OR NEW.kind <> OLD.kind
  OR NEW.invited_address IS DISTINCT FROM OLD.invited_address
  OR (OLD.account_id IS NOT NULL AND NEW.account_id IS DISTINCT FROM OLD.account_id)
  OR NEW.represented_id IS DISTINCT FROM OLD.represented_id
  OR NEW.patient_id IS DISTINCT FROM OLD.patient_id
  OR NEW.organization_id IS DISTINCT FROM OLD.organization_id
  OR NEW.may_share <> OLD.may_share OR NEW.may_manage <> OLD.may_manage
  OR NEW.may_use_rights <> OLD.may_use_rights OR NEW.asked_at <> OLD.asked_at
  OR NEW.authorization_id IS DISTINCT FROM OLD.authorization_id
  OR (OLD.first_by_id IS NOT NULL AND (NEW.first_by_id IS DISTINCT FROM OLD.first_by_id
      OR NEW.first_at IS DISTINCT FROM OLD.first_at))
  OR (OLD.second_by_id IS NOT NULL AND (NEW.second_by_id IS DISTINCT FROM OLD.second_by_id
      OR NEW.second_at IS DISTINCT FROM OLD.second_at))
  OR (OLD.starts_at IS NOT NULL AND NEW.starts_at IS DISTINCT FROM OLD.starts_at)
  OR OLD.state = 'ended'
"""

_NO_SUCH_STEP: Final = """
NEW.state <> OLD.state AND NOT (
  NEW.state = 'ended'
  OR (OLD.state IN ('invited', 'pending') AND NEW.state = 'verified')
  OR (OLD.state = 'verified' AND NEW.state IN ('disputed', 'blocked'))
  OR (OLD.state = 'disputed' AND NEW.state IN ('verified', 'blocked')))
"""

_STAFF: Final = """
  EXISTS (SELECT 1 FROM accounts_membership m WHERE m.account_id = NEW.{who}
    AND m.organization_id = NEW.organization_id AND m.state = 'active'
    AND m.role IN ('privacy_officer', 'imaging_desk'))
  AND NEW.{who} <> NEW.account_id AND NEW.{who} IS DISTINCT FROM NEW.represented_id
"""

_NOT_STAFF: Final = f"""
(OLD.first_by_id IS NULL AND NEW.first_by_id IS NOT NULL
  AND NOT ({_STAFF.format(who="first_by_id")}))
OR (OLD.second_by_id IS NULL AND NEW.second_by_id IS NOT NULL
  AND NOT ({_STAFF.format(who="second_by_id")}))
"""

_NOT_VERIFIED: Final = """
NEW.state = 'verified' AND OLD.state <> 'verified' AND NOT (
  (NEW.kind = 'helper' AND EXISTS (
    SELECT 1 FROM accounts_authorization a WHERE a.id = NEW.authorization_id
      AND a.account_id = NEW.represented_id AND a.used_at IS NOT NULL))
  OR (NEW.kind <> 'helper' AND NEW.first_by_id IS NOT NULL AND NEW.second_by_id IS NOT NULL
    AND NEW.first_by_id <> NEW.second_by_id
    AND (NEW.represented_id IS NOT NULL OR NEW.patient_id IS NOT NULL)))
"""


def _of_representative(name: str, event: Any, says: str, when: str = "") -> Trigger:  # noqa: ANN401 (one of four words)
    return Trigger(name=name, table="accounts_representative", event=event, says=says, when=when)


TRIGGERS: Final = (
    _of_representative("representative_begins_open", "INSERT", _CHANGED, _BEGINS_OPEN),
    _of_representative("representative_stays", "UPDATE", _CHANGED, _STAYS),
    _of_representative("representative_step", "UPDATE", "no such step", _NO_SUCH_STEP),
    _of_representative("representative_staff", "UPDATE", "not by this person", _NOT_STAFF),
    _of_representative("representative_verified", "UPDATE", "not verified", _NOT_VERIFIED),
    _of_representative("representative_is_kept", "DELETE", _KEPT),
    _of_representative("representatives_are_kept", "TRUNCATE", _KEPT),
    Trigger(
        name="evidence_stays",
        table="accounts_evidence",
        event="UPDATE",
        says="evidence is not changed",
    ),
    Trigger(
        name="evidence_is_kept",
        table="accounts_evidence",
        event="DELETE",
        says="evidence is not changed",
    ),
    Trigger(
        name="all_evidence_is_kept",
        table="accounts_evidence",
        event="TRUNCATE",
        says="evidence is not changed",
    ),
)


def remove_triggers(using: str = "default", plan: Sequence[object] = (), **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Take the triggers away before a migration that changes something."""
    if using == "default" and plan:
        remove(connections[using], TRIGGERS)


def install_triggers(using: str = "default", **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Make the triggers that are missing. Runs after every migration of this room's database."""
    if using != "default":
        return
    connection = connections[using]
    needed = {trigger.table for trigger in TRIGGERS} | {"accounts_membership"}
    if needed <= set(connection.introspection.table_names()):
        install(connection, TRIGGERS)
