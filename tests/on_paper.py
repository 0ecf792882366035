"""How do two of a hospital's desk record what a patient signed on paper, as the tests need it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from PIL import Image
from starlette.testclient import TestClient

from acting import approve, make_staff
from cast import Person, app_code, give_second_factor, party_of_person
from safelight.exchange.access.facts import Party
from safelight.exchange.release.on_paper.comparing import (
    Opened,
    ask_to_confirm,
    confirm_first,
    confirm_second,
)
from safelight.exchange.release.on_paper.recording import Said, record_paper
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.models import Role
from safelight.records.imaging.models import PatientRecord, Study
from story import CT, DOCTOR, store


def a_scan() -> bytes:
    """Return a scanned page: a small picture with a line on it."""
    page = Image.new("L", (80, 60), 255)
    page.paste(0, (10, 40, 70, 42))
    written = BytesIO()
    page.save(written, "PNG")
    return written.getvalue()


@dataclass
class Desk:
    """Two people at a hospital's imaging desk, and one exam that it keeps."""

    first: Person
    second: Person
    study_id: UUID
    series_id: UUID

    def party(self, person: Person) -> Party:
        return party_of_person(person)

    def said(self, **changes: Any) -> Said:  # noqa: ANN401 (fields of Said)
        """Say what a paper says."""
        at = clock.now()
        usual: dict[str, Any] = {
            "series_ids": (str(self.series_id),),
            "patient": "Paul Patient",
            "name": "Dr Dora Doctor",
            "address": DOCTOR,
            "kind": "clinician",
            "purpose": "treatment",
            "ends_on": (at + timedelta(days=30)).date().isoformat(),
            "signed_on": at.date().isoformat(),
            "seen_by": "Nina Nurse",
            "seen_as": "nurse on ward 3",
            "known_by": "photo-id",
            "scan": a_scan(),
        }
        return Said(**(usual | changes))

    def record(self, **changes: Any) -> UUID:  # noqa: ANN401 (fields of Said)
        return record_paper(
            self.party(self.first),
            self.study_id,
            self.said(**changes),
            statement_version="1",
            at=clock.now(),
        )

    def approved(self, person: Person, party: Party, paper_id: UUID) -> UUID:
        return approve(person, party, ask_to_confirm(party, paper_id, at=clock.now()))

    def confirm(self, paper_id: UUID) -> None:
        """Let the first confirm."""
        party = self.party(self.first)
        given = self.approved(self.first, party, paper_id)
        confirm_first(party, paper_id, given, at=clock.now())

    def compare(self, paper_id: UUID, person: Person | None = None) -> Opened:
        """Let the second, or somebody else, confirm."""
        person = person or self.second
        party = self.party(person)
        given = self.approved(person, party, paper_id)
        return confirm_second(party, paper_id, given, at=clock.now())

    def live(self, **changes: Any) -> Opened:  # noqa: ANN401 (fields of Said)
        paper_id = self.record(**changes)
        self.confirm(paper_id)
        return self.compare(paper_id)

    def belongs_to(self, person: Person) -> None:
        """Let the exam's patient be somebody with an account."""
        patient = Study.objects.get(pk=self.study_id).patient_id
        PatientRecord.objects.filter(pk=patient).update(account_id=person.account.pk)


def make_desk(web: TestClient) -> Desk:
    """Let somebody at a hospital's desk bring in an exam, beside a colleague."""
    first = make_staff("Dana Desk", Role.IMAGING_DESK)
    second = make_staff("Ruth Reception", Role.IMAGING_DESK)
    for person in (first, second):
        give_second_factor(person)
    store(web, first, CT.read_bytes())
    seen = exams(party_of_person(first), at=clock.now())[0]
    return Desk(first, second, seen.study_id, seen.series[0].series_id)


def fresh_code(person: Person) -> str:
    """Return the code of a person's app, as if none had been used in this half minute."""
    app = Authenticator.objects.get(user=person.account, type=Authenticator.Type.TOTP)
    app.data["last_counter"] = 0
    app.save()
    return app_code(decrypt(app.data["secret"]))
