"""What does the database refuse to do with a consent once it is signed?

Its terms, items, members and marks stay as they were signed: it can be ended
once, suspended and taken up again, and bound to the one account that proved to
be its recipient. The share is made last in the signing's transaction: from then
on nothing more can be put in.
"""

from __future__ import annotations

from typing import Final

from safelight.platform.database.triggers import Trigger

_CHANGED: Final = "a consent is not changed"
_DELETED: Final = "a consent is not deleted"

_CONSENT_STAYS: Final = """
NEW.id <> OLD.id OR NEW.vault_id <> OLD.vault_id OR NEW.grantor_id <> OLD.grantor_id
  OR NEW.recipient_token <> OLD.recipient_token OR NEW.purpose <> OLD.purpose
  OR NEW.may_view <> OLD.may_view OR NEW.may_download <> OLD.may_download
  OR NEW.act <> OLD.act OR NEW.form <> OLD.form OR NEW.audience <> OLD.audience
  OR NEW.future_members <> OLD.future_members OR NEW.may_pass_on <> OLD.may_pass_on
  OR NEW.recipient_organization_id IS DISTINCT FROM OLD.recipient_organization_id
  OR NEW.recipient_group_id IS DISTINCT FROM OLD.recipient_group_id
  OR NEW.subject_account_id IS DISTINCT FROM OLD.subject_account_id
  OR NEW.representative_id IS DISTINCT FROM OLD.representative_id
  OR NEW.parent_id IS DISTINCT FROM OLD.parent_id
  OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id
  OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at
  OR NEW.granted_at <> OLD.granted_at OR NEW.signed_digest <> OLD.signed_digest
  OR NEW.authorization_id <> OLD.authorization_id
  OR NEW.sealed_signature <> OLD.sealed_signature
  OR NEW.sealed_terms <> OLD.sealed_terms OR NEW.sealed_words <> OLD.sealed_words
  OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
      OR NEW.ended_by <> OLD.ended_by))
  OR (OLD.recipient_account_id IS NOT NULL
      AND NEW.recipient_account_id IS DISTINCT FROM OLD.recipient_account_id)
"""

# A consent to pass on rests on one that contemplates it and is live, and says no more.
_RESTS_ON_NOTHING: Final = """
(NEW.act = 'onward' AND NOT EXISTS (
    SELECT 1 FROM consent_consent p
    WHERE p.id = NEW.parent_id AND p.vault_id = NEW.vault_id AND p.may_pass_on = TRUE
      AND p.act <> 'onward' AND p.revoked_at IS NULL AND p.suspended_at IS NULL
      AND p.granted_at <= NEW.granted_at
      AND p.starts_at <= NEW.starts_at AND p.ends_at >= NEW.ends_at
      AND (p.may_download = TRUE OR NEW.may_download = FALSE)
      AND NEW.may_pass_on = FALSE))
OR (NEW.act <> 'onward' AND NEW.parent_id IS NOT NULL)
"""
# Copies without a name are named by consents to such copies, and by no others.
_IS_OF_ANOTHER_FORM: Final = """
(CASE WHEN EXISTS (SELECT 1 FROM consent_consent c
    WHERE c.id = NEW.consent_id AND c.form = 'deidentified') THEN 1 ELSE 0 END)
<> (CASE WHEN EXISTS (SELECT 1 FROM imaging_studycopy d
    WHERE d.study_id = NEW.study_id) THEN 1 ELSE 0 END)
"""
# Results to come are no copies, and whoever passed something on would name the patient.
_IS_OF_COPIES: Final = """
EXISTS (SELECT 1 FROM consent_consent c WHERE c.id = NEW.consent_id AND c.form <> 'identified')
"""
_NO_SUCH_FORM: Final = """
NEW.form NOT IN ('identified', 'deidentified')
  OR (NEW.form = 'deidentified' AND NEW.may_pass_on = TRUE)
"""
_PARENT_HOLDS_STILL: Final = "SELECT 1 FROM consent_consent WHERE id = NEW.parent_id FOR SHARE"

# Given for somebody: by who acts for them now, and may share, while nobody who does disagrees.
_RESTS_ON_NO_AUTHORITY: Final = """
NEW.representative_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM accounts_representative r
    WHERE r.id = NEW.representative_id AND r.account_id = NEW.grantor_id
      AND r.state = 'verified' AND r.may_share = TRUE AND r.starts_at <= NEW.granted_at
      AND NOT EXISTS (
        SELECT 1 FROM accounts_representative o WHERE o.state = 'disputed'
          AND (o.represented_id = r.represented_id OR o.patient_id = r.patient_id)))
"""
_AUTHORITY_HOLDS_STILL: Final = """
SELECT 1 FROM accounts_representative r JOIN accounts_representative o
  ON o.id = r.id OR o.represented_id = r.represented_id OR o.patient_id = r.patient_id
WHERE r.id = NEW.representative_id FOR SHARE OF o
"""

_IS_SIGNED: Final = """
EXISTS (SELECT 1 FROM release_share s WHERE s.consent_id = NEW.consent_id)
"""

_MAY_NOT_JOIN: Final = """
EXISTS (SELECT 1 FROM release_share s WHERE s.consent_id = NEW.consent_id)
AND NOT EXISTS (
  SELECT 1 FROM consent_consent c WHERE c.id = NEW.consent_id AND c.future_members = TRUE)
"""

_MEMBER_STAYS: Final = """
NEW.id <> OLD.id OR NEW.consent_id <> OLD.consent_id OR NEW.account_id <> OLD.account_id
  OR NEW.since <> OLD.since
  OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)
"""


def _whole(table: str, name: str) -> tuple[Trigger, ...]:
    """Return what keeps a part of a signed consent as it is."""
    return (
        Trigger(name=f"{name}_stays", table=table, event="UPDATE", says=_CHANGED),
        Trigger(name=f"{name}_is_kept", table=table, event="DELETE", says=_CHANGED),
        Trigger(
            name=f"{name}s_are_whole", table=table, event="INSERT", says=_CHANGED, when=_IS_SIGNED
        ),
        Trigger(name=f"{name}s_are_kept", table=table, event="TRUNCATE", says=_CHANGED),
    )


CONSENT_TRIGGERS: Final = (
    Trigger(
        name="consent_stays",
        table="consent_consent",
        event="UPDATE",
        says=_CHANGED,
        when=_CONSENT_STAYS,
    ),
    Trigger(
        name="consent_rests_on_another",
        table="consent_consent",
        event="INSERT",
        says="passed on without a consent that lets it",
        when=_RESTS_ON_NOTHING,
        locks=(_PARENT_HOLDS_STILL,),
    ),
    Trigger(
        name="consent_rests_on_authority",
        table="consent_consent",
        event="INSERT",
        says="agreed to for somebody without the authority to",
        when=_RESTS_ON_NO_AUTHORITY,
        locks=(_AUTHORITY_HOLDS_STILL,),
    ),
    Trigger(
        name="consent_form_is_known",
        table="consent_consent",
        event="INSERT",
        says="a consent in a form that is not kept",
        when=_NO_SUCH_FORM,
    ),
    Trigger(
        name="consent_item_has_the_form",
        table="consent_consentitem",
        event="INSERT",
        says="an exam of another form than was agreed",
        when=_IS_OF_ANOTHER_FORM,
    ),
    Trigger(
        name="consent_standing_is_of_exams",
        table="consent_consentstanding",
        event="INSERT",
        says="results to come are no copies",
        when=_IS_OF_COPIES,
    ),
    Trigger(name="consent_is_kept", table="consent_consent", event="DELETE", says=_DELETED),
    Trigger(name="consents_are_kept", table="consent_consent", event="TRUNCATE", says=_DELETED),
    *_whole("consent_consentitem", "consent_item"),
    *_whole("consent_consentstanding", "consent_standing"),
    *_whole("consent_consentsensitive", "consent_mark"),
    Trigger(
        name="consent_member_stays",
        table="consent_consentmember",
        event="UPDATE",
        says=_CHANGED,
        when=_MEMBER_STAYS,
    ),
    Trigger(
        name="consent_member_is_kept",
        table="consent_consentmember",
        event="DELETE",
        says=_CHANGED,
    ),
    Trigger(
        name="consent_members_are_closed",
        table="consent_consentmember",
        event="INSERT",
        says=_CHANGED,
        when=_MAY_NOT_JOIN,
    ),
    Trigger(
        name="consent_members_are_kept",
        table="consent_consentmember",
        event="TRUNCATE",
        says=_CHANGED,
    ),
)
