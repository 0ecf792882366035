"""The patient reads what went to which system, and a stranger can check that list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from cast import Person
from receiving import an_archive
from safelight.exchange.release.activity import activity
from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.gathering import entries_of
from safelight.exchange.release.papers.listing import Form, accounting, written
from safelight.exchange.release.papers.proving import record_key, record_verifier
from safelight.exchange.release.periods import ALWAYS
from safelight.exchange.release.transfer.models import TransferState
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.sequencer import sequence_once
from story import browser_of
from transferring import a_stage, bound_by_web

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
RIVER = "River archive (River Clinic)"


def test_the_owner_reads_it_on_the_page_and_the_report_is_proved(
    web: TestClient, owner: Person, clinician: Person, tmp_path: Path, settings: LazySettings
) -> None:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    house, story = a_stage(web, owner, clinician)
    with an_archive(tmp_path) as archive:
        stage = bound_by_web(house, story, archive)
        stage.agree()
        assert stage.sent(stage.order()).state == TransferState.SENT

    told = activity(story.party, stage.study_id, at=clock.now())
    assert [(each.who, each.pictures) for each in told if each.did == "received"] == [(RIVER, 4)]
    (entry,) = entries_of(story.party, ALWAYS, at=clock.now())
    assert (entry.recipient, entry.channel, entry.result) == (RIVER, "transfer", "complete")
    assert "sent there" in entry.description

    page = browser_of(owner, story.code()).get(f"/exams/{to_text(stage.study_id)}/")
    said = " ".join(page.content.decode().split())
    assert f"<b>{RIVER}</b> was sent 4 pictures of" in said

    while sequence_once():
        pass
    proof = written(accounting(story.party, Extent.COMPLETE, ALWAYS, at=clock.now()), Form.PROOF)
    (tmp_path / "proof").write_bytes(proof)
    (tmp_path / "verify.py").write_text(record_verifier())
    checked = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "proof", "--key", record_key()],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={},
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "proved: 1 of 1 lines" in checked.stdout
