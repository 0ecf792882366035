"""What does the database refuse, even if the code forgets?

A disclosure without a live basis, a basis that came after it, a changed or
deleted disclosure or look, a share whose locks change, and a consent whose terms
or items change after signing. Django
rebuilds tables on SQLite and drops their triggers, so they are made anew after
every migration.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connections

_DISCLOSURE_HAS_BASIS: Final = """
CREATE TRIGGER disclosure_has_basis BEFORE INSERT ON release_disclosure
WHEN NOT (
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
          'account/' || replace(COALESCE(p.account_id, v.account_id), '-', '')))
)
BEGIN SELECT RAISE(ABORT, 'disclosure without a basis'); END
"""

_DISCLOSURE_STAYS: Final = """
CREATE TRIGGER disclosure_stays BEFORE UPDATE ON release_disclosure
WHEN OLD.result <> 'open' OR NEW.id <> OLD.id OR NEW.study_id <> OLD.study_id
  OR NEW.vault_id <> OLD.vault_id OR NEW.at <> OLD.at OR NEW.basis <> OLD.basis
  OR NEW.consent_id IS NOT OLD.consent_id OR NEW.recipient <> OLD.recipient
  OR NEW.channel <> OLD.channel OR NEW.sealed_detail IS NOT OLD.sealed_detail
  OR NEW.pictures < OLD.pictures OR NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'a disclosure is not changed'); END
"""

_DISCLOSURE_IS_KEPT: Final = """
CREATE TRIGGER disclosure_is_kept BEFORE DELETE ON release_disclosure
BEGIN SELECT RAISE(ABORT, 'a disclosure is not deleted'); END
"""

_CONSENT_STAYS: Final = """
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent_consent
WHEN NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.grantor_id <> OLD.grantor_id
  OR NEW.recipient_token <> OLD.recipient_token OR NEW.purpose <> OLD.purpose
  OR NEW.may_view <> OLD.may_view OR NEW.may_download <> OLD.may_download
  OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at
  OR NEW.granted_at <> OLD.granted_at OR NEW.signed_digest <> OLD.signed_digest
  OR NEW.authorization_id <> OLD.authorization_id
  OR NEW.sealed_signature <> OLD.sealed_signature
  OR NEW.sealed_terms <> OLD.sealed_terms OR NEW.sealed_words <> OLD.sealed_words
  OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at)
  OR (OLD.recipient_account_id IS NOT NULL
      AND NEW.recipient_account_id IS NOT OLD.recipient_account_id)
BEGIN SELECT RAISE(ABORT, 'a consent is not changed'); END
"""

_CONSENT_IS_KEPT: Final = """
CREATE TRIGGER consent_is_kept BEFORE DELETE ON consent_consent
BEGIN SELECT RAISE(ABORT, 'a consent is not deleted'); END
"""

_ITEM_STAYS: Final = """
CREATE TRIGGER consent_item_stays BEFORE UPDATE ON consent_consentitem
BEGIN SELECT RAISE(ABORT, 'a consent is not changed'); END
"""

_ITEM_IS_KEPT: Final = """
CREATE TRIGGER consent_item_is_kept BEFORE DELETE ON consent_consentitem
BEGIN SELECT RAISE(ABORT, 'a consent is not changed'); END
"""

# The share is made last: from then on nothing more can be put into its consent.
_ITEMS_ARE_WHOLE: Final = """
CREATE TRIGGER consent_items_are_whole BEFORE INSERT ON consent_consentitem
WHEN EXISTS (SELECT 1 FROM release_share s WHERE s.consent_id = NEW.consent_id)
BEGIN SELECT RAISE(ABORT, 'a consent is not changed'); END
"""

_SHARE_STAYS: Final = """
CREATE TRIGGER share_stays BEFORE UPDATE ON release_share
WHEN NEW.id <> OLD.id OR NEW.consent_id <> OLD.consent_id OR NEW.vault_id <> OLD.vault_id
  OR NEW.grantor_id <> OLD.grantor_id OR NEW.secret_hash <> OLD.secret_hash
  OR NEW.printed_hash <> OLD.printed_hash OR NEW.passphrase_hash <> OLD.passphrase_hash
  OR NEW.needs_release <> OLD.needs_release OR NEW.created_at <> OLD.created_at
  OR (OLD.locked_at IS NOT NULL AND NEW.locked_at IS NOT OLD.locked_at)
  OR (OLD.declined_at IS NOT NULL AND NEW.declined_at IS NOT OLD.declined_at)
BEGIN SELECT RAISE(ABORT, 'a share is not changed'); END
"""

_SHARE_IS_KEPT: Final = """
CREATE TRIGGER share_is_kept BEFORE DELETE ON release_share
BEGIN SELECT RAISE(ABORT, 'a share is not deleted'); END
"""

_LOOK_STAYS: Final = """
CREATE TRIGGER look_stays BEFORE UPDATE ON release_look
WHEN NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.study_id <> OLD.study_id
  OR NEW.actor <> OLD.actor OR NEW.session <> OLD.session OR NEW.basis <> OLD.basis
  OR NEW.consent_id IS NOT OLD.consent_id OR NEW.disclosure_id IS NOT OLD.disclosure_id
  OR NEW.opened_at <> OLD.opened_at OR NEW.pictures < OLD.pictures
BEGIN SELECT RAISE(ABORT, 'a look is not changed'); END
"""

_LOOK_IS_KEPT: Final = """
CREATE TRIGGER look_is_kept BEFORE DELETE ON release_look
BEGIN SELECT RAISE(ABORT, 'a look is not deleted'); END
"""

TRIGGERS: Final = {
    "disclosure_has_basis": _DISCLOSURE_HAS_BASIS,
    "disclosure_stays": _DISCLOSURE_STAYS,
    "disclosure_is_kept": _DISCLOSURE_IS_KEPT,
    "consent_stays": _CONSENT_STAYS,
    "consent_is_kept": _CONSENT_IS_KEPT,
    "consent_item_stays": _ITEM_STAYS,
    "consent_item_is_kept": _ITEM_IS_KEPT,
    "consent_items_are_whole": _ITEMS_ARE_WHOLE,
    "share_stays": _SHARE_STAYS,
    "share_is_kept": _SHARE_IS_KEPT,
    "look_stays": _LOOK_STAYS,
    "look_is_kept": _LOOK_IS_KEPT,
}


def install_triggers(using: str = "default", **_: Any) -> None:  # noqa: ANN401 (a signal's arguments)
    """Make the triggers anew. Runs after every migration of this room's database."""
    if using != "default":
        return
    with connections[using].cursor() as cursor:
        tables = set(connections[using].introspection.table_names(cursor))
        needed = {"release_disclosure", "release_share", "release_look"}
        needed |= {"consent_consent", "consent_consentitem", "imaging_study"}
        if not needed <= tables:
            return
        for name, statement in TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(statement)
