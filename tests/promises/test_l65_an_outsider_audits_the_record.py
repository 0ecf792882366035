"""L65: an external auditor reads the record, checks it without us, and sees no images."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from powers import Runner, browser_for, make_runner
from safelight.kernel.ids import to_text
from safelight.platform.audit import verify_audit
from safelight.platform.audit.export import public_key
from safelight.platform.audit.models import Entry
from safelight.platform.audit.offline.one_file import one_file
from safelight.platform.audit.sequencer import sequence_once
from safelight.records.accounts.models import StaffRole
from safelight.records.accounts.queries import address_of
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def auditor() -> Runner:
    return make_runner("Axel Auditor", StaffRole.AUDITOR)


@pytest.fixture
def browser(auditor: Runner) -> Client:
    return browser_for(auditor.person)


def checked(file: Path) -> tuple[int, str]:
    """Run the verifier as the auditor does at home: one file, Python, and the key."""
    alone = file.parent / "verify_audit.py"
    alone.write_text(one_file(verify_audit))
    words = [sys.executable, "-I", "-S", str(alone), str(file), "--key", public_key()]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=file.parent)
    return done.returncode, done.stdout + done.stderr


def test_an_auditor_reads_what_happened_by_ids_and_no_names(
    browser: Client, story: Story, auditor: Runner
) -> None:
    page = browser.get(reverse("trail")).content.decode()
    assert f"study/{story.study_id}" in page
    assert story.owner.account.name not in page
    assert address_of(story.owner.account) not in page
    read = Entry.objects.filter(kind="audit.read", actor=f"account/{auditor.id}")
    assert read.count() == 1, "that the auditor read is on record too"


def test_an_auditor_checks_the_record_at_home_and_sees_any_change(
    browser: Client, story: Story, tmp_path: Path
) -> None:
    while sequence_once():
        pass
    file = tmp_path / "trail.jsonl"
    answer = browser.post(reverse("trail-export"))
    file.write_bytes(b"".join(answer))
    code, said = checked(file)
    assert code == 0, said
    assert said.startswith("whole:")
    assert story.owner.account.name not in file.read_text()

    told = file.read_text()
    assert "study.filed" in told
    file.write_text(told.replace("study.filed", "study.field", 1))
    assert checked(file)[0] != 0


def test_an_auditor_sees_no_image_and_no_exam(browser: Client, story: Story) -> None:
    session = {"Cookie": f"__Host-session={browser.cookies['__Host-session'].value}"}
    for path in ("/frames/1", "/rendered", ""):
        answer = story.web.get(f"/dicomweb{story.address}{path}", headers=session)
        assert answer.status_code == 404
    found = story.web.get("/dicomweb/studies", headers=session)
    assert found.status_code in {200, 204}
    assert story.dataset.StudyInstanceUID not in found.text
    assert browser.get(f"/exams/{to_text(story.study_id)}/").status_code == 404
