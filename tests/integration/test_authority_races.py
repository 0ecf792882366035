"""An authority ends while somebody uses it: who comes second sees what the first has done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from acting import make_helper
from cast import Person
from safelight.exchange.access.representing.ending import end_acting
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import look
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from story import Story, sharing_as

from django.db import connections, transaction  # isort: skip

pytestmark = [
    pytest.mark.postgres_server,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]


def one_then_the_other(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Let the second begin when the first has acted and not committed; it must wait for it.

    Raises what the second raised.
    """
    acted, went_on = Event(), Event()

    def before() -> None:
        try:
            with transaction.atomic():
                first()
                acted.set()
                assert not went_on.wait(0.3)
        finally:
            acted.set()
            connections.close_all()

    def after() -> None:
        acted.wait()
        try:
            second()
        finally:
            went_on.set()
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        done, refused = pool.submit(before), pool.submit(after)
        done.result()
        refused.result()


def test_a_look_decided_before_the_end_is_refused_after_it(story: Story, stranger: Person) -> None:
    row = make_helper(story.owner, stranger, may_share=True)
    party = sharing_as(story, stranger).party
    found = find_study_by_id(party, story.study_id, at=clock.now())
    with pytest.raises(NotFoundError):
        one_then_the_other(
            lambda: end_acting(story.party, row.pk, at=clock.now()),
            lambda: look(party, found, at=clock.now()),
        )
    assert not Disclosure.objects.filter(basis="represented").exists()


def test_nothing_is_signed_for_somebody_after_the_end(story: Story, stranger: Person) -> None:
    row = make_helper(story.owner, stranger, may_share=True)
    acting = sharing_as(story, stranger)
    draft_id = acting.draft()
    shown = present(acting.party, draft_id, statement_version="1", at=clock.now())
    given = acting.approve(shown.challenge_id)
    with pytest.raises(ManifestChangedError):
        one_then_the_other(
            lambda: end_acting(story.party, row.pk, at=clock.now()),
            lambda: confirm(acting.party, draft_id, given, at=clock.now()),
        )
    assert not Consent.objects.exists()


def test_what_is_signed_while_the_authority_ends_is_paused(story: Story, stranger: Person) -> None:
    row = make_helper(story.owner, stranger, may_share=True)
    acting = sharing_as(story, stranger)
    draft_id = acting.draft()
    shown = present(acting.party, draft_id, statement_version="1", at=clock.now())
    given = acting.approve(shown.challenge_id)
    one_then_the_other(
        lambda: confirm(acting.party, draft_id, given, at=clock.now()),
        lambda: end_acting(story.party, row.pk, at=clock.now()),
    )
    assert Consent.objects.get().suspended_at is not None
