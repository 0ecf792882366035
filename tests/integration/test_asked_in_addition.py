"""Whoever set questions of their own answers one wherever they let somebody see what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from acting import ask as ask_to_act_for
from acting import make_staff, verify
from api import page_of
from cast import PASSWORD, Person, make_person
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.representing.coming_of_age import end_what_is_over
from safelight.exchange.access.representing.helping import Help, invite_helper, present_help
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.sharing.keeping import keep_share, present_keeping
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.authorization.actions import confirm_with_password_and_code
from safelight.records.accounts.errors import AnswerRefusedError, CodeRefusedError
from safelight.records.accounts.models import Evidence, Kind, Representative, Role
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.questions.actions import set_questions
from story import Story, browser_of, sharing_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

QUESTION = ("Which tree stood before the house?", "The old Walnut-Tree")
HELP = {"name": "Stan Stranger", "may_share": True}


def approved(story: Story, challenge_id: UUID, answer: str | None, **wrong: str) -> UUID:
    given = confirm_with_password_and_code(
        challenge_id,
        account=story.owner.account,
        session_id=session_id(story.party),
        **({"password": PASSWORD, "code": story.code()} | wrong),
        answer=answer,
        at=clock.now(),
    )
    return given.pk


@pytest.fixture
def asked(story: Story) -> Story:
    """Let the owner of the story want to be asked."""
    set_questions(story.owner.account, [QUESTION], at=clock.now())
    return story


def inviting(story: Story, helper: Person, answer: str | None, **wrong: str) -> Representative:
    wanted = Help(name="Stan Stranger", address=address_of(helper.account), may_share=True)
    shown = present_help(story.party, wanted, at=clock.now())
    given = approved(story, shown.challenge_id, answer, **wrong)
    return invite_helper(story.party, wanted, given, at=clock.now())


def test_no_helper_is_invited_without_the_answer_nor_by_it_alone(
    asked: Story, stranger: Person
) -> None:
    for answer in (None, "the old oak tree"):
        with pytest.raises(AnswerRefusedError):
            inviting(asked, stranger, answer)
    for wrong in ({"password": "not this"}, {"code": "000000"}):
        with pytest.raises(CodeRefusedError):
            inviting(asked, stranger, QUESTION[1], **wrong)
    assert not Representative.objects.exists()

    row = inviting(asked, stranger, "  the OLD walnut tree ")
    kept = bytes(Evidence.objects.get(representative=row).paper).decode()
    assert "challenge-question" in kept


def test_the_page_that_invites_a_helper_asks(asked: Story, stranger: Person) -> None:
    browser = browser_of(asked.owner, asked.code())
    chosen = {"name": "Stan Stranger", "address": address_of(stranger.account)}
    page = browser.post("/acting/help/", chosen)
    assert QUESTION[0] in page.content.decode()
    signed = {
        **chosen,
        "step": "sign",
        "confirm-challenge": page.context["confirm"].form["challenge"].value(),
        "confirm-password": PASSWORD,
        "confirm-code": asked.code(),
    }
    refused = browser.post("/acting/help/", signed)
    assert refused.status_code == 422
    assert QUESTION[0] in refused.content.decode()
    assert not Representative.objects.exists()
    again = refused.context["confirm"].form["challenge"].value()
    signed |= {"confirm-challenge": again, "confirm-code": asked.code()}
    done = browser.post("/acting/help/", signed | {"confirm-answer": QUESTION[1]})
    assert done.status_code == 302
    assert Representative.objects.get().invited_name == "Stan Stranger"


def test_a_program_invites_no_helper_without_the_answer(asked: Story, stranger: Person) -> None:
    owner = page_of(browser_of(asked.owner, asked.code()))
    wanted = HELP | {"address": address_of(stranger.account)}
    shown = owner("POST /representatives/helpers/present", wanted)
    assert shown["challenge"]["question"] == QUESTION[0]
    signed = {
        "digest": shown["digest"],
        "challenge": shown["challenge"]["id"],
        "password": PASSWORD,
        "code": asked.code(),
        "help": wanted,
    }
    refused = owner("POST /representatives/helpers", signed, status=422)
    assert refused["code"] == "invalid:answer"
    assert not Representative.objects.exists()
    shown = owner("POST /representatives/helpers/present", wanted)
    signed |= {"digest": shown["digest"], "challenge": shown["challenge"]["id"]}
    signed |= {"code": asked.code(), "answer": QUESTION[1]}
    assert owner("POST /representatives/helpers", signed, status=201)["state"] == "invited"


def test_what_was_shared_in_their_name_is_kept_with_the_answer_alone_beside_the_proof(
    asked: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    born = (clock.now() + timedelta(days=50)).date()
    mother = make_person("Paula Parent", Kind.INDIVIDUAL)
    staff = make_staff("Otis Officer"), make_staff("Dana Desk", Role.IMAGING_DESK)
    of_whom = {"address": address_of(asked.owner.account), "may_share": True}
    born_on = born.replace(year=born.year - 18).isoformat()
    verify(ask_to_act_for(mother, born_on=born_on, **of_whom), *staff)
    late = (clock.now() + timedelta(days=90)).date().isoformat()
    shared = sharing_as(asked, mother).share(ends_on=late)
    moved_clock(timedelta(days=51))
    end_what_is_over(at=clock.now())

    browser = browser_of(asked.owner, asked.code())
    page = browser.get(f"/acting/keep/{to_text(shared.consent_id)}/")
    assert QUESTION[0] in page.content.decode()
    shown = present_keeping(asked.party, shared.consent_id, at=clock.now())
    given = approved(asked, shown.challenge_id, None)
    with pytest.raises(AnswerRefusedError):
        keep_share(asked.party, shared.consent_id, given, at=clock.now())
    assert Consent.objects.get(pk=shared.consent_id).suspended_at is not None
    shown = present_keeping(asked.party, shared.consent_id, at=clock.now())
    given = approved(asked, shown.challenge_id, QUESTION[1])
    keep_share(asked.party, shared.consent_id, given, at=clock.now())
    assert Consent.objects.get(pk=shared.consent_id).suspended_at is None
