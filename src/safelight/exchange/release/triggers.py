"""What does the database refuse, even if the code forgets?

A disclosure without a live basis, a basis that came after it, a changed or
deleted disclosure or look, a share whose locks change, and a consent whose terms
or items change after signing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connections

from safelight.platform.database.triggers import Trigger, install, remove

_DISCLOSURE_HAS_BASIS: Final = """
NOT (
  (NEW.basis = 'authorised' AND EXISTS (
    SELECT 1 FROM consent_consent c JOIN consent_consentitem i ON i.consent_id = c.id
    WHERE c.id = NEW.consent_id AND i.study_id = NEW.study_id AND c.vault_id = NEW.vault_id
      AND c.granted_at <= NEW.at AND c.starts_at <= NEW.at AND c.ends_at > NEW.at
      AND (c.revoked_at IS NULL OR c.revoked_at > NEW.at)))
  OR (NEW.basis = 'self' AND EXISTS (
    SELECT 1 FROM imaging_study s
    JOIN imaging_patientrecord p ON p.id = s.patient_id
    JOIN imaging_vault v ON v.id = s.vault_id
    WHERE s.id = NEW.study_id AND s.vault_id = NEW.vault_id
      AND replace(NEW.recipient, '-', '') =
          'account/' || replace(CAST(COALESCE(p.account_id, v.account_id) AS text), '-', '')))
)
"""

_DISCLOSURE_STAYS: Final = """
OLD.result <> 'open' OR NEW.id <> OLD.id OR NEW.study_id <> OLD.study_id
  OR NEW.vault_id <> OLD.vault_id OR NEW.at <> OLD.at OR NEW.basis <> OLD.basis
  OR NEW.consent_id IS DISTINCT FROM OLD.consent_id OR NEW.recipient <> OLD.recipient
  OR NEW.channel <> OLD.channel OR NEW.sealed_detail IS DISTINCT FROM OLD.sealed_detail
  OR NEW.pictures < OLD.pictures OR NEW.size < OLD.size
"""

_CONSENT_STAYS: Final = """
NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.grantor_id <> OLD.grantor_id
  OR NEW.recipient_token <> OLD.recipient_token OR NEW.purpose <> OLD.purpose
  OR NEW.may_view <> OLD.may_view OR NEW.may_download <> OLD.may_download
  OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at
  OR NEW.granted_at <> OLD.granted_at OR NEW.signed_digest <> OLD.signed_digest
  OR NEW.authorization_id <> OLD.authorization_id
  OR NEW.sealed_signature <> OLD.sealed_signature
  OR NEW.sealed_terms <> OLD.sealed_terms OR NEW.sealed_words <> OLD.sealed_words
  OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
  OR (OLD.recipient_account_id IS NOT NULL
      AND NEW.recipient_account_id IS DISTINCT FROM OLD.recipient_account_id)
"""

# A withdrawal that is on its way is waited for, and then seen.
_CONSENT_HOLDS_STILL: Final = "SELECT 1 FROM consent_consent WHERE id = NEW.consent_id FOR SHARE"

# The share is made last: from then on nothing more can be put into its consent.
_ITEMS_ARE_WHOLE: Final = """
EXISTS (SELECT 1 FROM release_share s WHERE s.consent_id = NEW.consent_id)
"""

_SHARE_STAYS: Final = """
NEW.id <> OLD.id OR NEW.consent_id <> OLD.consent_id OR NEW.vault_id <> OLD.vault_id
  OR NEW.grantor_id <> OLD.grantor_id OR NEW.secret_hash <> OLD.secret_hash
  OR NEW.printed_hash <> OLD.printed_hash OR NEW.passphrase_hash <> OLD.passphrase_hash
  OR NEW.needs_release <> OLD.needs_release OR NEW.created_at <> OLD.created_at
  OR (OLD.locked_at IS NOT NULL AND NEW.locked_at IS DISTINCT FROM OLD.locked_at)
  OR (OLD.declined_at IS NOT NULL AND NEW.declined_at IS DISTINCT FROM OLD.declined_at)
"""

_LOOK_STAYS: Final = """
NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.study_id <> OLD.study_id
  OR NEW.actor <> OLD.actor OR NEW.session <> OLD.session OR NEW.basis <> OLD.basis
  OR NEW.consent_id IS DISTINCT FROM OLD.consent_id
  OR NEW.disclosure_id IS DISTINCT FROM OLD.disclosure_id
  OR NEW.opened_at <> OLD.opened_at OR NEW.pictures < OLD.pictures
  OR NEW.is_glimpse <> OLD.is_glimpse OR NEW.action <> OLD.action
"""

TRIGGERS: Final = (
    Trigger(
        name="disclosure_has_basis",
        table="release_disclosure",
        event="INSERT",
        says="disclosure without a basis",
        when=_DISCLOSURE_HAS_BASIS,
        locks=_CONSENT_HOLDS_STILL,
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
        name="consent_stays",
        table="consent_consent",
        event="UPDATE",
        says="a consent is not changed",
        when=_CONSENT_STAYS,
    ),
    Trigger(
        name="consent_is_kept",
        table="consent_consent",
        event="DELETE",
        says="a consent is not deleted",
    ),
    Trigger(
        name="consent_item_stays",
        table="consent_consentitem",
        event="UPDATE",
        says="a consent is not changed",
    ),
    Trigger(
        name="consent_item_is_kept",
        table="consent_consentitem",
        event="DELETE",
        says="a consent is not changed",
    ),
    Trigger(
        name="consent_items_are_whole",
        table="consent_consentitem",
        event="INSERT",
        says="a consent is not changed",
        when=_ITEMS_ARE_WHOLE,
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
    Trigger(
        name="consents_are_kept",
        table="consent_consent",
        event="TRUNCATE",
        says="a consent is not deleted",
    ),
    Trigger(
        name="consent_items_are_kept",
        table="consent_consentitem",
        event="TRUNCATE",
        says="a consent is not changed",
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
    needed = {trigger.table for trigger in TRIGGERS} | {"imaging_study"}
    if needed <= set(connection.introspection.table_names()):
        install(connection, TRIGGERS)
