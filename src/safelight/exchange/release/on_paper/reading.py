"""Who may see a recorded paper? The desk of the institution, and the patient it is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.caring.readings import note_reading
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.recording import in_person
from safelight.exchange.consent.paper import PaperState, paper_state_at
from safelight.exchange.release.on_paper.content import scan_in
from safelight.exchange.release.on_paper.events import PaperEvent
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Vault


def papers_for(party: Party, *, at: datetime) -> list[SignedPaper]:
    """List the papers of this party's desks, or about this party, the newest first.

    That somebody at a desk read it is on record.
    """
    if party.desks:
        vaults = Vault.objects.filter(organization_id__in=party.desks)
        note_reading(PaperEvent.LISTED, party, vaults, at=at)
    return list(SignedPaper.objects.filter(_theirs(party)).order_by("-recorded_at"))


def paper_for(party: Party, paper_id: UUID) -> SignedPaper:
    """Return one of them.

    Raises:
        NotFoundError: there is none, or it is not for this party; never which.
    """
    row = SignedPaper.objects.filter(_theirs(party), pk=paper_id).first()
    if row is None:
        raise NotFoundError
    return row


def open_paper(party: Party, paper_id: UUID, *, at: datetime) -> SignedPaper:
    """Return one of them, to be read. That is on record before.

    Raises:
        NotFoundError: there is none, or it is not for this party; never which.
    """
    row = paper_for(party, paper_id)
    with transaction.atomic():
        note(PaperEvent.OPENED, party, row, at=at)
    return row


def scan_of(party: Party, paper_id: UUID, *, at: datetime) -> tuple[bytes, str]:
    """Return a scan as it came, and its kind ("pdf", "jpeg", "png"). That is on record before.

    Raises:
        NotFoundError: it is not for this party.
    """
    row = paper_for(party, paper_id)
    with transaction.atomic():
        note(PaperEvent.READ, party, row, at=at)
    return scan_in(row), row.scan_kind


def is_at_desk(party: Party, row: SignedPaper) -> bool:
    """Say whether a party is at the desk that keeps a paper."""
    return row.organization_id in party.desks


def state_of(row: SignedPaper, *, at: datetime) -> PaperState:
    """Return where a paper is at a moment."""
    return paper_state_at(PaperState(row.state), lapses_at=row.lapses_at, at=at)


def note(event: PaperEvent, party: Party, row: SignedPaper, *, at: datetime) -> None:
    """Put on record what was done with a paper, in the caller's transaction."""
    patient = row.subject_account_id
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"paper/{row.id}",
        on_behalf=f"account/{patient}" if patient else "",
        vault_id=row.vault_id,
        consent_id=row.consent_id,
        at=at,
    )


def _theirs(party: Party) -> Q:
    account_id = in_person(party)
    about_them = Q(subject_account_id=account_id) & ~Q(state=PaperState.PREPARED)
    return Q(organization_id__in=party.desks) | about_them
