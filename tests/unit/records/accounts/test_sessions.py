"""Sessions are sealed, short, and found only by whoever holds the key."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError

from safelight.kernel import clock
from safelight.records.accounts.models import Account, Kind, Session, State
from safelight.records.accounts.sessions import AAL, AUTH_AT, SessionStore, find

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def an_account(kind: Kind = Kind.INDIVIDUAL) -> Account:
    return Account.objects.create(kind=kind, state=State.ACTIVE, name="Ada Owner")


def signed_in(account: Account, at: datetime | None = None) -> SessionStore:
    store = SessionStore()
    store.create()
    store[SESSION_KEY] = str(account.pk)
    store[AAL] = 2
    store[AUTH_AT] = (at or clock.now()).isoformat()
    store.save()
    return store


def key_of(store: SessionStore) -> str:
    assert store.session_key is not None
    return store.session_key


def test_a_session_is_found_by_its_key_and_says_who_and_how_surely() -> None:
    account = an_account()
    found = find(key_of(signed_in(account)), at=clock.now())

    assert found is not None
    assert found.account == account
    assert found.aal == 2
    assert found.auth_at is not None


def test_the_row_does_not_hold_the_key() -> None:
    store = signed_in(an_account())
    row = Session.objects.get()

    assert key_of(store).encode() not in bytes(row.key_hash)
    assert SessionStore(bytes(row.key_hash).hex()).load() == {}


@pytest.mark.parametrize(
    ("kind", "minutes", "alive"),
    [
        (Kind.INDIVIDUAL, 29, True),
        (Kind.INDIVIDUAL, 31, False),
        (Kind.PROVIDER, 14, True),
        (Kind.PROVIDER, 16, False),
    ],
)
def test_an_idle_session_ends(kind: Kind, minutes: int, alive: bool) -> None:  # noqa: FBT001
    store = signed_in(an_account(kind))
    later = clock.now() + timedelta(minutes=minutes)

    assert (find(key_of(store), at=later) is not None) is alive


def test_a_busy_session_ends_after_twelve_hours() -> None:
    key = key_of(signed_in(an_account()))
    start = clock.now()
    for step in range(1, 48):
        assert find(key, at=start + timedelta(minutes=15 * step)) is not None

    assert find(key, at=start + timedelta(hours=12, seconds=1)) is None


def test_being_seen_is_written_at_most_once_a_minute() -> None:
    key = key_of(signed_in(an_account()))
    first = Session.objects.get().last_seen_at

    find(key, at=first + timedelta(seconds=59))
    assert Session.objects.get().last_seen_at == first

    find(key, at=first + timedelta(seconds=61))
    assert Session.objects.get().last_seen_at == first + timedelta(seconds=61)


def test_a_new_key_ends_the_old_one_and_keeps_the_session() -> None:
    store = signed_in(an_account())
    old = key_of(store)
    store["kept"] = "yes"
    store.cycle_key()
    store.save()

    assert find(old, at=clock.now()) is None
    assert SessionStore(key_of(store)).load()["kept"] == "yes"
    assert Session.objects.count() == 1


def test_an_ended_session_does_not_come_back_by_being_saved() -> None:
    store = signed_in(an_account())
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_a_suspended_account_has_no_session_from_that_moment() -> None:
    account = an_account()
    key = key_of(signed_in(account))
    Account.objects.filter(pk=account.pk).update(state=State.SUSPENDED)

    assert find(key, at=clock.now()) is None


def test_the_twelve_hours_count_from_sign_in() -> None:
    store = SessionStore()
    store.create()
    Session.objects.update(created_at=clock.now() - timedelta(hours=11))
    again = SessionStore(key_of(store))
    again[SESSION_KEY] = str(an_account().pk)
    again.save()

    assert clock.now() - Session.objects.get().created_at < timedelta(minutes=1)


def test_sessions_that_are_over_are_cleared() -> None:
    signed_in(an_account())
    Session.objects.update(last_seen_at=clock.now() - timedelta(hours=1))
    SessionStore.clear_expired()

    assert not Session.objects.exists()
