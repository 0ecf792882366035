"""Does it take two people to take along, or to destroy, a great deal that is not one's own?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from starlette.testclient import TestClient
from typer.testing import CliRunner

from acting import make_helper
from cast import Person, make_person, party_of_person
from passing import Recipient, consultant, shown_to
from powers import Runner, a_wish, admin, approved, browser_for, make_runner, security_officer
from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.exchange.access.powers.models import Approval
from safelight.exchange.receive.upkeep import deed_of_sweep
from safelight.exchange.release.budgets import spend_copy
from safelight.exchange.release.errors import TooManyAtOnceError
from safelight.exchange.release.in_bulk import deed_for, takes_along
from safelight.exchange.release.remove import remove
from safelight.exchange.release.remove_parts import remove_series
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.governance.trail.leaving import MANY, deed_of_export, export_whole
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.actions import record
from safelight.platform.audit.models import Entry
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.keys.models import WrappedKey
from safelight.platform.keys.ring import ring
from safelight.records.accounts.models import Attempts, Kind, StaffRole
from safelight.records.accounts.throttle import EXPORTED, REMOVED, Limit, bucket_of
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import Study, StudyState, Vault
from safelight.records.imaging.upkeep.sweep import MOST_KEYS
from safelight.surfaces.cli import audit, upkeep  # noqa: F401 (registers them)
from safelight.surfaces.cli.main import app
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def doctor(story: Story) -> Recipient:
    return shown_to(story, consultant(), may_download=True)


@pytest.fixture
def two() -> tuple[Runner, Runner]:
    return admin(), security_officer()


def agree(two: tuple[Runner, Runner], deed: Deed) -> Approval:
    return approved(*two, a_wish(deed))


def used_up(limit: Limit, party: Party) -> None:
    """Let a party have taken all that one may take alone today."""
    bucket = bucket_of(limit, (party.name,))
    Attempts.objects.create(bucket=bucket, since=clock.now(), count=limit.count)


def copies(web: TestClient, story: Story, person: Person) -> int:
    headers = person.headers | {"Accept": 'multipart/related; type="application/dicom"'}
    address = f"/dicomweb/studies/{story.dataset.StudyInstanceUID}"
    return web.get(address, headers=headers).status_code


def command(*words: str) -> tuple[int, str]:
    data = Path(settings.SAFELIGHT_DATA)
    (data / "safelight.toml").write_text('instance = "tests"\n')
    done = CliRunner().invoke(app, [*words, "--data", str(data)])
    return done.exit_code, done.output


def taken(limit: Limit, party: Party, *about: str) -> int:
    row = Attempts.objects.filter(bucket=bucket_of(limit, (party.name, *about))).first()
    return row.count if row else 0


def test_beyond_a_days_number_exams_of_others_leave_by_the_approval_of_two(
    web: TestClient, story: Story, doctor: Recipient, two: tuple[Runner, Runner]
) -> None:
    page = browser_of(doctor.person, doctor.code())
    zipped = f"/exams/{to_text(story.study_id)}/download/"
    used_up(EXPORTED, doctor.party)
    assert copies(web, story, doctor.person) == 403
    told = page.post(zipped)
    assert told.status_code == 403
    assert f"mass_export {doctor.party.name} exams=200" in told.content.decode()
    denied = Entry.objects.filter(outcome="denied", text__contains="two-people-missing")
    assert {row.actor for row in denied} == {doctor.party.name}
    agree(two, deed_for(ApprovalKind.MASS_EXPORT, doctor.party, 200))
    assert copies(web, story, doctor.person) == 200
    assert page.post(zipped).status_code == 200
    assert Approval.objects.get().used_by == doctor.party.name
    assert taken(EXPORTED, doctor.party, "agreed") == 198


def test_an_approval_opens_as_many_as_it_says_for_a_day_and_then_nothing(
    story: Story, doctor: Recipient, two: tuple[Runner, Runner]
) -> None:
    at = clock.now()
    found = find_study_by_id(doctor.party, story.study_id, at=at)
    used_up(EXPORTED, doctor.party)
    agree(two, deed_for(ApprovalKind.MASS_EXPORT, doctor.party, 200))
    takes_along(doctor.party, found, at=clock.now())
    assert taken(EXPORTED, doctor.party, "agreed") == 199
    bucket = bucket_of(EXPORTED, (doctor.party.name, "agreed"))
    Attempts.objects.filter(bucket=bucket).update(count=1)
    takes_along(doctor.party, found, at=clock.now())
    with pytest.raises(TooManyAtOnceError):
        takes_along(doctor.party, found, at=clock.now())
    takes_along(doctor.party, found, at=at + timedelta(days=1, minutes=1))
    assert taken(EXPORTED, doctor.party) == 1


def test_an_approval_of_another_account_number_or_act_opens_nothing(
    story: Story, doctor: Recipient, two: tuple[Runner, Runner]
) -> None:
    found = find_study_by_id(doctor.party, story.study_id, at=clock.now())
    used_up(EXPORTED, doctor.party)
    for deed in (
        deed_for(ApprovalKind.MASS_EXPORT, story.party, 200),
        deed_for(ApprovalKind.MASS_EXPORT, doctor.party, 201),
        deed_for(ApprovalKind.DESTRUCTION, doctor.party, 200),
    ):
        agree(two, deed)
        with pytest.raises(TooManyAtOnceError):
            takes_along(doctor.party, found, at=clock.now())
    assert not Approval.objects.exclude(used_at=None).exists()


def test_no_limit_is_lifted_by_a_token_without_limits_nor_bound_to_a_session(
    story: Story, doctor: Recipient
) -> None:
    found = find_study_by_id(doctor.party, story.study_id, at=clock.now())
    used_up(EXPORTED, doctor.party)
    for party in (
        replace(doctor.party, is_unlimited=True),
        replace(doctor.party, session="session/another"),
    ):
        with pytest.raises(TooManyAtOnceError):
            spend_copy(party, found, at=clock.now())


def test_whose_exams_they_are_is_not_bound(web: TestClient, story: Story) -> None:
    used_up(EXPORTED, story.party)
    used_up(REMOVED, story.party)
    assert copies(web, story, story.owner) == 200
    remove(story.party, story.study_id, at=clock.now())
    assert Study.objects.get().state == StudyState.REMOVED


def test_of_two_exams_at_once_that_need_it_an_approval_of_one_act_serves_one_use(
    story: Story, doctor: Recipient, two: tuple[Runner, Runner]
) -> None:
    found = find_study_by_id(doctor.party, story.study_id, at=clock.now())
    used_up(EXPORTED, doctor.party)
    agree(two, deed_for(ApprovalKind.MASS_EXPORT, doctor.party, 200))
    ended = at_once(lambda: takes_along(doctor.party, found, at=clock.now()), 6)
    assert ended == ["done"] * 6
    assert Entry.objects.filter(kind="approval.used").count() == 1
    assert taken(EXPORTED, doctor.party, "agreed") == 200 - 6


def test_who_looks_after_exams_of_others_destroys_many_by_the_approval_of_two(
    story: Story, two: tuple[Runner, Runner]
) -> None:
    helper = make_person("Hugo Helper", Kind.INDIVIDUAL)
    make_helper(story.owner, helper, may_manage=True)
    party = party_of_person(helper)
    used_up(REMOVED, party)
    with pytest.raises(TooManyAtOnceError) as refused:
        remove(party, story.study_id, at=clock.now())
    assert refused.value.line == f"destruction {party.name} exams=200"
    ct = story.dataset
    with pytest.raises(TooManyAtOnceError):
        remove_series(party, ct.StudyInstanceUID, ct.SeriesInstanceUID, at=clock.now())
    assert Study.objects.get().state == StudyState.FILED
    agree(two, deed_for(ApprovalKind.DESTRUCTION, party, 200))
    remove(party, story.study_id, at=clock.now())
    assert Study.objects.get().state == StudyState.REMOVED
    assert Approval.objects.get().used_by == party.name


def much_happened() -> None:
    """Put on record something of as many people as an export may tell of, by one alone."""
    with transaction.atomic():
        for _ in range(MANY):
            record(ImagingEvent.STUDY_REMOVED, actor="system", vault_id=new_id(), at=clock.now())
    sequence_once()


def test_the_record_of_many_people_leaves_by_the_approval_of_two(
    story: Story, two: tuple[Runner, Runner], tmp_path: Path
) -> None:
    to = tmp_path / "trail.jsonl"
    assert command("audit", "export", str(to))[0] == 0
    much_happened()
    to.unlink()
    code, said = command("audit", "export", str(to))
    assert (code, to.exists()) == (1, False)
    assert deed_of_export("trail", "operator").line in said
    agree(two, deed_of_export("trail", "operator"))
    assert command("audit", "export", str(to))[0] == 0
    assert to.read_text().count('"entry"') > MANY
    assert command("audit", "export", str(to))[0] == 1


@pytest.mark.parametrize("form", ["trail", "csv", "fhir", "dicom"])
def test_and_so_do_its_parts_in_the_forms_of_other_systems(
    two: tuple[Runner, Runner], form: str
) -> None:
    official = make_runner("Paula Privacy", StaffRole.PRIVACY_OFFICIAL)
    browser = browser_for(official.person)
    much_happened()
    address = reverse("trail-export" if form == "trail" else "trail-take")

    def take() -> tuple[int, bytes]:
        Attempts.objects.all().delete()  # one export an hour is another rule
        told = browser.post(address, {"form": form})
        return told.status_code, told.getvalue()

    status, said = take()
    deed = deed_of_export(form, official.party.name)
    assert status == 403
    assert deed.line in said.decode()
    agree(two, deed)
    assert take()[0] == 200
    assert take()[0] == 403
    assert Approval.objects.get().used_by == official.party.name


def keys_without_exams(count: int) -> None:
    """Let so many exams have a key and no row, as after a table was emptied."""
    vault_id = Vault.objects.values_list("pk", flat=True)[0]
    for _ in range(count):
        ring().create_study_key(vault_id, new_id())
    WrappedKey.objects.using("keys").update(created_at=clock.now() - timedelta(hours=2))


def test_so_many_keys_that_no_exam_names_go_by_the_approval_of_two(
    story: Story, two: tuple[Runner, Runner]
) -> None:
    keys_without_exams(MOST_KEYS + 1)
    kept = WrappedKey.objects.using("keys").count()
    code, said = command("sweep")
    deed = deed_of_sweep(MOST_KEYS + 1)
    assert code == 1
    assert deed.line in said
    assert Entry.objects.filter(kind="storage.swept", text__contains="too-many-keys").count() == 1
    assert WrappedKey.objects.using("keys").count() == kept
    agree(two, deed)
    assert command("sweep")[0] == 0
    assert WrappedKey.objects.using("keys").count() == kept - MOST_KEYS - 1
    assert Approval.objects.get().used_by == "operator"


def at_once(act: Callable[[], object], times: int) -> list[str]:
    """Do it so many times at the same moment; say how each ended."""
    together = threading.Barrier(times)
    ended: list[str] = []

    def run() -> None:
        try:
            together.wait()
            act()
            ended.append("done")
        except (ExpectedError, DatabaseError) as error:
            ended.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def test_of_many_exports_at_once_one_approval_lets_one_out(two: tuple[Runner, Runner]) -> None:
    much_happened()
    agree(two, deed_of_export("trail", "operator"))
    ended = at_once(lambda: list(export_whole("operator", at=clock.now())), 6)
    assert sorted(ended) == ["ManyPeopleError"] * 5 + ["done"]
    assert Entry.objects.filter(kind="approval.used").count() == 1
