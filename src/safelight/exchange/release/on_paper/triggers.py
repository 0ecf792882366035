"""What does the database refuse about consents on paper, even if the code forgets?

A paper goes live only by two different people at the desk of the institution that keeps
the exam, each with an approval of their own of exactly this paper and these words, in
time. And nobody who works where an exam is kept gives a consent to share it without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.platform.database.triggers import Trigger, install, remove, take_away

_TABLE: Final = "on_paper_signedpaper"
_CHANGED: Final = "a signed paper is not changed"
_DELETED: Final = "a signed paper is not deleted"

_AT_THE_DESK: Final = """
EXISTS (SELECT 1 FROM accounts_membership m WHERE m.account_id = NEW.{who}_by_id
  AND m.organization_id = NEW.organization_id AND m.state = 'active' AND m.role = 'imaging_desk')
"""
_APPROVED: Final = """
EXISTS (SELECT 1 FROM accounts_authorization a WHERE a.id = NEW.{who}_authorization_id
  AND a.account_id = NEW.{who}_by_id AND a.digest = NEW.signed_digest AND a.used_at IS NOT NULL)
"""
_BEGINS: Final = f"""
NEW.state <> 'prepared' OR NEW.first_at IS NOT NULL OR NEW.second_by_id IS NOT NULL
  OR NEW.consent_id IS NOT NULL OR NOT ({_AT_THE_DESK.format(who="first")})
"""
_STAYS: Final = """
NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.organization_id <> OLD.organization_id
  OR NEW.subject_account_id IS DISTINCT FROM OLD.subject_account_id
  OR NEW.scan_kind <> OLD.scan_kind OR NEW.recorded_at <> OLD.recorded_at
  OR NEW.lapses_at <> OLD.lapses_at OR NEW.signed_digest <> OLD.signed_digest
  OR NEW.first_by_id <> OLD.first_by_id
  OR NEW.sealed_content <> OLD.sealed_content OR NEW.sealed_scan <> OLD.sealed_scan
  OR (OLD.first_authorization_id IS NOT NULL
      AND (NEW.first_authorization_id IS DISTINCT FROM OLD.first_authorization_id
        OR NEW.first_at IS DISTINCT FROM OLD.first_at
        OR NEW.sealed_first IS DISTINCT FROM OLD.sealed_first))
  OR (OLD.second_authorization_id IS NOT NULL
      AND (NEW.second_authorization_id IS DISTINCT FROM OLD.second_authorization_id
        OR NEW.second_by_id IS DISTINCT FROM OLD.second_by_id
        OR NEW.second_at IS DISTINCT FROM OLD.second_at))
  OR (OLD.consent_id IS NOT NULL AND NEW.consent_id IS DISTINCT FROM OLD.consent_id)
  OR (NEW.consent_id IS NOT NULL AND NEW.state <> 'live')
"""
_NO_SUCH_STEP: Final = """
NEW.state <> OLD.state AND NOT (
  (OLD.state = 'prepared' AND NEW.state IN ('waiting', 'refused'))
  OR (OLD.state = 'waiting' AND NEW.state IN ('live', 'refused')))
"""
_NOT_BY_THE_FIRST: Final = f"""
NEW.state = 'waiting' AND OLD.state <> 'waiting' AND NOT (
  NEW.first_at < NEW.lapses_at AND {_AT_THE_DESK.format(who="first")}
  AND {_APPROVED.format(who="first")})
"""
_NOT_BY_A_SECOND: Final = f"""
NEW.state = 'live' AND OLD.state <> 'live' AND NOT (
  NEW.second_by_id <> NEW.first_by_id AND NEW.second_at < NEW.lapses_at
  AND NEW.second_by_id IS DISTINCT FROM NEW.subject_account_id
  AND {_AT_THE_DESK.format(who="second")} AND {_APPROVED.format(who="second")})
"""
# The vault's own people are not the patient: what they share rests on the patient's paper.
_BY_THE_HOUSE_ALONE: Final = """
NEW.act <> 'onward' AND NEW.representative_id IS NULL AND EXISTS (
  SELECT 1 FROM imaging_vault v JOIN accounts_membership m
    ON m.organization_id = v.organization_id
  WHERE v.id = NEW.vault_id AND m.account_id = NEW.grantor_id)
AND NOT EXISTS (
  SELECT 1 FROM on_paper_signedpaper p
  WHERE p.second_authorization_id = NEW.authorization_id AND p.state = 'live'
    AND p.first_by_id = NEW.grantor_id AND p.second_by_id <> NEW.grantor_id
    AND p.vault_id = NEW.vault_id AND p.signed_digest = NEW.signed_digest
    AND p.consent_id IS NULL)
"""


def _of_paper(name: str, event: Any, says: str, when: str = "") -> Trigger:  # noqa: ANN401 (one of four words)
    return Trigger(name=name, table=_TABLE, event=event, says=says, when=when)


TRIGGERS: Final = (
    _of_paper("paper_begins_open", "INSERT", "a paper begins as prepared, at the desk", _BEGINS),
    _of_paper("paper_stays", "UPDATE", _CHANGED, _STAYS),
    _of_paper("paper_step", "UPDATE", "no such step of a paper", _NO_SUCH_STEP),
    _of_paper("paper_first", "UPDATE", "not confirmed by a first person", _NOT_BY_THE_FIRST),
    _of_paper("paper_second", "UPDATE", "not confirmed by a second person", _NOT_BY_A_SECOND),
    _of_paper("paper_is_kept", "DELETE", _DELETED),
    _of_paper("papers_are_kept", "TRUNCATE", _DELETED),
    Trigger(
        name="consent_rests_on_a_paper",
        table="consent_consent",
        event="INSERT",
        says="agreed to by those who keep the exam, without the patient",
        when=_BY_THE_HOUSE_ALONE,
    ),
)
_LOOKED_INTO: Final = frozenset(
    {"accounts_membership", "accounts_authorization", "imaging_vault", "consent_consent", _TABLE}
)


def remove_triggers(using: str = "default", plan: Sequence[object] = (), **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Take the triggers away before a migration that changes something."""
    if using == "default" and plan:
        remove(connections[using], TRIGGERS)


def install_triggers(using: str = "default", **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Make the triggers that are missing. Runs after every migration of the database.

    Where the papers were migrated away, what looks into them goes, too: else no consent
    could be given any more.
    """
    if using != "default":
        return
    connection = connections[using]
    if set(connection.introspection.table_names()) >= _LOOKED_INTO:
        install(connection, TRIGGERS)
    else:
        take_away(connection, TRIGGERS)
