"""Is it on record when somebody refuses, takes back, brings in a patient, or checks the record?"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from starlette.testclient import TestClient
from typer.testing import CliRunner

from cast import Person
from harming import past_triggers
from objects import a_file
from powers import browser_for, make_runner
from safelight.exchange.release.choosing_form import give_up
from safelight.exchange.release.sharing.ceremony import present
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.sharing.proof import turn_down
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.platform.audit.errors import AuditUnavailableError
from safelight.platform.audit.models import Entry
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.database.triggers import Trigger, install, take_away
from safelight.records.accounts.models import StaffRole
from safelight.records.imaging.models import PatientRecord
from safelight.surfaces.cli import audit
from safelight.surfaces.cli.main import app
from story import Story, link_secret, open_share, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
assert audit  # registers the commands
FULL = Trigger(name="audit_store_is_full", table="audit_entry", event="INSERT", says="full")


def on_record(kind: str) -> list[Entry]:
    return list(Entry.objects.filter(kind=kind).order_by("row"))


def test_a_consent_that_was_shown_and_not_given_is_on_record(story: Story) -> None:
    draft = story.draft()
    present(story.party, draft, statement_version="1", at=clock.now())

    give_up(story.party, draft, at=clock.now())

    (entry,) = on_record("consent.refused")
    assert (entry.actor, entry.subject) == (story.party.name, f"draft/{draft}")
    assert entry.vault_id is not None


def test_a_draft_that_nobody_was_shown_is_no_refusal(story: Story) -> None:
    give_up(story.party, story.draft(), at=clock.now())
    assert on_record("consent.refused") == []


def test_a_refusal_that_cannot_be_recorded_keeps_the_draft(story: Story) -> None:
    draft = story.draft()
    present(story.party, draft, statement_version="1", at=clock.now())
    install(connection, [FULL])
    try:
        with pytest.raises(AuditUnavailableError):
            give_up(story.party, draft, at=clock.now())
    finally:
        take_away(connection, [FULL])
    assert on_record("consent.refused") == []
    give_up(story.party, draft, at=clock.now())
    assert len(on_record("consent.refused")) == 1


def test_a_share_that_its_giver_takes_back_is_on_record_once(story: Story) -> None:
    shared = story.share()
    open_share(shared)

    for _ in range(2):
        withdraw(story.party, shared.consent_id, at=clock.now())

    (entry,) = on_record("share.withdrawn")
    assert (entry.actor, entry.subject) == (story.party.name, f"share/{shared.share_id}")
    (revoked,) = on_record("consent.revoked")
    assert revoked.at == entry.at


def test_a_share_that_its_recipient_turns_down_was_not_taken_back(story: Story) -> None:
    shared = story.share()
    entered = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())

    turn_down(entered.entry, at=clock.now())

    assert on_record("share.withdrawn") == []
    assert len(on_record("share.declined")) == 1


def test_a_patient_is_written_down_once(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file(1), a_file(1, study=2), a_file(1, study=3, PatientID="OTHER-1"))
    store(web, owner, a_file(2), a_file(1, study=4))

    made = {entry.subject for entry in on_record("patient.created")}
    assert made == {
        f"patient/{each}" for each in PatientRecord.objects.values_list("pk", flat=True)
    }
    assert len(on_record("patient.created")) == len(made) == 2


def test_checking_the_record_at_the_command_line_is_on_record(owner: Person) -> None:
    data = settings.SAFELIGHT_DATA
    (data / "safelight.toml").write_text('instance = "tests"\n')
    while sequence_once():
        pass

    done = CliRunner().invoke(app, ["audit", "verify", "--data", str(data)])

    assert done.exit_code == 0, done.output
    (entry,) = on_record("audit.verified")
    assert (entry.actor, entry.outcome) == ("operator", "ok")
    with past_triggers() as cursor:
        cursor.execute("UPDATE audit_entry SET kind = 'study.other' WHERE seq = 1")
    again = CliRunner().invoke(app, ["audit", "verify", "--data", str(data)])
    assert again.exit_code == 1
    assert "broken at entry 1" in again.output
    assert on_record("audit.verified")[-1].outcome == "failed"


def test_checking_the_record_on_its_page_is_on_record(web: TestClient) -> None:
    auditor = make_runner("Ada Auditor", StaffRole.AUDITOR).person
    page = browser_for(auditor).post(reverse("trail-verify"))
    assert page.status_code == 200
    (entry,) = on_record("audit.verified")
    assert (entry.actor, entry.outcome) == (f"account/{auditor.account.pk}", "ok")
