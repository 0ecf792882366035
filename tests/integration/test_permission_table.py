"""Every kind of actor before every state of an exam: who gets what, by every way of asking?

The table is written by hand, apart from the code that it judges: what a cell does not
name is refused, and refused like an exam that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import make_helper
from cast import Person, make_person, party_of_person
from matrix.levels import BESIDE, FILES, LEVELS
from powers import Runner, admin, break_the_glass, elevate, emergency, security_officer
from safelight.exchange.access.caring.reasons import CareCause, give_reason
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import NOBODY, Party
from safelight.exchange.access.groups import admit_member, dismiss_member, make_group
from safelight.exchange.access.powers.ending import end_own_access
from safelight.exchange.access.sensitive import mark_sensitive
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.remove import remove
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Account, Kind, Organization, Role
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import Series, Study
from safelight.surfaces.dicomweb.app import app
from story import Story, another_ct, store
from walk import services

from django.db import transaction  # isort: skip

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

HOSPITAL, CLINIC = "Example Hospital", "Other Clinic"
NUMBER, BORN = "MRN-7", "1970-02-03"

# What a cell may name. LOOK: found by every search, and every level and form of its pictures.
LOOK, FILE, HISTORY, SHARE, REMOVE = "look", "file", "history", "share", "remove"
ALL = {LOOK, FILE, HISTORY, SHARE, REMOVE}

# State of the exam -> actor -> what they get. The owner's row is the state's own.
# Whoever acts for the owner gets of every exam in the owner's vault what the owner said.
HELPERS = {
    "helper who looks": {LOOK},
    "helper who shares": {LOOK, HISTORY, SHARE},
    "helper who manages": {LOOK, FILE, HISTORY, REMOVE},
    # One of the staff, for hours, by another's approval: to look and nothing else.
    "elevated": {LOOK},
}
NOT_THE_OWNERS = {"removed", "kept by a hospital"}
TABLE: dict[str, dict[str, set[str]]] = {
    "kept to oneself": {"owner": ALL},
    "shared to look": {"owner": ALL, "recipient": {LOOK}},
    "shared with copies": {"owner": ALL, "recipient": {LOOK, FILE}},
    "share over": {"owner": ALL},
    "share taken back": {"owner": ALL},
    "share paused": {"owner": ALL},
    "share not begun": {"owner": ALL},
    "marked after it was shared": {"owner": ALL},
    "shared with a group": {"owner": ALL, "member": {LOOK}},
    "shared with a desk": {"owner": ALL, "desk": {LOOK}},
    "published to a hospital": {
        "owner": ALL,
        "desk": {LOOK},
        "treats": {LOOK},
        "colleague": {LOOK},
        "officer": {LOOK},
        "in an emergency": {LOOK},
        "emergency over": {LOOK},
    },
    "removed": {},
    # Its own care team reads its files there; taking a copy away is another matter (L41).
    "kept by a hospital": {"treats": {LOOK, FILE}, "in an emergency": {LOOK, FILE}},
}
IN_HOUSE = set(TABLE["kept by a hospital"])

ACTIONS = {HISTORY: Action.READ_ACTIVITY, SHARE: Action.SHARE, REMOVE: Action.REMOVE}


@dataclass(frozen=True)
class Exam:
    """One exam in one state."""

    state: str
    study_id: UUID
    study: str
    series: str
    instance: str


@dataclass(frozen=True)
class Asker:
    """One kind of actor: how programs ask for them, and how the pages do."""

    name: str
    headers: dict[str, str]
    party: Party


@pytest.fixture
def everybody(story: Story, clinician: Person) -> list[Asker]:
    """All kinds of actors; the clinician treats, and the others have nothing but what is given."""
    people = {
        "owner": story.owner,
        "recipient": make_person("Rita Recipient", Kind.INDIVIDUAL),
        "member": make_person("Mia Member", Kind.INDIVIDUAL),
        "left the group": make_person("Lea Left", Kind.INDIVIDUAL),
        "stranger": make_person("Stan Stranger", Kind.INDIVIDUAL),
        "treats": clinician,
        "colleague": make_person("Carl Colleague", Kind.PROVIDER, HOSPITAL),
        "desk": make_person("Dan Desk", Kind.PROVIDER, HOSPITAL),
        "officer": make_person("Olaf Officer", Kind.PROVIDER, HOSPITAL),
        "elsewhere": make_person("Else Where", Kind.PROVIDER, CLINIC),
        "elevated": admin("Elle Elevated").person,
        "elevation over": admin("Eve Elevated").person,
        "in an emergency": make_person("Emma Duty", Kind.PROVIDER, HOSPITAL),
        "emergency over": make_person("Emil Duty", Kind.PROVIDER, HOSPITAL),
        "helper who looks": make_person("Lou Looks", Kind.INDIVIDUAL),
        "helper who shares": make_person("Shay Shares", Kind.INDIVIDUAL),
        "helper who manages": make_person("Mo Manages", Kind.INDIVIDUAL),
    }
    make_helper(story.owner, people["helper who looks"])
    make_helper(story.owner, people["helper who shares"], may_share=True)
    make_helper(story.owner, people["helper who manages"], may_manage=True)
    people["desk"].account.memberships.update(role=Role.IMAGING_DESK)
    people["officer"].account.memberships.update(role=Role.PRIVACY_OFFICER)
    askers = [Asker(name, each.headers, party_of_person(each)) for name, each in people.items()]
    # Staff look in person: their tokens open nothing, which the elevation's own test shows.
    askers = [replace(each, headers={}) if "elevat" in each.name else each for each in askers]
    return [*askers, *_without_standing(people["recipient"], story.owner)]


def _without_standing(recipient: Person, owner: Person) -> Iterator[Asker]:
    """Yield those who would see something, but for what their sign-in or account lacks."""
    yield Asker("nobody", {}, NOBODY)
    party = party_of_person(owner)
    token, _ = create_token(owner.account, [Scope.DICOMWEB_WRITE], at=clock.now())
    unscoped = {"Authorization": f"Bearer {token}"}
    yield Asker("owner's token to write", unscoped, _lacking(party, token_scopes=frozenset()))
    yield Asker("owner with one factor", {}, _lacking(party, second_factor=False))
    yield Asker("owner without the statement", {}, _lacking(party, statement_accepted=False))
    yield Asker("owner who is suspended", {}, _lacking(party, active=False))
    party = party_of_person(recipient)
    yield Asker("recipient with one factor", {}, _lacking(party, second_factor=False))


def _lacking(party: Party, **changes: object) -> Party:
    return replace(party, **changes)  # type: ignore[arg-type]  # fields by name


def _named(number: int) -> tuple[str, str, str]:
    root = f"1.2.826.0.1.3680043.8.498.7.{number}"
    return f"{root}.1", f"{root}.2", f"{root}.3"


@pytest.fixture
def states(
    story: Story,
    everybody: list[Asker],
    web: TestClient,
    moved_clock: Callable[[timedelta], datetime],
) -> list[Exam]:
    """Bring one exam into each state of the table."""
    by_name = {each.name: each for each in everybody}
    group = make_group(story.party, "Family", at=clock.now())
    for name in ("member", "left the group"):
        account = Account.objects.get(pk=by_name[name].party.account)
        admit_member(story.party, group.pk, address_of(account), at=clock.now())
    hospital = str(Organization.objects.get(same_name=HOSPITAL).pk)
    recipient = Account.objects.get(pk=by_name["recipient"].party.account)
    days = clock.now() + timedelta(days=1), clock.now() + timedelta(days=40)
    how: dict[str, dict[str, object]] = {
        "shared with copies": {"may_download": True},
        "share over": {"ends_on": days[0].date().isoformat()},
        "share not begun": {
            "starts_on": days[1].date().isoformat(),
            "ends_on": (days[1] + timedelta(days=9)).date().isoformat(),
        },
        "shared with a group": {"audience": "group", "group_id": str(group.pk)},
        "shared with a desk": {"audience": "desk", "organization_id": hospital},
        "published to a hospital": {
            "act": "publish",
            "audience": "organization",
            "organization_id": hospital,
        },
    }
    found = []
    for number, state in enumerate(TABLE):
        exam = _put(story, web, by_name, state, number)
        found.append(exam)
        if state in {"kept to oneself", "removed", "kept by a hospital"}:
            continue
        story.study_id = exam.study_id
        (series_id,) = _series_of(exam.study_id)
        story.series_id = series_id
        shared = story.share(address=address_of(recipient), **how.get(state, {}))
        if "group" not in state and "desk" not in state and "hospital" not in state:
            Consent.objects.filter(pk=shared.consent_id).update(recipient_account_id=recipient.pk)
        if state == "share taken back":
            withdraw(story.party, shared.consent_id, at=clock.now())
        if state == "share paused":
            Consent.objects.filter(pk=shared.consent_id).update(suspended_at=clock.now())
        if state == "marked after it was shared":
            kinds = frozenset({Sensitive.GENETIC})
            mark_sensitive(story.party, exam.study_id, kinds, at=clock.now())
    left = by_name["left the group"].party.account
    dismiss_member(story.party, group.pk, left, at=clock.now())
    removed = next(each for each in found if each.state == "removed")
    remove(story.party, removed.study_id, at=clock.now())
    moved_clock(timedelta(days=3))
    kept = next(each for each in found if each.state == "kept by a hospital")
    # Brought in on an earlier day: nothing of it opens before this is said.
    give_reason(by_name["treats"].party, kept.study_id, CareCause.TREATMENT, "", at=clock.now())
    with transaction.atomic():
        turn_epoch()
    _open_for_hours(by_name, found)
    return found


def _open_for_hours(by_name: dict[str, Asker], found: list[Exam]) -> None:
    """Let two of the staff agree to look at the owner's exams, and two break the glass."""
    second = security_officer()
    patients = set(
        Study.objects.filter(
            pk__in=[each.study_id for each in found if each.state not in NOT_THE_OWNERS]
        ).values_list("patient_id", flat=True)
    )
    for name in ("elevated", "elevation over"):
        asker = by_name[name]
        person = Person(Account.objects.get(pk=asker.party.account), "")
        for patient in patients:
            access = elevate(Runner(person, asker.party), second, f"patient/{patient}")
            if name == "elevation over":
                end_own_access(asker.party, access.pk, at=clock.now())
    for name in ("in an emergency", "emergency over"):
        party = by_name[name].party
        person = Person(Account.objects.get(pk=party.account), "")
        access = break_the_glass(person, emergency(NUMBER, BORN))
        if name == "emergency over":
            end_own_access(party, access.pk, at=clock.now())


def _put(story: Story, web: TestClient, by_name: dict[str, Asker], state: str, number: int) -> Exam:
    study, series, instance = _named(number)
    whose = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    data = another_ct(
        StudyInstanceUID=study,
        SeriesInstanceUID=series,
        SOPInstanceUID=instance,
        **(whose if state == "kept by a hospital" else {}),
    )
    known = set(Study.objects.values_list("id", flat=True))
    treats = by_name["treats"]
    sender = treats.headers if state == "kept by a hospital" else story.owner.headers
    store(web, Person(story.owner.account, sender["Authorization"].partition(" ")[2]), data)
    (study_id,) = set(Study.objects.values_list("id", flat=True)) - known
    return Exam(state, study_id, study, series, instance)


def _series_of(study_id: UUID) -> list[UUID]:
    return list(Series.objects.filter(study_id=study_id).values_list("id", flat=True))


def _gets(web: TestClient, asker: Asker, exam: Exam) -> tuple[set[str], list[str]]:
    """Return what an actor gets of an exam, and whatever does not fit together."""
    wrong: list[str] = []
    got: set[str] = set()
    asked = ((LOOK, LEVELS), (FILE, FILES)) if asker.headers or asker.party is NOBODY else ()
    for what, levels in asked:
        served = [_served(web, asker, exam, level, wrong) for level in levels]
        if any(served) and not all(served):
            wrong.append(f"{what} at some levels only: {served}")
        got |= {what} if any(served) else set()
    at = clock.now()
    looked = decide(asker.party, Action.VIEW, exam.study_id, at=at).allowed
    copied = decide(asker.party, Action.DOWNLOAD, exam.study_id, at=at).allowed
    in_house = exam.state == "kept by a hospital" and asker.name in IN_HOUSE
    if in_house and copied:
        wrong.append("the care team may take copies away")
    if asker.headers and not in_house and (looked, copied) != (LOOK in got, FILE in got):
        wrong.append(f"decided {looked, copied}, served {got}")
    got |= ({LOOK} if looked else set()) | ({FILE} if copied else set())
    for name, action in ACTIONS.items():
        if decide(asker.party, action, exam.study_id, at=at).allowed:
            got.add(name)
    return got, wrong


def _served(web: TestClient, asker: Asker, exam: Exam, level: str, wrong: list[str]) -> bool:
    named = {"study": exam.study, "series": exam.series, "instance": exam.instance}
    answer = web.get(f"/dicomweb{level.format(**named)}", headers=asker.headers)
    if answer.status_code == 200 and answer.content not in {b"[]", b""}:
        return True
    absent = _absent(web, asker.name, asker.headers.get("Authorization", ""), level)
    refused = answer.status_code, answer.content
    if refused != absent and answer.status_code != HTTPStatus.FORBIDDEN:
        wrong.append(f"{level}: refused {refused}, absent {absent}")
    return False


@cache
def _absent(web: TestClient, _asker: str, bearer: str, level: str) -> tuple[int, bytes]:
    """Ask for an exam that is nowhere, once for each actor and level."""
    named = dict(zip(("study", "series", "instance"), _named(404), strict=True))
    headers = {"Authorization": bearer} if bearer else {}
    answer = web.get(f"/dicomweb{level.format(**named)}", headers=headers)
    return answer.status_code, answer.content


def test_every_level_that_is_served_is_asked_for() -> None:
    named = {each.partition("?")[0].replace("/1", "/{frames}") for each in (*LEVELS, *FILES)}
    served = {
        path.removeprefix("/dicomweb")
        for path, methods in services(app.routes).items()
        if "GET" in methods and path.startswith("/dicomweb/")
        # The same services under other roots: a share's, which is asked beside, and an exam's.
        if "{share_id}" not in path and "{exam_id}" not in path
    }
    assert served == named | BESIDE


def test_every_cell_of_the_table(
    web: TestClient, states: list[Exam], everybody: list[Asker]
) -> None:
    wrong: list[str] = []
    cells = 0
    for exam in states:
        for asker in everybody:
            cells += 1
            expected = TABLE[exam.state].get(asker.name, set())
            if exam.state not in NOT_THE_OWNERS:
                expected = expected | HELPERS.get(asker.name, set())
            got, unfit = _gets(web, asker, exam)
            wrong += [f"{exam.state} / {asker.name}: {each}" for each in unfit]
            if got != expected:
                wrong.append(f"{exam.state} / {asker.name}: {got}, not {expected}")
    assert not wrong, "\n".join(wrong)
    assert cells == len(TABLE) * len(everybody)
