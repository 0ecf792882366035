"""How does a choice become an Express Consent, and a consent a way in?

Present: the terms are judged, put into words, and the words are kept. Confirm:
one Authenticated Authorization, bound to the digest of exactly what was shown,
is used up in the same transaction that writes the consent, the share and the
record (I2, I3, I4). Before that commit nobody has got anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.actions import admit_account, turn_for_consents
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.handwriting import digest_with
from safelight.exchange.consent.models import Consent, ConsentDraft
from safelight.exchange.consent.terms import Act, Terms
from safelight.exchange.consent.terms_data import as_data, signing_digest, terms_from_data
from safelight.exchange.consent.text import shown_html
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.people import tell_account
from safelight.exchange.release.sharing.asking import fulfil_request
from safelight.exchange.release.sharing.authority import hold_authority
from safelight.exchange.release.sharing.copying import with_copies
from safelight.exchange.release.sharing.drafts import SIGNED_ALREADY, Choices, find_draft
from safelight.exchange.release.sharing.onward import hold_parent, parent_of
from safelight.exchange.release.sharing.recipients import recipient_of
from safelight.exchange.release.sharing.signing import write_consent
from safelight.exchange.release.sharing.ways import open_way, tell_recipient
from safelight.exchange.release.sharing.withdraw import EndedBy, end_consent
from safelight.exchange.release.sharing.wording import (
    authority_in,
    items_from_choices,
    own_studies,
    terms_from_choices,
)
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import Account

_DONE = {
    Act.SHARE: ReleaseEvent.SHARED,
    Act.PUBLISH: ReleaseEvent.PUBLISHED,
    Act.ONWARD: ReleaseEvent.PASSED_ON,
}
MEANING = "I let this recipient see exactly these images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What is on the screen and must be signed as it is."""

    terms: Terms
    html: str
    digest: bytes
    challenge_id: UUID
    handwriting: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What came of a confirmed share. The passphrase is shown once and not kept."""

    consent_id: UUID
    share_id: UUID
    passphrase: str = field(default="", repr=False)


def present(party: Party, draft_id: UUID, *, statement_version: str, at: datetime) -> Presented:
    """Put the choices into their final words and ask for the signature.

    Raises:
        TermsNotFitError: something is missing or wrong; it names each part.
    """
    draft, choices = find_draft(party, draft_id)
    terms = terms_from_choices(party, draft, choices, statement_version=statement_version, at=at)
    html = shown_html(terms)
    digest = digest_with(signing_digest(terms, html), choices.handwriting)
    with transaction.atomic():
        challenge = begin(
            _account(party), session_id=session_id(party), digest=digest, meaning=MEANING, at=at
        )
        ConsentDraft.objects.filter(pk=draft.pk).update(
            presented_at=at, sealed_presented=_seal_presented(draft.id, terms, html, choices)
        )
        record(
            ConsentEvent.PRESENTED,
            actor=party.name,
            session=party.session,
            subject=f"draft/{draft.id}",
            vault_id=terms.vault_id,
            at=at,
        )
    return Presented(
        terms=terms,
        html=html,
        digest=digest,
        challenge_id=challenge.id,
        handwriting=choices.handwriting,
    )


def require_shown(party: Party, draft_id: UUID, digest: bytes) -> None:
    """Make sure that what somebody is about to sign is what was shown last.

    Raises:
        ManifestChangedError: it was changed or shown anew since.
        StateConflictError: it was signed already.
    """
    draft, _ = find_draft(party, draft_id)
    if _open_presented(draft).digest != digest:
        raise ManifestChangedError


def confirm(party: Party, draft_id: UUID, authorization_id: UUID, *, at: datetime) -> Shared:
    """Sign what was shown, and open the way for the one recipient it names.

    Raises:
        ManifestChangedError: the exam, the group or the choices are no longer those shown.
        StateConflictError: this draft was signed already.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    draft, choices = find_draft(party, draft_id)
    shown = _open_presented(draft)
    terms, html = shown.terms, shown.html
    _require_unchanged(party, choices, terms, at=at)
    with transaction.atomic():
        signature = consume(
            authorization_id,
            account=_account(party),
            session_id=session_id(party),
            digest=shown.digest,
            with_question=True,
            at=at,
        )
        hold_authority(terms.authority)
        hold_parent(terms)
        signed = write_consent(terms, html, signature, handwriting=shown.handwriting, at=at)
        way = open_way(terms, signed, passphrase=choices.passphrase, at=at)
        unsigned = ConsentDraft.objects.filter(pk=draft.pk, consent_id__isnull=True)
        if not unsigned.update(consent_id=signed, sealed_choices=b"", sealed_presented=None):
            raise StateConflictError(SIGNED_ALREADY)
        if terms.replaces_id is not None:
            _replace(party, terms.replaces_id, signed, at=at)
        if choices.request_id:
            fulfil_request(party, choices.request_id, signed, at=at)
        turn_for_consents([signed])
        _record_sharing(party, terms, signed, way.share_id, at)
        tell_recipient(terms, way, at=at)
        tell_account(terms.grantor_id, "consent-copy", at=at)
        if terms.authority.subject_account_id is not None:
            told = "passed-on" if terms.act is Act.ONWARD else "consent-for-you"
            tell_account(terms.authority.subject_account_id, told, at=at)
    return Shared(consent_id=signed, share_id=way.share_id, passphrase=choices.passphrase)


def _require_unchanged(party: Party, choices: Choices, terms: Terms, *, at: datetime) -> None:
    """Make sure that what was shown still stands: the same objects, the same closed list.

    Raises:
        ManifestChangedError: it does not.
    """
    choices = with_copies(party, choices)
    studies = own_studies(party, choices, at=at)
    items = items_from_choices(studies, choices, parent_of(party, choices, at=at))
    faults: dict[str, str] = {}
    recipient = recipient_of(choices, grantor_id=terms.grantor_id, faults=faults)
    if recipient != terms.recipient or items != terms.items:
        raise ManifestChangedError
    authority = authority_in(party, studies, choices, faults, at=at)
    if terms.act is not Act.ONWARD and authority != terms.authority:
        raise ManifestChangedError


def _replace(party: Party, old_id: UUID, new_id: UUID, *, at: datetime) -> None:
    """Put the new consent in the place of one this party gave: the old one ends with it.

    Where an account had proved to be the recipient, it need not prove so again.

    Raises:
        ManifestChangedError: the old one is no longer there to be replaced.
    """
    old = Consent.objects.filter(
        pk=old_id, grantor_id=party.account, revoked_at__isnull=True
    ).first()
    new = Consent.objects.get(pk=new_id)
    if old is None or _named(old) != _named(new):
        raise ManifestChangedError
    if old.recipient_account_id is not None:
        admit_account(new_id, old.recipient_account_id)
    end_consent(party, old, EndedBy.REPLACED, at=at)


def _named(consent: Consent) -> tuple[object, ...]:
    """Return whom a consent names: an address says it for a person, an id for the others."""
    return (
        consent.audience,
        bytes(consent.recipient_token),
        consent.recipient_organization_id,
        consent.recipient_group_id,
    )


def _account(party: Party) -> Account:
    return Account.objects.get(pk=party.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What was shown last of a draft, read back."""

    terms: Terms
    html: str
    handwriting: str

    @property
    def digest(self) -> bytes:
        return digest_with(signing_digest(self.terms, self.html), self.handwriting)


def _seal_presented(draft_id: UUID, terms: Terms, html: str, choices: Choices) -> bytes:
    shown = {"terms": as_data(terms), "html": html, "handwriting": choices.handwriting}
    content = orjson.dumps(shown)
    return seal(ring().instance_key("drafts"), content, bound_to=f"presented|{draft_id}")


def _open_presented(draft: ConsentDraft) -> _Shown:
    if draft.sealed_presented is None:
        raise ManifestChangedError
    content = orjson.loads(
        unseal(
            ring().instance_key("drafts"),
            bytes(draft.sealed_presented),
            bound_to=f"presented|{draft.id}",
        )
    )
    return _Shown(
        terms=terms_from_data(content["terms"]),
        html=content["html"],
        handwriting=content.get("handwriting", ""),
    )


def _record_sharing(
    party: Party, terms: Terms, consent_id: UUID, share_id: UUID, at: datetime
) -> None:
    done = _DONE[terms.act]
    for kind, subject in (
        (ConsentEvent.GRANTED, f"consent/{consent_id}"),
        (done, f"share/{share_id}"),
    ):
        record(
            kind,
            actor=party.name,
            session=party.session,
            subject=subject,
            vault_id=terms.vault_id,
            consent_id=consent_id,
            purpose=terms.purpose,
            count=sum(item.pictures for item in terms.items),
            at=at,
        )
