"""What may still be done while the instance is only read, or is being put back?"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safelight.exchange.access.decision import EVERYTHING, Decision, Reason
from safelight.exchange.access.epoch import current_epoch
from safelight.exchange.access.errors import ReadOnlyError, RecoveringError
from safelight.exchange.access.mode import (
    Mode,
    latest_change,
    mode_now,
    require_open,
    require_writable,
    set_mode,
)
from safelight.exchange.access.rules import while_recovering
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.audit.models import Entry

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

REASON = "the disk of the second machine is full"


def test_an_instance_that_was_told_nothing_does_everything() -> None:
    assert mode_now() is Mode.NORMAL
    require_writable()
    require_open()
    assert latest_change() is None


def test_read_only_lets_nothing_be_changed_and_everything_be_looked_at() -> None:
    assert set_mode(Mode.READ_ONLY, REASON, actor="operator", at=clock.now())
    with pytest.raises(ReadOnlyError) as refused:
        require_writable()
    assert (refused.value.code, refused.value.status) == ("read_only", 503)
    require_open()


def test_while_recovering_nothing_is_changed_or_opened() -> None:
    assert set_mode(Mode.RECOVERING, REASON, actor="operator", at=clock.now())
    with pytest.raises(RecoveringError):
        require_writable()
    with pytest.raises(RecoveringError):
        require_open()


def test_the_way_back_is_the_same_way() -> None:
    set_mode(Mode.READ_ONLY, REASON, actor="operator", at=clock.now())
    assert set_mode(Mode.NORMAL, "the disk was changed", actor="operator", at=clock.now())
    require_writable()


def test_a_change_says_who_made_it_and_why_and_only_the_code_is_in_the_clear() -> None:
    at = clock.now()
    set_mode(Mode.READ_ONLY, REASON, actor="account/7", at=at)
    said = latest_change()
    assert said is not None
    assert (said.mode, said.actor, said.reason) == (Mode.READ_ONLY, "account/7", REASON)
    entry = Entry.objects.get(kind="mode.changed")
    assert '"reason":"read_only"' in entry.text
    assert "disk" not in entry.text


def test_a_mode_that_holds_already_is_no_change() -> None:
    set_mode(Mode.READ_ONLY, REASON, actor="operator", at=clock.now())
    assert not set_mode(Mode.READ_ONLY, "again", actor="operator", at=clock.now())
    assert Entry.objects.filter(kind="mode.changed").count() == 1


def test_a_change_of_mode_makes_remembered_answers_void() -> None:
    set_mode(Mode.READ_ONLY, REASON, actor="operator", at=clock.now())
    before = current_epoch()
    set_mode(Mode.RECOVERING, REASON, actor="operator", at=clock.now())
    assert current_epoch() == before + 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_mode_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidFieldError):
        set_mode(Mode.READ_ONLY, reason, actor="operator", at=clock.now())
    assert mode_now() is Mode.NORMAL


def test_to_ask_for_the_mode_is_one_question() -> None:
    set_mode(Mode.READ_ONLY, REASON, actor="operator", at=clock.now())
    with CaptureQueriesContext(connection) as asked:
        mode_now()
    assert len(asked.captured_queries) == 1


YES = Decision(allowed=True, reason=Reason.OWNER, scope=EVERYTHING)


def test_while_recovering_only_the_owners_yes_stands() -> None:
    assert while_recovering(YES) == YES
    for reason in (Reason.CONSENT, Reason.CARE_RELATION, Reason.REPRESENTATIVE):
        refused = while_recovering(replace(YES, reason=reason, consent_id=UUID(int=1)))
        assert (refused.allowed, refused.reason, refused.scope.is_empty) == (
            False,
            Reason.RECOVERING,
            True,
        )
