"""What a scrub finds, what it keeps back, and what is served all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cast import Person, multipart
from objects import a_file, uid
from safelight.platform.audit.models import Entry
from safelight.platform.keys.models import WrappedKey
from safelight.platform.keys.ring import ring
from safelight.records.imaging.jobs import scrub_a_slice
from safelight.records.imaging.models import Instance, Quarantined, ScrubRun
from safelight.records.imaging.upkeep.scrub import Scrub
from safelight.surfaces.cli import doctor, upkeep
from safelight.surfaces.cli.main import app

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
assert upkeep  # registers the command
assert doctor  # the same

Run = Callable[..., tuple[int, str]]
FILES = {number: a_file(number, PatientComments="x" * 5000) for number in range(1, 6)}


@pytest.fixture
def run() -> Run:
    """Return `safelight COMMAND`: exit code and what was said."""
    data = settings.SAFELIGHT_DATA
    (data / "safelight.toml").write_text('instance = "tests"\n')

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [words[0], "--data", str(data), *words[1:]])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


@pytest.fixture
def stored(web: TestClient, owner: Person) -> list[Instance]:
    body, headers = multipart(*FILES.values())
    sent = web.post("/dicomweb/studies", content=body, headers=owner.headers | headers)
    assert sent.status_code == 200
    return list(Instance.objects.order_by("arrival"))


def flip(row: Instance, at: int = 3000) -> None:
    """Turn one bit over in the stored bytes of an object."""
    path = Path(settings.SAFELIGHT_DATA) / row.pack
    with path.open("r+b") as pack:
        pack.seek(row.offset + at)
        (byte,) = pack.read(1)
        pack.seek(row.offset + at)
        pack.write(bytes([byte ^ 0x10]))


def fetched(web: TestClient, owner: Person, number: int) -> tuple[int, bytes]:
    address = f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}/instances/{uid(1, 1, number)}"
    got = web.get(address, headers=owner.headers | {"Accept": "application/dicom"})
    return got.status_code, got.content


def test_what_is_sound_is_found_sound(run: Run, stored: list[Instance]) -> None:
    code, said = run("scrub")
    assert (code, "5 objects read" in said) == (0, True), said
    assert "All of it is as it was stored." in said
    finished = ScrubRun.objects.get()
    assert finished.ended_at is not None
    assert finished.bytes_read == sum(row.length for row in stored)
    entry = Entry.objects.get(kind="storage.scrubbed")
    assert entry.outcome == "ok"


def test_a_flipped_bit_is_found_kept_back_and_the_rest_is_served(
    run: Run, stored: list[Instance], web: TestClient, owner: Person
) -> None:
    flip(stored[2])
    code, said = run("scrub")
    assert code == 1
    assert f"object {stored[2].id}: broken" in said
    assert uid(1) not in said
    status, body = fetched(web, owner, 3)
    assert status == 500
    assert b'"quarantined"' in body
    assert b"x" * 100 not in body
    for number in (1, 2, 4, 5):
        assert fetched(web, owner, number) == (200, FILES[number])
    whole = web.get(
        f"/dicomweb/studies/{uid(1)}",
        headers=owner.headers | {"Accept": 'multipart/related; type="application/dicom"'},
    )
    assert whole.status_code == 206
    assert [FILES[number] in whole.content for number in range(1, 6)] == [True] * 2 + [False] + [
        True
    ] * 2
    entry = Entry.objects.get(kind="object.quarantined")
    assert entry.subject == f"object/{stored[2].id}"
    # Found again, it is not reported as new.
    assert run("scrub")[0] == 1
    assert Entry.objects.filter(kind="object.quarantined").count() == 1


def test_a_sender_is_not_told_that_a_damaged_object_is_here_already(
    run: Run, stored: list[Instance], web: TestClient, owner: Person
) -> None:
    flip(stored[0])
    run("scrub")
    body, headers = multipart(FILES[1], FILES[2])
    sent = web.post("/dicomweb/studies", content=body, headers=owner.headers | headers)
    assert sent.status_code == 202
    (failure,) = sent.json()["00081198"]["Value"]
    assert failure["00081155"]["Value"] == [uid(1, 1, 1)]
    assert "damaged" in failure["00080119"]["Value"][0]
    flip(stored[0])
    run("scrub")
    sent = web.post("/dicomweb/studies", content=body, headers=owner.headers | headers)
    assert sent.status_code == 200


def test_what_reads_well_again_is_given_free(
    run: Run, stored: list[Instance], web: TestClient, owner: Person
) -> None:
    flip(stored[0])
    assert run("scrub")[0] == 1
    flip(stored[0])
    assert run("scrub")[0] == 0
    assert not Quarantined.objects.exists()
    assert fetched(web, owner, 1) == (200, FILES[1])
    assert Entry.objects.filter(kind="object.cleared").count() == 1


def test_a_bit_flipped_anywhere_is_found(stored: list[Instance]) -> None:
    row = stored[4]
    for at in (0, 20, 70, 111, 112, 200, 2000, row.length - 17, row.length - 1):
        flip(row, at)
        assert len(list(Scrub.resume(at=row.received_at).go_on())) == 5
        assert list(Quarantined.objects.values_list("object_id", flat=True)) == [row.id]
        flip(row, at)
        assert len(list(Scrub.resume(at=row.received_at).go_on())) == 5
        assert not Quarantined.objects.exists()


def test_a_missing_pack_is_an_alarm_that_names_it(
    run: Run, stored: list[Instance], web: TestClient, owner: Person
) -> None:
    path = Path(settings.SAFELIGHT_DATA) / stored[0].pack
    elsewhere = path.rename(path.with_suffix(".away"))
    code, said = run("scrub")
    assert code == 1
    assert said.count("pack-missing") == 5
    alarm = Entry.objects.get(kind="pack.missing")
    assert (alarm.subject, alarm.outcome) == (f"pack/{path.stem}", "failed")
    assert fetched(web, owner, 1)[0] == 500
    elsewhere.rename(path)
    assert run("scrub")[0] == 0
    assert fetched(web, owner, 1) == (200, FILES[1])


def test_a_missing_key_is_an_alarm_that_names_its_study(run: Run, stored: list[Instance]) -> None:
    study = stored[0].study_id
    WrappedKey.objects.using("keys").filter(subject_id=study).delete()
    ring().forget()
    code, said = run("scrub")
    assert code == 1
    assert "key-missing" in said
    assert Entry.objects.get(kind="key.missing").subject == f"study/{study}"


def test_a_scrub_that_was_stopped_goes_on_where_it_was(stored: list[Instance]) -> None:
    at = stored[0].received_at
    first = Scrub.resume(at=at)
    read = [row.pk for row in first.go_on(lambda: first.run.objects_read == 2)]
    second = Scrub.resume(at=at)
    assert second.waiting() == 3
    read += [row.pk for row in second.go_on()]
    assert read == [row.arrival for row in stored]
    run = ScrubRun.objects.get()
    assert run.objects_read == 5
    assert run.ended_at is not None


def test_a_limited_scrub_takes_its_time(stored: list[Instance]) -> None:
    size = sum(row.length for row in stored)
    scrub = Scrub.resume(at=stored[0].received_at, rate=size * 2)
    list(scrub.go_on())
    ended = scrub.run.ended_at
    assert ended is not None
    assert (ended - stored[0].received_at).total_seconds() >= 0.5


def test_the_daily_slice_reads_all_of_a_small_archive_and_then_rests(
    stored: list[Instance],
) -> None:
    scrub_a_slice.run({})
    assert ScrubRun.objects.get().ended_at is not None
    scrub_a_slice.run({})
    assert ScrubRun.objects.count() == 1


def test_doctor_says_when_everything_was_read_and_what_is_damaged(
    run: Run, stored: list[Instance]
) -> None:
    assert "not read again yet" in run("doctor")[1]
    flip(stored[1])
    run("scrub")
    code, said = run("doctor")
    assert code == 1
    assert "MEND IT what is stored is undamaged, as far as was read (1 in quarantine)" in said
    assert "read again by" in said
