"""Is the list of who can see an exam what the decision says, whoever the people are?"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cast import Person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party, PartyKind, StudyFacts
from safelight.exchange.access.given import given_in_order
from safelight.exchange.access.models import CareRelation
from safelight.exchange.access.queries import reach
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.release.viewing.find import find_study
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id
from safelight.records.accounts.models import Account, Kind, Membership, Organization
from safelight.records.imaging.models import PatientRecord, Study, StudyState, Vault, VaultKind
from safelight.records.imaging.study_index import studies_in
from story import Story

PEOPLE = 4
INDIVIDUALS = (0, 1)
HOURS = st.integers(-48, 48)


@dataclass(frozen=True)
class Agreed:
    """One consent to one of the people, in hours from now."""

    exam: int
    to: int
    starts: int
    lasts: int
    may_download: bool
    taken_back: int | None


@dataclass(frozen=True)
class Cast:
    """Who keeps the exams, who treats whom, who belongs where, and what was agreed."""

    keepers: tuple[int, ...]
    claimed_by: tuple[int | None, ...]
    removed: frozenset[int]
    treats: frozenset[tuple[int, int]]
    belongs: frozenset[int]
    agreed: tuple[Agreed, ...]


CASTS = st.builds(
    Cast,
    keepers=st.tuples(*[st.integers(0, 2)] * 3),  # 2 is the hospital
    claimed_by=st.tuples(*[st.sampled_from([None, *INDIVIDUALS])] * 3),
    removed=st.frozensets(st.integers(0, 2), max_size=1),
    treats=st.frozensets(st.tuples(st.integers(2, 3), st.integers(0, 2)), max_size=4),
    belongs=st.frozensets(st.integers(2, 3)),
    agreed=st.lists(
        st.builds(
            Agreed,
            exam=st.integers(0, 2),
            to=st.integers(0, PEOPLE - 1),
            starts=HOURS,
            lasts=st.integers(1, 48),
            may_download=st.booleans(),
            taken_back=st.none() | HOURS,
        ),
        max_size=5,
    ).map(tuple),
)


class Stage:
    """A cast in the database."""

    def __init__(self, cast: Cast, at: datetime) -> None:
        """Make the rows that decisions are made of; nothing of them is ever opened."""
        self.cast = cast
        self.people = [
            Account.objects.create(
                name="N", kind=Kind.INDIVIDUAL if n in INDIVIDUALS else Kind.PROVIDER
            )
            for n in range(PEOPLE)
        ]
        self.hospital = Organization.objects.create(name="H", same_name=str(new_id()))
        for number in cast.belongs:
            Membership.objects.create(
                account=self.people[number], organization=self.hospital, role="clinician"
            )
        vaults = [self._vault(number, at) for number in range(3)]
        self.exams = [self._exam(number, vaults, at) for number in range(3)]
        for agreed in cast.agreed:
            self._consent(agreed, at)

    def _vault(self, keeper: int, at: datetime) -> Vault:
        if keeper in INDIVIDUALS:
            return Vault.objects.create(
                kind=VaultKind.PERSON, account_id=self.people[keeper].pk, created_at=at
            )
        return Vault.objects.create(
            kind=VaultKind.ORGANIZATION, organization_id=self.hospital.pk, created_at=at
        )

    def _exam(self, number: int, vaults: list[Vault], at: datetime) -> Study:
        vault, owner = vaults[self.cast.keepers[number]], self.cast.claimed_by[number]
        patient = PatientRecord.objects.create(
            vault_id=vault.pk,
            identity_token=new_id().bytes,
            sealed_identity=b"",
            account_id=None if owner is None else self.people[owner].pk,
        )
        for person, exam in self.cast.treats:
            if exam == number:
                CareRelation.objects.create(
                    vault_id=vault.pk,
                    patient_id=patient.pk,
                    account_id=self.people[person].pk,
                    since=at,
                )
        state = StudyState.REMOVED if number in self.cast.removed else StudyState.FILED
        return Study.objects.create(
            vault_id=vault.pk,
            patient_id=patient.pk,
            uid_token=new_id().bytes,
            state=state,
            received_at=at,
            changed_at=at,
            sealed_answer=b"",
        )

    def _consent(self, agreed: Agreed, at: datetime) -> None:
        starts = at + timedelta(hours=agreed.starts)
        taken_back = agreed.taken_back
        exam = self.exams[agreed.exam]
        consent = Consent.objects.create(
            vault_id=exam.vault_id,
            grantor_id=new_id(),
            recipient_account_id=self.people[agreed.to].pk,
            recipient_token=new_id().bytes,
            purpose="treatment",
            may_view=True,
            may_download=agreed.may_download,
            starts_at=starts,
            ends_at=starts + timedelta(hours=agreed.lasts),
            granted_at=min(starts, at),
            revoked_at=None if taken_back is None else at + timedelta(hours=taken_back),
            authorization_id=new_id(),
            signed_digest=b"",
            sealed_terms=b"",
            sealed_words=b"",
            sealed_signature=b"",
        )
        ConsentItem.objects.create(
            consent=consent,
            vault_id=exam.vault_id,
            study_id=exam.pk,
            series_id=new_id(),
            up_to=1,
            pictures=1,
        )

    def party(self, number: int) -> Party:
        account = self.people[number]
        belongs = number in self.cast.belongs
        return Party(
            kind=PartyKind(account.kind),
            account_id=account.pk,
            second_factor=True,
            active=True,
            statement_accepted=True,
            organizations=frozenset({self.hospital.pk}) if belongs else frozenset(),
        )


class _UndoneError(Exception):
    """Ends an example and takes its rows along."""


@pytest.mark.django_db(databases=["default", "keys"])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cast=CASTS)
def test_the_list_is_the_decision_for_everybody(cast: Cast) -> None:
    at = clock.now()
    with suppress(_UndoneError), transaction.atomic():
        stage = Stage(cast, at)
        for exam in stage.exams:
            listed = {row.account_id for row in who_can_see(exam.pk, at=at)}
            for number in range(PEOPLE):
                party = stage.party(number)
                decision = decide(party, Action.VIEW, exam.pk, at=at)
                assert decision.allowed == (party.account_id in listed)
                if decision.allowed:
                    within = reach(party)
                    given = studies_in(given_in_order(party), but_of=()) if within.given else ()
                    one_by_one = {*within.study_ids, *(study.id for study in given)}
                    assert exam.pk in one_by_one or exam.vault_id in within.vaults
                    assert not decision.scope.is_empty
                for action in Action:
                    if decide(party, action, exam.pk, at=at).allowed:
                        assert decision.allowed, f"{action} without a look"
        raise _UndoneError


@given(
    kind=st.sampled_from(PartyKind),
    flags=st.tuples(*[st.booleans()] * 4),
    owned=st.booleans(),
    scopes=st.none() | st.frozensets(st.sampled_from(["dicomweb:read", "dicomweb:write"])),
    action=st.sampled_from(Action),
)
def test_without_ownership_care_or_consent_the_answer_is_always_no(
    *,
    kind: PartyKind,
    flags: tuple[bool, ...],
    owned: bool,
    scopes: frozenset[str] | None,
    action: Action,
) -> None:
    second_factor, active, accepted, has_organization = flags
    hospital: UUID = new_id()
    party = Party(
        kind=kind,
        account_id=new_id(),
        second_factor=second_factor,
        active=active,
        statement_accepted=accepted,
        token_scopes=scopes,
        consent_id=new_id(),
        organizations=frozenset({hospital}) if has_organization else frozenset(),
    )
    study = StudyFacts(
        study_id=new_id(),
        vault_id=new_id(),
        filed=True,
        owner_account=new_id() if owned else None,
        custodian_account=None,
        custodian_organization=hospital,
        party_treats_patient=False,
        grants=(),
    )
    assert not judge(party, study, action, at=clock.now()).allowed


@pytest.mark.long
@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_an_exam_of_somebody_else_takes_as_long_to_refuse_as_none(
    story: Story, stranger: Person
) -> None:
    def took(question: Callable[[], object]) -> float:
        began = time.perf_counter()
        with pytest.raises(NotFoundError):
            question()
        return time.perf_counter() - began

    def pair(swapped: int) -> tuple[float, float]:
        """Ask for both, one after the other; which comes first is chance."""
        asked = [real, none]
        first = took(lambda: find_study(party, asked[swapped], at=clock.now()))
        second = took(lambda: find_study(party, asked[not swapped], at=clock.now()))
        return (second, first) if swapped else (first, second)

    party, real = party_of_person(stranger), str(story.dataset.StudyInstanceUID)
    none = real[:-1] + str((int(real[-1]) + 1) % 10)
    dice = random.Random(29)  # noqa: S311 (which order is tried)
    for _ in range(20):
        pair(dice.getrandbits(1))
    pairs = [pair(dice.getrandbits(1)) for _ in range(500)]
    # What else the machine does hits a pair's two halves alike, so their difference is judged.
    difference = statistics.median(existing - absent for existing, absent in pairs)
    assert abs(difference) < 0.10 * statistics.median(absent for _, absent in pairs)
