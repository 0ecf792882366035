"""What may each actor do with a link by which others send images, and with what came by it?

Written by hand, apart from the code. A link is its maker's alone, or of everybody at a desk
and of nobody else in the house. Who showed its secret is an entrant; who then said who they
are is its sender, and of a parcel whoever sent it. Nobody outside learns what was decided.
"""

from __future__ import annotations

from typing import Final

from matrix.need import NOBODYS, Need, of

READ_LINK, CLOSE = "read a link", "close a link"
SAY_WHO, CODE, SEND = "say who sends", "have a code sent", "send"
READ_PARCEL, DECIDE, RECEIVED = "read of a parcel", "decide about a parcel", "what arrived"

_MADE: Final = {READ_LINK, CLOSE}
_AT_A_DESK: Final = {"desk": _MADE, "second desk": _MADE}
_CAME: Final = {"entrant": {SAY_WHO}, "sender": {SAY_WHO, SEND}}

LINKS: Final[dict[str, dict[str, set[str]]]] = {
    "open": {"owner": _MADE} | _CAME,
    "asks for a code": {"owner": _MADE, "entrant": {SAY_WHO, CODE}},
    "of a desk": _AT_A_DESK | _CAME,
    # Who has used its last parcel completes that and reads its receipt.
    "used up": {"owner": _MADE, "sender": {SAY_WHO, SEND}},
    "closed": {"owner": _MADE},
    "over": {"owner": _MADE},
    "locked": {"owner": _MADE},
}

_DECIDES: Final = {READ_PARCEL, DECIDE}
_DECIDED: Final[dict[str, set[str]]] = {"owner": {READ_PARCEL}, "sender": {RECEIVED}}

PARCELS: Final[dict[str, dict[str, set[str]]]] = {
    "coming": {"sender": {RECEIVED}},
    "waiting": {"owner": _DECIDES, "sender": {RECEIVED}},
    "waiting at a desk": {"desk": _DECIDES, "second desk": _DECIDES, "sender": {RECEIVED}},
    "waiting, its link closed": {"owner": _DECIDES},
    "taken": _DECIDED,
    "filed": _DECIDED,
    "sent away": _DECIDED,
    "waited for too long": _DECIDED,
}

# Whoever has the second is told why the first is not done, and it is not done.
SENDING_REASONS: Final = {DECIDE: READ_PARCEL}

SENDING_PAGES: Final = of(
    "link",
    GET_upload_link=READ_LINK,
    POST_upload_link_withdraw=CLOSE,
    GET_sender_open=NOBODYS,
    POST_sender_open=NOBODYS,
    GET_sender_who=SAY_WHO,
    POST_sender_who=SAY_WHO,
    POST_sender_code=CODE,
    GET_sender_send=SEND,
) | of(
    "parcel",
    GET_parcel=READ_PARCEL,
    POST_parcel=DECIDE,
    POST_parcel_refuse=DECIDE,
    GET_sender_receipt=RECEIVED,
    GET_sender_receipt_file=RECEIVED,
)

# In person: no program reads by whom something is expected, or decides what comes in.
SENDING_API: Final = {
    "GET /upload-links/{link_id}": Need("link", READ_LINK),
    "POST /upload-links/{link_id}/withdraw": Need("link", CLOSE),
    "GET /parcels/{parcel_id}": Need("parcel", READ_PARCEL),
    "POST /parcels/{parcel_id}/accept": Need("parcel", DECIDE),
    "POST /parcels/{parcel_id}/refuse": Need("parcel", DECIDE),
}
