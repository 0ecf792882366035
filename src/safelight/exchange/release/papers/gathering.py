"""What left about one person in a period, read from the ledger?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from uuid import UUID

from safelight.dicom.search.titles import exam_title
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.scope import followed_by
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Terms
from safelight.exchange.consent.text import pictures_in_words, purpose_in_words
from safelight.exchange.release.activity import owned_studies
from safelight.exchange.release.disclosures import detail_of
from safelight.exchange.release.models import Disclosure, Look
from safelight.exchange.release.papers.accounting import CARE, Entry
from safelight.exchange.release.papers.recorded import Acts
from safelight.exchange.release.people import address_of_account, name_of, name_of_system
from safelight.exchange.release.periods import Period
from safelight.exchange.release.signed import terms_of
from safelight.exchange.release.suspending import not_told
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.kernel.ids import to_text
from safelight.platform.keys.ring import ring
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import Series, Study

_DID = {"view": "looked at", "download": "downloaded", "transfer": "sent there"}
_OWN_PURPOSES = {
    "self": "at the person's own request",
    "represented": "for the person",
    "elevation": "to run this service; asked for by one of its staff, approved by another",
    "break-glass": "an emergency, stated by a clinician who had not treated the person",
}


def entries_of(
    party: Party,
    period: Period,
    *,
    acting: UUID | None = None,
    patient_id: UUID | None = None,
    at: datetime,
) -> list[Entry]:
    """Return all that left of this party's own exams, and what those who treat them looked at.

    Or, where `acting` names the authority, of the exams of whom they act for; where
    `patient_id` names one record of the patient, of the exams in that. But for what the law
    keeps from them at this moment (`suspending.py`).

    Raises:
        NotFoundError: this party has no exams of their own to ask about, or no such authority.
    """
    write_down_counts()
    owner = party.name
    if acting is not None:
        row, study_ids = followed_by(party, acting, at=at)
        owner = f"account/{row.represented_id}"
    else:
        study_ids = owned_studies(party)
    if patient_id is not None:
        of_one = Study.objects.filter(pk__in=study_ids, patient_id=patient_id)
        study_ids = list(of_one.values_list("id", flat=True))
    words, acts = _Words(study_ids), Acts()
    left = Disclosure.objects.filter(period.of("at"), study_id__in=study_ids)
    left = left.exclude(pk__in=not_told(study_ids, at=at))
    looks = Look.objects.filter(
        period.of("opened_at"), study_id__in=study_ids, is_glimpse=False, disclosure_id=None
    ).exclude(actor=owner)
    return [
        *_disclosed(left.order_by("at"), words, acts),
        *_looked(looks.order_by("opened_at"), words, acts),
    ]


class _Words:
    """The names behind the ids of one accounting, each looked up once."""

    def __init__(self, study_ids: list[UUID]) -> None:
        self.titles = _titles(study_ids)
        self.consent = cache(_terms)
        self.person = cache(_person)

    def description(self, study_id: UUID, channel: str, pictures: int) -> str:
        title = self.titles.get(study_id, "an exam that was erased")
        return f"{title}; {pictures_in_words(pictures)} {_DID.get(channel, channel)}"

    def recipient(self, actor: str, terms: Terms | None) -> tuple[str, str]:
        kind, _, identity = actor.partition("/")
        if kind == "account":
            return self.person(UUID(identity))
        if kind == "connection":
            return name_of_system(UUID(identity)), ""
        if terms is not None:
            return terms.recipient.name, terms.recipient.address
        return "Somebody who is not known here", ""


def _disclosed(rows: Iterable[Disclosure], words: _Words, acts: Acts) -> Iterator[Entry]:
    for row in rows:
        terms = words.consent(row.consent_id) if row.consent_id else None
        name, address = words.recipient(row.recipient, terms)
        described = words.description(row.study_id, row.channel, row.pictures)
        purpose = purpose_in_words(terms) if terms else _OWN_PURPOSES.get(row.basis, "")
        # What left on another ground than a consent says itself to whom and why.
        said = {key: str(value) for key, value in detail_of(row).items()}
        yield Entry(
            at=row.at,
            recipient=said.get("recipient", name),
            address=said.get("address", address),
            description=said.get("description", described),
            purpose=said.get("purpose", purpose),
            ground=row.basis,
            channel=row.channel,
            result=row.result,
            pictures=row.pictures,
            basis=to_text(row.consent_id) if row.consent_id else said.get("order", ""),
            number=to_text(row.id),
            entry_id=row.entry_id or acts.disclosing(row),
        )


def _looked(rows: Iterable[Look], words: _Words, acts: Acts) -> Iterator[Entry]:
    for row in rows:
        name, address = words.recipient(row.actor, None)
        yield Entry(
            at=row.opened_at,
            recipient=name,
            address=address,
            description=words.description(row.study_id, row.action or "view", row.pictures),
            purpose="for treatment",
            ground=CARE,
            channel=row.action or "view",
            result="complete",
            pictures=row.pictures,
            number=to_text(row.id),
            entry_id=row.entry_id or acts.looking(row),
        )


def _terms(consent_id: UUID) -> Terms:
    return terms_of(Consent.objects.get(pk=consent_id))


def _person(account_id: UUID) -> tuple[str, str]:
    """Return a name, with the institution somebody works at, and an address."""
    name = name_of(account_id)
    places = sorted({row.organization.name for row in memberships_of(account_id)})
    return ", ".join([name, *places]), address_of_account(account_id)


def _titles(study_ids: list[UUID]) -> dict[UUID, str]:
    """Say what each exam is called; those whose key was destroyed are absent."""
    keys = ring().study_keys(study_ids)
    series: dict[UUID, list[Series]] = {}
    for row in Series.objects.filter(study_id__in=list(keys)).order_by("received_at", "id"):
        series.setdefault(row.study_id, []).append(row)
    return {
        study.id: _title(study, series.get(study.id, []), keys[study.id])
        for study in Study.objects.filter(pk__in=list(keys))
    }


def _title(study: Study, series: list[Series], key: bytes) -> str:
    answer = open_answer("study", study.id, study.sealed_answer, study_key=key)
    below = [open_answer("series", row.id, row.sealed_answer, study_key=key) for row in series]
    day = f" of {_day(study)}" if study.study_on else ""
    return f"{exam_title(answer, below)}{day}"


def _day(study: Study) -> str:
    on = study.study_on
    return f"{on.day} {on:%B %Y}" if on else ""
