"""R07: a copy goes to a partner as agreed, object by object; it is cut, resumed and counted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from pydicom import dcmread
from starlette.testclient import TestClient

from cast import Person, party_of_person
from partnering import a_certificate
from receiving import Archive, Arrived, Said, an_archive, failing, kept
from safelight.exchange.access.connecting import suspend_connection
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.transfer.changing import retry, stop
from safelight.exchange.release.transfer.coercion import Wish
from safelight.exchange.release.transfer.errors import (
    NothingToSendError,
    UnderWayError,
)
from safelight.exchange.release.transfer.listing import (
    one_transfer,
    transfers,
    transfers_of_exam,
)
from safelight.exchange.release.transfer.models import Transfer, TransferItem, TransferState
from safelight.exchange.release.transfer.ordering import order, preview
from safelight.exchange.release.transfer.running import run
from safelight.exchange.release.transfer.upkeep import take_up_again
from safelight.governance.agreements.recording import end_agreement
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.records.imaging.models import Instance
from safelight.records.imaging.store import open_instance
from transferring import Stage, a_stage, bound_by_web, recorded

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def archive(tmp_path: Path, settings: LazySettings) -> Iterator[Archive]:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    with an_archive(tmp_path) as listening:
        yield listening


@pytest.fixture
def stage(web: TestClient, owner: Person, clinician: Person, archive: Archive) -> Stage:
    house, story = a_stage(web, owner, clinician)
    return bound_by_web(house, story, archive)


def test_what_was_agreed_arrives_whole_and_its_proof_fits(stage: Stage, archive: Archive) -> None:
    shared = stage.agree()
    row = stage.sent(stage.order())

    assert (row.state, row.sent, row.cause) == (TransferState.SENT, 4, "")
    assert {each.token for each in archive.came} == {"Bearer a-token-of-theirs"}
    hashes = b"".join(each.sha256 for each in archive.came)
    assert bytes(row.proof or b"") == hashlib.sha256(hashes).digest()
    for each, came in zip(Instance.objects.order_by("arrival"), archive.came, strict=True):
        stored = open_instance(each)
        start = stored.card.dataset_offset
        assert came.data.endswith(stored.read_range(start, start + stored.card.dataset_size))
    (disclosure,) = stage.disclosures()
    assert (disclosure.result, disclosure.pictures) == ("complete", 4)
    assert disclosure.size == sum(len(each.data) for each in archive.came) == row.size
    assert disclosure.consent_id == shared.consent_id
    assert disclosure.recipient == f"connection/{stage.bond.row.pk}"
    assert len(recorded("transfer.begun")) == len(recorded("transfer.sent")) == 1


def test_without_a_consent_for_a_copy_there_is_nothing_to_send(
    stage: Stage, archive: Archive, stranger: Person
) -> None:
    with pytest.raises(NotFoundError):
        stage.order()
    stage.agree(may_download=False)
    with pytest.raises(NotFoundError):
        stage.order()
    stage.agree()
    with pytest.raises(NotFoundError):
        order(party_of_person(stranger), stage.study_id, stage.bond.row.pk, at=clock.now())
    row = order(stage.story.party, stage.study_id, stage.bond.row.pk, at=clock.now())
    assert stage.sent(row).state == TransferState.SENT
    assert archive.asked == 4


def test_without_an_agreement_not_a_byte_leaves_and_what_waits_goes_on_with_the_next(
    stage: Stage, archive: Archive
) -> None:
    stage.agree()
    row = stage.order()
    end_agreement(stage.house.one, stage.agreement, because="over", at=clock.now())
    held = stage.sent(row)
    assert (held.state, held.cause) == (TransferState.HELD, "agreement_missing:baa")
    assert archive.asked == 0
    assert stage.disclosures() == []
    assert list(take_up_again(at=clock.now())) == []
    with pytest.raises(ConnectionClosedError):
        stage.order()

    today = clock.now().date()
    stage.bond.agree("baa", today, today + timedelta(days=9))
    assert list(take_up_again(at=clock.now())) == [row.pk]
    assert stage.sent(row).state == TransferState.SENT
    assert len(archive.came) == 4


def test_an_agreement_that_ends_in_the_middle_holds_the_rest(
    stage: Stage, archive: Archive
) -> None:
    stage.agree()
    row = stage.order()

    def ends(number: int, came: Arrived) -> Said:
        if number == 2:
            suspend_connection(stage.house.one, stage.bond.row.pk, at=clock.now())
        return kept(number, came)

    archive.says = ends
    held = stage.sent(row)
    assert (held.state, held.cause, held.sent) == (TransferState.HELD, "connection_closed", 2)
    assert len(archive.came) == 2


def test_a_cut_in_the_middle_is_resumed_without_duplicates_and_is_one_disclosure(
    stage: Stage, archive: Archive
) -> None:
    stage.agree()
    row = stage.order()
    archive.says = lambda number, came: None if number == 3 else kept(number, came)
    cut = stage.sent(row)
    assert (cut.state, cut.cause, cut.sent) == (TransferState.PUT_OFF, "unreachable", 2)
    assert cut.next_at is not None
    assert stage.sent(row).state == TransferState.PUT_OFF  # not before its time
    assert archive.asked == 3

    done = stage.sent(row, later=timedelta(hours=2))
    assert (done.state, done.sent) == (TransferState.SENT, 4)
    assert len(set(archive.kept_uids)) == len(archive.came) == 4
    (disclosure,) = stage.disclosures()
    assert (disclosure.result, disclosure.pictures) == ("complete", 4)


def test_a_withdrawal_in_the_middle_stops_the_rest_and_the_accounting_lists_half(
    stage: Stage, archive: Archive
) -> None:
    shared = stage.agree()
    row = stage.order()

    def taken_back(number: int, came: Arrived) -> Said:
        if number == 2:
            withdraw(stage.story.party, shared.consent_id, at=clock.now())
        return kept(number, came)

    archive.says = taken_back
    over = stage.sent(row)
    assert (over.state, over.cause, over.sent) == (TransferState.WITHDRAWN, "share_revoked", 2)
    assert len(archive.came) == 2
    (disclosure,) = stage.disclosures()
    assert (disclosure.result, disclosure.pictures) == ("partial", 2)
    with pytest.raises(StateConflictError):
        retry(stage.desk, row.pk, at=clock.now())

    stage.agree()  # a new consent: the rest goes, and nothing twice
    again = stage.sent(stage.order())
    assert (again.state, again.wanted, again.sent) == (TransferState.SENT, 2, 2)
    assert len(set(archive.kept_uids)) == len(archive.came) == 4
    with pytest.raises(NothingToSendError):
        stage.order()


def test_what_is_withdrawn_while_it_waits_never_leaves(stage: Stage, archive: Archive) -> None:
    shared = stage.agree()
    row = stage.order()
    with pytest.raises(UnderWayError):
        stage.order()
    withdraw(stage.story.party, shared.consent_id, at=clock.now())
    assert list(take_up_again(at=clock.now())) == []
    assert Transfer.objects.get(pk=row.pk).state == TransferState.WITHDRAWN
    assert archive.asked == 0


def test_what_a_receiver_refuses_for_good_is_named_and_the_rest_arrives(
    stage: Stage, archive: Archive
) -> None:
    stage.agree()
    row = stage.order()
    archive.says = lambda number, came: failing(0x0122) if number == 2 else kept(number, came)
    failed = stage.sent(row)
    assert (failed.state, failed.cause, failed.sent) == (TransferState.FAILED, "status-0122", 3)
    assert [each.result for each in stage.disclosures()] == ["partial"]

    archive.says = kept
    retry(stage.desk, row.pk, at=clock.now())
    assert stage.sent(row).state == TransferState.SENT
    assert [(each.result, each.pictures) for each in stage.disclosures()] == [
        ("partial", 3),
        ("complete", 1),
    ]


def test_a_receiver_that_is_busy_is_asked_again_when_it_says(
    stage: Stage, archive: Archive
) -> None:
    stage.agree()
    row = stage.order()
    archive.says = lambda *_: (503, {"Retry-After": "7200"}, b"")
    at = clock.now()
    busy = stage.sent(row)
    assert (busy.state, busy.cause) == (TransferState.PUT_OFF, "http-503")
    assert busy.next_at is not None
    assert timedelta(hours=2) <= busy.next_at - at < timedelta(hours=2, minutes=1)


def test_after_eight_tries_somebody_must_look(stage: Stage, archive: Archive) -> None:
    stage.agree()
    row = stage.order()
    archive.says = lambda *_: (500, {}, b"")
    for hours in range(1, 9):
        assert stage.sent(row, later=timedelta(hours=2 * hours)).attempts == hours
    dead = Transfer.objects.get(pk=row.pk)
    assert (dead.state, dead.cause) == (TransferState.FAILED, "http-500")
    assert len(recorded("transfer.failed")) == 1

    archive.says = kept
    retry(stage.desk, row.pk, at=clock.now())
    assert stage.sent(row).state == TransferState.SENT


def test_another_certificate_gets_nothing(
    stage: Stage, archive: Archive, tmp_path: Path, web: TestClient
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    row = stage.bond.row
    row.server_certificate = a_certificate(other)
    row.save()
    stage.agree()
    refused = stage.sent(stage.order())
    assert (refused.state, refused.cause) == (TransferState.PUT_OFF, "other-certificate")
    assert archive.asked == 0
    assert stage.disclosures() == []


def test_a_run_that_lost_its_turn_writes_nothing_more(stage: Stage, archive: Archive) -> None:
    stage.agree()
    row = stage.order()

    def stopped(number: int, came: Arrived) -> Said:
        if number == 2:
            stop(stage.desk, row.pk, at=clock.now())
        return kept(number, came)

    archive.says = stopped
    over = stage.sent(row)
    assert (over.state, over.sent) == (TransferState.STOPPED, 1)
    # The second left, and nobody was left to write that it arrived: it is on record as leaving.
    assert TransferItem.objects.filter(state="leaving").count() == 1
    archive.says = kept
    retry(stage.desk, row.pk, at=clock.now())
    assert stage.sent(row).state == TransferState.SENT
    assert len(set(archive.kept_uids)) == 4


def test_the_desk_lists_its_transfers_and_nobody_else_does(
    stage: Stage, archive: Archive, stranger: Person, clinician: Person
) -> None:
    stage.agree()
    row = stage.order()
    (standing,) = transfers(stage.desk, at=clock.now())
    assert (standing.to, standing.state) == ("River archive (River Clinic)", "queued")
    assert (standing.sent, standing.wanted, standing.may_stop) == (0, 4, True)
    stage.sent(row)
    standing, objects = one_transfer(stage.story.party, row.pk, at=clock.now())
    assert objects == {("sent", ""): 4}
    assert len(standing.proof) == 64
    assert len(transfers_of_exam(stage.story.party, stage.study_id, at=clock.now())) == 1
    for party in (party_of_person(stranger), party_of_person(clinician)):
        with pytest.raises(NotFoundError):
            transfers(party, at=clock.now())
        with pytest.raises(NotFoundError):
            one_transfer(party, row.pk, at=clock.now())
        with pytest.raises(NotFoundError):
            transfers_of_exam(party, stage.study_id, at=clock.now())
        for act in (stop, retry):
            with pytest.raises(NotFoundError):
                act(party, row.pk, at=clock.now())


def test_the_receivers_names_are_shown_first_and_stand_in_what_arrives(
    stage: Stage, archive: Archive
) -> None:
    stage.agree()
    wish = Wish(patient_id="RC-77", issuer="RIVER", accession="RA-9")
    changes = preview(stage.desk, stage.study_id, stage.bond.row.pk, wish, at=clock.now())
    assert {(each.name, each.old, each.new) for each in changes} == {
        ("patient_id", "AB-17", "RC-77"),
        ("issuer", "", "RIVER"),
        ("accession", "ACC-1", "RA-9"),
    }
    row = order(stage.desk, stage.study_id, stage.bond.row.pk, at=clock.now(), wish=wish)
    archive.says = lambda number, came: None if number == 2 else kept(number, came)
    stage.sent(row)
    assert stage.sent(row, later=timedelta(hours=2)).state == TransferState.SENT
    hashes = set()
    for came in archive.came:
        made = dcmread(BytesIO(came.data))
        (was,) = made.OriginalAttributesSequence
        assert (made.PatientID, made.AccessionNumber) == ("RC-77", "RA-9")
        assert was.ModifiedAttributesSequence[0].PatientID == "AB-17"
        assert len(made.PixelData) == 512
        hashes.add(came.sha256)
    assert {bytes(each.sha256 or b"") for each in TransferItem.objects.all()} == hashes
    assert b"RC-77" not in bytes(Transfer.objects.get(pk=row.pk).sealed_coercion or b"")
    with pytest.raises(InvalidFieldError):
        order(stage.desk, stage.study_id, stage.bond.row.pk, at=clock.now(), wish=Wish(issuer="\\"))


class Died(BaseException):
    """What a killed worker leaves behind: nothing is caught, nothing tidied up."""


def test_killed_at_each_of_its_steps_it_goes_on_where_it_was(
    stage: Stage, archive: Archive
) -> None:
    stage.agree()
    row = stage.order()
    deaths = 0
    while Transfer.objects.get(pk=row.pk).state != TransferState.SENT:
        steps = iter(range(deaths + 1))
        deaths += 1

        def now(steps: Iterator[int] = steps) -> datetime:
            if next(steps, None) is None:
                raise Died
            return clock.now()

        with suppress(Died):
            run(row.pk, now=now)
        assert deaths < 60
    assert deaths > 8
    assert len({each.uid for each in archive.came}) == 4
    assert len({(each.uid, each.sha256) for each in archive.came}) == 4
    (disclosure,) = stage.disclosures()
    assert (disclosure.result, disclosure.pictures) == ("complete", 4)
    assert Transfer.objects.get(pk=row.pk).sent == 4
