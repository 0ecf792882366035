"""How do two of an institution verify who acts for whom, and close it to one who is a danger?

All of it in person, by a privacy officer or somebody of the imaging desk.
"""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Power
from safelight.exchange.access.mandates import mandate_of
from safelight.exchange.access.representing.ending import block
from safelight.exchange.access.representing.verifying import (
    confirm_evidence,
    read_evidence,
    refuse_evidence,
    to_verify,
    verifies_for,
)
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.records.accounts.models import Representative
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import OutId
from safelight.surfaces.api.representatives import Reasons
from safelight.surfaces.api.routes import told

router = Router()
_STAFF = told(Action.SHARE, NotFoundError, StateConflictError, in_person=True)


class AskedToActOut(Schema):
    """One who asks to act for another, or does, as the institution's staff see it."""

    id: OutId
    name: str
    represented: str
    kind: str
    state: str
    powers: list[Power]
    asked_at: datetime
    is_known: bool = Field(description="Whether the one it is about is known here.")
    checked_once: bool
    since: datetime | None


class EvidenceOut(Schema):
    """What shows the right to act. A paper itself is handed over on the page."""

    id: OutId
    words: str
    has_paper: bool
    added_at: datetime


@router.get(
    "representatives/to-verify",
    response=list[AskedToActOut],
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def list_to_verify(request: Called) -> list[AskedToActOut]:
    """List what waits to be verified by your institution, and what was. Reading is on record."""
    if not verifies_for(request.auth):
        raise NotFoundError
    return [_asked(row) for row in to_verify(request.auth, at=clock.now())]


@router.get("representatives/{representative_id}/evidence", response=list[EvidenceOut], **_STAFF)
def list_evidence(request: Called, representative_id: str) -> list[EvidenceOut]:
    """Read what shows the right to act. That you read it is on record."""
    found = read_evidence(request.auth, from_text(representative_id), at=clock.now())
    return [
        EvidenceOut(id=each.pk, words=each.note, has_paper=bool(each.paper), added_at=each.added_at)
        for each in found
    ]


@router.post("representatives/{representative_id}/confirm", response=AskedToActOut, **_STAFF)
def confirm_representative(request: Called, representative_id: str) -> AskedToActOut:
    """Say that the evidence is good: the first of two, or a different second."""
    return _asked(confirm_evidence(request.auth, from_text(representative_id), at=clock.now()))


@router.post("representatives/{representative_id}/refuse", response={204: None}, **_STAFF)
def refuse_representative(request: Called, representative_id: str) -> None:
    """Say that the evidence does not show the right to act."""
    refuse_evidence(request.auth, from_text(representative_id), at=clock.now())


@router.post(
    "representatives/{representative_id}/block",
    response={204: None},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True, takes=True),
)
def block_representative(request: Called, representative_id: str, said: Reasons) -> None:
    """Close everything to one who acts, at once; they are told nothing. A privacy officer's act."""
    block(request.auth, from_text(representative_id), said.words, at=clock.now())


def _asked(row: Representative) -> AskedToActOut:
    return AskedToActOut(
        id=row.pk,
        name=row.account.name if row.account else row.invited_name or "",
        represented=row.represented_name,
        kind=row.kind,
        state=row.state,
        powers=sorted(mandate_of(row).powers),
        asked_at=row.asked_at,
        is_known=row.represented_id is not None or row.patient_id is not None,
        checked_once=row.first_by_id is not None,
        since=row.starts_at,
    )
