"""Somebody without an account sends exams by a link: what comes in, and what does it tell them?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connections

from asked import PAT, Outsider, ask, file_taken
from cast import Person, make_person, messages_to, party_of_person
from safelight.exchange.receive.asked.accepting import (
    delivered_to,
    read_parcel,
    refuse_parcel,
    take_in_parcel,
)
from safelight.exchange.receive.asked.discarding import forget_lapsed
from safelight.exchange.receive.asked.filing import batches_of, file_parcel
from safelight.exchange.receive.asked.links import Made, links_of, withdraw_link
from safelight.exchange.receive.asked.parcels import arrived, finish_parcel, start_parcel
from safelight.exchange.receive.asked.parts import create_part, look_into, told_of
from safelight.exchange.receive.asked.rules import Check, LinkState
from safelight.exchange.receive.asked.senders import introduce, named_sender, show_secret
from safelight.exchange.receive.errors import (
    AttestationMissingError,
    MayNotStoreError,
    NotAsAskedError,
    ParcelFullError,
    WrongCheckError,
)
from safelight.exchange.receive.models import Parcel, ParcelPart, ParcelState, Sender, UploadRequest
from safelight.exchange.receive.uploads import Addition
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Membership, Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Instance
from uploading import bundle, bundled, manifest_line, pictures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def spools() -> list[Path]:
    return list((Path(settings.SAFELIGHT_DATA) / "uploads").glob("*.part"))


@pytest.fixture(autouse=True)
def _no_spools_of_others() -> None:
    for each in spools():
        each.unlink()


def decided(person: Person, parcel: Parcel, **answers: str) -> Parcel:
    take_in_parcel(party_of_person(person), parcel.pk, answers, at=clock.now())
    file_taken()
    parcel.refresh_from_db()
    return parcel


def opens(made: Made) -> bool:
    try:
        show_secret(made.request_id, secret=made.secret, at=clock.now())
    except NotFoundError:
        return False
    return True


def test_what_an_outsider_sends_waits_until_the_person_says_yes(owner: Person) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures()))
    assert not Instance.objects.exists()
    assert [each[0] for each in messages_to(address_of(owner.account))] == ["parcel-waiting"]
    found = read_parcel(party_of_person(owner), parcel.pk, at=clock.now())
    assert [(one.name, one.files) for one in found.people] == [("Olga Owner", 2)]
    assert found.strangers == frozenset()
    filed = decided(owner, parcel, **{"0": "mine"})
    assert filed.state == ParcelState.FILED
    assert len(exams(party_of_person(owner), at=clock.now())) == 1
    (batch,) = batches_of(filed)
    assert (batch.stored, batch.refused, batch.channel) == (2, 0, "request")
    assert not spools()
    assert not ParcelPart.objects.exists()


def test_what_is_complete_only_after_the_receipt_is_not_taken_in(owner: Person) -> None:
    outsider = Outsider(ask(owner))
    sender, at = outsider.come_in(), clock.now()
    on_time, late = (bundled(each) for each in pictures())
    size = len(on_time) + len(late)
    parcel = start_parcel(sender, believed_right=True, files=2, size=size, at=at)
    parts = [create_part(sender, parcel.pk, len(data), at=at) for data in (on_time, late)]
    first, second = (Addition(part, 0) for part in parts)
    first.add(on_time)
    first.keep()
    first.close()
    look_into(parts[0])
    second.add(late)
    receipt = arrived(finish_parcel(sender, parcel.pk, at=clock.now()), "Olga Owner")
    second.keep()
    second.close()
    look_into(parts[1])
    assert len(receipt.files) == 1
    assert decided(owner, parcel, **{"0": "mine"}).state == ParcelState.FILED
    assert Instance.objects.count() == 1
    assert not spools()


def test_it_can_be_sent_away_and_leaves_nothing(owner: Person) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures()))
    refuse_parcel(party_of_person(owner), parcel.pk, at=clock.now())
    assert not Instance.objects.exists()
    assert not spools()
    with pytest.raises(StateConflictError):
        decided(owner, parcel, **{"0": "mine"})
    parcel.refresh_from_db()
    receipt = arrived(parcel, "Olga Owner")
    assert len(receipt.files) == 2, "the sender's receipt stays good"


def test_somebody_elses_images_never_mix_with_ones_own_by_themselves(owner: Person) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures(count=1), *pictures("Doe^John", count=1)))
    found = read_parcel(party_of_person(owner), parcel.pk, at=clock.now())
    keys = {one.name: one.key for one in found.people}
    assert found.strangers == {keys["John Doe"]}
    for said in ("", "mine", "anybody"):
        with pytest.raises(NotAsAskedError):
            decided(owner, parcel, **{keys["Olga Owner"]: "mine", keys["John Doe"]: said})
    decided(owner, parcel, **{keys["Olga Owner"]: "mine", keys["John Doe"]: "leave-out"})
    assert Instance.objects.count() == 1


def test_numbers_that_come_twice_do_not_let_a_stranger_pass_as_somebody_else(
    owner: Person,
) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    own, strange = pictures(count=1), pictures("Doe^John", count=1)
    parcel = outsider.send(bundled(*own), bundled(*strange))
    found = read_parcel(party_of_person(owner), parcel.pk, at=clock.now())
    keys = {one.name: one.key for one in found.people}
    filed = decided(owner, parcel, **{keys["Olga Owner"]: "mine", keys["John Doe"]: "leave-out"})
    assert [(each.stored, each.refused) for each in batches_of(filed)] == [(1, 0)]


def test_the_sender_learns_nothing_of_what_is_there_already(owner: Person) -> None:
    made = ask(owner, parcels=3)
    outsider = Outsider(made)
    outsider.come_in()
    files = pictures()
    told, receipts = [], []
    for data in (files, files, [files[0], files[1][:-2] + b"\x01\x02"]):
        parcel = outsider.send(bundled(*data))
        told.append([each for part in parcel.parts.all() for each in told_of(part)])
        receipts.append(len(arrived(parcel, "").files))
        filed = decided(owner, parcel, **{"0": "mine"})
    assert told[0] == told[1] == told[2]
    assert receipts == [2, 2, 2]
    (batch,) = batches_of(filed)
    assert (batch.duplicate, batch.review) == (1, 1), "the receiver does"


def test_what_cannot_be_read_is_named_to_the_sender(owner: Person) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    (picture,) = pictures(count=1)
    parcel = outsider.send(bundled(picture, b"no picture at all"))
    (part,) = parcel.parts.all()
    verdicts = {each["n"]: each["verdict"] for each in told_of(part)}
    assert verdicts == {0: "stored", 1: "refused"}
    assert (parcel.files, parcel.left_out) == (1, 1)


def test_a_link_that_is_over_used_up_withdrawn_or_unknown_is_answered_alike(
    owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    made, withdrawn, used = ask(owner), ask(owner), ask(owner)
    unknown = replace(made, request_id=new_id())
    wrong = replace(made, secret="x" * 43)
    assert opens(made)
    assert not opens(unknown)
    assert not opens(wrong)
    outsider = Outsider(used)
    outsider.come_in()
    outsider.send(bundled(*pictures(count=1)))
    assert not opens(used)
    assert outsider.sender.named_at, "who sent by it still reaches the receipt"
    with pytest.raises(NotFoundError):
        outsider.send(bundled(*pictures(count=1)))
    withdraw_link(party_of_person(owner), withdrawn.request_id, at=clock.now())
    assert not opens(withdrawn)
    moved_clock(timedelta(days=11))
    assert not opens(made)
    with pytest.raises(NotFoundError):
        named_sender(used.request_id, outsider.cookie, at=clock.now())
    states = {each.state for each in links_of(party_of_person(owner), at=clock.now())}
    assert states == {LinkState.OVER, LinkState.WITHDRAWN}


def test_withdrawing_stops_who_is_sending_at_once(owner: Person) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    withdraw_link(party_of_person(owner), outsider.made.request_id, at=clock.now())
    with pytest.raises(NotFoundError):
        _ = outsider.sender


def test_the_passphrase_is_asked_and_wrong_words_close_the_link(owner: Person) -> None:
    made = ask(owner, check=Check.PASSPHRASE)
    Outsider(made).come_in(answer=made.passphrase.upper())
    outsider = Outsider(made)
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCheckError) as wrong:
            outsider.come_in(answer="four wrong little words")
        assert wrong.value.tries_left == left
    with pytest.raises(NotFoundError):
        outsider.come_in(answer="four wrong little words")
    assert not opens(made)
    (link,) = links_of(party_of_person(owner), at=clock.now())
    assert link.state is LinkState.LOCKED


def test_a_code_goes_to_the_expected_address_and_works_once(owner: Person) -> None:
    made = ask(owner, check=Check.CODE, address="desk@clinic.example")
    entered = show_secret(made.request_id, secret=made.secret, at=clock.now())
    (code,) = [facts["code"] for _, facts in messages_to("desk@clinic.example")]
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(WrongCheckError):
        introduce(entered.sender, PAT, answer=wrong, at=clock.now())
    cookie = introduce(entered.sender, PAT, answer=f" {code[:3]} {code[3:]}", at=clock.now())
    assert named_sender(made.request_id, cookie, at=clock.now()).read_the_code
    with pytest.raises(WrongCheckError):
        introduce(entered.sender, PAT, answer=code, at=clock.now())


def test_who_does_not_say_who_they_are_or_that_they_may_sends_nothing(owner: Person) -> None:
    made = ask(owner)
    for said in (
        replace(PAT, name=""),
        replace(PAT, address="nowhere"),
        replace(PAT, relation=""),
        replace(PAT, may_send=False),
    ):
        with pytest.raises(NotAsAskedError):
            Outsider(made, said=said).come_in()
    entered = show_secret(made.request_id, secret=made.secret, at=clock.now())
    with pytest.raises(AttestationMissingError):
        start_parcel(entered.sender, believed_right=True, files=1, size=1, at=clock.now())
    assert not Parcel.objects.exists()


def test_no_more_comes_by_a_link_than_it_allows(owner: Person) -> None:
    made = ask(owner, parcels=2)
    UploadRequest.objects.update(most_files=2, most_bytes=1 << 20)
    outsider = Outsider(made)
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures(count=3)))
    assert (parcel.files, parcel.left_out) == (2, 1)
    with pytest.raises(ParcelFullError):
        outsider.send(bundled(*pictures(count=1)))
    with pytest.raises(ParcelFullError):
        start_parcel(outsider.sender, believed_right=True, files=0, size=1 << 21, at=clock.now())


def test_a_desk_asks_takes_in_and_keeps_it_apart_from_its_members(clinician: Person) -> None:
    (membership,) = clinician.account.memberships.all()
    hospital = membership.organization_id
    with pytest.raises(MayNotStoreError):
        ask(clinician, organization_id=hospital)
    Membership.objects.create(
        account=clinician.account, organization_id=hospital, role=Role.IMAGING_DESK
    )
    outsider = Outsider(ask(clinician, organization_id=hospital))
    outsider.come_in()
    paper = b"%PDF-1.4 not looked at"
    (picture,) = pictures("Doe^John", count=1)
    data = bundle(
        (manifest_line(0, picture), picture), (manifest_line(1, paper, kind="pdf"), paper)
    )
    parcel = outsider.send(data)
    assert (parcel.files, parcel.left_out) == (1, 1)
    colleague = make_person("Cora Colleague", Kind.PROVIDER, "Example Hospital")
    assert delivered_to(party_of_person(colleague)) == []
    with pytest.raises(NotFoundError):
        read_parcel(party_of_person(colleague), parcel.pk, at=clock.now())
    filed = decided(clinician, parcel)
    assert [each.stored for each in batches_of(filed)] == [1]


def test_nobody_else_sees_or_decides_about_it(owner: Person, stranger: Person) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures(count=1)))
    party = party_of_person(stranger)
    assert delivered_to(party) == []
    assert links_of(party, at=clock.now()) == []
    for act in (read_parcel, refuse_parcel):
        with pytest.raises(NotFoundError):
            act(party, parcel.pk, at=clock.now())
    with pytest.raises(NotFoundError):
        take_in_parcel(party, parcel.pk, {"0": "mine"}, at=clock.now())
    with pytest.raises(NotFoundError):
        withdraw_link(party, outsider.made.request_id, at=clock.now())
    token = replace(party_of_person(owner), token_scopes=frozenset({"dicomweb:write"}))
    with pytest.raises(MayNotStoreError):
        delivered_to(token)


def test_what_nobody_completes_or_answers_is_forgotten(
    owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    made = ask(owner)
    outsider = Outsider(made)
    sender = outsider.come_in()
    start_parcel(sender, believed_right=True, files=1, size=1, at=clock.now())
    moved_clock(timedelta(days=3, seconds=1))
    assert forget_lapsed(at=clock.now()) == 1
    assert UploadRequest.objects.get().parcels_left == 1, "nobody used it"
    again = Outsider(made)
    again.come_in()
    parcel = again.send(bundled(*pictures(count=1)))
    moved_clock(timedelta(days=33, seconds=2))
    assert forget_lapsed(at=clock.now()) == 1
    parcel.refresh_from_db()
    assert parcel.state == ParcelState.LAPSED
    assert not spools()


def test_each_step_is_on_record_without_a_name(owner: Person) -> None:
    outsider = Outsider(ask(owner, expected="Dr Nina Nord"))
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures(count=1)))
    decided(owner, parcel, **{"0": "mine"})
    withdraw_link(party_of_person(owner), outsider.made.request_id, at=clock.now())
    kinds = [each.kind for each in Entry.objects.order_by("pk")]
    wanted = [
        *("upload-request.made", "upload-request.opened", "upload-request.sender-named"),
        *("parcel.begun", "parcel.received", "parcel.read", "parcel.taken-in", "parcel.filed"),
        "upload-request.withdrawn",
    ]
    assert [kind for kind in kinds if kind in wanted] == wanted
    texts = " ".join(f"{each.text} {each.actor} {each.subject}" for each in Entry.objects.all())
    for name in ("Porter", "Nord", "Owner"):
        assert name not in texts


def test_the_last_use_of_a_link_is_used_once_by_many_at_once(owner: Person) -> None:
    made = ask(owner)
    senders = [Outsider(made).come_in() for _ in range(8)]
    together = Barrier(len(senders))

    def begin(sender: Sender) -> bool:
        together.wait()
        try:
            start_parcel(sender, believed_right=True, files=1, size=1, at=clock.now())
        except NotFoundError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(len(senders)) as pool:
        begun = list(pool.map(begin, senders))
    assert begun.count(True) == 1
    assert UploadRequest.objects.get().parcels_left == 0
    assert Parcel.objects.count() == 1


def test_two_yeses_at_once_take_a_parcel_in_once(owner: Person) -> None:
    outsider = Outsider(ask(owner))
    outsider.come_in()
    parcel = outsider.send(bundled(*pictures(count=1)))
    party = party_of_person(owner)
    take_in_parcel(party, parcel.pk, {"0": "mine"}, at=clock.now())
    with pytest.raises(StateConflictError):
        take_in_parcel(party, parcel.pk, {"0": "mine"}, at=clock.now())
    file_taken()
    file_parcel.function(parcel_id=str(parcel.pk))
    assert Instance.objects.count() == 1
