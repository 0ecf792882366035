"""Can somebody prove without us that an exam's key is destroyed, and is only that certified?"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asking import STUDY, store
from cast import Person, party_of_person
from objects import a_file
from safelight.exchange.release.remove import TIME_TO_UNDO, erase_due
from safelight.governance.keys.certifying import (
    certificate,
    certificate_key,
    certificate_verifier,
    erased_exams,
    own_certificate,
)
from safelight.governance.keys.errors import NotDestroyedError
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.models import Entry
from safelight.platform.keys.models import Kind
from safelight.records.imaging.models import Study

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def verified(folder: Path, note: str) -> subprocess.CompletedProcess[str]:
    """Check a certificate as a stranger does: one file, Python without anything else."""
    (folder / "verify.py").write_text(certificate_verifier())
    (folder / "note.txt").write_text(note, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder / "note.txt"),
         "--key", certificate_key()],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def test_an_erased_exam_has_a_certificate_that_a_stranger_can_check(
    web: TestClient, owner: Person, stranger: Person, tmp_path: Path
) -> None:
    store(web, owner, a_file())
    study = Study.objects.get()
    at = clock.now()
    mine = party_of_person(owner)
    with pytest.raises(NotDestroyedError):
        certificate(Kind.STUDY, study.pk, actor="operator", at=at)
    with pytest.raises(NotFoundError):
        own_certificate(mine, study.pk, at=at)
    assert erased_exams(mine) == []

    assert web.delete(STUDY, headers=owner.headers).status_code == 204
    assert erase_due(at=at + TIME_TO_UNDO + timedelta(hours=1)) == 1

    (gone,) = erased_exams(mine)
    assert gone.study_id == study.pk
    assert gone.unreadable_from - gone.at == timedelta(days=30)
    note = own_certificate(mine, study.pk, at=at)
    checked = verified(tmp_path, note)
    assert checked.returncode == 0, checked
    assert f"key: study {study.pk}" in checked.stdout
    entry = Entry.objects.get(kind="study.erased")
    assert f"record-entry: {entry.entry_id}" in checked.stdout
    assert "unreadable-everywhere-from: " in checked.stdout
    assert Entry.objects.filter(kind="key.destruction-certified").count() == 1

    for wrong in (
        note.replace(str(study.pk), str(stranger.account.pk)),
        note.replace("destroyed: 20", "destroyed: 19"),
        note.replace("safelight-destruction/1", "safelight-destruction/2"),
    ):
        refused = verified(tmp_path, wrong)
        assert (refused.returncode, refused.stdout[:13]) == (1, "NOT AS SIGNED")
    other = party_of_person(stranger)
    assert erased_exams(other) == []
    with pytest.raises(NotFoundError):
        own_certificate(other, study.pk, at=at)
