"""An approval is for one thing, by one person, in one session, for five minutes, once."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import pytest
from django.db import connections

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.records.accounts.actions.factors import add_passkey, offer_passkey
from safelight.records.accounts.authorization.actions import (
    SignatureRecord,
    begin,
    confirm_with_passkey,
    confirm_with_password_and_code,
    consume,
    passkey_options,
)
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    CodeRefusedError,
    PasskeyRefusedError,
    RateLimitedError,
    StepUpRequiredError,
)
from safelight.records.accounts.factor_kinds import FactorKind, kind_of
from safelight.records.accounts.models import Authorization, Kind
from safelight.records.accounts.sessions import SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from safelight.records.accounts.models import Account

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


class App(Protocol):
    """Shows codes."""

    def code(self, steps: int = 0) -> str:
        """Show the code of now."""


class Passkey(Protocol):
    """Makes one credential and signs with it."""

    origin: str
    counter: int
    flags: int

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a credential."""

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Sign."""


PASSWORD = "a quiet room full of lamps"
SHARE_A = hashlib.sha256(b"share A").digest()
SHARE_B = hashlib.sha256(b"share B").digest()
HERE = new_id()
MEANING = "I authorise release"


def asked(account: Account, digest: bytes = SHARE_A) -> UUID:
    return begin(account, session_id=HERE, digest=digest, meaning=MEANING, at=clock.now()).pk


def approved(account: Account, app: App) -> Authorization:
    return confirm_with_password_and_code(
        asked(account),
        account=account,
        session_id=HERE,
        password=PASSWORD,
        code=app.code(),
        at=clock.now(),
    )


def used(
    given: Authorization, account: Account, *, digest: bytes = SHARE_A, session_id: UUID = HERE
) -> SignatureRecord:
    return consume(given.pk, account=account, session_id=session_id, digest=digest, at=clock.now())


def added(account: Account, made: Passkey, *, on_a_key: bool = False) -> FactorKind:
    session = SessionStore()
    session.create()
    options = offer_passkey(session, account, on_a_key=on_a_key)
    row = add_passkey(session, account, made.create(options), "", at=clock.now())
    return kind_of(row)


def confirmed(account: Account, made: Passkey) -> Authorization:
    question = asked(account)
    options = passkey_options(question, account=account, session_id=HERE, at=clock.now())
    return confirm_with_passkey(
        question,
        account=account,
        session_id=HERE,
        credential=made.get(options),
        at=clock.now(),
    )


@pytest.fixture
def passkey(owner: Account, soft_authenticator: Callable[..., Passkey]) -> Passkey:
    made = soft_authenticator()
    added(owner, made)
    return made


def test_an_approval_says_who_when_what_for_and_how(owner: Account, app: App) -> None:
    signature = used(approved(owner, app), owner)

    assert signature.printed_name == "Ada Owner"
    assert signature.meaning == MEANING
    assert signature.digest == SHARE_A
    assert signature.method == "password-and-code"
    assert signature.aal == 2


def test_an_approval_works_once(owner: Account, app: App) -> None:
    given = approved(owner, app)
    used(given, owner)

    with pytest.raises(AuthorizationUsedError):
        used(given, owner)


def test_an_approval_of_one_share_does_not_open_another(owner: Account, app: App) -> None:
    given = approved(owner, app)

    with pytest.raises(AuthorizationOtherContentError):
        used(given, owner, digest=SHARE_B)
    assert used(given, owner).digest == SHARE_A


def test_an_approval_stays_in_its_session_and_with_its_giver(
    owner: Account, app: App, stranger: Account
) -> None:
    given = approved(owner, app)

    with pytest.raises(AuthorizationOtherContentError):
        used(given, owner, session_id=new_id())
    with pytest.raises(AuthorizationOtherContentError):
        used(given, stranger)


def test_an_approval_is_over_after_five_minutes(owner: Account, app: App) -> None:
    given = approved(owner, app)

    with pytest.raises(StepUpRequiredError):
        consume(
            given.pk,
            account=owner,
            session_id=HERE,
            digest=SHARE_A,
            at=clock.now() + timedelta(minutes=5, seconds=1),
        )


def test_a_question_is_over_after_five_minutes(owner: Account, app: App) -> None:
    question = asked(owner)

    with pytest.raises(StepUpRequiredError):
        confirm_with_password_and_code(
            question,
            account=owner,
            session_id=HERE,
            password=PASSWORD,
            code=app.code(),
            at=clock.now() + timedelta(minutes=5, seconds=1),
        )


def test_one_question_has_one_answer(owner: Account, app: App, passkey: Passkey) -> None:
    question = asked(owner)
    options = passkey_options(question, account=owner, session_id=HERE, at=clock.now())
    answer = passkey.get(options)
    confirm_with_passkey(
        question, account=owner, session_id=HERE, credential=answer, at=clock.now()
    )

    with pytest.raises(StepUpRequiredError):
        confirm_with_password_and_code(
            question,
            account=owner,
            session_id=HERE,
            password=PASSWORD,
            code=app.code(),
            at=clock.now(),
        )


def test_a_code_approves_only_once(owner: Account, app: App) -> None:
    code = app.code()
    confirm_with_password_and_code(
        asked(owner),
        account=owner,
        session_id=HERE,
        password=PASSWORD,
        code=code,
        at=clock.now(),
    )

    with pytest.raises(CodeRefusedError):
        confirm_with_password_and_code(
            asked(owner),
            account=owner,
            session_id=HERE,
            password=PASSWORD,
            code=code,
            at=clock.now(),
        )


@pytest.mark.parametrize("wrong", ["password", "code"])
def test_both_the_password_and_the_code_must_be_right(owner: Account, app: App, wrong: str) -> None:
    right = {"password": PASSWORD, "code": app.code()}

    with pytest.raises(CodeRefusedError):
        confirm_with_password_and_code(
            asked(owner),
            account=owner,
            session_id=HERE,
            at=clock.now(),
            **(right | {wrong: "000000"}),
        )
    assert not Authorization.objects.exists()


def test_guessing_is_slowed_down(owner: Account, app: App) -> None:
    question = asked(owner)
    for _ in range(5):
        with pytest.raises(CodeRefusedError):
            confirm_with_password_and_code(
                question,
                account=owner,
                session_id=HERE,
                password="wrong",
                code="000000",
                at=clock.now(),
            )

    with pytest.raises(RateLimitedError) as caught:
        approved(owner, app)
    assert timedelta(0) < caught.value.retry_after <= timedelta(minutes=15)


def test_a_passkey_signs_the_question_itself(owner: Account, passkey: Passkey) -> None:
    assert used(confirmed(owner, passkey), owner).method == "passkey"
    options = passkey_options(asked(owner), account=owner, session_id=HERE, at=clock.now())
    assert options["publicKey"]["userVerification"] == "required"


def test_a_hardware_security_key_is_named_as_one(
    owner: Account, passkey: Passkey, soft_authenticator: Callable[..., Passkey]
) -> None:
    key = soft_authenticator(attachment="cross-platform", transports=("usb", "nfc"))

    assert added(owner, key, on_a_key=True) == "security-key"
    assert used(confirmed(owner, key), owner).method == "security-key"
    assert used(confirmed(owner, passkey), owner).method == "passkey"


def test_a_key_that_is_asked_for_is_apart_from_this_device(owner: Account) -> None:
    session = SessionStore()
    session.create()
    asked_for = offer_passkey(session, owner, on_a_key=True)["publicKey"]

    assert asked_for["authenticatorSelection"]["authenticatorAttachment"] == "cross-platform"
    assert asked_for["authenticatorSelection"]["userVerification"] == "required"


@pytest.mark.parametrize(
    ("attachment", "transports", "is_backed_up"),
    [
        pytest.param("cross-platform", ("hybrid",), False, id="a phone by its code"),
        pytest.param("cross-platform", ("usb", "hybrid"), False, id="a phone on a wire"),
        pytest.param("cross-platform", ("usb",), True, id="a secret that is kept elsewhere too"),
        pytest.param("cross-platform", (), False, id="no way is named"),
        pytest.param("cross-platform", "usb", False, id="not a list"),
        pytest.param("cross-platform", ("usb", 3, None), True, id="not words"),
        pytest.param("platform", ("usb",), False, id="it says it is this device"),
        pytest.param(None, ("usb",), False, id="it does not say"),
    ],
)
def test_what_is_not_surely_a_hardware_key_is_called_a_passkey(
    owner: Account,
    soft_authenticator: Callable[..., Passkey],
    attachment: str | None,
    transports: object,
    is_backed_up: bool,  # noqa: FBT001 (a row of the table)
) -> None:
    made = soft_authenticator(
        attachment=attachment, transports=transports, is_backed_up=is_backed_up
    )

    assert added(owner, made, on_a_key=True) == "passkey"


def test_a_key_that_did_not_check_the_person_is_not_added(
    owner: Account, soft_authenticator: Callable[..., Passkey]
) -> None:
    key = soft_authenticator(
        attachment="cross-platform", transports=("usb",), verifies_person=False
    )
    with pytest.raises(PasskeyRefusedError):
        added(owner, key, on_a_key=True)


def test_a_passkey_answer_to_another_question_is_refused(owner: Account, passkey: Passkey) -> None:
    first, second = asked(owner), asked(owner, SHARE_B)
    options = passkey_options(first, account=owner, session_id=HERE, at=clock.now())

    with pytest.raises(PasskeyRefusedError):
        confirm_with_passkey(
            second,
            account=owner,
            session_id=HERE,
            credential=passkey.get(options),
            at=clock.now(),
        )


def test_a_passkey_that_did_not_verify_the_person_is_refused(
    owner: Account, passkey: Passkey
) -> None:
    question = asked(owner)
    options = passkey_options(question, account=owner, session_id=HERE, at=clock.now())
    passkey.flags &= ~4

    with pytest.raises(PasskeyRefusedError):
        confirm_with_passkey(
            question,
            account=owner,
            session_id=HERE,
            credential=passkey.get(options),
            at=clock.now(),
        )


@pytest.mark.parametrize(
    "origin", ["http://localhost:9999", "https://localhost:8000", "http://evil.localhost:8000"]
)
def test_a_passkey_used_on_another_page_is_refused(
    owner: Account, passkey: Passkey, origin: str
) -> None:
    question = asked(owner)
    options = passkey_options(question, account=owner, session_id=HERE, at=clock.now())
    passkey.origin = origin

    with pytest.raises(PasskeyRefusedError):
        confirm_with_passkey(
            question,
            account=owner,
            session_id=HERE,
            credential=passkey.get(options),
            at=clock.now(),
        )


@pytest.mark.parametrize("credential", [{}, {"response": 3}, {"id": "x", "response": {}}])
def test_a_malformed_answer_is_refused(
    owner: Account, passkey: Passkey, credential: dict[str, Any]
) -> None:
    with pytest.raises(PasskeyRefusedError):
        confirm_with_passkey(
            asked(owner),
            account=owner,
            session_id=HERE,
            credential=credential,
            at=clock.now(),
        )


def test_a_copied_passkey_is_noticed(owner: Account, passkey: Passkey) -> None:
    first = asked(owner)
    options = passkey_options(first, account=owner, session_id=HERE, at=clock.now())
    confirm_with_passkey(
        first, account=owner, session_id=HERE, credential=passkey.get(options), at=clock.now()
    )
    passkey.counter = 0
    second = asked(owner)
    options = passkey_options(second, account=owner, session_id=HERE, at=clock.now())

    with pytest.raises(PasskeyRefusedError):
        confirm_with_passkey(
            second,
            account=owner,
            session_id=HERE,
            credential=passkey.get(options),
            at=clock.now(),
        )


def test_a_strangers_question_cannot_be_answered(
    owner: Account, app: App, stranger: Account
) -> None:
    with pytest.raises(StepUpRequiredError):
        confirm_with_password_and_code(
            asked(stranger),
            account=owner,
            session_id=HERE,
            password=PASSWORD,
            code=app.code(),
            at=clock.now(),
        )


def test_asking_answering_refusing_and_using_are_in_the_record(owner: Account, app: App) -> None:
    used(approved(owner, app), owner)
    with pytest.raises(CodeRefusedError):
        confirm_with_password_and_code(
            asked(owner),
            account=owner,
            session_id=HERE,
            password="wrong",
            code="000000",
            at=clock.now(),
        )

    kinds = list(
        Entry.objects.filter(kind__startswith="authorization.").values_list("kind", flat=True)
    )
    assert sorted(kinds) == [
        "authorization.asked",
        "authorization.asked",
        "authorization.given",
        "authorization.refused",
        "authorization.used",
    ]


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_using_an_approval_is_one_transaction(owner: Account, app: App) -> None:
    given = approved(owner, app)
    used(given, owner)

    assert Entry.objects.filter(kind="authorization.used").count() == 1
    assert owner.kind == Kind.INDIVIDUAL


@pytest.mark.django_db(transaction=True, databases=["default", "keys"])
def test_of_many_who_use_one_approval_at_once_one_succeeds(owner: Account, app: App) -> None:
    given = approved(owner, app)

    def attempt(_: int) -> bool:
        try:
            used(given, owner)
        except AuthorizationUsedError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))

    assert outcomes.count(True) == 1
    assert Entry.objects.filter(kind="authorization.used").count() == 1
