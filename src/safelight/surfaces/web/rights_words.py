"""What are requests by right called on the pages?"""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from safelight.governance.rights.rules import Channel, Ground, Kind, State

KINDS: Final[dict[str, tuple[Promise, Promise]]] = {
    Kind.ACCESS: (_("See or get what is kept about me"), _("All of it, or what you name")),
    Kind.PORTABILITY: (_("Take it elsewhere"), _("In a form that others can read")),
    Kind.ACCOUNTING: (_("Know who got it"), _("To whom, when and what for")),
    Kind.CORRECTION: (_("Correct something"), _("What was there before is kept beside it")),
    Kind.ERASURE: (_("Erase something"), _("You are told what must be kept, and why")),
    Kind.RESTRICTION: (_("Keep it, and do not use it"), _("While something is unclear")),
    Kind.OBJECTION: (_("Object to a use"), _("Say which use shall stop")),
    Kind.CONFIDENTIAL: (_("Be written to elsewhere"), _("Another address, or another way")),
    Kind.COMPLAINT: (_("Complain"), _("About us, or how a request was answered")),
}
STATES: Final[dict[str, Promise]] = {
    State.RECEIVED: _("It has come"),
    State.IDENTITY_CHECK: _("We make sure who asks"),
    State.IN_PROGRESS: _("We work on it"),
    State.WAITING: _("We wait for who asked"),
    State.FULFILLED: _("Done as asked"),
    State.PARTLY_DENIED: _("Done in part"),
    State.DENIED: _("Denied"),
    State.WITHDRAWN: _("Withdrawn"),
    State.CLOSED: _("Closed"),
}
GROUNDS: Final[dict[str, Promise]] = {
    Ground.NOT_IDENTIFIED: _("Who asks could not be made sure"),
    Ground.NOT_IN_RECORD_SET: _("It is not in the record"),
    Ground.NOT_OURS: _("Somebody else made it, and can be asked"),
    Ground.ACCURATE: _("What stands there is right and complete"),
    Ground.KEPT_BY_LAW: _("The law demands that it is kept"),
    Ground.HELD: _("A hold of the law lies on it"),
    Ground.OTHERS_RIGHTS: _("It would harm the rights of others"),
    Ground.DANGER: _("It would put somebody in danger"),
    Ground.EXCESSIVE: _("It is unfounded, or asked again and again"),
    Ground.OVERRIDING: _("There are grounds that weigh more"),
}
CHANNELS: Final[dict[str, Promise]] = {
    Channel.MAIL: _("By mail"),
    Channel.PHONE: _("By phone"),
}
ACTS: Final[dict[str, Promise]] = {
    State.IDENTITY_CHECK: _("Take it up, and make sure who asks"),
    State.IN_PROGRESS: _("Work on it"),
    State.WAITING: _("Wait for who asked"),
    State.FULFILLED: _("It is done"),
    State.PARTLY_DENIED: _("Done in part, the rest is denied"),
    State.DENIED: _("Deny it"),
    State.CLOSED: _("Close it"),
}
