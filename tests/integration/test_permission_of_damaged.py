"""Who gets what of an exam of which something waits for review, or is kept back as damaged?

Each actor at each level of DICOMweb, against a table written by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest
from starlette.testclient import TestClient

from acting import make_helper
from cast import Person, make_person, multipart
from matrix.levels import FILES, LEVELS
from safelight.exchange.consent.models import Consent
from safelight.kernel import clock
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Instance, ReviewItem
from safelight.records.imaging.quarantine import clear, quarantine
from safelight.surfaces.dicomweb.app import app
from story import Story, another_ct
from walk import operations, pages, services

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

SERVED, KEPT_BACK, LOOK_ONLY, NOTHING = "served", "kept back", "look only", "nothing"
# What tells of an object, and what opens it.
TOLD: Final = tuple(each for each in LEVELS if "rendered" not in each and "thumb" not in each)
OPENED: Final = (*(each for each in LEVELS if each not in TOLD), *FILES)
FRAME: Final = "/studies/{study}/series/{series}/instances/{instance}/frames/1"

# State -> actor -> what is told, what is opened, and what the files are.
TABLE: Final[dict[str, dict[str, tuple[str, str, str]]]] = {
    # Other bytes under a known UID wait beside what is stored, which stays what it was.
    "something waits for review": {
        "owner": (SERVED, SERVED, SERVED),
        "helper who manages": (SERVED, SERVED, SERVED),
        "recipient": (SERVED, SERVED, LOOK_ONLY),
        "stranger": (NOTHING, NOTHING, NOTHING),
        "clinician": (NOTHING, NOTHING, NOTHING),
        "nobody": (NOTHING, NOTHING, NOTHING),
    },
    # Of what is damaged no byte leaves, to anybody; that it is damaged is told to who may look.
    "damaged": {
        "owner": (SERVED, KEPT_BACK, KEPT_BACK),
        "helper who manages": (SERVED, KEPT_BACK, KEPT_BACK),
        "recipient": (SERVED, KEPT_BACK, LOOK_ONLY),
        "stranger": (NOTHING, NOTHING, NOTHING),
        "clinician": (NOTHING, NOTHING, NOTHING),
        "nobody": (NOTHING, NOTHING, NOTHING),
    },
}
ELSEWHERE: Final = {"study": "1.2.3.4", "series": "1.2.3.4.5", "instance": "1.2.3.4.5.6"}


def wait_for_review(story: Story) -> Callable[[], object]:
    """Send other bytes under the UID that is stored."""
    body, headers = multipart(another_ct(SeriesDescription="changed"))
    sent = story.web.post("/dicomweb/studies", content=body, headers=headers | story.owner.headers)
    assert sent.status_code == 409
    assert ReviewItem.objects.count() == 1
    return lambda: None


def damage(story: Story) -> Callable[[], object]:
    """Keep the only object back."""
    assert story.owner
    row = Instance.objects.get()
    quarantine(row, "broken", at=clock.now())
    return partial(clear, row.id, at=clock.now())


STATES: Final = {"something waits for review": wait_for_review, "damaged": damage}


def asked(web: TestClient, headers: dict[str, str], level: str, names: dict[str, str]) -> str:
    answer = web.get(f"/dicomweb{level.format(**names)}", headers=headers)
    if answer.status_code == 200 and answer.content not in {b"", b"[]"}:
        assert b"changed" not in answer.content
        return SERVED
    code = answer.json()["code"] if answer.content not in {b"", b"[]"} else ""
    if code == "quarantined":
        return KEPT_BACK
    if code == "look_only":
        return LOOK_ONLY
    absent = web.get(f"/dicomweb{level.format(**ELSEWHERE)}", headers=headers)
    same = (answer.status_code, answer.content) == (absent.status_code, absent.content)
    return NOTHING if same else f"{answer.status_code} {code}"


@pytest.mark.parametrize("state", TABLE)
def test_every_level_for_every_actor(story: Story, stranger: Person, state: str) -> None:
    recipient = make_person("Rita Recipient", Kind.INDIVIDUAL)
    helper = make_person("Hanna Helper", Kind.INDIVIDUAL)
    clinician = make_person("Clara Clinician", Kind.PROVIDER, "Example Hospital")
    shared = story.share(address=address_of(recipient.account))
    Consent.objects.filter(pk=shared.consent_id).update(recipient_account_id=recipient.account.pk)
    make_helper(story.owner, helper, may_manage=True)
    actors = {
        "owner": story.owner.headers,
        "helper who manages": helper.headers,
        "recipient": recipient.headers,
        "stranger": stranger.headers,
        "clinician": clinician.headers,
        "nobody": {},
    }
    ct = story.dataset
    names = {
        "study": str(ct.StudyInstanceUID),
        "series": str(ct.SeriesInstanceUID),
        "instance": str(ct.SOPInstanceUID),
    }
    mend = STATES[state](story)
    wrong = []
    for actor, headers in actors.items():
        told, opened, files = TABLE[state][actor]
        for level in (*LEVELS, *FILES):
            due = files if level in FILES else opened if level in {*OPENED, FRAME} else told
            got = asked(story.web, headers, level, names)
            if got != due:
                wrong.append(f"{level} / {state} / {actor}: {got}, due: {due}")
    assert not wrong, "\n".join(wrong)
    mend()
    assert asked(story.web, story.owner.headers, FRAME, names) == SERVED


def test_nothing_that_waits_for_review_has_an_address() -> None:
    served = [*services(app.routes), *operations(), *(page.address for page in pages())]
    # Other reviews are of what people did, an emergency, a look, or wrote: a statement.
    others = ("/emergency/reviews/", "/officer/review/", "/officer/statements/")
    arrivals = [each for each in served if not each.startswith(others)]
    assert not [each for each in arrivals if "review" in each or "conflict" in each]
