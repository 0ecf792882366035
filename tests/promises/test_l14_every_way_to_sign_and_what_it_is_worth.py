"""L14: you sign by password and code, passkey, hardware key, hand or paper; a question is none."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from cast import PASSWORD
from on_paper import make_desk
from safelight.exchange.access.parties import session_id
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.papers.receipt import receipt_of
from safelight.exchange.release.papers.sealing import check_paper
from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.signed import record_of
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actions.factors import add_passkey, offer_passkey
from safelight.records.accounts.authorization.actions import (
    confirm_with_passkey,
    confirm_with_password_and_code,
    passkey_options,
)
from safelight.records.accounts.errors import AnswerRefusedError, CodeRefusedError
from safelight.records.accounts.models import Authorization
from safelight.records.accounts.questions.actions import set_questions
from safelight.records.accounts.sessions import SessionStore
from soft_passkey import SoftAuthenticator
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

QUESTION = ("Which tree stood before the house?", "The old Walnut-Tree")


def said_of(shared: Shared) -> dict[str, Any]:
    """Return what is on record of a signature, as a stranger reads it in the receipt."""
    consent = Consent.objects.get(pk=shared.consent_id)
    said = check_paper(receipt_of(consent)).said
    assert said == record_of(consent).said
    return said


def by_passkey(story: Story, made: SoftAuthenticator) -> Shared:
    """Add an authenticator and sign a share with it."""
    session = SessionStore()
    session.create()
    account, at = story.owner.account, clock.now()
    options = offer_passkey(session, account)
    add_passkey(session, account, made.create(options), "Mine", at=at)
    draft = story.draft()
    shown = present(story.party, draft, statement_version="1", at=at)
    seat = session_id(story.party)
    asked = passkey_options(shown.challenge_id, account=account, session_id=seat, at=at)
    given = confirm_with_passkey(
        shown.challenge_id,
        account=account,
        session_id=seat,
        credential=made.get(asked),
        at=at,
    )
    return confirm(story.party, draft, given.pk, at=clock.now())


def answering(story: Story, answer: str | None, **wrong: str) -> Shared:
    """Sign with password and code, and an answer to one's own question."""
    draft = story.draft()
    shown = present(story.party, draft, statement_version="1", at=clock.now())
    given = confirm_with_password_and_code(
        shown.challenge_id,
        account=story.owner.account,
        session_id=session_id(story.party),
        **({"password": PASSWORD, "code": story.code()} | wrong),
        answer=answer,
        at=clock.now(),
    )
    return confirm(story.party, draft, given.pk, at=clock.now())


def test_a_password_and_a_code_sign(story: Story) -> None:
    said = said_of(story.share())
    assert (said["method"], said["aal"]) == ("password-and-code", 2)


def test_a_passkey_that_knows_its_person_signs(story: Story) -> None:
    said = said_of(by_passkey(story, SoftAuthenticator()))
    assert (said["method"], said["aal"]) == ("passkey", 2)


def test_a_hardware_key_signs_and_is_named(story: Story) -> None:
    key = SoftAuthenticator(attachment="cross-platform", transports=("usb", "nfc"))
    said = said_of(by_passkey(story, key))
    assert (said["method"], said["aal"]) == ("security-key", 2)


def test_a_drawn_signature_goes_with_the_proof_and_never_without(story: Story) -> None:
    said = said_of(story.share(handwriting="[[90,230,150,90,210,230,260,120,300,230]]"))
    assert said["handwriting_sha256"]
    assert (said["method"], said["aal"]) == ("password-and-code", 2)


def test_a_paper_counts_when_two_have_compared_it(web: TestClient) -> None:
    opened = make_desk(web).live()
    said = said_of(Shared(consent_id=opened.consent_id, share_id=opened.share_id))
    assert said["on_paper"]["status"] == "paper_verified"
    assert said["on_paper"]["recorded"]["account"] != said["account"]


def test_an_answer_goes_with_the_proof_and_adds_nothing_to_it(story: Story) -> None:
    set_questions(story.owner.account, [QUESTION], at=clock.now())
    said = said_of(answering(story, "  the OLD walnut tree "))
    assert said["in_addition"] == ["challenge-question"]
    assert (said["method"], said["aal"]) == ("password-and-code", 2)


def test_an_answer_alone_signs_nothing(story: Story) -> None:
    set_questions(story.owner.account, [QUESTION], at=clock.now())
    for wrong in ({"password": ""}, {"code": "000000"}, {"password": "", "code": ""}):
        with pytest.raises(CodeRefusedError):
            answering(story, QUESTION[1], **wrong)
    assert not Authorization.objects.exists()
    assert not Consent.objects.exists()


@pytest.mark.parametrize("answer", [None, "", "the old oak tree", "x" * 500])
def test_who_chose_to_be_asked_does_not_sign_without_the_answer(
    story: Story, answer: str | None
) -> None:
    set_questions(story.owner.account, [QUESTION], at=clock.now())
    with pytest.raises(AnswerRefusedError):
        answering(story, answer)
    assert not Consent.objects.exists()


def test_answers_are_not_guessed_for_long(story: Story) -> None:
    set_questions(story.owner.account, [QUESTION], at=clock.now())
    refused: list[str] = []
    for guess in range(7):
        with pytest.raises(ExpectedError) as error:
            answering(story, f"guess number {guess}")
        refused.append(error.value.code)
    assert refused[-1] == "rate_limited"
