"""R28: no agreement of the required kind in force, no way through (AT-28.1, .2, .3)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from partnering import (
    Bond,
    House,
    a_bond,
    a_certificate,
    a_house,
    a_partner,
    a_wish,
    agree,
    first_moment_after,
)
from safelight.exchange.access.connecting import (
    change_connection,
    close_connection,
    open_connection,
    suspend_connection,
)
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.gates import refusal_of
from safelight.exchange.access.systems import (
    certificates_accepted,
    destination_of,
    move_destination,
    require_open,
)
from safelight.exchange.receive.door import vault_for
from safelight.governance.agreements.recording import end_agreement, verify_agreement
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.platform.database.asking import ask
from safelight.records.partners.models import Connection

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

SECOND = timedelta(seconds=1)


@pytest.fixture
def house() -> House:
    return a_house()


@pytest.fixture
def pem(tmp_path: Path) -> str:
    return a_certificate(tmp_path)


@pytest.fixture
def bond(house: House, pem: str) -> Bond:
    return a_bond(house, a_partner(house), pem)


def today() -> date:
    return clock.now().date()


def refusals() -> list[str]:
    rows = Entry.objects.filter(kind="connection.refused").order_by("at", "entry_id")
    return [row.text for row in rows]


def test_without_an_agreement_nobody_comes_in_and_the_record_says_why(bond: Bond) -> None:
    assert bond.come() is None
    assert "agreement_missing:baa" in refusals()[-1]


def test_an_agreement_that_begins_tomorrow_opens_nothing_today(bond: Bond) -> None:
    bond.agree("baa", today() + timedelta(days=1), today() + timedelta(days=100))

    assert bond.come() is None
    tomorrow = first_moment_after(today())
    assert bond.come(at=tomorrow - SECOND) is None
    assert bond.come(at=tomorrow) is not None


def test_an_end_acts_at_its_own_second_on_association_request_and_queue(bond: Bond) -> None:
    last = today() + timedelta(days=30)
    bond.agree("baa", today(), last)
    over = first_moment_after(last)
    system = bond.come()
    assert system is not None

    assert bond.come(at=over - SECOND) is not None
    party = require_open(system, at=over - SECOND)
    assert party.until == over
    assert vault_for(party, at=over - SECOND).organization_id == bond.house.organization_id
    assert destination_of(bond.row.pk, at=over - SECOND).host == "archive.river.example"

    assert bond.come(at=over) is None
    with pytest.raises(ConnectionClosedError) as at_a_request:
        require_open(system, at=over)
    with pytest.raises(ConnectionClosedError) as at_a_store:
        vault_for(party, at=over)
    with pytest.raises(ConnectionClosedError) as in_a_queue:
        destination_of(bond.row.pk, at=over)
    for refused in (at_a_request, at_a_store, in_a_queue):
        assert refused.value.code == "agreement_missing:baa"
    decision = decide(party, Action.VIEW, new_id(), at=over)
    assert (decision.allowed, decision.reason) == (False, "agreement_missing:baa")


def test_another_kind_opens_nothing(bond: Bond) -> None:
    for kind in ("dpa", "participation", "scc", "confidentiality", "baa_subcontractor"):
        bond.agree(kind, today(), today() + timedelta(days=30))

    assert bond.come() is None
    assert refusal_of(bond.row.pk, at=clock.now()) == "agreement_missing:baa"


def test_what_one_person_recorded_opens_nothing_until_another_verified_it(bond: Bond) -> None:
    agreement = bond.agree("baa", today(), today() + timedelta(days=9), verified=False)

    assert bond.come() is None
    with pytest.raises(StateConflictError):
        verify_agreement(bond.house.one, agreement, at=clock.now())
    verify_agreement(bond.house.other, agreement, at=clock.now())
    assert bond.come() is not None


def test_a_renewal_leaves_no_hole(bond: Bond) -> None:
    last = today() + timedelta(days=10)
    bond.agree("baa", today(), last)
    bond.agree("baa", last + timedelta(days=1), last + timedelta(days=365))

    over = first_moment_after(last)
    for moment in (over - SECOND, over, over + SECOND):
        assert bond.come(at=moment) is not None


def test_ending_an_agreement_closes_at_once(bond: Bond) -> None:
    agreement = bond.agree("baa", today(), today() + timedelta(days=10))
    system = bond.come()
    assert system is not None

    end_agreement(bond.house.one, agreement, "They were bought", at=clock.now())
    assert bond.come() is None
    with pytest.raises(ConnectionClosedError):
        require_open(system, at=clock.now())


def test_data_of_the_eea_needs_clauses_where_the_country_is_not_adequate(
    house: House, pem: str
) -> None:
    far = a_bond(house, a_partner(house), pem, holds_eea_data=True, basis="dpa")
    near = a_bond(
        house,
        a_partner(house, "Alpine Clinic", country="CH"),
        pem,
        holds_eea_data=True,
        basis="dpa",
        calling="ALPINE",
    )
    for each in (far, near):
        each.agree("dpa", today(), today() + timedelta(days=10))

    assert near.come() is not None
    assert far.come() is None
    assert "agreement_missing:scc" in refusals()[-1]
    far.agree("scc", today(), today() + timedelta(days=10))
    assert far.come() is not None


def test_a_subcontractor_needs_the_agreement_of_the_one_it_works_for(
    house: House, pem: str
) -> None:
    above = a_partner(house)
    below = a_bond(house, a_partner(house, "Cloud Ltd", through=above.pk), pem, calling="CLOUD")
    days = (today(), today() + timedelta(days=10))

    below.agree("baa_subcontractor", *days)
    assert below.come() is None
    assert "agreement_missing:baa" in refusals()[-1]
    agree(house, above, "baa", *days)
    assert below.come() is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"called": "SAFELIGHT2"},
        {"calling": "RIVER2"},
        {"calling": "river"},
        {"fingerprint": bytes(32)},
        {"fingerprint": None},
        {"address": "198.51.100.7"},
        {"address": "127.0.0.1"},
        {"address": "no address"},
    ],
    ids=str,
)
def test_whatever_does_not_fit_is_an_unknown_peer(bond: Bond, wrong: dict[str, object]) -> None:
    bond.agree("baa", today(), today() + timedelta(days=10))
    assert bond.come() is not None

    assert bond.come_as(wrong) is None
    assert "unknown-peer" in refusals()[-1]


def test_only_an_open_connection_lets_anybody_in_and_one_person_opens_none(
    house: House, pem: str
) -> None:
    bond = a_bond(house, a_partner(house), pem, opened=False)
    bond.agree("baa", today(), today() + timedelta(days=10))
    key = bond.row.pk

    assert bond.come() is None
    with pytest.raises(StateConflictError):
        open_connection(house.one, key, at=clock.now())
    open_connection(house.other, key, at=clock.now())
    assert bond.come() is not None
    assert pem in certificates_accepted()

    suspend_connection(house.other, key, at=clock.now())
    assert bond.come() is None
    with pytest.raises(StateConflictError):
        open_connection(house.other, key, at=clock.now())
    open_connection(house.one, key, at=clock.now())
    assert bond.come() is not None

    change_connection(house.one, key, a_wish(pem, port="11113"), at=clock.now())
    assert Connection.objects.get(pk=key).state == "draft"
    assert bond.come() is None
    close_connection(house.one, key, at=clock.now())
    with pytest.raises(StateConflictError):
        open_connection(house.other, key, at=clock.now())
    assert certificates_accepted() == ""


def test_another_house_finds_nothing_to_change(bond: Bond) -> None:
    stranger = a_house("Hillside").one
    for act in (open_connection, suspend_connection, close_connection):
        with pytest.raises(NotFoundError):
            act(stranger, bond.row.pk, at=clock.now())


def test_the_next_certificate_is_good_beside_the_one_in_use(
    house: House, pem: str, tmp_path: Path
) -> None:
    folder = tmp_path / "next"
    folder.mkdir()
    following = a_certificate(folder)
    bond = a_bond(house, a_partner(house), pem, next_client_certificate=following)
    bond.agree("baa", today(), today() + timedelta(days=10))

    later = Bond(house, bond.row, following, bond.partner)
    assert bond.come() is not None
    assert later.come() is not None
    assert later.fingerprint != bond.fingerprint


def test_a_partner_moves_exams_to_its_own_systems_alone(house: House, pem: str) -> None:
    river = a_bond(house, a_partner(house), pem)
    other = a_bond(house, a_partner(house, "Hill Clinic"), pem, calling="HILL")
    for each in (river, other):
        each.agree("baa", today(), today() + timedelta(days=10))
    system = river.come()
    assert system is not None

    found = move_destination(system.party, "RIVER", at=clock.now())
    assert found is not None
    assert found.pins == (river.fingerprint,)
    assert move_destination(system.party, "HILL", at=clock.now()) is None
    assert move_destination(system.party, "NOBODY", at=clock.now()) is None


def test_nothing_of_a_connection_is_readable_at_rest(bond: Bond) -> None:
    (row,) = ask("SELECT name, called, calling, host, networks FROM partners_connection")
    assert bond.row.host == "archive.river.example"
    for column in row:
        for word in (b"River", b"RIVER", b"SAFELIGHT", b"archive", b"192.0.2"):
            assert word not in bytes(column)
