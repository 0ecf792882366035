"""How does a paper or a photograph become part of the records? Wrapped, in the cage."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.dicom.source import BytesSource, Source
from safelight.exchange.access.facts import Party
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.cage.cage import cage
from safelight.records.accounts.models import Account

LARGEST = 256 << 20
ISSUER = "SAFELIGHT"


@dataclass(frozen=True, slots=True)
class Title:
    """What the uploader says of a document. `on` is YYYYMMDD or empty."""

    words: str = ""
    on: str = ""


def wrapped(party: Party, kind: DocumentKind, payload: Source, title: Title) -> Source:
    """Wrap a PDF, JPEG or PNG as a DICOM object about the account's own person.

    Raises:
        CageError: it is not what it seems, or it is hostile.
        InvalidFieldError: the declaration cannot be written in a DICOM object.
    """
    account = Account.objects.get(pk=party.account)
    at = clock.now()
    declared = Declared(
        patient_name=account.name,
        patient_id=to_text(account.pk),
        patient_id_issuer=ISSUER,
        study_date=title.on,
        title=title.words,
        made_on=f"{at:%Y%m%d}",
        made_at=f"{at:%H%M%S}",
    )
    data = payload.read(0, min(payload.size, LARGEST))
    return BytesSource(cage().wrap(kind, data, declared))
