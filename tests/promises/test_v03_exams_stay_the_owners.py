"""V3: your exams are yours, whoever may look at them and whatever becomes of those."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO

import pytest

from cast import Person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.download import HASHES, download
from safelight.kernel import clock
from safelight.records.accounts.models import State
from story import Story, accept_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_who_may_look_cannot_remove_share_or_see_who_looked(
    story: Story, clinician: Person
) -> None:
    accept_share(story.share(address="clara.clinician@people.example"), clinician)
    party = party_of_person(clinician)
    allowed = {
        action for action in Action if decide(party, action, story.study_id, at=clock.now()).allowed
    }
    assert allowed == {Action.VIEW}


def test_the_owner_keeps_everything_when_the_recipient_goes(
    story: Story, clinician: Person
) -> None:
    shared = story.share(address="clara.clinician@people.example")
    accept_share(shared, clinician)
    clinician.account.state = State.CLOSED
    clinician.account.save()

    frame = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(frame, headers=clinician.headers).status_code == 401
    assert story.web.get(frame, headers=story.owner.headers).status_code == 200
    assert b"".join(download(story.party, story.study_id, now=clock.now).pieces)
    withdraw(story.party, shared.consent_id, at=clock.now())


def test_the_owner_takes_everything_along_whole(story: Story) -> None:
    pieces = download(story.party, story.study_id, now=clock.now).pieces
    packed = zipfile.ZipFile(BytesIO(b"".join(pieces)))
    lines = packed.read(HASHES).decode().splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert len(listed) == 1
    for name, digest in listed.items():
        assert hashlib.sha256(packed.read(name)).hexdigest() == digest
        assert story.dataset.PixelData in packed.read(name)
