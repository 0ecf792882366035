"""Can a stranger check, with one file and no word of ours, what a person's report says?"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from safelight.exchange.release.models import Disclosure, Look
from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import Form, accounting, written
from safelight.exchange.release.papers.proving import record_key
from safelight.exchange.release.papers.sealing import paper_key
from safelight.exchange.release.periods import ALWAYS
from safelight.kernel import clock
from safelight.platform.audit import verify_audit
from safelight.platform.audit.models import Entry
from safelight.platform.audit.offline.one_file import one_file
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.database.triggers import install, remove
from story import Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def alone(folder: Path, name: str, data: bytes, *more: str) -> tuple[int, str]:
    """Check a file where nothing of ours is, but the program."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    (folder / "verify_audit.py").write_text(one_file(verify_audit))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify_audit.py", name, "--key", record_key(), *more],
        capture_output=True,
        text=True,
        cwd=folder,
        env={},
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def signed() -> None:
    while sequence_once():
        pass


def report(story: Story, form: Form, extent: Extent = Extent.COMPLETE) -> bytes:
    return written(accounting(story.party, extent, ALWAYS, at=clock.now()), form)


@pytest.fixture
def seen(story: Story) -> Story:
    """Three looks by three doctors, and one whose name begins like a formula."""
    for name in ("Dr Dora Doctor", "Dr Dan Other", "=Dr Evil"):
        shared = story.share(name=name, may_download=True)
        assert story.as_guest(shared, open_share(shared)) == 200
    signed()
    return story


@pytest.mark.parametrize("form", [Form.ZIP, Form.PDF, Form.PROOF])
def test_a_stranger_checks_each_form_with_one_file(seen: Story, tmp_path: Path, form: Form) -> None:
    assert Disclosure.objects.count() == 3
    data = report(seen, form)
    code, said = alone(tmp_path / "elsewhere", "it", data, "--paper-key", paper_key())
    assert code == 0, said
    assert "proved: 3 of 3 lines" in said
    assert "no line is missing" in said
    code, said = alone(tmp_path / "elsewhere", "it", data)
    assert code == 0
    assert "NOT checked" in said


def changed_proof(proof: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    said = json.loads(proof)
    change(said)
    return json.dumps(said, indent=2).encode()


def say(line: int, name: str, words: str) -> Callable[[dict[str, Any]], None]:
    return lambda said: said["lines"][line]["said"].__setitem__(name, words)


CHANGES = {
    "a name": (say(1, "recipient", "Dr Somebody Else"), "line 2"),
    "a time": (say(2, "date", "2020-01-01T00:00:00+00:00"), "line 3"),
    "another entry's place": (say(0, "entries", "1"), "line 1"),
    "a line taken away": (lambda said: said["lines"].pop(), "line 3"),
    "a line in between": (lambda said: said["lines"].pop(0), "line 1"),
    "a line twice": (lambda said: said["lines"].append(said["lines"][0]), "line 4"),
    "a proof taken away": (lambda said: said["lines"][1].update(entries=[]), "line 2"),
    "another's proof": (
        lambda said: said["lines"][1].update(entries=said["lines"][0]["entries"]),
        "line 2",
    ),
    "all signed digests": (
        lambda said: said.update(signed=said["signed"].replace("report/1\n", "report/1\n\n")),
        "line 0",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_fails_and_the_line_is_named(seen: Story, tmp_path: Path, change: str) -> None:
    make, where = CHANGES[change]
    forged = changed_proof(report(seen, Form.PROOF), make)
    code, said = alone(tmp_path, "it.json", forged, "--paper-key", paper_key())
    assert code == 1
    assert where in said


def test_what_the_record_says_cannot_be_changed_even_without_the_papers_key(
    seen: Story, tmp_path: Path
) -> None:
    proof = report(seen, Form.PROOF)

    def another_time(said: dict[str, Any]) -> None:
        entry = said["lines"][1]["entries"][0]
        entry["entry"] = entry["entry"].replace('"at":"20', '"at":"19', 1)

    for change in (another_time, CHANGES["a time"][0], CHANGES["another's proof"][0]):
        code, said = alone(tmp_path, "it.json", changed_proof(proof, change))
        assert code == 1
        assert "does not say so" in said


def zipped_anew(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    written_anew = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(written_anew, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            new.writestr(each, change(content) if each == name else content)
    return written_anew.getvalue()


def test_the_table_and_the_pdf_of_the_zip_cannot_say_something_else(
    seen: Story, tmp_path: Path
) -> None:
    whole = report(seen, Form.ZIP)
    papers = ("--paper-key", paper_key())
    table = zipped_anew(whole, "disclosures.csv", lambda old: old.replace(b"Dan", b"Ann"))
    code, said = alone(tmp_path, "it.zip", table, *papers)
    assert (code, "line 2 of the report: another in the table" in said) == (1, True)
    shorter = zipped_anew(
        whole, "disclosures.csv", lambda old: b"\r\n".join(old.split(b"\r\n")[:-2]) + b"\r\n"
    )
    code, said = alone(tmp_path, "it.zip", shorter, *papers)
    assert (code, "line 3" in said) == (1, True)
    pdf = zipped_anew(whole, "disclosures.pdf", lambda old: old.replace(b"/A4", b"/A3") + b"\n")
    assert alone(tmp_path, "it.zip", pdf, *papers)[0] == 1
    other = report(seen, Form.PDF, Extent.STATUTORY)
    code, said = alone(
        tmp_path, "it.zip", zipped_anew(whole, "disclosures.pdf", lambda _: other), *papers
    )
    assert (code, "another report" in said) == (1, True)


def test_every_form_names_the_entry_and_none_a_thing_of_others(seen: Story, tmp_path: Path) -> None:
    row = Disclosure.objects.order_by("at").first()
    assert row is not None
    entry = Entry.objects.get(entry_id=str(row.entry_id))
    assert (entry.kind, entry.at, entry.actor) == ("study.looked-at", row.at, row.recipient)
    (first, *_) = csv.DictReader(StringIO(report(seen, Form.CSV).decode("utf-8-sig")))
    assert first["entries"] == str(entry.seq)
    event = json.loads(report(seen, Form.FHIR))["entry"][0]["resource"]
    assert str(entry.seq) in [each.get("valueString") for each in event["extension"]]
    told = json.loads(report(seen, Form.PROOF))
    texts = [each["entry"] for line in told["lines"] for each in line["entries"]]
    theirs = Entry.objects.filter(subject=f"study/{seen.study_id}", kind="study.looked-at")
    assert set(texts) <= set(theirs.values_list("text", flat=True))
    assert len(texts) == 3


def test_what_is_not_signed_yet_or_stands_from_before_says_so_and_hides_nothing(
    seen: Story, tmp_path: Path
) -> None:
    shared = seen.share(name="Dr Late")
    assert seen.as_guest(shared, open_share(shared)) == 200
    code, said = alone(tmp_path, "it", report(seen, Form.ZIP), "--paper-key", paper_key())
    assert code == 0
    assert "proved: 3 of 4 lines" in said
    assert "NOT proved, their entries are too new or too old: lines [4]" in said


def test_rows_from_before_find_their_entries_by_who_what_and_when(
    seen: Story, tmp_path: Path, without_guards: None
) -> None:
    for rows in (Disclosure.objects.all(), Look.objects.all()):
        rows.update(entry_id=None)
    code, said = alone(tmp_path, "it", report(seen, Form.ZIP), "--paper-key", paper_key())
    assert (code, "proved: 3 of 3 lines" in said) == (0, True), said


def test_a_disclosure_keeps_the_entry_it_was_written_with(seen: Story) -> None:
    from django.db import DatabaseError, transaction  # noqa: PLC0415 (only here)

    for rows in (Disclosure.objects.all(), Look.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(entry_id=None)


@pytest.fixture
def without_guards() -> Iterator[None]:
    """Take away what keeps rows as they are, to make them as an older version left them."""
    from django.db import connection  # noqa: PLC0415 (only here)

    from safelight.exchange.release.triggers import TRIGGERS  # noqa: PLC0415

    remove(connection, TRIGGERS)
    try:
        yield
    finally:
        install(connection, TRIGGERS)


def test_the_pages_hand_over_all_of_it(seen: Story) -> None:
    browser = browser_of(seen.owner, seen.code())
    page = browser.get("/activity/").content.decode()
    assert "form=zip" in page
    answer = browser.get("/activity/export/?form=zip")
    assert answer["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as files:
        assert files.namelist() == [
            *("disclosures.pdf", "disclosures.csv", "disclosures-proof.json"),
            *("verify_audit.py", "READ-ME.txt"),
        ]
        assert (
            files.read("verify_audit.py").decode()
            == Client().get("/receipts/record-verifier").content.decode()
        )
    assert Client().get("/receipts/record-key").content.decode().strip() == record_key()
