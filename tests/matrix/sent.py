"""How does a link by which others send images, and what came by it, come into each state?"""

from __future__ import annotations

from collections.abc import Iterator

from asked import Outsider, ask, file_taken
from cast import Person, party_of_person
from matrix.objects import Thing
from matrix.people import HOSPITAL
from safelight.exchange.receive.asked.accepting import refuse_parcel, take_in_parcel
from safelight.exchange.receive.asked.links import withdraw_link
from safelight.exchange.receive.asked.parcels import start_parcel
from safelight.exchange.receive.asked.senders import show_secret
from safelight.exchange.receive.models import Parcel, ParcelState, UploadRequest
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Organization
from uploading import bundled, pictures

COOKIE = "__Host-sender"


def put_links(people: dict[str, Person]) -> Iterator[Thing]:
    """Bring one link into each state; everybody outside came while it was open."""
    for state in ("open", "asks for a code", "of a desk", "used up", "closed", "over", "locked"):
        sender = _asked(people, state)
        thing = _thing("link", state, sender)
        if state != "asks for a code":
            thing.visitors["sender"] = sender.cookie
        link = UploadRequest.objects.filter(pk=sender.made.request_id)
        if state == "used up":
            start_parcel(sender.sender, believed_right=True, files=1, size=9, at=clock.now())
            link.update(parcels_left=0)
        if state == "closed":
            _close(people, sender)
        if state == "over":
            link.update(ends_at=clock.now())
        if state == "locked":
            link.update(locked_at=clock.now())
        yield thing


def put_parcels(people: dict[str, Person]) -> Iterator[Thing]:
    """Bring one parcel into each state, before somebody else who has the same link."""
    for state in ("coming", "waiting", "waiting at a desk", "waiting, its link closed"):
        sender = _asked(people, state)
        if state == "coming":
            at = clock.now()
            parcel = start_parcel(sender.sender, believed_right=True, files=1, size=9, at=at)
        else:
            parcel = sender.send(bundled(*pictures(count=1)))
        yield _parcel(people, state, sender, parcel)
        if state == "waiting, its link closed":
            _close(people, sender)
    party = party_of_person(people["owner"])
    for state in ("filed", "taken", "sent away", "waited for too long"):
        sender = _asked(people, state)
        parcel = sender.send(bundled(*pictures(count=1)))
        thing = _parcel(people, state, sender, parcel)
        if state in {"filed", "taken"}:
            take_in_parcel(party, parcel.pk, {"0": "mine"}, at=clock.now())
        if state == "filed":
            file_taken()
        if state == "sent away":
            refuse_parcel(party, parcel.pk, at=clock.now())
        if state == "waited for too long":
            Parcel.objects.filter(pk=parcel.pk).update(state=ParcelState.LAPSED)
        yield thing


def sender_by_another_link(people: dict[str, Person]) -> str:
    """Return the cookie of somebody who may send by another link of the same owner's."""
    return _asked(people, "another").cookie


def _asked(people: dict[str, Person], state: str) -> Outsider:
    """Let the owner, or the desk, make a link; somebody comes by it and says who they are."""
    if "desk" in state:
        hospital = Organization.objects.get(same_name=HOSPITAL).pk
        made = ask(people["desk"], organization_id=hospital, parcels=3)
    elif state == "asks for a code":
        made = ask(people["owner"], check="code", address="pat@porter.example")
        return Outsider(made)
    else:
        made = ask(people["owner"], parcels=3)
    sender = Outsider(made)
    sender.come_in()
    return sender


def _parcel(people: dict[str, Person], state: str, sender: Outsider, parcel: Parcel) -> Thing:
    other = Outsider(sender.made)
    other.come_in()
    thing = _thing("parcel", state, sender)
    thing.ids["parcel_id"] = to_text(parcel.pk)
    thing.visitors |= {"sender": sender.cookie, "other sender by this link": other.cookie}
    return thing


def _thing(kind: str, state: str, sender: Outsider) -> Thing:
    made = sender.made
    entered = show_secret(made.request_id, secret=made.secret, at=clock.now())
    ids: dict[str, object] = {"link_id": to_text(made.request_id)}
    return Thing(kind, state, ids, {"entrant": entered.cookie}, COOKIE)


def _close(people: dict[str, Person], sender: Outsider) -> None:
    withdraw_link(party_of_person(people["owner"]), sender.made.request_id, at=clock.now())
