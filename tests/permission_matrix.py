"""Who may use which address? Written by hand, apart from the code it judges.

Every page (by the name of its route) and every service (by method and path) has
an entry here; one without fails `test_no_way_around.py`. A new address is a
decision, so it is written down before it is served.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class May(StrEnum):
    """Whom an address answers with something."""

    ANYONE = "anyone; the answer is the same for all and about nobody"
    MEMBER = "whoever is signed in with both factors, about themselves"
    ACCOUNT = "whoever is signed in, to look after their own account"
    OWNER = "the exam's owner"
    VIEWER = "whoever the rules let look at the exam"
    AUTHOR = "who began this draft or gave this consent"
    ASKED = "the person this request asks"
    SENDER = "who began this delivery"
    MANAGER = "who manages this group"
    RECEIVER = "the person or the desk that this link asks for"
    OUTSIDER = "a browser that showed this link's secret, and who it is"
    ENTRANT = "a browser that showed this share's secret"
    GUEST = "the person this share names, after the proof"
    OFFICER = "a privacy officer"
    INVITED = "whoever proved the address that somebody invited to help"
    ACTING = "who acts for somebody, and the person acted for"
    DESK = "the imaging desk that keeps the exam; of a paper, its patient too"
    VERIFIER = "a privacy officer or the imaging desk of the institution that was asked"
    BUILDER = "nobody, but in a demo"


PAGES: Final = {
    "home": May.ANYONE,
    "healthz": May.ANYONE,
    "readyz": May.ANYONE,
    "statement": May.ANYONE,
    "statement-version": May.ANYONE,
    "register": May.ANYONE,
    "verify": May.ANYONE,
    "verify-again": May.ANYONE,
    "sign-in": May.ANYONE,
    "sign-in-factor": May.ANYONE,
    "passkey-question": May.ANYONE,
    "passkey-answer": May.ANYONE,
    "sign-out": May.ANYONE,
    "reset": May.ANYONE,
    "reset-code": May.ANYONE,
    "share-open": May.ANYONE,
    "sender-open": May.ANYONE,
    "openapi": May.ANYONE,
    "receipt-key": May.ANYONE,
    "receipt-verifier": May.ANYONE,
    "accept-statement": May.ACCOUNT,
    "security": May.ACCOUNT,
    "change-password": May.ACCOUNT,
    "end-sessions": May.ACCOUNT,
    "end-session": May.ACCOUNT,
    "add-factor": May.ACCOUNT,
    "add-app": May.ACCOUNT,
    "add-passkey": May.ACCOUNT,
    "add-security-key": May.ACCOUNT,
    "remove-factor": May.ACCOUNT,
    "recovery-codes": May.ACCOUNT,
    "create-token": May.ACCOUNT,
    "revoke-token": May.ACCOUNT,
    "exams": May.MEMBER,
    "access": May.MEMBER,
    "access-export": May.MEMBER,
    "activity": May.MEMBER,
    "activity-export": May.MEMBER,
    "groups": May.MEMBER,
    "opening-notices": May.MEMBER,
    "group": May.MANAGER,
    "group-dismiss": May.MANAGER,
    "upload": May.MEMBER,
    "upload-links": May.MEMBER,
    "upload-link-new": May.MEMBER,
    "upload-link": May.RECEIVER,
    "upload-link-withdraw": May.RECEIVER,
    "parcel": May.RECEIVER,
    "parcel-refuse": May.RECEIVER,
    "sender-who": May.OUTSIDER,
    "sender-code": May.OUTSIDER,
    "sender-send": May.OUTSIDER,
    "sender-receipt": May.OUTSIDER,
    "sender-receipt-file": May.OUTSIDER,
    "inbox": May.MEMBER,
    "exam": May.VIEWER,
    "viewer": May.VIEWER,
    "exam-download": May.VIEWER,
    "exam-activity": May.OWNER,
    "exam-remove": May.OWNER,
    "exam-bring-back": May.OWNER,
    "share-start": May.OWNER,
    "exam-sensitive": May.OWNER,
    "share-what": May.AUTHOR,
    "share-pictures": May.AUTHOR,
    "share-exams": May.AUTHOR,
    "share-who": May.AUTHOR,
    "share-why": May.AUTHOR,
    "share-earlier": May.AUTHOR,
    "share-sign": May.AUTHOR,
    "share-check": May.AUTHOR,
    "share-decline": May.AUTHOR,
    "share-done": May.AUTHOR,
    "pass-on-start": May.VIEWER,
    "pass-on": May.AUTHOR,
    "ask-patient": May.VIEWER,
    "request": May.ASKED,
    "request-begin": May.ASKED,
    "request-decline": May.ASKED,
    "request-withdraw": May.AUTHOR,
    "take-back": May.AUTHOR,
    "share-extend": May.AUTHOR,
    "share-pause": May.AUTHOR,
    "share-go-on": May.AUTHOR,
    "share-invite": May.AUTHOR,
    "consent-receipt": May.AUTHOR,
    "consent-fhir": May.AUTHOR,
    "let-in": May.AUTHOR,
    "upload-receipt": May.SENDER,
    "share-prove": May.ENTRANT,
    "share-code": May.ENTRANT,
    "share-not-for-me": May.ENTRANT,
    "share-turn-down": May.ENTRANT,
    "shared-exams": May.GUEST,
    "shared-viewer": May.GUEST,
    "shared-receipt": May.GUEST,
    "shared-download": May.GUEST,
    "acting": May.MEMBER,
    "acting-help": May.MEMBER,
    "acting-ask": May.MEMBER,
    "acting-keep": May.OWNER,
    "acting-accept": May.INVITED,
    "acting-decline": May.INVITED,
    "acting-end": May.ACTING,
    "acting-disagree": May.ACTING,
    "acting-activity": May.ACTING,
    "care-reason": May.VIEWER,
    "records": May.MEMBER,
    "record-disown": May.OWNER,
    "desk-care": May.VERIFIER,
    "desk-care-end": May.VERIFIER,
    "desk-claims": May.VERIFIER,
    "desk-claim": May.VERIFIER,
    "desk-claim-end": May.VERIFIER,
    "staff-acting": May.VERIFIER,
    "staff-acting-one": May.VERIFIER,
    "staff-acting-decide": May.VERIFIER,
    "staff-acting-paper": May.VERIFIER,
    "trail": May.OFFICER,
    "papers": May.MEMBER,
    "paper": May.DESK,
    "paper-scan": May.DESK,
    "paper-record": May.DESK,
    "trail-find": May.OFFICER,
    "trail-verify": May.OFFICER,
    "trail-export": May.OFFICER,
    "pieces": May.BUILDER,
    "scene": May.BUILDER,
    "internal-picture": May.BUILDER,
}

_READING: Final = (
    "/wado",
    "/studies",
    "/series",
    "/instances",
    "/studies/{study}",
    "/studies/{study}/metadata",
    "/studies/{study}/rendered",
    "/studies/{study}/thumbnail",
    "/studies/{study}/series",
    "/studies/{study}/instances",
    "/studies/{study}/series/{series}",
    "/studies/{study}/series/{series}/metadata",
    "/studies/{study}/series/{series}/rendered",
    "/studies/{study}/series/{series}/thumbnail",
    "/studies/{study}/series/{series}/instances",
    "/studies/{study}/series/{series}/instances/{instance}",
    "/studies/{study}/series/{series}/instances/{instance}/metadata",
    "/studies/{study}/series/{series}/instances/{instance}/rendered",
    "/studies/{study}/series/{series}/instances/{instance}/thumbnail",
    "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}",
    "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered",
    "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail",
    "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{path:path}",
)
SERVICES: Final = (
    {f"{method} /dicomweb{path}": May.VIEWER for path in _READING for method in ("GET", "HEAD")}
    | {
        f"{method} /dicomweb/shares/{{share_id}}{path}": May.GUEST
        for path in _READING
        for method in ("GET", "HEAD")
    }
    | {
        "OPTIONS /dicomweb/": May.ANYONE,
        "POST /dicomweb/studies": May.MEMBER,
        "DELETE /dicomweb/studies/{study}": May.OWNER,
        "DELETE /dicomweb/studies/{study}/series/{series}": May.OWNER,
        "DELETE /dicomweb/studies/{study}/series/{series}/instances/{instance}": May.OWNER,
        "POST /dicomweb/studies/{study}": May.MEMBER,
        "PUT /dicomweb/studies/{study}": May.MEMBER,
        "OPTIONS /uploads": May.ANYONE,
        "POST /uploads": May.SENDER,
        "POST /uploads/batches": May.MEMBER,
        "GET /uploads/batches/unfinished": May.MEMBER,
        "HEAD /uploads/batches/unfinished": May.MEMBER,
        "POST /uploads/known": May.MEMBER,
        "POST /uploads/batches/{batch}/finish": May.SENDER,
        "GET /uploads/{upload}/verdicts": May.SENDER,
        "HEAD /uploads/{upload}/verdicts": May.SENDER,
        "HEAD /uploads/{upload}": May.SENDER,
        "PATCH /uploads/{upload}": May.SENDER,
        "DELETE /uploads/{upload}": May.SENDER,
        "POST /uploads/by-link/{link_id}/batches": May.OUTSIDER,
        "GET /uploads/by-link/{link_id}/batches/unfinished": May.OUTSIDER,
        "HEAD /uploads/by-link/{link_id}/batches/unfinished": May.OUTSIDER,
        "POST /uploads/by-link/{link_id}/batches/{parcel_id}/finish": May.OUTSIDER,
        "POST /uploads/by-link/{link_id}": May.OUTSIDER,
        "GET /uploads/by-link/{link_id}/{upload}/verdicts": May.OUTSIDER,
        "HEAD /uploads/by-link/{link_id}/{upload}/verdicts": May.OUTSIDER,
        "HEAD /uploads/by-link/{link_id}/{upload}": May.OUTSIDER,
        "PATCH /uploads/by-link/{link_id}/{upload}": May.OUTSIDER,
        "DELETE /uploads/by-link/{link_id}/{upload}": May.OUTSIDER,
    }
)

API: Final = {
    "GET /exams": May.MEMBER,
    "GET /exams/{exam_id}": May.VIEWER,
    "GET /exams/{exam_id}/access": May.OWNER,
    "GET /exams/{exam_id}/activity": May.OWNER,
    "GET /exams/{exam_id}/sensitive": May.OWNER,
    "PUT /exams/{exam_id}/sensitive": May.OWNER,
    "GET /activity": May.MEMBER,
    "GET /consents": May.MEMBER,
    "GET /consents/received": May.MEMBER,
    "GET /consents/{consent_id}": May.AUTHOR,
    "POST /consents/{consent_id}/withdraw": May.AUTHOR,
    "POST /consents/{consent_id}/extend": May.AUTHOR,
    "POST /consents/{consent_id}/pause": May.AUTHOR,
    "POST /consents/{consent_id}/resume": May.AUTHOR,
    "POST /shares/{share_id}/let-in": May.AUTHOR,
    "POST /drafts": May.OWNER,
    "GET /drafts/{draft_id}": May.AUTHOR,
    "PATCH /drafts/{draft_id}": May.AUTHOR,
    "DELETE /drafts/{draft_id}": May.AUTHOR,
    "POST /drafts/{draft_id}/present": May.AUTHOR,
    "POST /drafts/{draft_id}/confirm": May.AUTHOR,
    "GET /exams/{exam_id}/pass-on": May.MEMBER,
    "POST /exams/{exam_id}/pass-on": May.VIEWER,
    "POST /exams/{exam_id}/requests": May.VIEWER,
    "GET /requests": May.MEMBER,
    "POST /requests/{request_id}/draft": May.AUTHOR,
    "POST /requests/{request_id}/decline": May.AUTHOR,
    "POST /requests/{request_id}/withdraw": May.AUTHOR,
    "POST /shares/{share_id}/accept": May.AUTHOR,
    "POST /shares/{share_id}/decline": May.AUTHOR,
    "POST /representatives/helpers/present": May.MEMBER,
    "POST /representatives/helpers": May.MEMBER,
    "POST /representatives/claims": May.MEMBER,
    "POST /representatives/{representative_id}/accept": May.INVITED,
    "POST /representatives/{representative_id}/decline": May.INVITED,
    "POST /representatives/{representative_id}/end": May.ACTING,
    "POST /representatives/{representative_id}/dispute": May.ACTING,
    "POST /representatives/{representative_id}/settle": May.ACTING,
    "GET /representatives/to-verify": May.VERIFIER,
    "GET /representatives/{representative_id}/evidence": May.VERIFIER,
    "POST /representatives/{representative_id}/confirm": May.VERIFIER,
    "POST /representatives/{representative_id}/refuse": May.VERIFIER,
    "POST /representatives/{representative_id}/block": May.VERIFIER,
    "GET /representatives": May.MEMBER,
    "GET /accounting": May.MEMBER,
    "GET /consents/{consent_id}/receipt": May.AUTHOR,
    "GET /consents/{consent_id}/fhir": May.AUTHOR,
    "GET /fhir/consents": May.MEMBER,
    "GET /groups": May.MEMBER,
    "POST /groups": May.MEMBER,
    "GET /groups/{group_id}": May.AUTHOR,
    "POST /groups/{group_id}/members": May.AUTHOR,
    "DELETE /groups/{group_id}/members/{account_id}": May.AUTHOR,
}
"""What the JSON API serves below /api/v1. HEAD is answered like GET, without the body."""

READ_AND_NOTE: Final = {
    "share-check": "the words as they are shown are kept, to be signed as they were",
    "change-password": "a question to be answered with both factors is opened",
    "remove-factor": "the same",
    "recovery-codes": "the same",
    "create-token": "the same",
    "add-app": "the same",
    "add-passkey": "the same",
    "add-security-key": "the same",
    "paper": "the same",
}
"""Pages whose GET writes something of the reader's own, and what."""
