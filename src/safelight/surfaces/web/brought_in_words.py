"""How does an exam's page say by whom and through which door it came?"""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from safelight.exchange.receive.models import Channel
from safelight.exchange.release.brought_in import BroughtIn
from safelight.surfaces.web.desk.partner_words import AGREEMENTS

# As the person whose exam it is reads it; a desk reads the names of the doors.
_DOORS: Final[dict[Channel, Promise]] = {
    Channel.WEB: gettext_lazy("on the page for adding images"),
    Channel.STOW: gettext_lazy("from system to system (DICOMweb)"),
    Channel.IMPORT: gettext_lazy("from a folder at the server"),
    Channel.REQUEST: gettext_lazy("by a link to send images"),
    Channel.DIMSE: gettext_lazy("from system to system (DICOM)"),
}
_BASES: Final[dict[str, Promise]] = {
    "brought-by-patient": gettext_lazy("handed over by the patient"),
    "for-treatment": gettext_lazy("sent for the treatment here"),
    "agreed-on-paper": gettext_lazy("agreed to on paper"),
}


def told_of(known: BroughtIn | None) -> str:
    """Say it in one line, "" where it is not told."""
    if known is None:
        return ""
    sender = _("You") if known.is_own else known.sender
    words = [sender, known.partner, str(_DOORS[known.channel])]
    words += [str(AGREEMENTS.get(kind, kind)) for kind in known.agreements]
    words += [str(_BASES[known.basis])] if known.basis in _BASES else []
    return ", ".join(word for word in words if word)
