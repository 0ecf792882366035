"""How is it said where a transfer stands, and why it does not go on?"""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from safelight.exchange.access.decision import Reason
from safelight.exchange.access.gates import missing_kind
from safelight.exchange.consent.rules import Refusal
from safelight.exchange.receive.models import Channel
from safelight.exchange.release.transfer.listing import KeptSaid, Standing
from safelight.exchange.release.transfer.models import ItemState, TransferState
from safelight.kernel.errors import ExpectedError
from safelight.platform.peers.causes import Cause
from safelight.surfaces.web.desk.partner_words import AGREEMENTS, CAUSES

STATES: Final[dict[str, tuple[Promise, str]]] = {
    TransferState.QUEUED: (gettext_lazy("Waits for its turn"), "clock"),
    TransferState.SENDING: (gettext_lazy("On its way"), "send"),
    TransferState.HELD: (gettext_lazy("Held back"), "pause"),
    TransferState.PUT_OFF: (gettext_lazy("Is tried again later"), "hourglass"),
    TransferState.SENT: (gettext_lazy("Arrived whole"), "circle-check"),
    TransferState.FAILED: (gettext_lazy("Did not work"), "circle-alert"),
    TransferState.STOPPED: (gettext_lazy("Stopped"), "x"),
    TransferState.WITHDRAWN: (gettext_lazy("Ended with its consent"), "undo-2"),
}
_NOT_KEPT: Final = (gettext_lazy("Not kept there"), "circle-alert")
ITEM_STATES: Final[dict[str, Promise]] = {
    ItemState.WAITING: gettext_lazy("wait"),
    ItemState.LEAVING: gettext_lazy("left, and nobody has said yet that they arrived"),
    ItemState.SENT: gettext_lazy("arrived"),
    ItemState.REFUSED: gettext_lazy("did not arrive"),
}
ATTRIBUTES: Final[dict[str, Promise]] = {
    "patient_id": gettext_lazy("Patient number"),
    "issuer": gettext_lazy("Who gave that number"),
    "accession": gettext_lazy("Accession number"),
}
CHANNELS: Final[dict[str, Promise]] = {
    Channel.DIMSE: gettext_lazy("DICOM"),
    Channel.STOW: gettext_lazy("DICOMweb"),
    Channel.WEB: gettext_lazy("Upload"),
    Channel.IMPORT: gettext_lazy("Import"),
    Channel.REQUEST: gettext_lazy("Link"),
}
_CAUSES: Final[dict[str, Promise]] = {
    Reason.CONNECTION_CLOSED: gettext_lazy("The connection is closed. It goes on once it is open."),
    Reason.RECOVERING: gettext_lazy("This server is being restored. It goes on by itself."),
    Refusal.SUSPENDED: gettext_lazy("The consent is paused. It goes on when it does."),
    Refusal.REVOKED: gettext_lazy("The consent was taken back."),
    Refusal.EXPIRED: gettext_lazy("The consent is over."),
    "no-relation": gettext_lazy("No consent lets them have it any more."),
    "not_found": gettext_lazy("The exam is not here any more."),
    "by-hand": gettext_lazy("Somebody stopped it."),
    "account-inactive": gettext_lazy("Its patient left, and their account is inactive."),
    "damaged": gettext_lazy("It cannot be read here any more."),
    "removed": gettext_lazy("It was removed here, or the consent leaves it out."),
    "cannot-be-coerced": gettext_lazy("Its numbers cannot be changed for the receiver."),
    "form-not-taken": gettext_lazy("The receiver takes it in no form that we can make."),
    "known-already": gettext_lazy("The receiver had it already."),
    "set-aside-there": gettext_lazy("It contradicts what they have there; their desk decides."),
    "ledgers-differ": gettext_lazy(
        "The other side does not count the same objects as we do. Send the exam there anew."
    ),
    "nothing_to_send": gettext_lazy("All of it has arrived there before."),
    "transfer_under_way": gettext_lazy("It is on its way there already."),
    "status-0122": gettext_lazy("The receiver does not take this kind of object (0122)."),
}


def cause_in_words(code: str) -> str:
    """Say a cause; a code that has no words of its own is told as it is."""
    if not code:
        return ""
    if kind := missing_kind(code):
        return _(
            "No agreement of this kind is in force with them: %(kind)s. Nothing leaves before "
            "there is one; then it goes on by itself."
        ) % {"kind": AGREEMENTS[kind]}
    if code in _CAUSES:
        return str(_CAUSES[code])
    if code in set(Cause):
        return str(CAUSES[Cause(code)][0])
    if code.startswith("http-"):
        return _("The receiver's web server answered %(code)s.") % {"code": code[5:]}
    if code.startswith("status-"):
        return _("The receiver answered with the status %(code)s.") % {"code": code[7:]}
    return code


def refused_in_words(refused: ExpectedError) -> str:
    """Say why an order was refused."""
    said = cause_in_words(refused.code)
    return said if said != refused.code else str(refused)


def line_of(standing: Standing) -> dict[str, Any]:
    """Return what the pages show of one transfer."""
    words, icon = STATES[standing.state]
    is_not_kept = standing.kept_there is KeptSaid.NOT_ALL
    if is_not_kept:
        words, icon = _NOT_KEPT
    return {
        "standing": standing,
        "state": words,
        "icon": icon,
        "why": _what_they_keep(standing) or cause_in_words(standing.cause),
        "why_icon": "circle-check" if standing.kept_there is KeptSaid.ALL else "triangle-alert",
        "is_live": standing.may_stop,
        "is_bad": standing.state == TransferState.FAILED or is_not_kept,
    }


def _what_they_keep(standing: Standing) -> str:
    """Say what the receiver says of what it was sent."""
    if standing.kept_there is KeptSaid.ALL:
        return _("The receiver says that it keeps them all.")
    if standing.kept_there is KeptSaid.ASKED and standing.state == TransferState.SENT:
        return _("The receiver was asked whether it keeps them, and has not said so yet.")
    if standing.kept_there is KeptSaid.NOT_ALL:
        return ngettext(
            "The receiver says that it does not keep one of them. Ask them, and send it anew.",
            "The receiver says that it does not keep %(count)s of them. "
            "Ask them, and send the exam anew.",
            standing.not_kept,
        ) % {"count": standing.not_kept}
    return ""
