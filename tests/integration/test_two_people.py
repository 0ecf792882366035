"""Does an act that nobody may do alone take two people, of exactly that act, exactly once?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from typer.testing import CliRunner

from acting import approve as confirm
from powers import (
    Runner,
    a_wish,
    admin,
    approved,
    confirmed_by,
    make_runner,
    request,
    security_officer,
)
from safelight.exchange.access.powers.approvals import (
    approve,
    note_lapses,
    refuse,
    requests_for,
    show_for_approval,
    state_of,
    use_approval,
)
from safelight.exchange.access.powers.asking import ask, cancel, show_request
from safelight.exchange.access.powers.deeds import Deed, read_deed
from safelight.exchange.access.powers.errors import (
    AlreadyDecidedError,
    ApprovalMissingError,
    SelfApprovalError,
)
from safelight.exchange.access.powers.kinds import ApprovalKind, ApprovalState
from safelight.exchange.access.powers.models import Approval
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError, NotFoundError
from safelight.platform.audit.errors import OutsideTransactionError
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    StepUpRequiredError,
)
from safelight.records.accounts.models import StaffRole
from safelight.records.accounts.staff import dismiss
from safelight.surfaces.cli import approvals as _commands  # noqa: F401 (registers them)
from safelight.surfaces.cli.main import app

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

EXPORT = Deed(kind=ApprovalKind.KEY_EXPORT, subject="key/root", details={"shares": "3"})


@pytest.fixture
def asker() -> Runner:
    return admin()


@pytest.fixture
def second() -> Runner:
    return security_officer()


def _use(deed: Deed = EXPORT, approval_id: UUID | None = None) -> UUID:
    with transaction.atomic():
        return use_approval(
            kind=deed.kind,
            digest=deed.digest,
            actor="operator",
            at=clock.now(),
            approval_id=approval_id,
        ).approval_id


def _said(*kinds: str) -> list[tuple[str, str, str]]:
    entries = page_of(TrailFilter(kinds=list(kinds))).entries
    return [(each.kind, each.actor, each.outcome) for each in reversed(entries)]


def test_one_asks_another_approves_and_it_is_done_once(asker: Runner, second: Runner) -> None:
    waiting = request(asker)
    with pytest.raises(ApprovalMissingError):
        _use()
    approve(second.party, waiting.pk, confirmed_by(second, waiting.pk), at=clock.now())
    assert _use(approval_id=waiting.pk) == waiting.pk
    with pytest.raises(ApprovalMissingError):
        _use()
    assert state_of(Approval.objects.get(), at=clock.now()) is ApprovalState.USED
    assert _said("approval.asked", "approval.given", "approval.used") == [
        ("approval.asked", f"account/{asker.id}", "ok"),
        ("approval.given", f"account/{second.id}", "ok"),
        ("approval.used", "operator", "ok"),
    ]


def test_approving_ones_own_request_is_refused_and_on_record(asker: Runner) -> None:
    waiting = request(asker)
    for act in (
        lambda: show_for_approval(asker.party, waiting.pk, at=clock.now()),
        lambda: approve(asker.party, waiting.pk, waiting.pk, at=clock.now()),
        lambda: refuse(asker.party, waiting.pk, at=clock.now()),
    ):
        with pytest.raises(SelfApprovalError):
            act()
    assert state_of(Approval.objects.get(), at=clock.now()) is ApprovalState.WAITING
    assert _said("approval.given") == [("approval.given", f"account/{asker.id}", "denied")]


def test_the_database_itself_lets_nobody_approve_alone(asker: Runner, second: Runner) -> None:
    waiting = request(asker)
    row = Approval.objects.filter(pk=waiting.pk)
    at = clock.now()
    alone = {
        "approved_by_id": asker.id,
        "approved_authorization_id": waiting.asked_authorization_id,
    }
    unsigned = {"approved_by_id": second.id, "approved_authorization_id": waiting.pk}
    for who in (alone, unsigned):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(approved_at=at, use_by=at + timedelta(hours=1), **who)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(used_at=at, used_by="operator")
    for change in ({"digest": b"x" * 32}, {"subject": "key/other"}, {"asked_by_id": second.id}):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    given = approved(asker, second, a_wish(changes={"ticket": "OPS-18"}))
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=given.pk).update(use_by=at + timedelta(days=9))


def test_an_approval_fits_nothing_but_the_very_act(asker: Runner, second: Runner) -> None:
    approved(asker, second)
    for other in (
        Deed(kind=ApprovalKind.KEY_EXPORT, subject="key/root", details={"shares": "4"}),
        Deed(kind=ApprovalKind.KEY_EXPORT, subject="key/backup", details={"shares": "3"}),
        Deed(kind=ApprovalKind.DESTRUCTION, subject="key/root", details={"shares": "3"}),
    ):
        with pytest.raises(ApprovalMissingError):
            _use(other)
    _use()


def test_it_must_be_approved_within_a_day_and_used_within_four_hours(
    asker: Runner, second: Runner, moved_clock: Callable[[timedelta], None]
) -> None:
    late = request(asker)
    given = approved(asker, second)
    moved_clock(timedelta(hours=4, seconds=1))
    with pytest.raises(ApprovalMissingError):
        _use(approval_id=given.pk)
    moved_clock(timedelta(hours=24, seconds=1))
    with pytest.raises(AlreadyDecidedError):
        show_for_approval(second.party, late.pk, at=clock.now())
    assert note_lapses(at=clock.now()) == 2
    assert note_lapses(at=clock.now()) == 0
    assert len(_said("approval.lapsed")) == 2


def test_what_was_taken_back_or_refused_is_neither_approved_nor_used(
    asker: Runner, second: Runner
) -> None:
    mine, theirs, given = request(asker), request(asker), approved(asker, second)
    given_to_sign = confirmed_by(second, mine.pk)
    cancel(asker.party, mine.pk, at=clock.now())
    with pytest.raises(AlreadyDecidedError):
        approve(second.party, mine.pk, given_to_sign, at=clock.now())
    refuse(second.party, theirs.pk, at=clock.now())
    with pytest.raises(AlreadyDecidedError):
        show_for_approval(second.party, theirs.pk, at=clock.now())
    cancel(asker.party, given.pk, at=clock.now())
    with pytest.raises(ApprovalMissingError):
        _use()
    with pytest.raises(AlreadyDecidedError):
        cancel(asker.party, mine.pk, at=clock.now())
    with pytest.raises(NotFoundError):
        cancel(second.party, theirs.pk, at=clock.now())


def test_only_the_roles_that_may_ask_or_approve(asker: Runner, second: Runner) -> None:
    auditor = make_runner("Aude Auditor", StaffRole.AUDITOR)
    nobody = make_runner("Ned Nobody")
    waiting = request(asker)
    for runner in (auditor, nobody):
        with pytest.raises(NotFoundError):
            show_request(runner.party, a_wish(), at=clock.now())
        with pytest.raises(NotFoundError):
            show_for_approval(runner.party, waiting.pk, at=clock.now())
        with pytest.raises(NotFoundError):
            requests_for(runner.party)
    assert [each.pk for each in requests_for(second.party)] == [waiting.pk]
    to_sign = confirmed_by(second, waiting.pk)
    dismiss(second.id, StaffRole.SECURITY_OFFICER, by="operator", at=clock.now())
    with pytest.raises(NotFoundError):
        approve(second.party, waiting.pk, to_sign, at=clock.now())


def test_asking_and_approving_want_a_fresh_proof_of_exactly_this(
    asker: Runner, second: Runner
) -> None:
    shown = show_request(asker.party, a_wish(), at=clock.now())
    given = confirm(asker.person, asker.party, shown.challenge_id)
    with pytest.raises(AuthorizationOtherContentError):
        ask(asker.party, a_wish(changes={"reason": "Another reason"}), given, at=clock.now())
    with pytest.raises(StepUpRequiredError):
        ask(asker.party, a_wish(), given, at=clock.now() + timedelta(minutes=6))
    first = ask(asker.party, a_wish(), given, at=clock.now())
    with pytest.raises(AuthorizationUsedError):
        ask(asker.party, a_wish(), given, at=clock.now())
    other = request(asker, a_wish(changes={"reason": "Something else"}))
    with pytest.raises(AuthorizationOtherContentError):
        approve(second.party, other.pk, confirmed_by(second, first.pk), at=clock.now())


@pytest.mark.parametrize(
    "changes", [{"reason": " "}, {"reason": "x" * 501}, {"ticket": ""}, {"cause": "whim"}]
)
def test_a_request_has_a_reason_and_a_ticket(asker: Runner, changes: dict[str, str]) -> None:
    with pytest.raises(InvalidFieldError):
        show_request(asker.party, a_wish(changes=changes), at=clock.now())


def test_the_line_of_a_deed_is_one_and_reads_back() -> None:
    deed = Deed(
        kind=ApprovalKind.KEY_EXPORT, subject="key/root", details={"shares": "3", "needed": "2"}
    )
    assert deed.line == "key_export key/root needed=2 shares=3"
    assert read_deed(deed.line).digest == deed.digest
    for line in ("", "key_export", "party key/root", "key_export key/root a", "key_export K/r"):
        with pytest.raises(InvalidFieldError):
            read_deed(line)


def test_an_approval_is_used_in_the_acts_transaction_or_not_at_all(
    asker: Runner, second: Runner
) -> None:
    approved(asker, second)
    with pytest.raises(OutsideTransactionError):
        use_approval(kind=EXPORT.kind, digest=EXPORT.digest, actor="operator", at=clock.now())
    with transaction.atomic():
        use_approval(kind=EXPORT.kind, digest=EXPORT.digest, actor="operator", at=clock.now())
        transaction.set_rollback(True)
    _use()


def test_of_two_who_approve_at_once_one_does_and_of_two_who_use_it_one_may(
    asker: Runner, second: Runner
) -> None:
    third = security_officer("Tess Third")
    waiting = request(asker)
    signed = [(each, confirmed_by(each, waiting.pk)) for each in (second, third)]
    done = _at_once(
        [partial(approve, each.party, waiting.pk, given, at=clock.now()) for each, given in signed]
    )
    assert sorted(done) == ["AlreadyDecidedError", "done"]
    done = _at_once([_use] * 4)
    assert sorted(done) == ["ApprovalMissingError"] * 3 + ["done"]
    assert len(_said("approval.used")) == 1


def test_an_operator_lists_them_by_id(asker: Runner, second: Runner) -> None:
    (settings.SAFELIGHT_DATA / "safelight.toml").write_text('instance = "tests"\n')
    given = approved(asker, second)
    cancel(asker.party, request(asker).pk, at=clock.now())

    def listed(*more: str) -> list[str]:
        words = ["approvals", "list", "--data", str(settings.SAFELIGHT_DATA), *more]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    (line,) = listed()
    assert line.startswith(str(given.pk))
    assert line.endswith(given.deed)
    assert len(listed("--all")) == 2
    assert len(_said("approval.listed")) == 2


def _at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Do all at the same moment, each in a thread of its own; say how each ended."""
    together = threading.Barrier(len(acts))
    ended: list[str] = []

    def run(act: Callable[[], object]) -> None:
        try:
            together.wait()
            act()
            ended.append("done")
        except (ExpectedError, DatabaseError) as error:
            ended.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended
