"""L31: who brings something in says that it is right; what does not fit waits for a decision."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from cast import Person, multipart
from safelight.exchange.receive.door import attestation_of
from safelight.exchange.receive.models import IntakeBatch
from safelight.records.imaging.models import Instance, ReviewItem
from story import Story, another_ct
from uploading import ATTESTED, browser_of, bundled, pictures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize(
    "said",
    [None, {}, {"whose": "mine"}, {"whose": "mine", "accurate": False}, {"whose": "nobody"}],
    ids=str,
)
def test_without_the_declaration_nothing_is_taken(
    web: TestClient, owner: Person, said: object
) -> None:
    asked = {"channel": "web", "attestation": said, "expected": {"files": 1, "bytes": 1}}
    answer = browser_of(web, owner).ask("POST", "/uploads/batches", json=asked)
    assert answer.status_code == 422
    assert not IntakeBatch.objects.exists()


def test_the_declaration_is_kept_with_the_delivery(web: TestClient, owner: Person) -> None:
    browser_of(web, owner).open_batch(attestation=ATTESTED)
    kept = attestation_of(IntakeBatch.objects.get())
    assert kept is not None
    assert (kept.whose, kept.believed_right) == ("mine", True)


def test_a_foreign_name_is_not_filed_without_a_word_about_it(
    web: TestClient, owner: Person
) -> None:
    browser = browser_of(web, owner)
    mine, foreign = pictures("Owner^Olga", 1), pictures("Mueller^Hans", 1)
    verdicts = browser.send(browser.open_batch(), bundled(*mine, *foreign))
    assert verdicts[0]["verdict"] == "stored"
    assert verdicts[1]["verdict"] == "refused"
    assert Instance.objects.count() == 1


def test_other_bytes_under_a_known_name_wait_and_overwrite_nothing(story: Story) -> None:
    address = "/dicomweb" + story.address
    single = story.owner.headers | {"Accept": "application/dicom"}
    before = story.web.get(address, headers=single).content
    body, headers = multipart(another_ct(PatientComments="changed"))
    answer = story.web.post(
        "/dicomweb/studies", content=body, headers=headers | story.owner.headers
    )
    assert answer.status_code == 409
    assert ReviewItem.objects.count() == 1
    assert story.web.get(address, headers=single).content == before
