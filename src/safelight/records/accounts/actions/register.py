"""How does somebody get an account? By asking for one, or by an operator's hand.

Asking answers alike for known and unknown addresses: the same page, the same
work (one password hash), one mail. Only the mail differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from safelight.kernel.errors import InvalidFieldError
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts import proofs, throttle
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.errors import AddressTakenError, CodeRefusedError
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import (
    Account,
    Kind,
    Membership,
    Organization,
    Purpose,
    Role,
    State,
)
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.rules import WORDS, password_problem

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What somebody who asks for an account says of themselves."""

    address: str
    name: str
    password: str
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Registered:
    """The proof to carry on with, and the account if one was made."""

    proof_id: UUID
    account: Account | None


def checked(application: Application) -> Application:
    """Return the application with its address and name in their one form.

    Raises:
        InvalidFieldError: an address, name or password that cannot be taken.
    """
    address = normalised(application.address)
    name = " ".join(application.name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise InvalidFieldError("name", "Tell us your name, in at most 120 characters.")
    check_password_choice(application.password, name=name, address=address)
    return Application(
        address=address, name=name, password=application.password, locale=application.locale
    )


def check_password_choice(password: str, *, name: str, address: str) -> None:
    """Refuse a weak password.

    Raises:
        InvalidFieldError: with the reason in words.
    """
    if problem := password_problem(password, about=(name, address)):
        raise InvalidFieldError("password", WORDS[problem])


def admit(application: Application, *, source: str, at: datetime) -> None:
    """Count a request for an account, whether the address is known or not.

    Raises:
        RateLimitedError: too many from there, or too many mails to this address.
    """
    throttle.take(throttle.REGISTER_ADDRESS, application.address, at=at)
    throttle.take(throttle.REGISTER_SOURCE, throttle.network_of(source), at=at)


@transaction.atomic
def register(application: Application, *, source: str, at: datetime) -> Registered:
    """Make an account for a `checked` application, or tell its holder by mail that there is one."""
    known = EmailAddress.objects.filter(email=application.address, verified=True).first()
    password = make_password(application.password)
    account = None
    if known is None:
        account = Account.objects.create(
            kind=Kind.INDIVIDUAL,
            name=application.name,
            locale=application.locale,
            password=password,
            created_at=at,
            password_changed_at=at,
        )
        EmailAddress.objects.create(user=account, email=application.address, primary=True)
    proof_id, code = proofs.begin_proof(account, Purpose.VERIFY, at=at)
    if known is None:
        send("verify-address", to=application.address, context={"code": code}, at=at)
    else:
        send("address-already-known", to=application.address, context={}, at=at)
    record(
        AccountEvent.REGISTERED if account else AccountEvent.REGISTERED_AGAIN,
        actor=f"account/{account.pk}" if account else "anonymous",
        subject=f"account/{account.pk if account else known.user_id}",
        at=at,
        origin=source,
    )
    return Registered(proof_id, account)


def send_code_again(proof_id: UUID, *, at: datetime) -> UUID:
    """Send a fresh code in place of the one of this proof, and return the new proof.

    A proof without an account is answered alike, and nothing is sent.

    Raises:
        CodeRefusedError: there is no such proof, or it was used.
        RateLimitedError: too many were sent lately.
    """
    account = proofs.account_to_prove(proof_id, Purpose.VERIFY)
    throttle.take(throttle.CODES_SENT, str(account.pk if account else proof_id), at=at)
    return ask_proof(account, at=at)


@transaction.atomic
def ask_proof(account: Account | None, *, at: datetime) -> UUID:
    """Send a code to an account's unproved address, and return the proof to carry on with."""
    proof_id, code = proofs.begin_proof(account, Purpose.VERIFY, at=at)
    if account is not None:
        send("verify-address", to=address_of(account), context={"code": code}, at=at)
    return proof_id


def verify_address(proof_id: UUID, code: str, *, at: datetime) -> Account:
    """Take the code that was sent to an address, and open the account.

    Raises:
        CodeRefusedError: wrong, used, too old, no tries left, or the address
            was proved by another account meanwhile.
    """
    account = proofs.spend_try(proof_id, Purpose.VERIFY, code, at=at)
    try:
        with transaction.atomic():
            proofs.use_proof(proof_id, at=at)
            EmailAddress.objects.filter(user=account, primary=True).update(verified=True)
            Account.objects.filter(pk=account.pk, state=State.UNVERIFIED).update(state=State.ACTIVE)
            record(AccountEvent.ADDRESS_VERIFIED, actor=f"account/{account.pk}", at=at)
    except IntegrityError:
        raise CodeRefusedError from None
    account.refresh_from_db()
    return account


@transaction.atomic
def create_account(
    address: str,
    name: str,
    kind: Kind,
    *,
    password: str,
    organization: str = "",
    role: Role = Role.CLINICIAN,
    actor: str = "operator",
    at: datetime,
) -> Account:
    """Make a verified account by an operator's hand.

    Raises:
        AddressTakenError: there is an account with this address.
        InvalidFieldError: something about it cannot be taken; a provider needs an organisation.
    """
    if kind == Kind.PROVIDER and not organization:
        raise InvalidFieldError("organization", "A provider belongs to an organisation.")
    if kind == Kind.INDIVIDUAL and organization:
        raise InvalidFieldError("organization", "An individual belongs to no organisation.")
    application = checked(Application(address=address, name=name, password=password))
    if EmailAddress.objects.filter(email=application.address, verified=True).exists():
        raise AddressTakenError
    account = Account.objects.create(
        kind=kind,
        state=State.ACTIVE,
        name=application.name,
        password=make_password(application.password),
        created_at=at,
        password_changed_at=at,
    )
    EmailAddress.objects.create(
        user=account, email=application.address, primary=True, verified=True
    )
    if organization:
        join(account, organization, role, at=at)
    record(AccountEvent.CREATED, actor=actor, subject=f"account/{account.pk}", at=at)
    return account


def join(account: Account, organization: str, role: Role, *, at: datetime) -> Membership:
    """Make an account a member of an organisation, which is founded when it is new."""
    place, _ = Organization.objects.get_or_create(
        same_name=" ".join(organization.split()),
        defaults={"name": " ".join(organization.split()), "created_at": at},
    )
    return Membership.objects.create(account=account, organization=place, role=role, since=at)
