"""What can be taken along: the accounting of what left, and consents as papers and as FHIR."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import orjson
from django.http import HttpResponse
from ninja import Field, Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.release.papers.accounting import Extent, Line
from safelight.exchange.release.papers.listing import accounting, proof_of
from safelight.exchange.release.papers.taking import receipt
from safelight.exchange.release.papers.telling import consent_as_fhir, consents_as_fhir
from safelight.exchange.release.periods import Period
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Id, aware
from safelight.surfaces.api.routes import told

router = Router()
PDF: Final = "application/pdf"
FHIR: Final = "application/fhir+json"


class LineOut(Schema):
    """One disclosure, or the first of `count` like it and when the last one was."""

    at: datetime
    last_at: datetime
    count: int
    recipient: str
    address: str
    description: str
    purpose: str
    ground: str
    basis: str
    channel: str
    result: str
    pictures: int
    entries: list[int] = Field(description="Its entries in the record, as far as they are signed.")


class AccountingOut(Schema):
    """What left of your exams in a period: all of it, or what the law asks to be listed."""

    extent: Extent
    since: datetime | None
    before: datetime
    made_at: datetime
    number_in_year: int | None = Field(
        description="Which it is within twelve months, as the law has it; the first is free by law."
    )
    lines: list[LineOut]
    proof: dict[str, Any] | None = Field(
        description="Where asked for: what `verify_audit.py` reads, saved as a file of its own."
    )


@router.get("accounting", response=AccountingOut, **told(Action.READ_ACTIVITY, NotFoundError))
def read_accounting(
    request: Called,
    extent: Extent = Extent.COMPLETE,
    since: datetime | None = None,
    before: datetime | None = None,
    acting: Id | None = None,
    *,
    proof: bool = False,
) -> AccountingOut:
    """List every disclosure of your exams, or by `acting` of whom you act for. It is on record."""
    period = Period(since=aware(since), before=aware(before))
    made = accounting(
        request.auth,
        extent,
        period,
        acting=from_text(acting) if acting is not None else None,
        at=clock.now(),
    )
    return AccountingOut(
        extent=made.extent,
        since=made.since,
        before=made.before,
        made_at=made.made_at,
        number_in_year=made.number_in_year,
        lines=[_line(each, made.entries_of(each)) for each in made.lines],
        proof=orjson.loads(proof_of(made)) if proof else None,
    )


@router.get(
    "consents/{consent_id}/receipt",
    **told(Action.READ_ACTIVITY, NotFoundError, media=PDF),
)
def read_receipt(request: Called, consent_id: str) -> HttpResponse:
    """Return a consent as a signed PDF, which can be checked without us."""
    made = receipt(request.auth, from_text(consent_id), at=clock.now())
    return HttpResponse(made, content_type=PDF)


@router.get(
    "consents/{consent_id}/fhir",
    **told(Action.READ_ACTIVITY, NotFoundError, media=FHIR),
)
def read_consent_as_fhir(request: Called, consent_id: str) -> HttpResponse:
    """Return a consent as a FHIR R4 resource."""
    made = consent_as_fhir(request.auth, from_text(consent_id), at=clock.now())
    return HttpResponse(made, content_type=FHIR)


@router.get("fhir/consents", **told(Action.READ_ACTIVITY, NotFoundError, media=FHIR))
def read_consents_as_fhir(request: Called) -> HttpResponse:
    """Return all consents of yours, with their signatures, as one FHIR R4 bundle."""
    return HttpResponse(consents_as_fhir(request.auth, at=clock.now()), content_type=FHIR)


def _line(line: Line, entries: list[int]) -> LineOut:
    entry = line.first
    return LineOut(
        at=entry.at,
        last_at=line.last_at,
        count=line.count,
        recipient=entry.recipient,
        address=entry.address,
        description=entry.description,
        purpose=entry.purpose,
        ground=entry.ground,
        basis=entry.basis,
        channel=entry.channel,
        result=entry.result,
        pictures=entry.pictures,
        entries=entries,
    )
