"""Who is acting: through a session, through a token, or nobody we know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY

from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.models import Entry
from safelight.records.accounts.actions.register import create_account
from safelight.records.accounts.actions.tokens import create_token, revoke_token
from safelight.records.accounts.actors import ANONYMOUS, actor_of_session, actor_of_token
from safelight.records.accounts.models import Account, ApiToken, Kind, Role, Session, State
from safelight.records.accounts.sessions import AAL, SessionStore
from safelight.records.accounts.tokens import Scope

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

READ = [Scope.DICOMWEB_READ]


def a_session(account: Account | None, aal: int = 2) -> str:
    store = SessionStore()
    store.create()
    if account is not None:
        store[SESSION_KEY] = str(account.pk)
        store[AAL] = aal
    store.save()
    assert store.session_key is not None
    return store.session_key


def test_a_session_names_its_account_level_and_end(owner: Account) -> None:
    actor = actor_of_session(a_session(owner), at=clock.now())

    assert actor.account_id == owner.pk
    assert actor.kind is Kind.INDIVIDUAL
    assert actor.aal == 2
    assert actor.token_scopes is None
    assert actor.session_ref == f"session/{Session.objects.get().pk}"
    assert actor.until is not None
    assert actor.until - clock.now() <= timedelta(minutes=30)


def test_a_providers_actor_carries_the_memberships() -> None:
    account = create_account(
        "dr@example.org",
        "Dr Example",
        Kind.PROVIDER,
        password="a quiet room full of lamps",
        organization="Example Hall",
        role=Role.IMAGING_DESK,
        at=clock.now(),
    )
    actor = actor_of_session(a_session(account), at=clock.now())

    assert [belonging.role for belonging in actor.memberships] == [Role.IMAGING_DESK]


@pytest.mark.parametrize("key", ["", None, "unknown", "x" * 500])
def test_an_unknown_key_is_nobody(key: str | None) -> None:
    assert actor_of_session(key, at=clock.now()) is ANONYMOUS


def test_a_session_before_sign_in_is_nobody() -> None:
    assert not actor_of_session(a_session(None), at=clock.now()).is_known


@pytest.mark.parametrize(
    "state", [State.SUSPENDED, State.LOCKED, State.INACTIVE, State.CLOSED, State.UNVERIFIED]
)
def test_an_account_that_is_not_active_acts_through_nothing(owner: Account, state: State) -> None:
    key = a_session(owner)
    text, _ = create_token(owner, READ, at=clock.now())
    Account.objects.filter(pk=owner.pk).update(state=state)

    assert not actor_of_session(key, at=clock.now()).is_known
    assert not actor_of_token(text, at=clock.now()).is_known


def test_a_token_names_its_account_and_scopes(owner: Account) -> None:
    text, row = create_token(owner, list(Scope), label="Archive", at=clock.now())
    actor = actor_of_token(text, at=clock.now())

    assert actor.account_id == owner.pk
    assert actor.token_scopes == frozenset(each.value for each in Scope)
    assert actor.session_ref == f"token/{row.pk}"
    assert actor.until == row.expires_at
    assert not actor.is_unlimited


def test_use_of_a_token_is_noted_by_the_day_only(owner: Account) -> None:
    text, row = create_token(owner, READ, at=clock.now())
    actor_of_token(text, at=clock.now())
    row.refresh_from_db()

    assert row.last_used_on == clock.now().date()


def test_a_token_ends_on_its_day_or_when_it_is_revoked(owner: Account) -> None:
    text, _ = create_token(owner, READ, valid_for=timedelta(days=7), at=clock.now())
    assert actor_of_token(text, at=clock.now() + timedelta(days=6)).is_known
    assert not actor_of_token(text, at=clock.now() + timedelta(days=7, seconds=1)).is_known

    revoke_token(owner, ApiToken.objects.get().pk, at=clock.now())
    assert not actor_of_token(text, at=clock.now()).is_known


def test_the_right_public_part_with_a_wrong_secret_is_nobody(owner: Account) -> None:
    from safelight.records.accounts.tokens import new_token  # noqa: PLC0415 (one use)

    _, row = create_token(owner, READ, at=clock.now())
    other, parts = new_token()
    ApiToken.objects.filter(pk=row.pk).update(public=parts.public)

    assert not actor_of_token(other, at=clock.now()).is_known


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_lives_for_a_day_to_a_year(owner: Account, days: int) -> None:
    with pytest.raises(InvalidFieldError):
        create_token(owner, READ, valid_for=timedelta(days=days), at=clock.now())


def test_only_an_operator_lifts_the_rate_limit_and_it_is_recorded(owner: Account) -> None:
    with pytest.raises(InvalidFieldError):
        create_token(owner, READ, no_rate_limit=True, at=clock.now())
    text, row = create_token(owner, READ, no_rate_limit=True, actor="operator", at=clock.now())

    assert actor_of_token(text, at=clock.now()).is_unlimited
    entry = Entry.objects.get(kind="account.token-created")
    assert (entry.actor, entry.subject) == ("operator", f"token/{row.pk}")


def test_nobody_ends_anothers_token(owner: Account, stranger: Account) -> None:
    _, row = create_token(owner, READ, at=clock.now())

    with pytest.raises(NotFoundError):
        revoke_token(stranger, row.pk, at=clock.now())
