"""How does what an institution's desk keeps about its patients come into each state?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from starlette.testclient import TestClient

from cast import Person, give_second_factor, make_person, multipart, party_of_person
from matrix.exams import named
from matrix.objects import Thing
from on_paper import Desk
from safelight.exchange.access.caring.relations import CareWish, begin_care, end_care
from safelight.exchange.access.models import CareRelation, CareWay
from safelight.exchange.receive.waiting import reject
from safelight.exchange.release.claiming import (
    claim_record,
    disown_record,
    end_claim,
    offer_claim,
)
from safelight.exchange.release.deceased import confirm_death, report_death, undo_death
from safelight.exchange.release.on_paper.comparing import refuse_paper
from safelight.exchange.release.record_changes import (
    ONE_PERSON,
    ChangeWish,
    ask_change,
    confirm_change,
    end_change,
)
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import PatientRecord, ReviewItem, ReviewState, Series, Study
from story import another_ct, store

Clock = Callable[[timedelta], datetime]
_BORN, _FIRST = "1970-02-03", 60


@dataclass(frozen=True)
class House:
    """The hospital's desk, and everybody else; each patient has one exam and a number."""

    people: dict[str, Person]
    web: TestClient

    def bring(self, number: str, whose: Person | None = None) -> UUID:
        """Let the desk bring in an exam of a new patient, who may have an account."""
        uids = named(_FIRST + Study.objects.count())
        names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        known = {"PatientID": number, "PatientBirthDate": _BORN.replace("-", "")}
        store(self.web, self.people["desk"], another_ct(**dict(zip(names, uids)), **known))  # noqa: B905 (three)
        study = Study.objects.latest("received_at")
        if whose is not None:
            PatientRecord.objects.filter(pk=study.patient_id).update(account_id=whose.account.pk)
        return study.pk

    def claim(self, number: str) -> tuple[UUID, str]:
        """Let the desk hand out the code for a patient's record."""
        desk = party_of_person(self.people["desk"])
        claim, code = offer_claim(desk, number, _BORN, "Card seen", at=clock.now())
        return claim.pk, code

    def enter(self, number: str) -> UUID:
        """Let the desk enter that a clinician treats a patient."""
        wish = CareWish(
            number=number,
            born_on=_BORN,
            clinician=str(self.people["treats"].account.pk),
            way="list",
            reason="Follow-up",
            ends_on=(clock.now() + timedelta(days=9)).date().isoformat(),
        )
        return begin_care(party_of_person(self.people["desk"]), wish, at=clock.now()).pk


def put_kept(people: dict[str, Person], web: TestClient, move: Clock) -> list[Thing]:
    """Bring one of each into each state; what must be old is made first, and a month passes."""
    house = House(people, web)
    desk = _desk(house)
    lapsed = desk.record()
    desk.confirm(lapsed)
    house.bring("M-late")
    late, _ = house.claim("M-late")
    move(timedelta(days=31))
    return [
        Thing("signed paper", "lapsed", {"paper_id": to_text(lapsed)}),
        Thing("claim", "not used in time", {"claim_id": to_text(late)}),
        *_papers(desk),
        *_claims(house),
        *_notices(house),
        *_changes(house),
        *_relations(house),
        *_reviews(house),
        *_exams(house),
    ]


def _desk(house: House) -> Desk:
    first, second = house.people["desk"], house.people["second desk"]
    for person in (first, second):
        give_second_factor(person)
    study_id = house.bring("M-paper", house.people["owner"])
    return Desk(first, second, study_id, Series.objects.get(study_id=study_id).pk)


def _papers(desk: Desk) -> Iterator[Thing]:
    for state in ("prepared", "waiting", "live", "refused"):
        paper_id = desk.record()
        if state != "prepared":
            desk.confirm(paper_id)
        if state == "live":
            desk.compare(paper_id)
        if state == "refused":
            refuse_paper(desk.party(desk.second), paper_id, at=clock.now())
        yield Thing("signed paper", state, {"paper_id": to_text(paper_id)})


def _claims(house: House) -> Iterator[Thing]:
    owner = party_of_person(house.people["owner"])
    for state in ("open", "used", "ended", "said not to be mine"):
        house.bring(f"M-{state}")
        claim_id, code = house.claim(f"M-{state}")
        if state in {"used", "said not to be mine"}:
            claim_record(owner, code, _BORN, at=clock.now())
        if state == "ended":
            end_claim(party_of_person(house.people["desk"]), claim_id, at=clock.now())
        if state == "said not to be mine":
            disown_record(owner, claim_id, at=clock.now())
        yield Thing("claim", state, {"claim_id": to_text(claim_id)})


def _notices(house: House) -> Iterator[Thing]:
    first, second = (party_of_person(house.people[name]) for name in ("desk", "officer"))
    for state in ("noted", "confirmed", "undone"):
        house.bring(f"M-{state}", make_person(f"Paul {state.title()}", Kind.INDIVIDUAL))
        notice = report_death(first, f"M-{state}", _BORN, "Certificate seen", at=clock.now())
        if state == "confirmed":
            confirm_death(second, notice.pk, at=clock.now())
        if state == "undone":
            undo_death(second, notice.pk, at=clock.now())
        yield Thing("notice", state, {"notice_id": to_text(notice.pk)})


def _changes(house: House) -> Iterator[Thing]:
    first, second = (party_of_person(house.people[name]) for name in ("desk", "officer"))
    for state in ("asked for", "confirmed", "taken back"):
        here, there = (
            Study.objects.get(pk=house.bring(f"M-{state} {side}")).patient_id for side in "ab"
        )
        wish = ChangeWish(
            kind=ONE_PERSON, here_id=here, there_id=there, study_id=None, words="Card seen"
        )
        change = ask_change(first, wish, at=clock.now())
        if state == "confirmed":
            confirm_change(second, change.pk, at=clock.now())
        if state == "taken back":
            end_change(second, change.pk, at=clock.now())
        yield Thing("change", state, {"change_id": to_text(change.pk)})


def _relations(house: House) -> Iterator[Thing]:
    for state in ("live", "ended"):
        house.bring(f"M-care {state}")
        relation = house.enter(f"M-care {state}")
        if state == "ended":
            end_care(party_of_person(house.people["desk"]), relation, at=clock.now())
        yield Thing("relation", state, {"relation_id": to_text(relation)})
    by_delivery = CareRelation.objects.filter(way=CareWay.DELIVERY).latest("since")
    yield Thing("relation", "by a delivery", {"relation_id": to_text(by_delivery.pk)})


def _reviews(house: House) -> Iterator[Thing]:
    """Let other bytes under a known identifier wait, be rejected, or be gone."""
    desk = house.people["desk"]
    uids = named(_FIRST + Study.objects.count())
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    known = {"PatientID": "M-review", **dict(zip(names, uids, strict=False))}
    store(house.web, desk, another_ct(**known))
    for state in ("waiting", "rejected", "thrown away"):
        body, headers = multipart(another_ct(**known, SeriesDescription=state))
        sent = house.web.post("/dicomweb/studies", content=body, headers=headers | desk.headers)
        assert sent.status_code == 409
        item = ReviewItem.objects.latest("received_at")
        if state == "rejected":
            reject(party_of_person(desk), item.pk, "damaged", at=clock.now())
        if state == "thrown away":
            ReviewItem.objects.filter(pk=item.pk).update(state=ReviewState.DISCARDED)
        yield Thing("review", state, {"item_id": to_text(item.pk)})


def _exams(house: House) -> Iterator[Thing]:
    owner = house.people["owner"]
    for state in (
        "brought in by the desk",
        "of a patient with an account",
        "entered for who treats",
        "entered, and ended",
    ):
        study_id = house.bring(f"M-{state}", owner if "account" in state else None)
        if state.startswith("entered"):
            relation = house.enter(f"M-{state}")
            if "ended" in state:
                end_care(party_of_person(house.people["desk"]), relation, at=clock.now())
        yield Thing("kept exam", state, {"exam_id": to_text(study_id)})
