"""How does a page say why something waits, by which door it came, and why it was rejected?"""

from __future__ import annotations

from django.utils.translation import gettext as _

from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.waiting import Rejection


def reason_words(reason: str) -> str:
    """Say why it waits."""
    return {
        "other-bytes-under-a-known-uid": _("Other bytes under a name that is known"),
        "other-patient-in-the-study": _("Another person in the same exam"),
        "other-person-in-the-record": _("A new exam, under the number of another person"),
    }.get(reason, reason)


def channel_words(channel: Channel | None) -> str:
    """Say by which door it came."""
    if channel is None:
        return ""
    return {
        Channel.WEB: _("Upload page"),
        Channel.STOW: _("STOW-RS"),
        Channel.IMPORT: _("Import at the server"),
        Channel.REQUEST: _("Link of an upload request"),
        Channel.DIMSE: _("C-STORE"),
    }[channel]


def rejections() -> dict[str, str]:
    """Say for each reason of the list what it means."""
    return {
        Rejection.WRONG_PATIENT.value: _("It belongs to another patient"),
        Rejection.DAMAGED.value: _("It is damaged or incomplete"),
        Rejection.SENT_IN_ERROR.value: _("It was sent in error"),
        Rejection.OLDER_VERSION.value: _("What is kept is the right version"),
    }


def decision_words(decided: str) -> str:
    """Say what the desk decided."""
    filed = {
        "filed": _("Filed into a record"),
        "version": _("Another version is shown"),
    }
    return (rejections() | filed).get(decided, "")
