"""Who looked, who downloaded, when, and on what ground? In plain facts, newest first (R11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.caring.reasons import reasons_given
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.mandates import patients_acted_for
from safelight.exchange.access.representing.scope import followed_by
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Act
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.happening import Happening
from safelight.exchange.release.hours import accesses_of_hours, by_access
from safelight.exchange.release.models import Disclosure, Look, RefusedRelease, Share
from safelight.exchange.release.people import name_of, name_of_system
from safelight.exchange.release.periods import ALWAYS, Period
from safelight.exchange.release.signed import terms_of
from safelight.exchange.release.suspending import not_told
from safelight.exchange.release.transfer.models import DoneThere
from safelight.exchange.release.viewing.find import deny
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import PatientRecord, Study, Vault

_DOWNLOADS: Final = {"download": "downloaded", "transfer": "received"}
_AT_MOST: Final = 500


class _Hop(TypedDict):
    by: str
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage:
    """Some happenings, the newest first, and before which moment to ask on for older ones."""

    happenings: tuple[Happening, ...]
    older_than: datetime | None


def activity_page(
    party: Party,
    study_id: UUID | None,
    period: Period,
    *,
    at: datetime,
    size: int = 100,
    acting: UUID | None = None,
) -> ActivityPage:
    """Return one page of what happened in a period. Raises like `activity`.

    What happened in the very moment of the last line is still on the page.
    """
    found = activity(party, study_id, at=at, limit=_AT_MOST, period=period, acting=acting)
    if len(found) <= size:
        return ActivityPage(happenings=tuple(found), older_than=None)
    last = found[size - 1].at
    shown = tuple(each for each in found if each.at >= last)
    return ActivityPage(happenings=shown, older_than=last if len(found) > len(shown) else None)


def activity(
    party: Party,
    study_id: UUID | None = None,
    *,
    at: datetime,
    limit: int = 200,
    period: Period = ALWAYS,
    acting: UUID | None = None,
) -> list[Happening]:
    """Return what happened to one exam, or to all exams that are this party's own.

    Or, where `acting` names the authority, to all that stand of the person they act for.

    Raises:
        NotFoundError: the exam's activity is not for this party.
    """
    if study_id is not None:
        if not decide(party, Action.READ_ACTIVITY, study_id, at=at).allowed:
            deny(party, Action.READ_ACTIVITY, at=at)
            raise NotFoundError
        study_ids = [study_id]
    elif acting is not None:
        _, study_ids = followed_by(party, acting, at=at)
    else:
        study_ids = owned_studies(party)
    write_down_counts()
    hidden = not_told(study_ids, at=at)
    happened = [
        *_looks(party, study_ids, period, hidden),
        *_downloads(party, study_ids, period, hidden),
        *accesses_of_hours(party, study_ids, period),
    ]
    happened += [*_consents(party, study_ids, period), *_tries(study_ids, period)]
    happened += _done_there(study_ids, period)
    with transaction.atomic():
        record(
            ReleaseEvent.ACTIVITY_READ,
            actor=party.name,
            session=party.session,
            subject=_subject(party, study_id, acting),
            at=at,
        )
    return sorted(happened, key=lambda each: each.at, reverse=True)[:limit]


def _subject(party: Party, study_id: UUID | None, acting: UUID | None) -> str:
    if study_id is not None:
        return f"study/{study_id}"
    return f"representative/{acting}" if acting is not None else party.name


def owned_studies(party: Party) -> list[UUID]:
    """Return the exams, removed ones too, about which this party decides.

    Raises:
        NotFoundError: this party may not ask for what happened to any.
    """
    if standing_refusal(party, Action.READ_ACTIVITY) is not None:
        raise NotFoundError
    if party.kind is not PartyKind.INDIVIDUAL:
        return []
    vaults = Vault.objects.filter(account_id=party.account).values("id")
    patients = PatientRecord.objects.filter(
        Q(account_id=party.account) | Q(account_id__isnull=True, vault_id__in=vaults)
    )
    # Whoever keeps the exams of somebody else learns of them only while acting for them.
    patients = patients.exclude(vault_id__in=vaults, pk__in=patients_acted_for())
    owned = Study.objects.filter(patient_id__in=patients.values("id"))
    return list(owned.values_list("id", flat=True))


def _looks(
    party: Party, study_ids: list[UUID], period: Period, hidden: frozenset[UUID]
) -> Iterable[Happening]:
    within = period.of("opened_at")
    opened = Look.objects.filter(within, study_id__in=study_ids, is_glimpse=False)
    opened = opened.exclude(disclosure_id__in=hidden)
    reasons, hours = reasons_given(study_ids), by_access(study_ids)
    for each in opened.order_by("-opened_at")[:_AT_MOST]:
        consent = _consent(each.consent_id)
        by_care = None if consent else (each.study_id, each.actor, each.opened_at.date())
        said = reasons.get(by_care) if by_care else None
        timed = hours.get(each.timed_access_id) if each.timed_access_id else None
        cause, words = (timed.way, timed.reason) if timed else ("", "")
        yield Happening(
            at=each.opened_at,
            who=_who(each.actor, consent),
            is_you=each.actor == party.name,
            did="looked",
            study_id=each.study_id,
            pictures=each.pictures,
            consent_id=each.consent_id,
            consent_at=consent.granted_at if consent else None,
            cause=cause or (said.code if said else ""),
            cause_words=words or (said.words if said else ""),
            **_hop(consent),
        )


def _downloads(
    party: Party, study_ids: list[UUID], period: Period, hidden: frozenset[UUID]
) -> Iterable[Happening]:
    within = period.of("at")
    rows = Disclosure.objects.filter(within, study_id__in=study_ids, channel__in=list(_DOWNLOADS))
    rows = rows.exclude(pk__in=hidden)
    for each in rows.order_by("-at")[:_AT_MOST]:
        consent = _consent(each.consent_id)
        yield Happening(
            at=each.at,
            who=_who(each.recipient, consent),
            is_you=each.recipient == party.name,
            did=_DOWNLOADS[each.channel],
            study_id=each.study_id,
            pictures=each.pictures,
            consent_id=each.consent_id,
            consent_at=consent.granted_at if consent else None,
            **_hop(consent),
        )


def _consents(party: Party, study_ids: list[UUID], period: Period) -> Iterable[Happening]:
    within = period.of("granted_at") | period.of("revoked_at")
    rows = Consent.objects.filter(within, items__study_id__in=study_ids).distinct()
    # Ended by the recipient ("not for me"), so the giver took nothing back.
    declined = set(
        Share.objects.filter(
            consent_id__in=[row.id for row in rows], declined_at__isnull=False
        ).values_list("consent_id", flat=True)
    )
    for consent in rows:
        terms = terms_of(consent)
        began, ended = ("shared", "took-back")
        if consent.act == Act.ONWARD:
            began, ended = ("passed-on", "onward-ended")
        for study_id in {item.study_id for item in terms.items} & set(study_ids):
            pictures = sum(item.pictures for item in terms.items if item.study_id == study_id)
            moments = [(began, consent.granted_at)]
            if consent.revoked_at is not None and consent.id not in declined:
                moments.append((ended, consent.revoked_at))
            for did, when in moments:
                if period.holds(when):
                    yield _about_consent(party, consent, did, when, study_id, pictures)


def _about_consent(
    party: Party, consent: Consent, did: str, when: datetime, study_id: UUID, pictures: int
) -> Happening:
    return Happening(
        at=when,
        who=terms_of(consent).recipient.name,
        is_you=consent.grantor_id == party.account_id,
        did=did,
        study_id=study_id,
        pictures=pictures,
        consent_id=consent.id,
        consent_at=consent.granted_at,
        **_hop(consent),
    )


def _hop(consent: Consent | None) -> _Hop:
    """Say who passed something on, and under which consent; or who gave it for the patient."""
    if consent is None or (consent.parent_id is None and consent.representative_id is None):
        return _Hop(by="", parent_id=None)
    return _Hop(by=terms_of(consent).grantor_name, parent_id=consent.parent_id)


def _tries(study_ids: list[UUID], period: Period) -> Iterable[Happening]:
    rows = RefusedRelease.objects.filter(period.of("at"), study_id__in=study_ids)
    for each in rows.order_by("-at")[:_AT_MOST]:
        consent = _consent(each.consent_id)
        yield Happening(
            at=each.at,
            who=_who(each.actor, consent),
            is_you=False,
            did="tried",
            study_id=each.study_id,
            pictures=0,
            consent_id=each.consent_id,
            consent_at=consent.granted_at if consent else None,
        )


def _done_there(study_ids: list[UUID], period: Period) -> Iterable[Happening]:
    """Yield what partners told of the copies that were sent to them."""
    rows = DoneThere.objects.filter(period.of("at"), there__transfer__study_id__in=study_ids)
    for each in rows.select_related("there__transfer").order_by("-at")[:_AT_MOST]:
        sent = each.there.transfer
        consent = _consent(each.there.consent_id)
        yield Happening(
            at=each.at,
            who=name_of_system(sent.connection_id),
            is_you=False,
            did=each.did,
            study_id=sent.study_id,
            pictures=each.pictures,
            consent_id=each.there.consent_id,
            consent_at=consent.granted_at if consent else None,
            is_there=True,
        )


def _consent(consent_id: UUID | None) -> Consent | None:
    return Consent.objects.filter(pk=consent_id).first() if consent_id else None


def _who(actor: str, consent: Consent | None) -> str:
    """Return the name behind an opaque actor."""
    kind, _, identity = actor.partition("/")
    if kind == "account":
        return name_of(UUID(identity))
    if kind == "connection":
        return name_of_system(UUID(identity))
    if consent is not None:
        return terms_of(consent).recipient.name
    share = Share.objects.filter(pk=UUID(identity)).first() if kind == "share" else None
    if share is not None:
        return terms_of(Consent.objects.get(pk=share.consent_id)).recipient.name
    return "Somebody"
