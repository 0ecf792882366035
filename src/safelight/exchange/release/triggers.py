"""What does the database refuse, even if the code forgets?

A disclosure without a live basis, a basis that came after it, a changed or
deleted disclosure or look, and a share whose locks change. What it refuses of
a signed consent is told by `consent_triggers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.exchange.release.consent_triggers import CONSENT_TRIGGERS
from safelight.platform.database.triggers import Trigger, install, remove

BASIS_MISSING: Final = "disclosure without a basis"
_DISCLOSURE_HAS_BASIS: Final = """
NOT (
  (NEW.basis = 'authorised' AND EXISTS (
    SELECT 1 FROM consent_consent c
    WHERE c.id = NEW.consent_id AND c.vault_id = NEW.vault_id
      AND c.granted_at <= NEW.at AND c.starts_at <= NEW.at AND c.ends_at > NEW.at
      AND c.revoked_at IS NULL
      AND c.suspended_at IS NULL
      AND (c.parent_id IS NULL OR EXISTS (
        SELECT 1 FROM consent_consent p WHERE p.id = c.parent_id
          AND p.revoked_at IS NULL
          AND p.suspended_at IS NULL))
      AND (EXISTS (SELECT 1 FROM consent_consentitem i
                   WHERE i.consent_id = c.id AND i.study_id = NEW.study_id)
        OR EXISTS (SELECT 1 FROM consent_consentstanding t
                   JOIN imaging_study later ON later.patient_id = t.patient_id
                   WHERE t.consent_id = c.id AND later.id = NEW.study_id
                     AND NOT EXISTS (SELECT 1 FROM imaging_studycopy y WHERE y.study_id = later.id)
                     AND later.received_at > c.granted_at AND later.received_at <= t.until))))
  OR (NEW.basis = 'self' AND EXISTS (
    SELECT 1 FROM imaging_study s
    JOIN imaging_patientrecord p ON p.id = s.patient_id
    JOIN imaging_vault v ON v.id = s.vault_id
    WHERE s.id = NEW.study_id AND s.vault_id = NEW.vault_id
      AND replace(NEW.recipient, '-', '') =
          'account/' || replace(CAST(COALESCE(p.account_id, v.account_id) AS text), '-', '')))
  OR (NEW.basis = 'represented' AND EXISTS (
    SELECT 1 FROM imaging_study s
    JOIN imaging_patientrecord p ON p.id = s.patient_id
    JOIN imaging_vault v ON v.id = s.vault_id
    JOIN accounts_representative r ON r.patient_id = p.id
      OR r.represented_id = COALESCE(p.account_id, v.account_id)
    WHERE s.id = NEW.study_id AND s.vault_id = NEW.vault_id
      AND r.state IN ('verified', 'disputed') AND r.starts_at <= NEW.at
      AND replace(NEW.recipient, '-', '') =
          'account/' || replace(CAST(r.account_id AS text), '-', '')))
  OR (NEW.basis IN ('elevation', 'break-glass') AND EXISTS (
    SELECT 1 FROM powers_timedaccess t JOIN imaging_study s ON s.id = NEW.study_id
    WHERE t.id = NEW.timed_access_id AND t.way = NEW.basis
      AND s.vault_id = NEW.vault_id AND t.vault_id = NEW.vault_id
      AND (t.study_id = s.id OR t.patient_id = s.patient_id)
      AND t.began_at <= NEW.at AND t.ends_at > NEW.at AND t.ended_at IS NULL
      AND replace(NEW.recipient, '-', '') =
          'account/' || replace(CAST(t.account_id AS text), '-', '')))
)
"""

_DISCLOSURE_STAYS: Final = """
OLD.result <> 'open' OR NEW.id <> OLD.id OR NEW.study_id <> OLD.study_id
  OR NEW.vault_id <> OLD.vault_id OR NEW.at <> OLD.at OR NEW.basis <> OLD.basis
  OR NEW.consent_id IS DISTINCT FROM OLD.consent_id OR NEW.recipient <> OLD.recipient
  OR NEW.timed_access_id IS DISTINCT FROM OLD.timed_access_id
  OR NEW.channel <> OLD.channel OR NEW.sealed_detail IS DISTINCT FROM OLD.sealed_detail
  OR NEW.entry_id IS DISTINCT FROM OLD.entry_id
  OR NEW.pictures < OLD.pictures OR NEW.size < OLD.size
"""

# A withdrawal that is on its way is waited for, and then seen.
_CONSENT_HOLDS_STILL: Final = "SELECT 1 FROM consent_consent WHERE id = NEW.consent_id FOR SHARE"

# So is the end of an access that has only hours.
_ACCESS_HOLDS_STILL: Final = (
    "SELECT 1 FROM powers_timedaccess WHERE id = NEW.timed_access_id FOR SHARE"
)

# So is the end of an authority to act for the patient.
_AUTHORITY_HOLDS_STILL: Final = """
SELECT 1 FROM accounts_representative held WHERE NEW.basis = 'represented' AND held.id IN (
    SELECT r.id FROM imaging_study s JOIN accounts_representative r ON r.patient_id = s.patient_id
    WHERE s.id = NEW.study_id
    UNION ALL SELECT r.id FROM imaging_study s
    JOIN imaging_patientrecord p ON p.id = s.patient_id
    JOIN imaging_vault v ON v.id = s.vault_id
    JOIN accounts_representative r ON r.represented_id = COALESCE(p.account_id, v.account_id)
    WHERE s.id = NEW.study_id) FOR SHARE
"""

# While nobody has come in, the invitation may be sent again, with secrets that are new.
_SHARE_STAYS: Final = """
NEW.id <> OLD.id OR NEW.consent_id <> OLD.consent_id OR NEW.vault_id <> OLD.vault_id
  OR NEW.grantor_id <> OLD.grantor_id OR NEW.passphrase_hash <> OLD.passphrase_hash
  OR ((NEW.secret_hash <> OLD.secret_hash OR NEW.printed_hash <> OLD.printed_hash)
      AND (OLD.verified_at IS NOT NULL OR NEW.secret_hash = OLD.secret_hash
           OR NEW.printed_hash = OLD.printed_hash))
  OR NEW.needs_release <> OLD.needs_release OR NEW.created_at <> OLD.created_at
  OR (OLD.locked_at IS NOT NULL AND NEW.locked_at IS DISTINCT FROM OLD.locked_at)
  OR (OLD.declined_at IS NOT NULL AND NEW.declined_at IS DISTINCT FROM OLD.declined_at)
"""

_LOOK_STAYS: Final = """
NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.study_id <> OLD.study_id
  OR NEW.actor <> OLD.actor OR NEW.session <> OLD.session OR NEW.basis <> OLD.basis
  OR NEW.consent_id IS DISTINCT FROM OLD.consent_id
  OR NEW.disclosure_id IS DISTINCT FROM OLD.disclosure_id
  OR NEW.timed_access_id IS DISTINCT FROM OLD.timed_access_id
  OR NEW.opened_at <> OLD.opened_at OR NEW.pictures < OLD.pictures
  OR NEW.is_glimpse <> OLD.is_glimpse OR NEW.action <> OLD.action
  OR NEW.entry_id IS DISTINCT FROM OLD.entry_id
"""


# Only what the law demanded is ever left out of what an owner is told.
_NOT_DEMANDED: Final = """
NOT EXISTS (SELECT 1 FROM release_disclosure d
            WHERE d.id = NEW.disclosure_id AND d.vault_id = NEW.vault_id AND d.basis = 'statutory')
"""


def _kept(table: str, name: str, what: str) -> tuple[Trigger, ...]:
    """Return what keeps each row of a table as it was written."""
    return (
        Trigger(name=f"{name}_stays", table=table, event="UPDATE", says=f"{what} is not changed"),
        Trigger(name=f"{name}_is_kept", table=table, event="DELETE", says=f"{what} is not deleted"),
        Trigger(
            name=f"{name}s_are_kept", table=table, event="TRUNCATE", says=f"{what} is not deleted"
        ),
    )


TRIGGERS: Final = (
    Trigger(
        name="disclosure_has_basis",
        table="release_disclosure",
        event="INSERT",
        says=BASIS_MISSING,
        when=_DISCLOSURE_HAS_BASIS,
        locks=(_CONSENT_HOLDS_STILL, _AUTHORITY_HOLDS_STILL, _ACCESS_HOLDS_STILL),
    ),
    Trigger(
        name="disclosure_stays",
        table="release_disclosure",
        event="UPDATE",
        says="a disclosure is not changed",
        when=_DISCLOSURE_STAYS,
    ),
    Trigger(
        name="disclosure_is_kept",
        table="release_disclosure",
        event="DELETE",
        says="a disclosure is not deleted",
    ),
    Trigger(
        name="share_stays",
        table="release_share",
        event="UPDATE",
        says="a share is not changed",
        when=_SHARE_STAYS,
    ),
    Trigger(
        name="share_is_kept", table="release_share", event="DELETE", says="a share is not deleted"
    ),
    Trigger(
        name="look_stays",
        table="release_look",
        event="UPDATE",
        says="a look is not changed",
        when=_LOOK_STAYS,
    ),
    Trigger(
        name="look_is_kept", table="release_look", event="DELETE", says="a look is not deleted"
    ),
    Trigger(
        name="disclosures_are_kept",
        table="release_disclosure",
        event="TRUNCATE",
        says="a disclosure is not deleted",
    ),
    *CONSENT_TRIGGERS,
    *_kept("release_refusedrelease", "refused_release", "a refused try"),
    *_kept("release_accountingsuspension", "accounting_suspension", "a suspension"),
    *_kept("release_accountinggiven", "accounting_given", "that an accounting was made"),
    Trigger(
        name="only_the_law_suspends",
        table="release_accountingsuspension",
        event="INSERT",
        says="the owner is told of this",
        when=_NOT_DEMANDED,
    ),
    Trigger(
        name="shares_are_kept",
        table="release_share",
        event="TRUNCATE",
        says="a share is not deleted",
    ),
    Trigger(
        name="looks_are_kept", table="release_look", event="TRUNCATE", says="a look is not deleted"
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
    needed = {trigger.table for trigger in TRIGGERS} | {
        "imaging_study",
        "accounts_representative",
        "powers_timedaccess",
    }
    if needed <= set(connection.introspection.table_names()):
        install(connection, TRIGGERS)
