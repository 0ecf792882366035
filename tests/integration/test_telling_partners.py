"""What is said to a partner's Safelight after all was sent, whatever it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from cast import Person
from odd_safelight import OK, OddSafelight, an_odd_safelight, willing
from partnering import Bond, House, a_bond, a_partner
from safelight.exchange.release.activity import activity
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.transfer.hearing import hear_custody
from safelight.exchange.release.transfer.models import CopyThere, DoneThere, TransferState
from safelight.exchange.release.transfer.telling import tell_withdrawals
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from transferring import Stage, a_stage, bound_to

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
LATER = timedelta(minutes=16)


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[OddSafelight]:
    with an_odd_safelight(tmp_path / "odd") as listening:
        yield listening


@pytest.fixture
def stage(
    web: TestClient, owner: Person, clinician: Person, odd: OddSafelight, settings: LazySettings
) -> Stage:
    """Send an exam there under consent."""
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8"]
    house, story = a_stage(web, owner, clinician)
    return bound_to(story, joined(house, odd, "River Clinic"))


def joined(house: House, odd: OddSafelight, name: str) -> Bond:
    wish: dict[str, object] = {
        "kind": "safelight",
        "they_send": False,
        "they_ask": False,
        "url": odd.url,
        "token": "slc_a-word-of-theirs",
        "client_certificate": "",
        "networks": "",
    }
    bond = a_bond(house, a_partner(house, name), odd.pem, **wish)  # type: ignore[arg-type]
    today = clock.now().date()
    bond.agree("baa", today, today + timedelta(days=30))
    return bond


def looked(moment: datetime, **changes: object) -> dict[str, object]:
    return {"id": "0a-1", "did": "looked", "at": moment.isoformat(), "pictures": 3} | changes


def custody(said: object) -> object:
    """Answer with that when asked what was done, and else be willing."""

    def says(method: str, path: str) -> tuple[int, bytes]:
        return (200, json.dumps(said).encode()) if "/custody" in path else willing(method, path)

    return says


def test_what_cannot_be_so_is_passed_over_and_the_rest_is_heard(
    stage: Stage, odd: OddSafelight
) -> None:
    stage.agree()
    assert stage.sent(stage.order()).state == TransferState.SENT
    now = clock.now()
    nonsense: list[object] = [
        7, None, [], {}, "looked", {"id": "0a-1"},
        looked(now, id="x" * 41), looked(now, id=3), looked(now, id=["0a"]),
        looked(now, did="erased"), looked(now, did=["looked"]), looked(now, did={}),
        looked(now, pictures="3"), looked(now, pictures=True), looked(now, pictures=-1),
        looked(now, pictures=10**30), looked(now, pictures=1.5),
        looked(now, at="yesterday"), looked(now, at=7), looked(now, at=now.isoformat()[:19]),
        looked(now + timedelta(days=2), id="0a-2"), looked(now - timedelta(days=2), id="0a-3"),
    ]  # fmt: skip
    odd.says = custody([*nonsense, looked(now), looked(now, pictures=4)])  # type: ignore[assignment]
    assert hear_custody(at=now + LATER) == 1
    assert [(each.key, each.pictures) for each in DoneThere.objects.all()] == [("0a-1", 4)]
    (told,) = [each for each in activity(stage.story.party, at=now + LATER) if each.is_there]
    assert (told.did, told.pictures) == ("looked", 4)


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"null", b"7", b'{"id": 1}', b"[" * 5000, b"\xff\xfe", b'["' + b"x" * 99999],
    ids=lambda body: body[:9].decode("latin-1"),
)  # fmt: skip
def test_an_answer_that_cannot_be_read_stops_nothing(
    stage: Stage, odd: OddSafelight, body: bytes
) -> None:
    stage.agree()
    assert stage.sent(stage.order()).state == TransferState.SENT
    odd.says = lambda method, path: (200, body) if "/custody" in path else willing(method, path)
    at = clock.now() + LATER
    assert hear_custody(at=at) == 0
    assert CopyThere.objects.get().ask_at > at


@pytest.mark.parametrize("body", [b"", b"[]", b'{"agrees": "no"}', b'{"agree": true}', b"\x00"])
def test_an_unreadable_word_about_the_count_is_asked_for_again(
    stage: Stage, odd: OddSafelight, body: bytes
) -> None:
    stage.agree()
    odd.says = lambda _, path: (200, body if path.endswith("/agree") else OK)
    row = stage.sent(stage.order())
    assert row.state == TransferState.PUT_OFF
    odd.says = willing
    assert stage.sent(row, later=timedelta(hours=1)).state == TransferState.SENT


def test_only_who_says_yes_was_told_and_is_told_once(stage: Stage, odd: OddSafelight) -> None:
    shared = stage.agree()
    assert stage.sent(stage.order()).state == TransferState.SENT
    at = clock.now()
    withdraw(stage.story.party, shared.consent_id, at=at)
    for number, status in enumerate((404, 409, 500, 204)):
        odd.says = lambda _method, _path, status=status: (status, b"")  # type: ignore[misc]
        assert tell_withdrawals(at=at + number * LATER) == 0
        assert tell_withdrawals(at=at + number * LATER) == 0  # not at once again
        assert odd.times("/withdraw") == number + 1
    assert CopyThere.objects.get().withdrawal_told_at is None
    odd.says = willing
    assert tell_withdrawals(at=at + 4 * LATER) == 1
    assert tell_withdrawals(at=at + 9 * LATER) == 0
    assert Entry.objects.filter(kind="transfer.withdrawal-told").count() == 1


def test_a_silent_partner_keeps_no_other_waiting(
    stage: Stage, odd: OddSafelight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("telling", "hearing"):
        monkeypatch.setattr(f"safelight.exchange.release.transfer.{room}.AT_ONCE", 1)
    with an_odd_safelight(tmp_path / "lake") as lake:
        other = bound_to(stage.story, joined(stage.house, lake, "Lake Clinic"))
        shares = []
        for each in (stage, other):
            shares.append(each.agree())
            assert each.sent(each.order()).state == TransferState.SENT
    at = clock.now()
    for shared in shares:
        withdraw(stage.story.party, shared.consent_id, at=at)
    assert sum(tell_withdrawals(at=at) for _ in range(2)) == 1
    assert odd.times("/withdraw") == 1
    at += timedelta(days=1)
    assert [hear_custody(at=at) for _ in range(2)] == [0, 0]
    assert odd.times("/custody") == 1


def test_a_consent_in_the_place_of_another_is_told_and_not_its_end(
    stage: Stage, odd: OddSafelight
) -> None:
    first = stage.agree()
    assert stage.sent(stage.order()).state == TransferState.SENT
    second = stage.agree(replaces_id=str(first.consent_id))
    at = clock.now()
    assert tell_withdrawals(at=at) == 0
    assert odd.times("/withdraw") == 0
    assert odd.announced() == [to_text(each.consent_id) for each in (first, second)]
    withdraw(stage.story.party, second.consent_id, at=at)
    assert tell_withdrawals(at=at + LATER) == 1


def test_while_another_consent_stands_nothing_was_taken_back(
    stage: Stage, odd: OddSafelight
) -> None:
    first = stage.agree()
    assert stage.sent(stage.order()).state == TransferState.SENT
    second = stage.agree(beside=(str(first.consent_id),))
    at = clock.now()
    withdraw(stage.story.party, first.consent_id, at=at)
    assert tell_withdrawals(at=at) == 0
    assert odd.announced()[-1] == to_text(second.consent_id)
    withdraw(stage.story.party, second.consent_id, at=at)
    assert tell_withdrawals(at=at + LATER) == 1
    assert odd.times("/withdraw") == 1
