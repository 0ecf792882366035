"""How are a person's own questions set, asked in addition, and removed?

They are no factor: nothing asks for an answer but beside a passkey, a key, or a password
and a code, after that was accepted, and under its limit of tries. Whoever knows an answer
and nothing else has nothing (NIST SP 800-63B forbids more).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts.alarms import not_me_page
from safelight.records.accounts.errors import AnswerRefusedError
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, Challenge
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.questions.models import SecretQuestion
from safelight.records.accounts.questions.rules import LONGEST, Pair, fit_pairs, plain_answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


def questions_of(account: Account) -> list[SecretQuestion]:
    """Return the questions that an account has set, in their order."""
    return list(SecretQuestion.objects.filter(account=account).order_by("added_at", "pk"))


def has_questions(account: Account) -> bool:
    """Say whether this person wants to be asked, too."""
    return SecretQuestion.objects.filter(account=account).exists()


def set_questions(account: Account, pairs: Sequence[Pair], *, at: datetime) -> None:
    """Put these questions in the place of all before; call it only after a step-up.

    Raises:
        InvalidFieldError: one of them cannot be set; it names which.
    """
    # Hashing is slow by design, and holds no lock meanwhile.
    hashed = [(words, make_password(plain)) for words, plain in fit_pairs(pairs)]
    with transaction.atomic():
        SecretQuestion.objects.filter(account=account).delete()
        for words, answer_hash in hashed:
            SecretQuestion.objects.create(
                account=account, words=words, answer_hash=answer_hash, added_at=at
            )
        _tell(AccountEvent.QUESTIONS_SET, account, "set", at=at)


@transaction.atomic
def remove_questions(account: Account, *, at: datetime) -> None:
    """Ask this person nothing in addition any more; call it only after a step-up."""
    SecretQuestion.objects.filter(account=account).delete()
    _tell(AccountEvent.QUESTIONS_REMOVED, account, "removed", at=at)


def question_beside(challenge_id: UUID) -> str:
    """Return the question that is asked beside a challenge, or nothing where none is set."""
    challenge = Challenge.objects.select_related("account").get(pk=challenge_id)
    row = _chosen(challenge)
    return row.words if row is not None else ""


def accept_answer(challenge: Challenge, answer: str) -> UUID:
    """Check an answer, once the person's factor was accepted; return its question's id.

    Raises:
        AnswerRefusedError: it is wrong, or no question is set.
    """
    row = _chosen(challenge)
    if row is None or len(answer) > LONGEST:
        raise AnswerRefusedError
    if not check_password(plain_answer(answer), row.answer_hash):
        raise AnswerRefusedError
    return row.pk


def _chosen(challenge: Challenge) -> SecretQuestion | None:
    """Choose one question for a challenge: the same each time it is shown."""
    rows = questions_of(challenge.account)
    drawn = hashlib.sha256(b"question" + bytes(challenge.nonce)).digest()[0]
    return rows[drawn % len(rows)] if rows else None


def _tell(event: AccountEvent, account: Account, change: str, *, at: datetime) -> None:
    send(
        "factor-changed",
        to=address_of(account),
        context={
            "factor": "question of your own",
            "change": change,
            "when": at.isoformat(),
            "page": not_me_page(account.pk, at=at),
        },
        at=at,
    )
    record(event, actor=f"account/{account.pk}", at=at)
