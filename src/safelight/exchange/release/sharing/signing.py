"""What is written down when a consent is signed?

The row that the rules decide on, its items, its closed list, its marks; and
sealed, under the ledger key that outlives the pictures, the terms, the very
words and the signature.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from safelight.exchange.access.mark_tokens import mark_token
from safelight.exchange.access.sensitive import classes_of
from safelight.exchange.consent.models import (
    Consent,
    ConsentItem,
    ConsentMember,
    ConsentSensitive,
    ConsentStanding,
)
from safelight.exchange.consent.record import sign_record
from safelight.exchange.consent.terms import Audience, Further, Permission, Sensitive, Terms
from safelight.exchange.consent.terms_data import canonical
from safelight.kernel.ids import new_id
from safelight.platform.keys.cipher import seal, token
from safelight.platform.keys.ring import ring
from safelight.records.accounts.authorization.actions import SignatureRecord


def write_consent(
    terms: Terms,
    html: str,
    signature: SignatureRecord,
    *,
    handwriting: str = "",
    on_paper: dict[str, Any] | None = None,
    at: datetime,
) -> UUID:
    """Write a signed consent inside the caller's transaction and return its id.

    Nothing can be put into it once its share exists. `on_paper` is what the record says of
    a paper that the patient signed.
    """
    consent_id = new_id()
    ledger = ring().ledger_key(terms.vault_id)
    record = sign_record(
        consent_id, terms, html, signature, handwriting=handwriting, on_paper=on_paper, at=at
    )
    recipient, authority = terms.recipient, terms.authority
    Consent.objects.create(
        id=consent_id,
        vault_id=terms.vault_id,
        grantor_id=terms.grantor_id,
        recipient_token=recipient_token(recipient.address),
        act=terms.act,
        audience=recipient.audience,
        recipient_organization_id=recipient.organization_id,
        recipient_group_id=recipient.group_id,
        future_members=recipient.future_members,
        may_pass_on=terms.further.kind is not Further.NONE,
        subject_account_id=authority.subject_account_id,
        representative_id=authority.representative_id,
        parent_id=terms.parent_id,
        replaces_id=terms.replaces_id,
        form=terms.form,
        purpose=terms.purpose,
        may_view=Permission.VIEW in terms.permissions,
        may_download=Permission.DOWNLOAD in terms.permissions,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        granted_at=at,
        authorization_id=signature.authorization_id,
        signed_digest=signature.digest,
        sealed_terms=seal(ledger, canonical(terms), bound_to=f"terms|{consent_id}"),
        sealed_words=seal(ledger, html.encode(), bound_to=f"words|{consent_id}"),
        sealed_signature=seal(
            ledger,
            orjson.dumps(record.as_data()),
            bound_to=f"signature|{consent_id}",
        ),
    )
    _write_what(terms, consent_id)
    if recipient.audience is Audience.GROUP:
        ConsentMember.objects.bulk_create(
            ConsentMember(consent_id=consent_id, account_id=member.account_id, since=at)
            for member in recipient.members
        )
    return consent_id


def recipient_token(address: str) -> bytes:
    """Return the keyed token of a recipient's normalised address."""
    return token(ring().instance_key("recipients"), address.encode())


def _write_what(terms: Terms, consent_id: UUID) -> None:
    """Write what is covered: the items, sensitive classes by their marks, results to come."""
    ConsentItem.objects.bulk_create(
        ConsentItem(
            consent_id=consent_id,
            vault_id=terms.vault_id,
            study_id=item.study_id,
            series_id=item.series_id,
            up_to=item.up_to,
            only=list(item.only),
            pictures=item.pictures,
        )
        for item in terms.items
    )
    ConsentSensitive.objects.bulk_create(
        ConsentSensitive(consent_id=consent_id, token=mark_token(study_id, kind))
        for study_id, kind in _marks(terms)
    )
    if terms.standing is not None:
        ConsentStanding.objects.create(
            consent_id=consent_id,
            vault_id=terms.vault_id,
            patient_id=terms.standing.patient_id,
            until=terms.standing.until,
        )


def _marks(terms: Terms) -> list[tuple[UUID, Sensitive]]:
    """Pair each study with the included classes that it is marked with, and no others."""
    marked = classes_of({item.study_id for item in terms.items})
    return [
        (study_id, kind)
        for study_id, kinds in marked.items()
        for kind in sorted(kinds & terms.sensitive)
    ]
