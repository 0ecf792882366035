"""What does each rule of the watch mean, in words, and what is looked at first?

The runbook of each rule stands in docs/how-to/runbooks.md under its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from safelight.governance.watch.measures import Act
from safelight.governance.watch.models import IncidentState, Outcome, Verdict
from safelight.governance.watch.thresholds import Code, Severity

RUNBOOKS: Final = "docs/how-to/runbooks.md"


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule's title, what it saw, and what to look at first."""

    title: Promise
    meaning: Promise
    first: Promise


RULES: Final = {
    Code.SPRAYING: RuleWords(
        _("Many accounts tried from one network"),
        _("One network tried twenty accounts or more within ten minutes. It is held for an hour."),
        _("Did one of the sign-ins work? Look for it in the record after the failures."),
    ),
    Code.GUESSING: RuleWords(
        _("Somebody guesses at an account"),
        _("Eight wrong passwords or codes, or one that worked after five wrong ones."),
        _("Was it the owner? They were told, and sign in once more either way."),
    ),
    Code.NEW_DEVICE: RuleWords(
        _("Something important from a new browser"),
        _("A browser never seen with this account did something lasting within ten minutes."),
        _("Ask the owner, by a way other than their mailbox, whether it was them."),
    ),
    Code.MASS_ACCESS: RuleWords(
        _("Far more than usual was opened or taken along"),
        _("More patients or copies within an hour than this actor ever needs."),
        _("Is there a reason in their work? If not, treat it as taken out of the house."),
    ),
    Code.BREAK_GLASS: RuleWords(
        _("Emergency access was used"),
        _("Somebody opened an exam in an emergency; more than three times a week is held."),
        _("Review each with its reason. The owner was told."),
    ),
    Code.PROBING: RuleWords(
        _("Ids and addresses are being tried"),
        _("Ten different things that are not there, or not theirs, within five minutes."),
        _("Did anything answer? Look at what the same actor was given in that hour."),
    ),
    Code.LINKS: RuleWords(
        _("Somebody tries links"),
        _("Wrong secrets for one link, many links that do not exist, or one from many places."),
        _("Was the link opened with the right secret from somewhere new?"),
    ),
    Code.PEERS: RuleWords(
        _("A machine asks that we do not know"),
        _("Unknown callers, or one that asks for everything there is."),
        _("Whose machine is it? Ask the department before you let it in."),
    ),
    Code.HOSTILE: RuleWords(
        _("A file was built to do harm"),
        _("A bomb, a forged size, a trick with paths, or files that made the reader crash."),
        _("Nothing of it was kept. Find out who sent it, and from which disc or system."),
    ),
    Code.TRAIL: RuleWords(
        _("The record of what happened is in doubt"),
        _("It does not verify, is shorter than a witness saw, is not signed, or a clock jumped."),
        _("Keep a copy of the data as it is before anything else. Only then look."),
    ),
    Code.POWER: RuleWords(
        _("Somebody's powers or a safeguard changed"),
        _("A role, a key, a setting that guards others; two within an hour by one are held."),
        _("Was it asked for? Ask whoever did it, and one other who should know."),
    ),
    Code.DESTRUCTION: RuleWords(
        _("Much is being removed or sent out"),
        _("Removals at a script's pace, backups that fail, or far more bytes than in a week."),
        _("Removals are frozen; what was removed can be brought back for seven days."),
    ),
    Code.CANARY: RuleWords(
        _("A marked record was opened"),
        _("Nobody has a reason to touch it: it belongs to no one. An incident is open."),
        _("Whoever it was has been elsewhere too. Read all they did, from the first day."),
    ),
    Code.CONFLICTS: RuleWords(
        _("Uploads contradict what is kept"),
        _("Three objects or more in a day: a known name with other bytes, or another person."),
        _("Nothing was overwritten; they wait. Is it a mend, a mix-up, or a try to replace?"),
    ),
    Code.DATABASE: RuleWords(
        _("Somebody is in the database beside the program"),
        _("A connection that is not ours. What is read there leaves no other trace."),
        _("Who has that account or that shell? Ask before the connection is gone."),
    ),
}
SEVERITIES: Final = {
    Severity.HIGH: (_("High"), "bad", "octagon-alert"),
    Severity.MEDIUM: (_("Look"), "look", "triangle-alert"),
    Severity.LOW: (_("Note"), "look", "info"),
}
VERDICTS: Final = {
    Verdict.HARMLESS: _("Nothing: it was right that they did it"),
    Verdict.MISTAKE: _("A mistake, and nobody was harmed"),
    Verdict.FAULT: _("A fault of ours, or of a rule"),
    Verdict.MISUSE: _("Misuse"),
}
ACTS: Final = {
    Act.THROTTLE: (_("Hold the network for an hour"), _("Network held")),
    Act.STEP_UP: (_("Ask to sign in once more"), _("Asked to sign in once more")),
    Act.SUSPEND_SESSION: (_("End the session"), _("Session ended")),
    Act.DROP_TOKEN: (_("Drop the token"), _("Token dropped")),
    Act.SUSPEND_ACCOUNT: (_("Suspend the account"), _("Account suspended")),
    Act.SUSPEND_LINK: (_("Hold the link"), _("Link held")),
    Act.FREEZE_DELETES: (_("Freeze removals"), _("Removals frozen")),
    Act.QUARANTINE: (_("Take no more uploads"), _("No uploads taken")),
    Act.READ_ONLY: (_("Let everything be read only"), _("Everything is read only")),
}
STATES: Final = {
    IncidentState.SUSPECTED: _("Suspected"),
    IncidentState.TRIAGED: _("Looked at"),
    IncidentState.CONTAINED: _("Contained"),
    IncidentState.CLOSED: _("Closed"),
}


MOVES: Final = {
    IncidentState.SUSPECTED: _("Open it again"),
    IncidentState.TRIAGED: _("It is looked at"),
    IncidentState.CONTAINED: _("It is contained"),
}
OUTCOMES: Final[dict[str, Promise]] = {
    Outcome.BREACH: _("A breach: those it touches must be told"),
    Outcome.NO_BREACH: _("No breach: the risk was assessed and is low"),
    Outcome.HARMLESS: _("Nothing: it was right, or a mistake that touched nobody"),
    Outcome.FAULT: _("A fault of ours, or of a rule"),
}
SOURCES: Final[dict[str, Promise]] = {
    "detection": _("A rule found it"),
    "compromise": _("A person said: this was not me"),
}


def runbook_of(code: Code) -> str:
    """Return where the runbook of a rule stands."""
    return f"{RUNBOOKS}#{code.value.lower()}"
