"""How does a partner's Safelight hand an exam over?

It announces under which terms, sends each object by DICOMweb under the announcement's name,
asks whether both sides count and hash the same, hears what was done with the copy, and says
when the consent was taken back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Field, Router, Schema
from pydantic import AwareDatetime, StringConstraints

from safelight.exchange.receive.errors import MayNotStoreError
from safelight.exchange.receive.handover.announcing import announce, withdraw
from safelight.exchange.receive.handover.keeping import agree, hashes
from safelight.exchange.receive.handover.models import HandoverState
from safelight.exchange.receive.handover.terms import MOST_OBJECTS, HandoverTerms
from safelight.exchange.release.transfer.custody import custody_of
from safelight.kernel import clock
from safelight.kernel.errors import StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Id, Line
from safelight.surfaces.api.routes import told_system

router = Router()
Proof = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Announced(Asked):
    """What will be handed over, and what the patient agreed to; nobody is named."""

    study: Line = Field(description="The Study Instance UID.")
    wanted: int = Field(ge=1, le=MOST_OBJECTS, description="How many objects will come.")
    consent: Id = Field(description="The consent, by the sender's own name for it.")
    purpose: Line
    further: Line = Field(description="To whom it may be passed on: `none` for nobody.")
    given_at: AwareDatetime
    ends_at: AwareDatetime


class HandoverOut(Schema):
    """Where it stands."""

    state: HandoverState


class Told(Asked):
    """What the sender counts, and its SHA-256 over all hashes in the order of their values."""

    count: int = Field(ge=0, le=MOST_OBJECTS)
    proof: Proof


class TallyOut(Schema):
    """What the receiver counts."""

    state: HandoverState
    agrees: bool
    count: int
    proof: Proof


class HashesOut(Schema):
    """The SHA-256 of each file that is kept."""

    sha256: list[str]


class CustodyOut(Schema):
    """One thing that was done with the copy there; nobody is named."""

    id: str
    did: str
    at: datetime
    pictures: int


@router.put(
    "handovers/{transfer_id}",
    response=HandoverOut,
    **told_system(StateConflictError, MayNotStoreError, takes=True),
)
def announce_handover(request: Called, transfer_id: str, said: Announced) -> HandoverOut:
    """Say what will be handed over, before the first object; again is the same."""
    terms = HandoverTerms(**said.dict())
    row = announce(request.auth, from_text(transfer_id), terms, at=clock.now())
    return HandoverOut(state=HandoverState(row.state))


@router.post("handovers/{transfer_id}/agree", response=TallyOut, **told_system())
def agree_on_handover(request: Called, transfer_id: str, said: Told) -> TallyOut:
    """Compare what was sent with what is kept."""
    tally = agree(
        request.auth,
        from_text(transfer_id),
        count=said.count,
        proof=bytes.fromhex(said.proof),
        at=clock.now(),
    )
    return TallyOut(
        state=tally.state, agrees=tally.agrees, count=tally.count, proof=tally.proof.hex()
    )


@router.get("handovers/{transfer_id}/hashes", response=HashesOut, **told_system())
def handover_hashes(request: Called, transfer_id: str) -> HashesOut:
    """List the hash of each object that is kept."""
    found = hashes(request.auth, from_text(transfer_id), at=clock.now())
    return HashesOut(sha256=[each.hex() for each in found])


@router.post("handovers/{transfer_id}/withdraw", response=HandoverOut, **told_system())
def withdraw_handover(request: Called, transfer_id: str) -> HandoverOut:
    """Say that the consent was taken back."""
    row = withdraw(request.auth, from_text(transfer_id), at=clock.now())
    return HandoverOut(state=HandoverState(row.state))


@router.get("handovers/{transfer_id}/custody", response=list[CustodyOut], **told_system())
def handover_custody(request: Called, transfer_id: str, after: AwareDatetime) -> list[CustodyOut]:
    """List what was done with the copy after a moment, the oldest first, 200 at most."""
    found = custody_of(request.auth, from_text(transfer_id), after=after, at=clock.now())
    return [
        CustodyOut(id=each.key, did=each.did, at=each.at, pictures=each.pictures) for each in found
    ]
