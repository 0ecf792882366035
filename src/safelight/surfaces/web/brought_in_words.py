"""How does an exam's page say by whom and through which door it came?"""

from __future__ import annotations

from django.utils.translation import gettext as _

from safelight.exchange.release.brought_in import BroughtIn
from safelight.surfaces.web.desk.partner_words import AGREEMENTS
from safelight.surfaces.web.desk.waiting_words import channel_words


def told_of(known: BroughtIn | None) -> str:
    """Say it in one line, "" where it is not told."""
    if known is None:
        return ""
    sender = _("You") if known.is_own else known.sender
    words = [sender, known.partner, channel_words(known.channel)]
    words += [str(AGREEMENTS.get(kind, kind)) for kind in known.agreements]
    return ", ".join(word for word in words if word)
