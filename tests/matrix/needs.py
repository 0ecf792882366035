"""What does each address that names an object ask for? Written by hand, apart from the code."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from matrix.copies import COPIES, COPIES_API, DELETES
from matrix.expected import (
    ACCEPT,
    ANSWER,
    ASK,
    BLOCK,
    BRING_BACK,
    BY_WHICH,
    CHANGE,
    CONSENTS,
    COPY,
    CREDENTIALS,
    DELIVERIES,
    DISAGREE,
    DRAFTS,
    END,
    ENDED,
    EXAMS,
    EXTEND,
    FOLLOW,
    FOLLOW_ALL,
    GROUPS,
    HELPERS,
    HISTORY,
    INVITE,
    KEEP,
    LET_IN,
    LOOK,
    MARK,
    NOT_THE_OWNERS,
    ONWARD,
    OPENED,
    PAPER,
    PASS_ON,
    PAST,
    PAUSE,
    READ,
    RECEIPT,
    REMOVE,
    REPRESENTATIVES,
    REQUESTS,
    SETTLE,
    SHARE,
    SHOWN,
    SIGNED,
    TAKE,
    TOO_LATE,
    TRY,
    VERIFY,
    WITHDRAW,
)
from matrix.houses import HOUSES, HOUSES_API, HOUSES_PAGES, HOUSES_REASONS, SAYS_WHY
from matrix.need import NOBODYS, Need, of
from matrix.operating import OPERATING, OPERATING_PAGES
from matrix.partners import PARTNER_PAGES, PARTNERS
from matrix.powers import POWERS, POWERS_API, POWERS_PAGES, POWERS_REASONS
from matrix.sending import LINKS, PARCELS, SENDING_API, SENDING_PAGES, SENDING_REASONS

KINDS: Final = (
    {
        "exam": EXAMS,
        "consent": CONSENTS,
        "draft": DRAFTS,
        "request": REQUESTS,
        "group": GROUPS,
        "delivery": DELIVERIES,
        "representative": REPRESENTATIVES,
        "credential": CREDENTIALS,
        "link": LINKS,
        "parcel": PARCELS,
        "copy": COPIES,
    }
    | HOUSES
    | POWERS
    | OPERATING
    | PARTNERS
)
LOOKS, READS, WRITES = "dicomweb:read", "exchange:read", "exchange:write"

PAGES: Final = (
    of(
        "exam",
        GET_exam=LOOK,
        GET_viewer=LOOK,
        GET_exam_reports=LOOK,
        GET_workplace=LOOK,
        GET_workplace_settings=LOOK,
        GET_workplace_viewer=LOOK,
        GET_inbox_assign=TAKE,
        POST_inbox_assign=TAKE,
        POST_exam_download=COPY,
        GET_exam_disc=COPY,
        GET_exam_activity=HISTORY,
        POST_exam_remove=REMOVE,
        POST_exam_bring_back=BRING_BACK,
        GET_exam_sensitive=MARK,
        POST_exam_sensitive=MARK,
        GET_exam_send=MARK,
        POST_exam_send=MARK,
        POST_share_start=SHARE,
        POST_pass_on_start=PASS_ON,
        GET_ask_patient=ASK,
        POST_ask_patient=ASK,
    )
    | of(
        "consent",
        GET_share_done=READ,
        GET_consent_receipt=PAPER,
        GET_consent_fhir=PAPER,
        POST_share_extend=EXTEND,
        POST_take_back=END,
        POST_share_pause=PAUSE,
        POST_share_go_on=PAUSE,
        POST_let_in=LET_IN,
        POST_share_invite=INVITE,
        GET_share_was_me=NOBODYS,
        POST_share_was_me=NOBODYS,
        GET_acting_keep=NOBODYS,
        POST_acting_keep=NOBODYS,
        GET_share_open=NOBODYS,
        POST_share_open=NOBODYS,
        GET_share_prove=SHOWN,
        POST_share_prove=SHOWN,
        POST_share_code=SHOWN,
        POST_share_not_for_me=SHOWN,
        POST_share_turn_down=SHOWN,
        GET_shared_exams=SHOWN,
        GET_shared_receipt=RECEIPT,
        GET_shared_viewer=OPENED,
        GET_shared_reports=OPENED,
        GET_shared_workplace=OPENED,
        GET_shared_workplace_settings=OPENED,
        GET_shared_workplace_viewer=OPENED,
        POST_shared_download=OPENED,
    )
    | of(
        "draft",
        GET_share_what=CHANGE,
        POST_share_what=CHANGE,
        GET_share_pictures=CHANGE,
        POST_share_pictures=CHANGE,
        GET_share_exams=CHANGE,
        POST_share_exams=CHANGE,
        GET_share_who=CHANGE,
        POST_share_who=CHANGE,
        GET_share_why=CHANGE,
        POST_share_why=CHANGE,
        GET_share_earlier=CHANGE,
        POST_share_earlier=CHANGE,
        GET_share_check=CHANGE,
        POST_share_check=CHANGE,
        GET_share_sign=CHANGE,
        POST_share_sign=CHANGE,
        GET_share_form=CHANGE,
        POST_share_form=CHANGE,
        GET_share_decline=CHANGE,
        POST_share_decline=CHANGE,
        GET_pass_on=ONWARD,
        POST_pass_on=ONWARD,
    )
    | of(
        "request",
        GET_request=ANSWER,
        POST_request_begin=ANSWER,
        POST_request_decline=ANSWER,
        POST_request_withdraw=WITHDRAW,
    )
    | of("group", GET_group=KEEP, POST_group=KEEP, POST_group_dismiss=KEEP)
    | of("delivery", GET_upload_receipt=FOLLOW)
    | of(
        "representative",
        POST_acting_accept=ACCEPT,
        POST_acting_decline=ACCEPT,
        POST_acting_end=END,
        POST_acting_disagree=DISAGREE,
        GET_staff_acting_one=VERIFY,
        POST_staff_acting_decide=VERIFY,
        GET_staff_acting_paper=VERIFY,
        GET_acting_activity=FOLLOW_ALL,
        GET_acting_activity_export=FOLLOW_ALL,
    )
    | of(
        "credential",
        POST_end_session=KEEP,
        POST_revoke_token=KEEP,
        GET_remove_factor=NOBODYS,  # the same question whatever is named
        POST_remove_factor=NOBODYS,
    )
    | SENDING_PAGES
    | HOUSES_PAGES
    | POWERS_PAGES
    | PARTNER_PAGES
    | OPERATING_PAGES
)

API: Final = (
    {
        "GET /exams/{exam_id}": Need("exam", LOOK, LOOKS),
        "POST /exams/{exam_id}/reason": Need("kept exam", SAYS_WHY),
        "GET /exams/{exam_id}/access": Need("exam", HISTORY, READS),
        "GET /exams/{exam_id}/activity": Need("exam", HISTORY, READS),
        "GET /exams/{exam_id}/sensitive": Need("exam", HISTORY, READS),
        "PUT /exams/{exam_id}/sensitive": Need("exam", MARK),
        "GET /exams/{exam_id}/pass-on": Need("exam", BY_WHICH),
        "POST /exams/{exam_id}/pass-on": Need("exam", PASS_ON),
        "POST /exams/{exam_id}/requests": Need("exam", ASK),
        "POST /drafts": Need("exam", SHARE, WRITES),
        "GET /consents/{consent_id}": Need("consent", READ, READS),
        "GET /consents/{consent_id}/receipt": Need("consent", PAPER, READS),
        "GET /consents/{consent_id}/fhir": Need("consent", PAPER, READS),
        "POST /consents/{consent_id}/extend": Need("consent", EXTEND, WRITES),
        "POST /consents/{consent_id}/withdraw": Need("consent", END),
        "POST /shares/{share_id}/let-in": Need("consent", LET_IN),
        "POST /consents/{consent_id}/pause": Need("consent", PAUSE),
        "POST /consents/{consent_id}/resume": Need("consent", PAUSE),
        "POST /shares/{share_id}/accept": Need("consent", NOBODYS),
        "POST /shares/{share_id}/decline": Need("consent", NOBODYS),
        "GET /drafts/{draft_id}": Need("draft", CHANGE, WRITES),
        "PATCH /drafts/{draft_id}": Need("draft", CHANGE, WRITES),
        "DELETE /drafts/{draft_id}": Need("draft", CHANGE, WRITES),
        "POST /drafts/{draft_id}/present": Need("draft", CHANGE, WRITES),
        "POST /drafts/{draft_id}/confirm": Need("draft", CHANGE, WRITES),
        "POST /requests/{request_id}/draft": Need("request", ANSWER),
        "POST /requests/{request_id}/decline": Need("request", ANSWER),
        "POST /requests/{request_id}/withdraw": Need("request", WITHDRAW),
        "POST /representatives/{representative_id}/accept": Need("representative", ACCEPT),
        "POST /representatives/{representative_id}/decline": Need("representative", ACCEPT),
        "POST /representatives/{representative_id}/end": Need("representative", END),
        "POST /representatives/{representative_id}/dispute": Need("representative", DISAGREE),
        "GET /representatives/{representative_id}/evidence": Need("representative", VERIFY),
        "POST /representatives/{representative_id}/confirm": Need("representative", VERIFY),
        # Its partner's system alone, by the word of its connection.
        "PUT /handovers/{transfer_id}": Need("transfer", NOBODYS),
        "POST /handovers/{transfer_id}/agree": Need("transfer", NOBODYS),
        "GET /handovers/{transfer_id}/hashes": Need("transfer", NOBODYS),
        "POST /handovers/{transfer_id}/withdraw": Need("transfer", NOBODYS),
        "GET /handovers/{transfer_id}/custody": Need("transfer", NOBODYS),
        "POST /representatives/{representative_id}/refuse": Need("representative", VERIFY),
        "POST /representatives/{representative_id}/settle": Need("representative", SETTLE),
        "POST /representatives/{representative_id}/block": Need("representative", BLOCK),
        "GET /groups/{group_id}": Need("group", KEEP, READS),
        "POST /groups/{group_id}/members": Need("group", KEEP),
        "DELETE /groups/{group_id}/members/{account_id}": Need("group", KEEP),
    }
    | SENDING_API
    | COPIES_API
    | HOUSES_API
    | POWERS_API
)
FHIR: Final = {
    "GET fhir-imaging-study": Need("exam", LOOK, LOOKS),
    "GET fhir-consent": Need("consent", PAPER, READS),
}
_ALL: Final = frozenset({LOOKS, READS, WRITES, DELETES})
PROGRAMS: Final = {
    "owner's program": _ALL,
    "owner's program for reading": frozenset({READS}),
    "owner's program for pictures": frozenset({LOOKS, DELETES}),
}


# Whoever has the second is told why the first is not done, and it is not done.
REASONS: Final = (
    {
        SHARE: TRY,
        PASS_ON: TRY,
        SHOWN: ENDED,
        OPENED: ENDED,
        INVITE: PAST,
        LET_IN: TOO_LATE,
        CHANGE: SIGNED,
        ONWARD: SIGNED,
        SETTLE: VERIFY,
    }
    | SENDING_REASONS
    | HOUSES_REASONS
    | POWERS_REASONS
)


class Due(StrEnum):
    """How an address has to answer an actor."""

    GIVEN = "it is done, or says what is missing in the request"
    REASON = "it is not done, and the reason is said"
    NOTHING = "exactly as if there were no such thing"


def due(need: Need, state: str, actor: str, *, is_page: bool) -> Due:
    """Say what the tables let an actor do."""
    who = actor
    if actor in PROGRAMS:
        if is_page or need.program not in PROGRAMS[actor]:
            return Due.NOTHING
        who = "owner"
    rights = KINDS[need.kind][state].get(who, set())
    if need.kind == "exam" and state not in NOT_THE_OWNERS:
        rights = rights | HELPERS.get(who, set())
    if need.right in rights:
        return Due.GIVEN
    return Due.REASON if REASONS.get(need.right) in rights else Due.NOTHING
