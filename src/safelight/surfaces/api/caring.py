"""How does one of a care team say why they open a patient's exams today?"""

from __future__ import annotations

from datetime import datetime

from ninja import Router, Schema

from safelight.exchange.access.caring.reasons import CareCause, give_reason
from safelight.exchange.access.decision import Action
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Line
from safelight.surfaces.api.routes import told

router = Router()


class WhyNow(Asked):
    """Why you look; `words` are needed where the code is `other`."""

    code: CareCause
    words: Line = ""


class ReasonOut(Schema):
    """What the patient reads beside your name for today."""

    code: CareCause
    words: str
    given_at: datetime


@router.post(
    "exams/{exam_id}/reason",
    response=ReasonOut,
    **told(Action.VIEW, NotFoundError, takes=True),
)
def say_why(request: Called, exam_id: str, why: WhyNow) -> ReasonOut:
    """Say why you open the exams of this patient today, where you treat them. The patient reads it.

    Whoever brought an exam in on an earlier day, and was not entered by the desk, says so once
    for each patient and day; until then whatever shows something of an exam answers
    `care_reason_required`. The first answer of a day stands.
    """
    kept = give_reason(request.auth, from_text(exam_id), why.code, why.words, at=clock.now())
    return ReasonOut(code=CareCause(kept.code), words=str(kept.words), given_at=kept.given_at)
