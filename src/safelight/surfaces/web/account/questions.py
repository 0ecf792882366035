"""The page of one's own questions: asked in addition, counting for nothing alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.records.accounts.questions.actions import (
    questions_of,
    remove_questions,
    set_questions,
)
from safelight.records.accounts.questions.rules import MOST, fit_pairs
from safelight.surfaces.web.account import confirmation

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from safelight.records.accounts.models import Account

CHANGE: Final = confirmation.digest_of("change-questions")


@require_http_methods(["GET", "POST"])
@login_required
def questions_page(request: HttpRequest) -> HttpResponse:
    """Set questions in the place of all before, or remove them, after a step-up."""
    account, at = cast("Account", request.user), clock.now()
    pairs = _typed(request) if request.method == "POST" else []
    faults: dict[str, str] = {}
    error: ExpectedError | None = None
    if request.method == "POST":
        # A passkey sends the form without its button: then empty lines say the same.
        removes = request.POST.get("act") == "remove" or _is_blank(pairs)
        try:
            if not removes:
                fit_pairs(pairs)  # before the confirmation, which works once
            confirmation.confirmed(request, CHANGE, at=at)
            if removes:
                remove_questions(account, at=at)
            else:
                set_questions(account, pairs, at=at)
        except ExpectedError as refused:
            if isinstance(refused, InvalidFieldError) and "_" in refused.field:
                faults[refused.field] = str(refused)
            else:
                error = refused
        else:
            messages.success(request, _("Removed.") if removes else _("Kept."))
            return redirect("security")
    context = {
        "own": questions_of(account),
        "lines": [
            {
                "words": words,
                "question": f"question_{number}",
                "answer": f"answer_{number}",
                "question_fault": faults.get(f"question_{number}", ""),
                "answer_fault": faults.get(f"answer_{number}", ""),
            }
            for number, words in enumerate(_words(pairs), start=1)
        ],
        "faults": faults,
        "confirm": confirmation.ask(
            request, CHANGE, _("I change my own questions"), at=at, error=error
        ),
    }
    status = error.status if error else 422 if faults else 200
    return render(request, "account/questions.html", context, status=status)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    said = request.POST
    numbers = range(1, MOST + 1)
    return [(said.get(f"question_{each}", ""), said.get(f"answer_{each}", "")) for each in numbers]


def _is_blank(pairs: list[tuple[str, str]]) -> bool:
    return not any(text.strip() for pair in pairs for text in pair)


def _words(pairs: list[tuple[str, str]]) -> list[str]:
    """Return what was typed as questions; answers are never shown again."""
    return [words for words, _answer in pairs] or [""] * MOST
