"""A program takes back what its owner uploaded by mistake, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from starlette.testclient import TestClient

from asking import INSTANCE, SERIES, STUDY, address, fetch, store
from cast import Person
from objects import a_file, uid
from safelight.exchange.access.parties import party_of
from safelight.exchange.release.remove import bring_back, erase_due, removed_exams
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.models import Entry
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.actors import actor_of_token
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import (
    Instance,
    RemovedInstance,
    SearchToken,
    Series,
    Study,
    StudyState,
)
from safelight.records.imaging.upkeep.shelved import needed
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
    (removed,) = removed_exams(party, at=clock.now())
    study_id = removed.study_id
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
    assert web.delete("/dicomweb/studies", headers=owner.headers).content == absent.content
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


def seen_of(web: TestClient, person: Person, path: str) -> list[str]:
    got = web.get(path, headers=person.headers)
    assert got.status_code in {200, 204}, got.text
    return sorted(each["00080018"]["Value"][0] for each in got.json()) if got.content else []


def test_an_owner_deletes_a_series_and_an_instance_and_can_bring_them_back(
    web: TestClient, owner: Person
) -> None:
    files = [a_file(number, series=series) for series in (1, 2) for number in (1, 2, 3)]
    store(web, owner, *files)
    whole = web.get(STUDY, headers=owner.headers).headers["ETag"]
    one = address(1, 1, 2)
    assert web.get(f"{SERIES}/metadata", headers=owner.headers).status_code == 200
    assert web.delete(one, headers=owner.headers).status_code == 204
    assert web.delete(one, headers=owner.headers).status_code == 404
    for path in (one, f"{one}/metadata", f"{one}/frames/1", f"{one}/rendered"):
        assert web.get(path, headers=owner.headers).status_code == 404
    kept = [uid(1, 1, 1), uid(1, 1, 3)]
    assert seen_of(web, owner, f"{SERIES}/metadata") == kept
    assert seen_of(web, owner, f"{SERIES}/instances") == kept
    second = SERIES.rpartition(".")[0] + ".2"
    assert web.delete(second, headers=owner.headers).status_code == 204
    for path in (second, f"{second}/metadata", f"{second}/thumbnail", address(1, 2, 1)):
        assert web.get(path, headers=owner.headers).status_code == 404
    assert seen_of(web, owner, f"{STUDY}/instances") == kept
    ((study,),) = [web.get("/dicomweb/studies", headers=owner.headers).json()]
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([1], [2])
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    (removed,) = removed_exams(party, at=clock.now())
    study_id = removed.study_id
    bring_back(party, study_id, at=clock.now())
    assert removed_exams(party, at=clock.now()) == []
    assert len(seen_of(web, owner, f"{STUDY}/metadata")) == 6
    assert web.get(STUDY, headers=owner.headers).headers["ETag"] == whole
    for number, data in enumerate(files[3:], 1):
        assert fetch(web, owner, address(1, 2, number)) == data
    kinds = list(Entry.objects.order_by("row").values_list("kind", flat=True))
    expected = ["instance.removed", "series.removed", "parts.restored"]
    assert [each for each in kinds if each in expected] == expected


def test_the_last_instance_takes_its_series_and_the_last_series_its_study_along(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file(1), a_file(1, series=2))
    assert web.delete(INSTANCE, headers=owner.headers).status_code == 204
    assert web.get(f"{SERIES}/metadata", headers=owner.headers).status_code == 404
    second = SERIES.rpartition(".")[0] + ".2"
    assert web.delete(second, headers=owner.headers).status_code == 204
    assert web.get("/dicomweb/studies", headers=owner.headers).status_code == 204
    assert Study.objects.get().state == StudyState.REMOVED


def test_what_was_deleted_of_a_study_can_be_sent_again_and_is_not_there_twice(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file(1), a_file(2), a_file(1, series=2))
    assert web.delete(SERIES, headers=owner.headers).status_code == 204
    store(web, owner, a_file(2))
    assert seen_of(web, owner, f"{SERIES}/metadata") == [uid(1, 1, 2)]
    party = party_of(actor_of_token(owner.token, at=clock.now()))
    (removed,) = removed_exams(party, at=clock.now())
    study_id = removed.study_id
    bring_back(party, study_id, at=clock.now())
    assert seen_of(web, owner, f"{SERIES}/metadata") == [uid(1, 1, 1), uid(1, 1, 2)]
    assert Series.objects.count() == 2
    assert fetch(web, owner, address(1, 1, 2)) == a_file(2)


def test_after_seven_days_the_keys_of_deleted_parts_are_gone_and_their_bytes_can_go(
    web: TestClient, owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    store(web, owner, a_file(1), a_file(2, series=2, Modality="MR"))
    tokens = SearchToken.objects.count()
    wrapped = bytes(Instance.objects.order_by("-arrival")[0].wrapped_key)
    assert web.delete(address(1, 2, 2), headers=owner.headers).status_code == 204
    # What waits to be brought back is needed: no sweep and no regrouping loses it.
    assert sum(each.records for each in needed().values()) == 2
    moved_clock(timedelta(days=6, hours=23))
    assert erase_due(at=clock.now()) == 0
    moved_clock(timedelta(hours=2))
    assert erase_due(at=clock.now()) == 1
    assert sum(each.records for each in needed().values()) == 1
    assert not RemovedInstance.objects.exists()
    if connection.vendor == "sqlite":
        assert wrapped not in Path(connection.settings_dict["NAME"]).read_bytes()
    assert SearchToken.objects.count() == tokens - 1
    assert Entry.objects.filter(kind="parts.erased").exists()
    again = with_scopes(owner, *Scope)
    party = party_of(actor_of_token(again.token, at=clock.now()))
    assert removed_exams(party, at=clock.now()) == []
    with pytest.raises(NotFoundError):
        bring_back(party, Study.objects.get().id, at=clock.now())
    assert fetch(web, again, INSTANCE) == a_file(1)


def test_nobody_deletes_a_part_without_the_right_to_it(
    web: TestClient, owner: Person, stranger: Person, clinician: Person
) -> None:
    store(web, owner, a_file(1), a_file(2))
    store(web, clinician, a_file(1, study=2), a_file(2, study=2))
    absent = web.delete(f"{SERIES}/instances/1.2.3", headers=owner.headers)
    assert absent.status_code == 404
    reader = with_scopes(owner, Scope.DICOMWEB_READ, Scope.DICOMWEB_WRITE)
    for person in (stranger, clinician, reader, with_scopes(owner, Scope.DICOMWEB_DELETE)):
        for path in (SERIES, INSTANCE):
            refused = web.delete(path, headers=person.headers)
            assert (refused.status_code, refused.content) == (404, absent.content)
    other = SERIES.replace(uid(1), uid(2))
    for path in (other, address(2, 1, 1), f"{STUDY}/series/1.2.3", f"{INSTANCE}/frames/1"):
        for person in (owner, clinician):
            refused = web.delete(path, headers=person.headers)
            assert (refused.status_code, refused.content) == (404, absent.content)
    for path in (SERIES, INSTANCE):
        assert web.delete(path).status_code == 401
    assert len(seen_of(web, owner, f"{SERIES}/metadata")) == 2


def test_a_share_shows_nothing_of_a_series_that_was_deleted(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    study, series = story.dataset.StudyInstanceUID, story.dataset.SeriesInstanceUID
    assert story.as_guest(shared, cookie) == 200
    store(story.web, story.owner, a_file(9, StudyInstanceUID=study, series=7, **_same(story)))
    path = f"/studies/{study}/series/{series}"
    guest = story.under(shared, f"{path}/metadata", cookie)
    assert guest.status_code == 200
    deleted = story.web.delete(f"/dicomweb{path}", headers=story.owner.headers)
    assert deleted.status_code == 204
    assert story.under(shared, f"{path}/metadata", cookie).status_code == 404
    found = story.under(shared, f"/studies/{study}/instances", cookie)
    assert found.status_code in {204, 404}


def _same(story: Story) -> dict[str, Any]:
    """Say of another object that it is about the same person."""
    names = ("PatientID", "PatientName", "PatientBirthDate", "IssuerOfPatientID")
    return {name: story.dataset.get(name) for name in names if name in story.dataset}
