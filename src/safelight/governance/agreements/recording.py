"""How is an agreement recorded by one, verified by another, renewed and ended?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.actions import agreement_began, agreement_over
from safelight.exchange.access.connecting import Hand, one_partner
from safelight.exchange.access.gates import refusal_of
from safelight.governance.agreements.events import AgreementEvent
from safelight.governance.agreements.models import Agreement
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.partners.kinds import AgreementKind
from safelight.records.partners.models import Connection

LARGEST_PAPER: Final = 8 << 20
_LONGEST_TERM: Final = timedelta(days=366 * 10)
_LONGEST_WORDS: Final = 500
_PDF: Final = b"%PDF-"
_SOON: Final = timedelta(days=30)


class AgreementState(StrEnum):
    """Where an agreement stands at a moment."""

    WAITING = "waiting"
    COMING = "coming"
    IN_FORCE = "in_force"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementWish:
    """What somebody filled in, as text. Days are ISO 8601, both included, and days of UTC."""

    kind: str
    parties: str
    starts_on: str
    ends_on: str
    renews: UUID | None = None


def record_agreement(
    hand: Hand, partner_id: UUID, wish: AgreementWish, paper: bytes, *, at: datetime
) -> Agreement:
    """Record an agreement with its paper. It opens nothing until somebody else verifies it.

    Raises:
        NotFoundError: the partner is not of this institution.
        InvalidFieldError: something is missing or unfit.
    """
    partner = one_partner(hand, partner_id)
    if wish.kind not in set(AgreementKind):
        raise InvalidFieldError("agreement", "Choose what was agreed.")
    parties = " ".join(wish.parties.split())
    if not 1 <= len(parties) <= _LONGEST_WORDS:
        raise InvalidFieldError("parties", "Say who signed it, for whom.")
    starts_at = _day("starts_on", wish.starts_on)
    ends_at = _day("ends_on", wish.ends_on) + timedelta(days=1)
    if not timedelta() < ends_at - starts_at <= _LONGEST_TERM:
        raise InvalidFieldError("ends_on", "It ends after it begins, within ten years.")
    if not paper.startswith(_PDF) or len(paper) > LARGEST_PAPER:
        raise InvalidFieldError("paper", "Add the signed paper as a PDF of up to 8 MB.")
    before = _renewed(wish, partner.pk)
    with transaction.atomic():
        row = Agreement.objects.create(
            organization_id=partner.organization_id,
            partner_id=partner.pk,
            kind=wish.kind,
            parties=parties,
            starts_at=starts_at,
            ends_at=ends_at,
            paper=paper,
            digest=hashlib.sha256(paper).digest(),
            renews=before,
            recorded_by=hand.name,
            recorded_at=at,
        )
        _note(AgreementEvent.AGREEMENT_RECORDED, hand, row, at=at)
    return row


def verify_agreement(hand: Hand, agreement_id: UUID, *, at: datetime) -> None:
    """Say, as somebody else, that the paper says what was recorded. From then on it counts.

    Raises:
        NotFoundError: it is another institution's.
        StateConflictError: it was verified or ended, or the same person recorded it.
    """
    with transaction.atomic():
        row = _held(hand, agreement_id)
        if row.verified_at is not None or row.ended_at is not None:
            raise StateConflictError
        if row.recorded_by == hand.name:
            raise StateConflictError("Somebody else must check what you recorded.")
        row.verified_by, row.verified_at = hand.name, at
        row.save(update_fields=["verified_by", "verified_at"])
        agreement_began(row.partner_id, row.kind, row.pk, since=row.starts_at, until=row.ends_at)
        _note(AgreementEvent.AGREEMENT_VERIFIED, hand, row, at=at)


def end_agreement(hand: Hand, agreement_id: UUID, because: str, *, at: datetime) -> None:
    """End an agreement before its time: what rests on it is closed from the commit on.

    Raises:
        NotFoundError: it is another institution's.
        InvalidFieldError: no reason is given.
        StateConflictError: it is ended already.
    """
    if not 1 <= len(because.strip()) <= _LONGEST_WORDS:
        raise InvalidFieldError("because", "Say why it ends, in up to 500 letters.")
    with transaction.atomic():
        row = _held(hand, agreement_id)
        if row.ended_at is not None:
            raise StateConflictError
        row.ended_by, row.ended_at, row.ended_because = hand.name, at, because.strip()
        row.save(update_fields=["ended_by", "ended_at", "ended_because"])
        agreement_over(row.pk)
        _note(AgreementEvent.AGREEMENT_ENDED, hand, row, at=at)


def agreements_with(hand: Hand, partner_id: UUID) -> list[Agreement]:
    """List the agreements with a partner, the latest end first, without their papers."""
    one_partner(hand, partner_id)
    rows = Agreement.objects.filter(partner_id=partner_id).defer("paper")
    return list(rows.order_by("-ends_at", "pk"))


def one_agreement(hand: Hand, agreement_id: UUID) -> Agreement:
    """Return one agreement, without its paper.

    Raises:
        NotFoundError: there is none, or it is another institution's.
    """
    row = Agreement.objects.defer("paper").filter(pk=agreement_id).first()
    if row is None:
        raise NotFoundError
    hand.reaches(row.organization_id)
    return row


def closes_with(row: Agreement, *, at: datetime) -> list[Connection]:
    """Return the connections that let something through now, and nothing once this one is over."""
    if not row.starts_at <= at < row.ends_at or row.verified_at is None or row.ended_at:
        return []
    same = Agreement.objects.filter(
        partner_id=row.partner_id,
        kind=row.kind,
        starts_at__lte=at,
        ends_at__gt=at,
        verified_at__isnull=False,
        ended_at__isnull=True,
    )
    if same.exclude(pk=row.pk).exists():
        return []
    rests = Q(partner_id=row.partner_id) | Q(partner__through_id=row.partner_id, basis=row.kind)
    found = Connection.objects.filter(rests, organization_id=row.organization_id)
    return [
        each
        for each in found.select_related("partner").order_by("changed_at", "id")
        if (each.partner_id != row.partner_id or row.kind in each.needs.split())
        and not refusal_of(each.pk, at=at)
    ]


def paper_of(hand: Hand, agreement_id: UUID, *, at: datetime) -> bytes:
    """Return the paper of an agreement; that it was read is on record.

    Raises:
        NotFoundError: it is another institution's.
    """
    with transaction.atomic():
        row = _held(hand, agreement_id)
        _note(AgreementEvent.DOCUMENT_READ, hand, row, at=at)
    return bytes(row.paper)


def state_of(row: Agreement, *, at: datetime) -> AgreementState:
    """Say where an agreement stands at a moment."""
    if row.ended_at is not None:
        return AgreementState.ENDED
    if row.ends_at <= at:
        return AgreementState.EXPIRED
    if row.verified_at is None:
        return AgreementState.WAITING
    if at < row.starts_at:
        return AgreementState.COMING
    return AgreementState.EXPIRING if row.ends_at - at <= _SOON else AgreementState.IN_FORCE


def _day(field: str, text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
    except ValueError:
        raise InvalidFieldError(field, "Give a day.") from None


def _renewed(wish: AgreementWish, partner_id: UUID) -> Agreement | None:
    if wish.renews is None:
        return None
    same = Agreement.objects.filter(pk=wish.renews, partner_id=partner_id, kind=wish.kind)
    if (before := same.first()) is None:
        raise InvalidFieldError("renews", "That is no agreement of this kind with them.")
    return before


def _held(hand: Hand, agreement_id: UUID) -> Agreement:
    row = Agreement.objects.select_for_update().filter(pk=agreement_id).first()
    if row is None:
        raise NotFoundError
    hand.reaches(row.organization_id)
    return row


def _note(event: AgreementEvent, hand: Hand, row: Agreement, *, at: datetime) -> None:
    record(
        event,
        actor=hand.name,
        session=hand.session,
        subject=f"agreement/{row.pk}",
        reason=row.kind,
        at=at,
    )
