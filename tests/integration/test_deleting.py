"""A program takes back what its owner uploaded by mistake, and nothing else."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from asking import INSTANCE, SERIES, STUDY, store
from cast import Person
from objects import a_file
from safelight.exchange.access.parties import party_of
from safelight.exchange.release.remove import bring_back, removed_exams
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.actors import actor_of_token
from safelight.records.accounts.tokens import Scope
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def with_scopes(person: Person, *scopes: Scope) -> Person:
    token, _ = create_token(person.account, list(scopes), at=clock.now())
    return Person(person.account, token)


def test_an_owner_deletes_a_study_and_has_seven_days_to_undo_it(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file())
    gone = web.delete(STUDY, headers=owner.headers)
    assert (gone.status_code, gone.content) == (204, b"")
    for path in (STUDY, f"{STUDY}/metadata", f"{INSTANCE}/frames/1", f"{STUDY}/thumbnail"):
        assert web.get(path, headers=owner.headers).status_code == 404
    assert web.get("/dicomweb/instances", headers=owner.headers).status_code == 204
    assert web.delete(STUDY, headers=owner.headers).status_code == 404
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    ((study_id, _),) = removed_exams(party, at=clock.now())
    bring_back(party, study_id, at=clock.now())
    assert web.get(f"{INSTANCE}/frames/1", headers=owner.headers).status_code == 200


def test_nobody_deletes_without_the_right_to_it(
    web: TestClient, owner: Person, stranger: Person, clinician: Person
) -> None:
    store(web, owner, a_file())
    store(web, clinician, a_file(study=2))
    absent = web.delete("/dicomweb/studies/1.2.3", headers=owner.headers)
    reader = with_scopes(owner, Scope.DICOMWEB_READ, Scope.DICOMWEB_WRITE)
    blind = with_scopes(owner, Scope.DICOMWEB_DELETE)
    for person in (stranger, clinician, reader, blind):
        refused = web.delete(STUDY, headers=person.headers)
        assert (refused.status_code, refused.content) == (404, absent.content)
    # A hospital's copy is not one person's to destroy.
    other = STUDY.rpartition(".")[0] + ".2"
    assert web.delete(other, headers=clinician.headers).status_code == 404
    for path in (SERIES, INSTANCE, "/dicomweb/studies"):
        assert web.delete(path, headers=owner.headers).content == absent.content
    assert web.delete(STUDY).status_code == 401
    assert web.get(f"{INSTANCE}/frames/1", headers=owner.headers).status_code == 200


def test_a_share_of_a_deleted_study_shows_nothing_and_a_guest_deletes_nothing(
    story: Story,
) -> None:
    shared = story.share()
    cookie = open_share(shared)
    study = f"/studies/{story.dataset.StudyInstanceUID}"
    address = str(story.under(shared, f"{study}/metadata", cookie).request.url)
    guest = {"Cookie": f"__Host-guest={cookie}"}
    assert story.web.delete(address.removesuffix("/metadata"), headers=guest).status_code == 404
    assert story.as_guest(shared, cookie) == 200
    deleted = story.web.delete(f"/dicomweb{study}", headers=story.owner.headers)
    assert deleted.status_code == 204
    assert story.as_guest(shared, cookie) in {404, 410}
