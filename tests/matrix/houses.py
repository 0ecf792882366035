"""What may each actor do with what an institution's desk keeps about a patient?

Written by hand, apart from the code: papers that a patient signed, codes to claim a record,
who treats whom, notices of death, and the exams that the house keeps. Papers are the imaging
desk's; all else is also the privacy officer's. Another house has no part in any of it.
"""

from __future__ import annotations

from typing import Final

from matrix.need import Need, of

READ_PAPER, REFUSE = "read a signed paper", "refuse a signed paper"
CONFIRM, TAKE_BACK = "confirm a signed paper in turn", "take back what became of a paper"
CODE_READ, CODE_END, DISOWN = "read a claim", "end a claim", "say that a record is not mine"
CARE_END, DEATH = "end who treats", "decide about a death"
DEATH_SECOND = "confirm a death, as the second"
CHANGE = "decide about a change of records"
RECORD, ASKED_WHY, SAYS_WHY = "record a paper", "be asked why", "say why"
REPORT = "write a report"
COMPARE, DECIDE = "compare what waits", "decide about what waits"

_AT_DESK: Final = ("desk", "second desk")
_STAFF: Final = (*_AT_DESK, "officer")


def _each(names: tuple[str, ...], *rights: str) -> dict[str, set[str]]:
    return {name: set(rights) for name in names}


# The owner is the patient, and is told once the first has confirmed it. What was decided, or
# lapsed, is read and stays as it is. Who recorded it confirms it first, then somebody else.
_WAITS: Final = _each((*_AT_DESK, "owner"), READ_PAPER, REFUSE)
_STAYS: Final = _each((*_AT_DESK, "owner"), READ_PAPER)
SIGNED_PAPERS: Final[dict[str, dict[str, set[str]]]] = {
    "prepared": _each(_AT_DESK, READ_PAPER, REFUSE) | {"desk": {READ_PAPER, REFUSE, CONFIRM}},
    "waiting": _WAITS | {"second desk": {READ_PAPER, REFUSE, CONFIRM}},
    "live": _each((*_AT_DESK, "owner"), READ_PAPER, TAKE_BACK),
    "refused": _STAYS,
    "lapsed": _STAYS,
}
# To end again what is over is no error, and does nothing.
CLAIMS: Final[dict[str, dict[str, set[str]]]] = {
    "open": _each(_STAFF, CODE_READ, CODE_END),
    "used": _each(_STAFF, CODE_READ, CODE_END) | {"owner": {DISOWN}},
    "ended": _each(_STAFF, CODE_END),
    "not used in time": _each(_STAFF, CODE_END),
    "said not to be mine": _each(_STAFF, CODE_END) | {"owner": {DISOWN}},
}
RELATIONS: Final[dict[str, dict[str, set[str]]]] = {
    "live": _each(_STAFF, CARE_END),
    "ended": _each(_STAFF, CARE_END),
    "by a delivery": {},
}
NOTICES: Final[dict[str, dict[str, set[str]]]] = {
    "noted": _each(_STAFF, DEATH, DEATH_SECOND) | {"desk": {DEATH}},  # who said it first
    "confirmed": _each(_STAFF, DEATH),
    "undone": _each(_STAFF, DEATH),
}
# Whoever sees it by another right than care is led on to the pictures, and has nothing to say.
_BROUGHT: Final = {RECORD, REPORT, ASKED_WHY, SAYS_WHY}
KEPT: Final[dict[str, dict[str, set[str]]]] = {
    "brought in by the desk": {"desk": _BROUGHT},
    "of a patient with an account": {
        "desk": _BROUGHT,
        "owner": {ASKED_WHY},
        "helper who manages": {ASKED_WHY},
        "helper who shares": {ASKED_WHY},
        "helper who looks": {ASKED_WHY},
    },
    "entered for who treats": {"desk": _BROUGHT, "treats": {ASKED_WHY, SAYS_WHY, REPORT}},
    "entered, and ended": {"desk": _BROUGHT},
}
REVIEWS: Final[dict[str, dict[str, set[str]]]] = {
    "waiting": _each(_STAFF, COMPARE, DECIDE),
    "rejected": _each(_STAFF, COMPARE, DECIDE),
    "thrown away": {},
}
CHANGES: Final[dict[str, dict[str, set[str]]]] = {
    "asked for": _each(_STAFF, CHANGE),
    "confirmed": _each(_STAFF, CHANGE),
    "taken back": _each(_STAFF, CHANGE),
}
HOUSES: Final = {
    "change": CHANGES,
    "review": REVIEWS,
    "signed paper": SIGNED_PAPERS,
    "claim": CLAIMS,
    "relation": RELATIONS,
    "notice": NOTICES,
    "kept exam": KEPT,
}

# Whoever has the second is told why the first is not done, and it is not done.
HOUSES_REASONS: Final = {REFUSE: READ_PAPER, CONFIRM: READ_PAPER, DEATH_SECOND: DEATH}

HOUSES_PAGES: Final = (
    of("signed paper", GET_paper=READ_PAPER, POST_paper=REFUSE, GET_paper_scan=READ_PAPER)
    | of("claim", GET_desk_claim=CODE_READ, POST_desk_claim_end=CODE_END, POST_record_disown=DISOWN)
    | of("relation", POST_desk_care_end=CARE_END)
    | of("change", POST_desk_change_decide=CHANGE)
    | of("notice", POST_desk_death_decide=DEATH)
    | of("review", GET_desk_waiting_one=COMPARE, POST_desk_waiting_decide=DECIDE)
    | of(
        "kept exam",
        GET_paper_record=RECORD,
        POST_paper_record=RECORD,
        GET_report_write=REPORT,
        POST_report_write=REPORT,
        GET_care_reason=ASKED_WHY,
        POST_care_reason=SAYS_WHY,
    )
)

# In person, like the pages.
HOUSES_API: Final = {
    "POST /desk/care/{relation_id}/end": Need("relation", CARE_END),
    "GET /desk/claims/{claim_id}": Need("claim", CODE_READ),
    "POST /desk/claims/{claim_id}/end": Need("claim", CODE_END),
    "POST /records/{claim_id}/not-mine": Need("claim", DISOWN),
    "POST /desk/deaths/{notice_id}/confirm": Need("notice", DEATH_SECOND),
    "POST /desk/deaths/{notice_id}/undo": Need("notice", DEATH),
    "POST /exams/{exam_id}/signed-papers": Need("kept exam", RECORD),
    "GET /signed-papers/{paper_id}": Need("signed paper", READ_PAPER),
    "GET /signed-papers/{paper_id}/scan": Need("signed paper", READ_PAPER),
    "POST /signed-papers/{paper_id}/present": Need("signed paper", CONFIRM),
    "POST /signed-papers/{paper_id}/confirm": Need("signed paper", CONFIRM),
    "POST /signed-papers/{paper_id}/refuse": Need("signed paper", REFUSE),
    "POST /signed-papers/{paper_id}/end": Need("signed paper", TAKE_BACK),
}
