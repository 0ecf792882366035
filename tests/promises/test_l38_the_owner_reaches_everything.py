"""L38: whatever is kept about your exams, you can reach it yourself."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from pydicom import dcmread

from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import shared_by
from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import Form, accounting, written
from safelight.exchange.release.papers.telling import consents_as_fhir
from safelight.exchange.release.periods import ALWAYS
from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.kernel import clock
from safelight.records.imaging.models import Instance
from story import CT, Story, another_ct, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_every_picture_every_attribute_every_share_and_every_look(story: Story) -> None:
    story.add(another_ct(SOPInstanceUID="1.2.826.0.1.41"))
    story.add(another_ct(SOPInstanceUID="1.2.826.0.1.42", SeriesInstanceUID="1.2.826.0.1.4"))
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    write_down_counts()

    study = f"/dicomweb/studies/{story.dataset.StudyInstanceUID}"
    listed = story.web.get(study + "/instances", headers=story.owner.headers).json()
    assert len(listed) == Instance.objects.count() == 3

    metadata = story.web.get(study + "/metadata", headers=story.owner.headers).json()
    assert len(metadata) == 3
    kept = dcmread(CT)
    assert {f"{element.tag:08X}" for element in kept} - set(metadata[0]) <= {"7FE00010", "FFFCFFFC"}
    assert metadata[0]["00100010"]["Value"] == [{"Alphabetic": str(kept.PatientName)}]

    (given,) = shared_by(story.party, at=clock.now())
    assert given.consent_id == shared.consent_id
    told = activity(story.party, story.study_id, at=clock.now())
    assert {each.did for each in told} >= {"looked", "shared"}


def test_what_left_and_what_was_agreed_can_be_taken_along(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    listed = accounting(story.party, Extent.COMPLETE, ALWAYS, at=clock.now())
    table = written(listed, Form.CSV).decode("utf-8-sig")
    assert [row["recipient"] for row in csv.DictReader(StringIO(table))] == ["Dr Dora Doctor"]

    agreed = json.loads(consents_as_fhir(story.party, at=clock.now()))
    kinds = [each["resource"]["resourceType"] for each in agreed["entry"]]
    assert kinds == ["Consent", "Provenance"]
