"""How does a choice become an Express Consent, and a consent a way in?

Present: the terms are judged, put into words, and the words are kept. Confirm:
one Authenticated Authorization, bound to the digest of exactly what was shown,
is used up in the same transaction that writes the consent, the share and the
record (I2, I3, I4). Before that commit nobody has got anything.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent, ConsentDraft, ConsentItem
from safelight.exchange.consent.terms import (
    Permission,
    SecondCheck,
    Terms,
    canonical,
    signing_digest,
    terms_from_data,
)
from safelight.exchange.consent.text import shown_html
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Share
from safelight.exchange.release.people import tell_account
from safelight.exchange.release.sharing.drafts import SIGNED_ALREADY, find_draft
from safelight.exchange.release.sharing.items import items_of
from safelight.exchange.release.sharing.link_secrets import (
    hash_of_link,
    hash_of_printed,
    hash_of_short,
    new_link_secret,
    new_printed_code,
)
from safelight.exchange.release.sharing.wording import own_studies, terms_from_choices
from safelight.kernel.errors import StateConflictError
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import seal, token, unseal
from safelight.platform.keys.ring import ring
from safelight.platform.notices.actions import send
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import Account

MEANING = "I let this recipient see exactly these images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What is on the screen and must be signed as it is."""

    terms: Terms
    html: str
    digest: bytes
    challenge_id: UUID


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
    digest = signing_digest(terms, html)
    with transaction.atomic():
        challenge = begin(
            _account(party), session_id=session_id(party), digest=digest, meaning=MEANING, at=at
        )
        ConsentDraft.objects.filter(pk=draft.pk).update(
            presented_at=at, sealed_presented=_seal_presented(draft.id, terms, html)
        )
        record(
            ConsentEvent.PRESENTED,
            actor=party.name,
            session=party.session,
            subject=f"draft/{draft.id}",
            vault_id=terms.vault_id,
            at=at,
        )
    return Presented(terms=terms, html=html, digest=digest, challenge_id=challenge.id)


def confirm(party: Party, draft_id: UUID, authorization_id: UUID, *, at: datetime) -> Shared:
    """Sign what was shown, and open the way for the one recipient it names.

    Raises:
        ManifestChangedError: the exam or the choices are no longer those shown.
        StateConflictError: this draft was signed already.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    draft, choices = find_draft(party, draft_id)
    terms, html = _open_presented(draft)
    studies = own_studies(party, choices, at=at)
    chosen = frozenset(UUID(each) for each in choices.series_ids)
    if items_of(studies, chosen) != terms.items:
        raise ManifestChangedError
    secret, printed = new_link_secret(), new_printed_code()
    consent_id, share_id = new_id(), new_id()
    digest = signing_digest(terms, html)
    with transaction.atomic():
        signature = consume(
            authorization_id,
            account=_account(party),
            session_id=session_id(party),
            digest=digest,
            at=at,
        )
        ledger = ring().ledger_key(terms.vault_id)
        Consent.objects.create(
            id=consent_id,
            vault_id=terms.vault_id,
            grantor_id=terms.grantor_id,
            recipient_token=recipient_token(terms.recipient.address),
            purpose=terms.purpose,
            may_view=Permission.VIEW in terms.permissions,
            may_download=Permission.DOWNLOAD in terms.permissions,
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            granted_at=at,
            authorization_id=authorization_id,
            signed_digest=digest,
            sealed_terms=seal(ledger, canonical(terms), bound_to=f"terms|{consent_id}"),
            sealed_words=seal(ledger, html.encode(), bound_to=f"words|{consent_id}"),
            sealed_signature=seal(
                ledger,
                orjson.dumps(asdict(signature), default=_plain),
                bound_to=f"signature|{consent_id}",
            ),
        )
        ConsentItem.objects.bulk_create(
            ConsentItem(
                consent_id=consent_id,
                vault_id=terms.vault_id,
                study_id=item.study_id,
                series_id=item.series_id,
                up_to=item.up_to,
                pictures=item.pictures,
            )
            for item in terms.items
        )
        Share.objects.create(
            id=share_id,
            consent_id=consent_id,
            vault_id=terms.vault_id,
            grantor_id=terms.grantor_id,
            secret_hash=hash_of_link(secret),
            printed_hash=hash_of_printed(printed),
            passphrase_hash=(
                hash_of_short(share_id, choices.passphrase).hex()
                if terms.second_check is SecondCheck.PASSPHRASE
                else ""
            ),
            needs_release=terms.second_check is SecondCheck.OWNER_RELEASE,
            created_at=at,
        )
        unsigned = ConsentDraft.objects.filter(pk=draft.pk, consent_id__isnull=True)
        if not unsigned.update(consent_id=consent_id, sealed_choices=b"", sealed_presented=None):
            raise StateConflictError(SIGNED_ALREADY)
        turn_epoch()
        _record_sharing(party, terms, consent_id, share_id, at)
        _send_notices(terms, share_id, secret, printed, at)
    return Shared(consent_id=consent_id, share_id=share_id, passphrase=choices.passphrase)


def terms_of(consent: Consent) -> Terms:
    """Open the terms of a consent."""
    ledger = ring().ledger_key(consent.vault_id)
    return terms_from_data(
        orjson.loads(unseal(ledger, bytes(consent.sealed_terms), bound_to=f"terms|{consent.id}"))
    )


def words_of(consent: Consent) -> str:
    """Return the exact words that were shown and signed."""
    ledger = ring().ledger_key(consent.vault_id)
    return unseal(ledger, bytes(consent.sealed_words), bound_to=f"words|{consent.id}").decode()


def recipient_token(address: str) -> bytes:
    """Return the keyed token of a recipient's normalised address."""
    return token(ring().instance_key("recipients"), address.encode())


def _plain(value: object) -> str:
    """Write what JSON has no form for: digests as hex."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _account(party: Party) -> Account:
    return Account.objects.get(pk=party.account)


def _seal_presented(draft_id: UUID, terms: Terms, html: str) -> bytes:
    content = orjson.dumps({"terms": terms.as_data(), "html": html})
    return seal(ring().instance_key("drafts"), content, bound_to=f"presented|{draft_id}")


def _open_presented(draft: ConsentDraft) -> tuple[Terms, str]:
    if draft.sealed_presented is None:
        raise ManifestChangedError
    content = orjson.loads(
        unseal(
            ring().instance_key("drafts"),
            bytes(draft.sealed_presented),
            bound_to=f"presented|{draft.id}",
        )
    )
    return terms_from_data(content["terms"]), content["html"]


def _record_sharing(
    party: Party, terms: Terms, consent_id: UUID, share_id: UUID, at: datetime
) -> None:
    for kind, subject in (
        (ConsentEvent.GRANTED, f"consent/{consent_id}"),
        (ReleaseEvent.SHARED, f"share/{share_id}"),
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


def _send_notices(terms: Terms, share_id: UUID, secret: str, printed: str, at: datetime) -> None:
    page = f"{settings.SAFELIGHT_PUBLIC_URL}/s/{to_text(share_id)}"
    send(
        "share-invitation",
        to=terms.recipient.address,
        context={"link": f"{page}#{secret}", "page": page, "code": printed},
        at=at,
    )
    tell_account(terms.grantor_id, "consent-copy", at=at)
