"""Does a script of our own pages ask others for images, and decide what came, as pages do?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from acting import make_staff
from api import Program, page_of, program_of
from asked import Outsider, file_taken
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.receive.asked.links import Made
from safelight.exchange.receive.models import Parcel, UploadRequest
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.ids import from_text, new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Role
from safelight.records.imaging.models import Instance
from story import browser_of
from uploading import bundled, pictures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

LINK, PARCEL = "/upload-links/{link_id}", "/parcels/{parcel_id}"


def page_for(person: Person) -> Program:
    """Return a script of our own pages in a session of this person's."""
    return page_of(browser_of(person, app_code(give_second_factor(person))))


def wish(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever the field holds)
    last = (clock.now() + timedelta(days=10)).date().isoformat()
    return {"ends_on": last} | changes


def came_by(made: dict[str, Any], *, answer: str = "") -> Outsider:
    """Let somebody come by a link that the API made."""
    start, _, secret = made["url"].partition("#")
    assert start.endswith(f"/r/{made['id']}")
    known = Made(request_id=from_text(made["id"]), secret=secret, passphrase="")
    outsider = Outsider(known)
    outsider.come_in(answer=answer)
    return outsider


def sent_to(page: Program, **changes: Any) -> tuple[Outsider, dict[str, str]]:  # noqa: ANN401 (fields of a wish)
    """Make a link, let two pictures be sent by it, and return the parcel's place."""
    outsider = came_by(page("POST /upload-links", wish(**changes), status=201))
    parcel = outsider.send(bundled(*pictures()))
    return outsider, {"parcel_id": to_text(parcel.pk)}


def test_a_link_is_made_told_once_listed_and_ended(owner: Person) -> None:
    page = page_for(owner)
    assert page("GET /upload-links/receivers") == [{"organization": None, "name": "Olga Owner"}]
    asked = wish(expected="My sister", message="The disc, please.", parcels=2, check="passphrase")
    made = page("POST /upload-links", asked, status=201)
    assert len(made["passphrase"].split()) == 4
    place = {"link_id": made["id"]}
    (listed,) = page("GET /upload-links")["items"]
    assert listed == page(f"GET {LINK}", ids=place)
    assert (listed["whom"], listed["state"], listed["parcels_left"]) == ("Olga Owner", "open", 2)
    assert (listed["expected"], listed["message"]) == ("My sister", "The disc, please.")
    assert "url" not in listed
    assert "passphrase" not in listed

    outsider = came_by(made, answer=made["passphrase"])
    page(f"POST {LINK}/withdraw", status=204, ids=place)
    page(f"POST {LINK}/withdraw", status=204, ids=place)
    assert page(f"GET {LINK}", ids=place)["state"] == "withdrawn"
    with pytest.raises(Exception, match="nothing here"):
        outsider.send(bundled(*pictures()))
    assert Entry.objects.filter(kind="upload-request.withdrawn").count() == 1


def test_what_is_wrong_with_a_wish_is_said_by_field(owner: Person) -> None:
    page = page_for(owner)
    late = (clock.now() + timedelta(days=200)).date().isoformat()
    said = page("POST /upload-links", wish(ends_on=late, parcels=21, check="code"), status=422)
    assert {each["code"] for each in said["errors"]} == {
        "invalid:ends_on",
        "invalid:parcels",
        "invalid:address",
    }
    assert page("POST /upload-links", wish(check="x"), status=422)["code"] == "invalid:check"
    assert page("POST /upload-links", wish(secret="x"), status=422)["code"] == "invalid:secret"
    assert page("POST /upload-links", {}, status=422)["code"] == "invalid:ends_on"
    # For another's desk, or one that there is none of: the same.
    elsewhere = make_staff("Dana Desk", Role.IMAGING_DESK).account.memberships.get()
    for place in (elsewhere.organization_id, new_id()):
        refused = page("POST /upload-links", wish(organization=to_text(place)), status=403)
        assert refused["code"] == "may_not_store"
    assert not UploadRequest.objects.exists()


def test_no_more_links_are_open_than_may_be(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.exchange.receive.asked.links.MOST_OPEN", 1)
    page = page_for(owner)
    page("POST /upload-links", wish(), status=201)
    assert page("POST /upload-links", wish(), status=409)["code"] == "too_many_links"


def test_a_parcel_that_waits_is_listed_read_on_record_and_taken_in(owner: Person) -> None:
    page = page_for(owner)
    _, place = sent_to(page)
    (listed,) = page("GET /parcels?state=waiting")["items"]
    assert (listed["id"], listed["sender"]["name"]) == (place["parcel_id"], "Pat Porter")
    assert listed["sender"]["has_read_the_code"] is False
    assert "people" not in listed
    found = page(f"GET {PARCEL}", ids=place)
    (one,) = found["people"]
    assert (one["name"], one["files"], one["is_named_otherwise"]) == ("Olga Owner", 2, False)
    assert Entry.objects.filter(kind="parcel.read").count() == 1

    unsaid = page(f"POST {PARCEL}/accept", {"people": {one["key"]: "mine"}}, status=422, ids=place)
    assert unsaid["code"] == "invalid:believed_right"
    empty = {"believed_right": True}
    said = page(f"POST {PARCEL}/accept", empty, status=422, ids=place)
    assert said["code"] == f"invalid:people.{one['key']}"
    nothing = empty | {"people": {one["key"]: "leave-out"}}
    assert page(f"POST {PARCEL}/accept", nothing, status=422, ids=place)["code"] == "invalid:people"
    assert not Instance.objects.exists()
    yes = empty | {"people": {one["key"]: "mine"}}
    assert page(f"POST {PARCEL}/accept", yes, ids=place)["state"] == "taken"
    again = page(f"POST {PARCEL}/accept", yes, status=409, ids=place)
    assert again["code"] == "state_conflict"
    assert page(f"POST {PARCEL}/refuse", status=409, ids=place)["code"] == "state_conflict"
    file_taken()
    assert len(exams(party_of_person(owner), at=clock.now())) == 1
    assert page("GET /parcels?state=waiting")["items"] == []
    assert page(f"GET {PARCEL}", ids=place)["state"] == "filed"


def test_a_name_that_is_not_theirs_is_never_added_as_their_own(stranger: Person) -> None:
    page = page_for(stranger)
    _, place = sent_to(page)  # the pictures are Olga Owner's
    (one,) = page(f"GET {PARCEL}", ids=place)["people"]
    assert one["is_named_otherwise"] is True
    mine = {"believed_right": True, "people": {one["key"]: "mine"}}
    said = page(f"POST {PARCEL}/accept", mine, status=422, ids=place)
    assert said["code"] == f"invalid:people.{one['key']}"
    other = mine | {"people": {one["key"]: "represented"}}
    assert page(f"POST {PARCEL}/accept", other, ids=place)["state"] == "taken"


def test_a_parcel_that_is_turned_down_leaves_nothing(owner: Person) -> None:
    page = page_for(owner)
    _, place = sent_to(page)
    page(f"POST {PARCEL}/refuse", status=204, ids=place)
    assert page(f"GET {PARCEL}", ids=place)["state"] == "refused"
    assert page(f"GET {PARCEL}", ids=place)["people"] == []
    assert not Parcel.objects.get().parts.exists()
    assert not Instance.objects.exists()


def test_everybody_at_a_desk_decides_and_nobody_else_in_the_house() -> None:
    desk, second = (make_staff(name, Role.IMAGING_DESK) for name in ("Dana Desk", "Ruth Reception"))
    colleague = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    first = page_for(desk)
    (receiver,) = first("GET /upload-links/receivers")
    assert receiver["name"] == "Example Hospital"
    _, place = sent_to(first, organization=receiver["organization"])
    (link,) = first("GET /upload-links")["items"]
    assert link["waiting"] == 1

    outside = page_for(colleague)
    assert outside("GET /upload-links/receivers") == []
    assert outside("GET /upload-links")["items"] == outside("GET /parcels")["items"] == []
    named = {"link_id": link["id"]} | place
    for asked in (f"GET {LINK}", f"POST {LINK}/withdraw", f"GET {PARCEL}", f"POST {PARCEL}/refuse"):
        assert outside(asked, status=404, ids=named)["code"] == "not_found"
    body = {"believed_right": True}
    assert outside(f"POST {PARCEL}/accept", body, status=404, ids=place)["code"] == "not_found"
    assert outside("POST /upload-links", wish(), status=403)["code"] == "may_not_store"

    # A desk takes all of it, and answers for nobody by name.
    assert page_for(second)(f"POST {PARCEL}/accept", body, ids=place)["state"] == "taken"


def test_a_token_does_nothing_of_it_whatever_its_scopes(owner: Person) -> None:
    page, token = page_for(owner), program_of(owner)
    outsider, place = sent_to(page)
    named = {"link_id": to_text(outsider.made.request_id)} | place
    for asked, body in {
        "GET /upload-links": None,
        "GET /upload-links/receivers": None,
        "POST /upload-links": wish(),
        f"GET {LINK}": None,
        f"POST {LINK}/withdraw": None,
        "GET /parcels": None,
        f"GET {PARCEL}": None,
        f"POST {PARCEL}/accept": {"believed_right": True},
        f"POST {PARCEL}/refuse": None,
    }.items():
        assert token(asked, body, status=403, ids=named)["code"] == "token_omits_scope"
    assert Parcel.objects.get().state == "waiting"
    assert UploadRequest.objects.get().withdrawn_at is None
