"""How is the privacy statement published and accepted, and an account opened under it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from safelight.exchange.access.actions import STATEMENT, bind, open_gate, refuse_duty
from safelight.governance.compliance import statements
from safelight.governance.compliance.errors import NotAcceptedError, StatementSupersededError
from safelight.governance.compliance.events import ComplianceEvent
from safelight.governance.compliance.models import Acceptance, Decline, StatementVersion
from safelight.governance.compliance.queries import asked_of, current_statement, published_text
from safelight.governance.compliance.rules import binds_at
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record
from safelight.records.accounts.actions import register as accounts
from safelight.records.accounts.models import Account, Kind, Role

if TYPE_CHECKING:
    from datetime import datetime

BY_OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where an acceptance comes from: its session for the record, and its address."""

    session: str
    source: str


def publish_shipped() -> None:
    """Publish the versions that came with the program and are not published yet."""
    is_own = StatementVersion.objects.filter(shipped__isnull=True).exists()
    for shipped in statements.SHIPPED:
        if is_own and not StatementVersion.objects.filter(shipped=shipped.number).exists():
            continue  # who wrote their own statement goes by it
        StatementVersion.objects.get_or_create(
            shipped=shipped.number,
            defaults={
                "number": shipped.number,
                "sha256": statements.sha256_of(statements.text_of(shipped.number)),
                "effective_at": shipped.effective_at,
                "summary": shipped.summary,
                "is_material": shipped.is_material,
            },
        )
    for version in StatementVersion.objects.filter(is_material=True):
        bind(STATEMENT, version.number, since=binds_at(version.effective_at, version.grace_days))


@transaction.atomic
def accept(
    account: Account, number: int, circumstances: Circumstances, *, at: datetime
) -> Acceptance:
    """Write down that an account accepts a version; again is harmless.

    Raises:
        StatementSupersededError: it is not the version in effect.
        StatementTamperedError: its text is not what was published.
    """
    version = current_statement(at=at)
    if version.number != number:
        raise StatementSupersededError
    text = published_text(version, account.locale)
    open_gate(account.pk, STATEMENT, number, at=at)
    acceptance, is_new = Acceptance.objects.get_or_create(
        account=account,
        version=version,
        defaults={
            "sha256": text.sha256,
            "accepted_at": at,
            "locale": text.locale,
            "session": circumstances.session,
            "origin": circumstances.source,
        },
    )
    if is_new:
        record(
            ComplianceEvent.STATEMENT_ACCEPTED,
            actor=f"account/{account.pk}",
            subject=f"statement/{version.pk}",
            session=circumstances.session,
            at=at,
            origin=circumstances.source,
        )
    return acceptance


@transaction.atomic
def decline(account: Account, number: int, circumstances: Circumstances, *, at: datetime) -> None:
    """Write down that an account declines a version; again is harmless.

    Who accepted an earlier one keeps what is their own, until they accept (R01, V36).

    Raises:
        StatementSupersededError: it is not the version in effect.
        StateConflictError: they accepted it, or nothing in it needs to be accepted.
    """
    asked = asked_of(account.pk, at=at)
    if asked is None or asked.binds_at is None:
        raise StateConflictError
    if asked.version.number != number:
        raise StatementSupersededError
    if Decline.objects.filter(account=account, version=asked.version).exists():
        return
    Decline.objects.create(
        account=account,
        version=asked.version,
        declined_at=at,
        session=circumstances.session,
        origin=circumstances.source,
    )
    refuse_duty(account.pk, STATEMENT, number, at=at)
    record(
        ComplianceEvent.STATEMENT_DECLINED,
        actor=f"account/{account.pk}",
        subject=f"statement/{asked.version.pk}",
        session=circumstances.session,
        at=at,
        origin=circumstances.source,
    )


def register(
    application: accounts.Application,
    accepted: int | None,
    circumstances: Circumstances,
    *,
    at: datetime,
) -> accounts.Registered:
    """Open an account for somebody who accepts the statement, in one transaction.

    Raises:
        NotAcceptedError: the box was not ticked; there is no account.
        StatementSupersededError: another version was on the screen.
        InvalidFieldError: something in the application cannot be taken.
        RateLimitedError: too many from there.
    """
    checked = accounts.checked(application)
    if accepted is None:
        raise NotAcceptedError
    if accepted != current_statement(at=at).number:
        raise StatementSupersededError
    accounts.admit(checked, source=circumstances.source, at=at)
    with transaction.atomic():
        registered = accounts.register(checked, source=circumstances.source, at=at)
        if registered.account is not None:
            accept(registered.account, accepted, circumstances, at=at)
    return registered


@transaction.atomic
def create_account(
    email: str,
    name: str,
    kind: Kind,
    *,
    password: str,
    organization: str = "",
    role: Role = Role.CLINICIAN,
    accept_statement: bool = False,
    at: datetime,
) -> Account:
    """Make a verified account by an operator's hand, and accept for the person if told so.

    Raises:
        AddressTakenError: there is an account with this address.
        InvalidFieldError: something about it cannot be taken.
    """
    account = accounts.create_account(
        email, name, kind, password=password, organization=organization, role=role, at=at
    )
    if accept_statement:
        accept(account, current_statement(at=at).number, Circumstances(BY_OPERATOR, ""), at=at)
    return account
