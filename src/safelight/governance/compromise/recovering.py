"""How does the owner get back into a frozen account? Never by the mailbox alone.

With the mailed link and a code of the app or a recovery code that was theirs before the
doubt began. Where nothing but the mailbox is left: 72 hours in which every mail says how
to stop it, and proof of identity before whoever runs this instance (security S21).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from safelight.governance.compromise.events import CompromiseEvent
from safelight.governance.compromise.links import open_report, recovery_page
from safelight.governance.compromise.models import CompromiseReport
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.actions import record, record_denial
from safelight.platform.notices.actions import send
from safelight.records.accounts import factors, throttle
from safelight.records.accounts.actions.freeze import drop_all_factors, drop_factors, open_again
from safelight.records.accounts.actions.register import check_password_choice
from safelight.records.accounts.errors import CodeRefusedError
from safelight.records.accounts.models import Account
from safelight.records.accounts.queries import address_of

HELD_FOR: Final = timedelta(hours=72)
_REFERENCE: Final = 10  # letters
_LONGEST: Final = 500


def recover(key: str, code: str, password: str, *, at: datetime) -> None:
    """Open the account again with a code that was the owner's before, and a new password.

    Raises:
        NotFoundError: the link names no open report.
        CodeRefusedError: the code is wrong, used, or of something that was added lately.
        InvalidFieldError: the password is too weak; the code stays good.
        RateLimitedError: too many tries.
    """
    row = open_report(key, at=at)
    account = Account.objects.get(pk=row.account_id)
    check_password_choice(password, name=account.name, address=address_of(account))
    throttle.take(throttle.FACTOR, str(account.pk), at=at)
    try:
        with transaction.atomic():
            drop_factors(account, since=row.doubted_since)
            _accept(account, code.strip(), at=at)
            open_again(account, password, at=at)
            _end(row, "code", at=at)
            throttle.give_back(throttle.FACTOR, str(account.pk))
    except CodeRefusedError:
        record_denial(
            CompromiseEvent.RECOVERY_REFUSED, actor="anonymous", subject=_subject(row), at=at
        )
        raise


def begin_hold(key: str, *, at: datetime) -> CompromiseReport:
    """Begin the 72 hours where only the mailbox is left; again changes nothing.

    Raises:
        NotFoundError: the link names no open report.
    """
    with transaction.atomic():
        row = _locked(key, at=at)
        if row.hold_until is None:
            row.hold_until = at + HELD_FOR
            row.save(update_fields=["hold_until"])
            record(CompromiseEvent.HOLD_BEGUN, actor="anonymous", subject=_subject(row), at=at)
            send(
                "recovery-held",
                to=address_of(Account.objects.get(pk=row.account_id)),
                context={
                    "when": row.hold_until.isoformat(),
                    "code": reference_of(row),
                    "page": recovery_page(row.pk, at=at),
                },
                about=_subject(row),
                at=at,
            )
    return row


def stop_hold(key: str, *, at: datetime) -> None:
    """Stop it, for whoever did not ask for it; what was proved meanwhile counts no more.

    Raises:
        NotFoundError: the link names no open report.
    """
    with transaction.atomic():
        row = _locked(key, at=at)
        if row.hold_until is not None:
            row.hold_until, row.proved_at, row.proved_how = None, None, None
            row.save(update_fields=["hold_until", "proved_at", "proved_how"])
            record(CompromiseEvent.HOLD_STOPPED, actor="anonymous", subject=_subject(row), at=at)


def prove_identity(reference: str, how: str, *, by: str, at: datetime) -> None:
    """Note that whoever runs this instance has seen who it is, by papers or in person.

    Raises:
        InvalidFieldError: it is not said how.
        NotFoundError: nobody with this reference waits.
    """
    how = how.strip()
    if not 0 < len(how) <= _LONGEST:
        raise InvalidFieldError("how", "Say what you have seen, in a sentence.")
    waiting = CompromiseReport.objects.filter(recovered_at=None, hold_until__isnull=False)
    wanted = reference.strip().lower()
    row = next((each for each in waiting if reference_of(each) == wanted), None)
    if row is None:
        raise NotFoundError
    with transaction.atomic():
        CompromiseReport.objects.filter(pk=row.pk).update(proved_at=at)
        row.refresh_from_db()
        row.proved_how = how
        row.save(update_fields=["proved_how"])
        record(CompromiseEvent.IDENTITY_PROVED, actor=by, subject=_subject(row), at=at)


def recover_held(key: str, password: str, *, at: datetime) -> None:
    """Open the account again after the hold, without any factor: one is added at the sign-in.

    Raises:
        NotFoundError: the link names no open report.
        StateConflictError: the hold still runs, or nobody has proved who it is.
        InvalidFieldError: the password is too weak.
    """
    row = open_report(key, at=at)
    account = Account.objects.get(pk=row.account_id)
    check_password_choice(password, name=account.name, address=address_of(account))
    with transaction.atomic():
        row = _locked(key, at=at)
        if not is_released(row, at=at):
            raise StateConflictError("The time is not over, or your identity is not proved yet.")
        drop_all_factors(account)
        open_again(account, password, at=at)
        _end(row, "hold", at=at)


def is_released(row: CompromiseReport, *, at: datetime) -> bool:
    """Say whether both are there: the time is over, and the identity is proved."""
    return row.hold_until is not None and row.hold_until <= at and row.proved_at is not None


def reference_of(row: CompromiseReport) -> str:
    """Return what a person names when they come to prove who they are."""
    return to_text(row.pk)[-_REFERENCE:]


def _locked(key: str, *, at: datetime) -> CompromiseReport:
    known = open_report(key, at=at)
    row = CompromiseReport.objects.select_for_update().filter(pk=known.pk, recovered_at=None)
    if (found := row.first()) is None:
        raise NotFoundError
    return found


def _accept(account: Account, code: str, *, at: datetime) -> None:
    try:
        factors.accept_app_code(account, code, at=at)
    except CodeRefusedError:
        factors.accept_recovery_code(account, code, at=at)


def _end(row: CompromiseReport, how: str, *, at: datetime) -> None:
    ended = CompromiseReport.objects.filter(pk=row.pk, recovered_at=None).update(recovered_at=at)
    if not ended:
        raise NotFoundError
    record(CompromiseEvent.RECOVERED, actor=_subject(row), subject=_subject(row), reason=how, at=at)


def _subject(row: CompromiseReport) -> str:
    return f"account/{row.account_id}"
