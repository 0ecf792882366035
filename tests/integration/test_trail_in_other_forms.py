"""Does the record leave as FHIR, as DICOM's messages and as a table, true to each standard?"""

from __future__ import annotations

import csv
import json
from io import StringIO
from xml.etree.ElementTree import fromstring

import pytest
from django.urls import reverse
from fhir.resources.R4B.auditevent import AuditEvent

from acting import make_staff
from audit_shapes import EVENTS, PROFILES, broken_balp, broken_dicom, profile_of
from powers import browser_for, make_runner
from safelight.governance.trail.dicom import message
from safelight.governance.trail.exporting import Form, export
from safelight.governance.trail.fhir import audit_event
from safelight.governance.trail.sorts import SORTS
from safelight.governance.trail.told import Told
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.platform.audit.queries import TrailEntry, TrailFilter
from safelight.platform.audit.sequencer import sequence_once
from safelight.records.accounts.models import StaffRole
from safelight.records.accounts.queries import address_of
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

READER = "account/00000000-0000-0000-0000-00000000a0d1"


def entry(kind: str, outcome: str = "ok", **values: object) -> TrailEntry:
    said: dict[str, object] = {
        "row": 1,
        "seq": 7,
        "entry_id": new_id(),
        "at": clock.now(),
        "kind": kind,
        "outcome": outcome,
        "actor": f"account/{new_id()}",
        "on_behalf": "",
        "subject": f"study/{new_id()}",
        "vault_id": new_id(),
        "session": "abc123",
        "origin": "0a1b2c",
        "purpose": "treatment",
        "consent_id": new_id(),
        "reason": "",
        "count": 3,
        "size": 0,
        "has_detail": True,
    }
    return TrailEntry(**(said | values))  # type: ignore[arg-type]  # made up from parts


def variants() -> list[Told]:
    """Return entries of every kind that a standard knows, and of one that none does."""
    made = []
    for kind in (*SORTS, "job.died"):
        for outcome in ("ok", "denied", "failed"):
            for consent_id in (new_id(), None):
                for patient, house in ((READER, f"organization/{new_id()}"), ("", "")):
                    told = entry(kind, outcome, consent_id=consent_id, on_behalf=READER)
                    made.append(Told(told, patient, house))
    return made


def sequenced() -> None:
    while sequence_once():
        pass


@pytest.fixture
def lived(story: Story) -> Story:
    """Tell a story with a share, and looks of two people."""
    shared = story.share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    assert story.web.get(f"/dicomweb{story.address}/frames/1", headers=story.owner.headers)
    return story


def test_each_kind_of_entry_is_a_valid_audit_event_of_the_profile_it_claims() -> None:
    claimed = set()
    for each in variants():
        event = audit_event(each)
        AuditEvent.model_validate(event)
        assert broken_balp(event) == [], (each.entry.kind, event)
        claimed.add(profile_of(event))
    assert claimed == {*PROFILES, ""}


def test_each_kind_of_entry_is_a_message_after_dicoms_schema() -> None:
    used = set()
    for each in variants():
        said = message(each)
        assert b"\n" not in said
        root = fromstring(said)  # noqa: S314 (what we wrote ourselves)
        assert broken_dicom(root) == [], (each.entry.kind, said)
        identity = root.find("EventIdentification/EventID")
        assert identity is not None
        if identity.get("codeSystemName") == "DCM":
            used.add(identity.get("csd-code"))
    # 110111 is for procedures: there are none here yet.
    assert used == set(EVENTS) - {"110111"}


def test_the_checks_of_these_tests_find_what_is_missing() -> None:
    event = audit_event(Told(entry("access.denied", "denied"), READER, ""))
    assert profile_of(event) == "AuthZconsent"
    assert broken_balp(event | {"agent": event["agent"][1:]}) == ["agent 110150: 0"]
    assert broken_balp(event | {"entity": event["entity"][:1]}) == ["entity consent"]
    assert broken_balp(event | {"action": "R"}) == ["action"]
    root = fromstring(message(Told(entry("account.signed-in"), "", "")))  # noqa: S314 (ours)
    root.remove(root.findall("ActiveParticipant")[0])
    assert "nobody asked" in broken_dicom(root)


def test_a_life_told_as_fhir_names_nobody_and_keeps_the_order(lived: Story) -> None:
    sequenced()
    events = [
        json.loads(line)
        for part in export(READER, TrailFilter(), Form.FHIR, at=clock.now())
        for line in part.splitlines()
    ]
    assert len(events) == Entry.objects.filter(seq__gt=0).count()
    for event in events:
        AuditEvent.model_validate(event)
        assert broken_balp(event) == [], event
    told = {profile_of(event) for event in events}
    assert {
        *("PatientCreate", "PatientRead", "Query"),
        *("PrivacyDisclosure.Source", "PrivacyDisclosure.Recipient"),
    } <= told
    numbers = [event["extension"][1]["valuePositiveInt"] for event in events]
    assert numbers == sorted(numbers)
    everything = json.dumps(events)
    for name in (
        lived.owner.account.name,
        address_of(lived.owner.account),
        "Dora",
        "CompressedSam",
    ):
        assert name not in everything


@pytest.mark.parametrize("form", Form)
def test_an_export_is_on_record_with_its_form_and_its_size(lived: Story, form: Form) -> None:
    sequenced()
    wanted = TrailFilter(subject=f"study/{lived.study_id}")
    body = b"".join(export(READER, wanted, form, at=clock.now()))
    row = Entry.objects.get(kind="audit.exported")
    said = json.loads(row.text)
    expected = Entry.objects.filter(subject=f"study/{lived.study_id}").count()
    assert (said["actor"], said["reason"], said["count"]) == (READER, form.value, expected)
    assert len(body.splitlines()) == expected + (form is Form.TABLE)


def test_a_table_runs_nothing_in_a_spreadsheet() -> None:
    from safelight.governance.trail.table import heading, rows  # noqa: PLC0415 (after the others)

    nasty = Told(entry("study.looked-at", reason="=cmd|calc", purpose="+1", session="@x"), "", "")
    (line,) = csv.DictReader(StringIO((heading() + rows([nasty])).decode()))
    assert (line["reason"], line["purpose"], line["session"]) == ("'=cmd|calc", "'+1", "'@x")


def test_the_page_sends_each_form_to_whom_it_is_for_and_within_what_is_theirs(
    lived: Story, moved_clock: object
) -> None:
    sequenced()
    official = browser_for(make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person)
    answer = official.post(reverse("trail-take"), {"form": "csv", "kind": "study.filed"})
    body = b"".join(answer).decode()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"study/{lived.study_id}" in body
    assert len(body.splitlines()) == 2
    again = official.post(reverse("trail-take"), {"form": "fhir"})
    assert again.status_code == 429
    officer = browser_for(make_staff("Otis Officer"))
    sequenced()
    theirs = b"".join(officer.post(reverse("trail-take"), {"form": "fhir"}))
    assert theirs
    assert str(lived.study_id) not in theirs.decode()
    support = browser_for(make_runner("Sue Support", StaffRole.SUPPORT).person)
    assert support.post(reverse("trail-take"), {"form": "csv"}).status_code == 404
    assert official.post(reverse("trail-take"), {"form": "exe"}).status_code == 422
