"""What does the database refuse about acts that need two people, even if the code forgets?

A request that its asker did not sign, an approval by the asker, by somebody who has no
role, or without a signature of exactly the same words; a second use; a change of
anything that was signed. And hours of access that rest on neither a used approval nor a
clinician's own signature at the institution that keeps the record, or last longer than
four.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.exchange.access.powers.kinds import APPROVE_WITHIN, LONGEST_ACCESS
from safelight.platform.database.triggers import Trigger, install, remove, take_away

_APPROVAL: Final = "powers_approval"
_ACCESS: Final = "powers_timedaccess"
_FOUR_HOURS: Final = int(LONGEST_ACCESS.total_seconds())
_A_DAY: Final = int(APPROVE_WITHIN.total_seconds())
_SIGNED: Final = """
EXISTS (SELECT 1 FROM accounts_authorization a WHERE a.id = NEW.{who}_authorization_id
  AND a.account_id = NEW.{who}_by_id AND a.digest = NEW.signed_digest AND a.used_at IS NOT NULL)
AND EXISTS (SELECT 1 FROM accounts_staff s WHERE s.account_id = NEW.{who}_by_id
  AND s.ended_at IS NULL)
"""
_BEGINS: Final = f"""
NEW.approved_at IS NOT NULL OR NEW.approved_by_id IS NOT NULL OR NEW.used_at IS NOT NULL
  OR SECONDS(NEW.asked_at, NEW.lapses_at) > {_A_DAY}
  OR NOT ({_SIGNED.format(who="asked")})
"""
_STAYS: Final = """
NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject OR NEW.deed <> OLD.deed
  OR NEW.digest <> OLD.digest OR NEW.signed_digest <> OLD.signed_digest
  OR NEW.cause <> OLD.cause OR NEW.reason <> OLD.reason OR NEW.ticket <> OLD.ticket
  OR NEW.asked_by_id <> OLD.asked_by_id OR NEW.asked_at <> OLD.asked_at
  OR NEW.asked_authorization_id <> OLD.asked_authorization_id OR NEW.lapses_at <> OLD.lapses_at
  OR (OLD.approved_at IS NOT NULL
      AND (NEW.approved_at IS DISTINCT FROM OLD.approved_at
        OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id
        OR NEW.approved_authorization_id IS DISTINCT FROM OLD.approved_authorization_id
        OR NEW.use_by IS DISTINCT FROM OLD.use_by))
  OR (OLD.used_at IS NOT NULL AND (NEW.used_at IS DISTINCT FROM OLD.used_at
        OR NEW.used_by <> OLD.used_by))
  OR (OLD.refused_at IS NOT NULL AND NEW.refused_at IS DISTINCT FROM OLD.refused_at)
  OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at)
"""
_NOT_BY_ANOTHER: Final = f"""
NEW.approved_at IS NOT NULL AND OLD.approved_at IS NULL AND NOT (
  NEW.approved_by_id <> NEW.asked_by_id
  AND SECONDS(NEW.approved_at, NEW.use_by) <= {_FOUR_HOURS} AND NEW.approved_at < NEW.lapses_at
  AND OLD.refused_at IS NULL AND OLD.cancelled_at IS NULL
  AND {_SIGNED.format(who="approved")})
"""

# Hours of access rest on a used approval that named this person, or on a clinician's signature.
_RESTS_ON_NOTHING: Final = f"""
NEW.ended_at IS NOT NULL OR NEW.reviewed_at IS NOT NULL
  OR SECONDS(NEW.began_at, NEW.ends_at) > {_FOUR_HOURS} OR NOT (
  (NEW.way = 'elevation' AND EXISTS (SELECT 1 FROM powers_approval p
    WHERE p.id = NEW.approval_id AND p.kind = 'elevation' AND p.asked_by_id = NEW.account_id
      AND p.used_at IS NOT NULL AND p.signed_digest = NEW.signed_digest)
    AND EXISTS (SELECT 1 FROM accounts_staff s WHERE s.account_id = NEW.account_id
      AND s.ended_at IS NULL))
  OR (NEW.way = 'break-glass' AND EXISTS (SELECT 1 FROM accounts_authorization a
    WHERE a.id = NEW.authorization_id AND a.account_id = NEW.account_id
      AND a.digest = NEW.signed_digest AND a.used_at IS NOT NULL)
    AND EXISTS (SELECT 1 FROM imaging_vault v JOIN accounts_membership m
        ON m.organization_id = v.organization_id
      WHERE v.id = NEW.vault_id AND m.account_id = NEW.account_id
        AND m.state = 'active' AND m.role = 'clinician')))
"""  # noqa: S608 (numbers of our own)
_ACCESS_STAYS: Final = """
NEW.id <> OLD.id OR NEW.way <> OLD.way OR NEW.account_id <> OLD.account_id
  OR NEW.vault_id <> OLD.vault_id OR NEW.patient_id IS DISTINCT FROM OLD.patient_id
  OR NEW.study_id IS DISTINCT FROM OLD.study_id OR NEW.began_at <> OLD.began_at
  OR NEW.approval_id IS DISTINCT FROM OLD.approval_id OR NEW.cause <> OLD.cause
  OR NEW.authorization_id IS DISTINCT FROM OLD.authorization_id OR NEW.reason <> OLD.reason
  OR NEW.ticket IS DISTINCT FROM OLD.ticket OR NEW.signed_digest <> OLD.signed_digest
  OR NEW.ends_at <> OLD.ends_at OR NEW.review_due_at <> OLD.review_due_at
  OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS DISTINCT FROM OLD.ended_at
      OR NEW.ended_by <> OLD.ended_by))
  OR (OLD.reviewed_at IS NOT NULL AND (NEW.reviewed_at IS DISTINCT FROM OLD.reviewed_at
      OR NEW.reviewed_by_id IS DISTINCT FROM OLD.reviewed_by_id OR NEW.verdict <> OLD.verdict
      OR NEW.verdict_words IS DISTINCT FROM OLD.verdict_words))
  OR (OLD.owner_told_at IS NOT NULL AND NEW.owner_told_at IS DISTINCT FROM OLD.owner_told_at)
  OR (NEW.notice_due_at <> OLD.notice_due_at AND NEW.held_by_id IS NULL)
"""


def _of_approval(name: str, event: Any, says: str, when: str = "") -> Trigger:  # noqa: ANN401 (one of four words)
    return Trigger(name=name, table=_APPROVAL, event=event, says=says, when=when)


TRIGGERS: Final = (
    _of_approval("approval_begins_open", "INSERT", "a request is signed by its asker", _BEGINS),
    _of_approval("approval_stays", "UPDATE", "a request is not changed", _STAYS),
    _of_approval("approval_by_another", "UPDATE", "not approved by another", _NOT_BY_ANOTHER),
    _of_approval("approval_is_kept", "DELETE", "a request is not deleted"),
    _of_approval("approvals_are_kept", "TRUNCATE", "a request is not deleted"),
    Trigger(
        name="access_rests_on_something",
        table=_ACCESS,
        event="INSERT",
        says="access without a second person or an emergency",
        when=_RESTS_ON_NOTHING,
    ),
    Trigger(
        name="access_stays",
        table=_ACCESS,
        event="UPDATE",
        says="an access is not changed",
        when=_ACCESS_STAYS,
    ),
    Trigger(name="access_is_kept", table=_ACCESS, event="DELETE", says="an access is not deleted"),
    Trigger(
        name="accesses_are_kept", table=_ACCESS, event="TRUNCATE", says="an access is not deleted"
    ),
)
_LOOKED_INTO: Final = frozenset(
    {
        "accounts_authorization",
        "accounts_membership",
        "accounts_staff",
        "imaging_vault",
        _ACCESS,
        _APPROVAL,
    }
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
    if set(connection.introspection.table_names()) >= _LOOKED_INTO:
        install(connection, TRIGGERS)
    else:
        take_away(connection, TRIGGERS)
