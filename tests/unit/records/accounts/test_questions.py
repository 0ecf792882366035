"""Which questions of one's own can be set, how are they kept, and who changes them?"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from safelight.governance.compliance.actions import Circumstances, accept
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.platform.audit.models import Entry
from safelight.records.accounts.questions.actions import questions_of, set_questions
from safelight.records.accounts.questions.models import SecretQuestion
from safelight.records.accounts.questions.rules import fit_pairs, plain_answer

if TYPE_CHECKING:
    from typing import Protocol

    from safelight.records.accounts.models import Account

    class App(Protocol):
        """Shows codes."""

        def code(self, steps: int = 0) -> str:
            """Show the code of now."""


pytestmark = pytest.mark.django_db(databases=["default", "keys"])

TREE = ("Which tree stood before the house?", "The old Walnut-Tree")
PASSWORD = "a quiet room full of lamps"
PAGE = "/account/security/questions/"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The old Walnut-Tree", "  the OLD walnut tree "),
        ("Stra\u00dfe 5", "STRASSE 5"),
        ("\u00e9tage", "e\u0301tage"),
        ("\uff21\uff22\uff23", "abc"),
    ],
)
def test_answers_that_read_alike_are_alike(one: str, other: str) -> None:
    assert plain_answer(one) == plain_answer(other)


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([], "question_1"),
        ([("", ""), ("", " ")], "question_1"),
        ([("", "an answer")], "question_1"),
        ([("x" * 121, "an answer")], "question_1"),
        ([("What?", "")], "answer_1"),
        ([("What?", "!?!")], "answer_1"),
        ([("What?", "ab")], "answer_1"),
        ([("What?", "a" * 121)], "question_1"),
        ([("Which colour, green?", "Green")], "answer_1"),
        ([TREE, ("which TREE stood before the house", "an oak")], "question_2"),
        ([TREE, ("Two?", "second"), ("Three?", "third"), ("Four?", "fourth")], "question_1"),
    ],
)
def test_what_is_no_question_is_refused(pairs: list[tuple[str, str]], field: str) -> None:
    with pytest.raises(InvalidFieldError) as wrong:
        fit_pairs(pairs)
    assert wrong.value.field == field


def test_words_are_sealed_and_answers_are_hashed(owner: Account) -> None:
    set_questions(owner, [TREE], at=clock.now())
    from django.db import connection  # noqa: PLC0415 (the bare table, beside the model)

    with connection.cursor() as cursor:
        cursor.execute("SELECT words, answer_hash FROM questions_secretquestion", [])
        words, answer_hash = cursor.fetchone()
    assert "tree" not in str(words).lower()
    assert answer_hash.startswith("argon2-pepper1$argon2id$")
    assert [each.words for each in questions_of(owner)] == [TREE[0]]


def test_the_page_sets_and_removes_them_after_a_proof_and_not_without(
    owner: Account, app: App
) -> None:
    accept(owner, current_statement(at=clock.now()).number, Circumstances("", ""), at=clock.now())
    browser = Client()
    browser.post("/account/sign-in/", {"email": "ada.owner@example.org", "password": PASSWORD})
    browser.post("/account/sign-in/factor/", {"code": app.code(-1)})
    said = {"question_2": TREE[0], "answer_2": TREE[1], "act": "set"}

    wrong = browser.post(PAGE, _confirmed(browser, app, 0) | said | {"answer_2": "no"})
    assert wrong.status_code == 422
    assert "three letters or more" in wrong.content.decode()
    assert browser.post(PAGE, said).status_code == 401
    assert not SecretQuestion.objects.exists()
    assert browser.post(PAGE, _confirmed(browser, app, 0) | said)["Location"].endswith("/security/")
    assert [each.words for each in questions_of(owner)] == [TREE[0]]
    page = browser.get(PAGE).content.decode()
    assert TREE[0] in page
    assert "Walnut" not in page

    assert browser.post(PAGE, _confirmed(browser, app, 1) | {"act": "remove"}).status_code == 302
    assert not SecretQuestion.objects.exists()
    kinds = Entry.objects.filter(kind__startswith="account.questions").order_by("pk")
    assert json.dumps([each.kind for each in kinds]) == json.dumps(
        ["account.questions-set", "account.questions-removed"]
    )


def _confirmed(browser: Client, app: App, steps: int) -> dict[str, str]:
    shown = browser.get(PAGE).content.decode()
    challenge = re.search(r'name="confirm-challenge" value="(\w+)"', shown)
    assert challenge is not None
    return {
        "confirm-challenge": challenge[1],
        "confirm-password": PASSWORD,
        "confirm-code": app.code(steps),
    }
