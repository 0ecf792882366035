"""An exam that a hospital keeps, its patient, and a partner to whom the patient lets it go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.testclient import TestClient

from acting import hospital_id, make_staff
from asking import store
from cast import Person, give_second_factor, party_of_person
from objects import a_file
from partnering import Bond, House, a_bond, a_partner
from receiving import Archive
from safelight.exchange.access.facts import Party
from safelight.exchange.release.claiming import claim_record, offer_claim
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.transfer.models import Transfer
from safelight.exchange.release.transfer.ordering import order
from safelight.exchange.release.transfer.running import run
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Role
from safelight.records.imaging.models import Study
from safelight.records.partners.models import Partner
from story import Story


@dataclass
class Stage:
    """Who sends what to whom."""

    house: House
    bond: Bond
    story: Story
    study_id: UUID
    agreement: UUID

    @property
    def desk(self) -> Party:
        return party_of_person(self.house.first)

    def agree(self, **changes: object) -> Shared:
        """Let the patient consent that the partner gets a copy."""
        assert self.bond.partner is not None
        chosen: dict[str, object] = {
            "act": "share",
            "audience": "desk",
            "organization_id": str(self.bond.partner.counterpart_id),
            "series_ids": tuple(str(each) for each in self.series()),
            "name": "",
            "address": "",
            "purpose": "treatment",
            "may_download": True,
        }
        return self.story.share(**(chosen | changes))

    def series(self) -> list[UUID]:
        seen = exams(self.story.party, at=clock.now())[0]
        return [each.series_id for each in seen.series]

    def order(self) -> Transfer:
        return order(self.desk, self.study_id, self.bond.row.pk, at=clock.now())

    def sent(self, row: Transfer, *, later: timedelta = timedelta(0)) -> Transfer:
        """Let a worker go on with it once, and read what became of it."""
        run(row.pk, now=lambda: clock.now() + later)
        return Transfer.objects.get(pk=row.pk)

    def disclosures(self) -> list[Disclosure]:
        rows = Disclosure.objects.filter(study_id=self.study_id, channel="transfer")
        return list(rows.order_by("at"))


def recorded(kind: str) -> list[Entry]:
    return list(Entry.objects.filter(kind=kind).order_by("at", "entry_id"))


def a_stage(
    web: TestClient, owner: Person, clinician: Person, *files: bytes
) -> tuple[House, Story]:
    """Keep an exam at the hospital that its patient claimed."""
    exam = files or tuple(a_file(each, PatientBirthDate="19800203") for each in range(1, 5))
    store(web, clinician, *exam)
    people = [make_staff(each, Role.IMAGING_DESK) for each in ("Dana Desk", "Dirk Desk")]
    house = House(UUID(hospital_id()), *people)
    desk = party_of_person(people[0])
    code = offer_claim(desk, "AB-17", "1980-02-03", "Identity card seen", at=clock.now())[1]
    claim_record(party_of_person(owner), code, "1980-02-03", at=clock.now())
    party = party_of_person(owner)
    seen = exams(party, at=clock.now())[0]
    story = Story(
        web=web,
        owner=owner,
        party=party,
        secret=give_second_factor(owner),
        study_id=seen.study_id,
        series_id=seen.series[0].series_id,
        dataset=None,  # type: ignore[arg-type]
    )
    return house, story


def bound_by_web(house: House, story: Story, archive: Archive, *, days: int = 300) -> Stage:
    """Connect the hospital with a partner's archive by DICOMweb, under an agreement."""
    bond = web_bond(house, a_partner(house), archive)
    today = clock.now().date()
    agreement = bond.agree("baa", today, today + timedelta(days=days))
    return Stage(house, bond, story, UUID(str(Study.objects.get().pk)), agreement)


def bound_by_dicom(house: House, story: Story, port: int, pem: str, **changes: object) -> Stage:
    """Connect the hospital with a partner's DICOM system, under an agreement."""
    wish: dict[str, object] = {
        "they_send": False,
        "they_ask": False,
        "host": "127.0.0.1",
        "port": str(port),
        "client_certificate": "",
        "networks": "",
    }
    bond = a_bond(house, a_partner(house), pem, **(wish | changes))  # type: ignore[arg-type]
    today = clock.now().date()
    agreement = bond.agree("baa", today, today + timedelta(days=300))
    return Stage(house, bond, story, UUID(str(Study.objects.get().pk)), agreement)


def bound_to(story: Story, bond: Bond) -> Stage:
    """Return what a connection that was made otherwise has to do with an exam."""
    return Stage(bond.house, bond, story, UUID(str(Study.objects.get().pk)), UUID(int=0))


def web_bond(house: House, partner: Partner, archive: Archive, **changes: object) -> Bond:
    """Connect with a partner's archive by DICOMweb, to send there; nothing is agreed yet."""
    wish: dict[str, object] = {
        "kind": "dicomweb",
        "they_send": False,
        "they_ask": False,
        "url": archive.url,
        "token": "a-token-of-theirs",
        "client_certificate": "",
        "networks": "",
    }
    return a_bond(house, partner, archive.pem, **(wish | changes))  # type: ignore[arg-type]
