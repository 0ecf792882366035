"""What does each rule do by itself, before anybody has looked?

Only what is short, or what touches the one who misbehaved: an account that strangers
guess at is asked to sign in once more, and is never shut out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.governance.watch.incidents import open_incident
from safelight.governance.watch.measures import Act, fits, take
from safelight.governance.watch.models import Alert
from safelight.governance.watch.thresholds import Code, Severity
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.watching import sessions_in
from safelight.platform.notices.actions import send
from safelight.records.accounts.alarms import not_me_page
from safelight.records.accounts.queries import account_with, address_of

BY: Final = "system"
_ON_SUBJECT: Final = {
    Code.SPRAYING: Act.THROTTLE,
    Code.GUESSING: Act.STEP_UP,
    Code.NEW_DEVICE: Act.STEP_UP,
    Code.MASS_ACCESS: Act.STEP_UP,
    Code.PROBING: Act.THROTTLE,
    Code.PEERS: Act.THROTTLE,
    Code.HOSTILE: Act.QUARANTINE,
    Code.TRAIL: Act.READ_ONLY,
    Code.DESTRUCTION: Act.FREEZE_DELETES,
}
_ON_SESSIONS: Final = frozenset({Code.MASS_ACCESS, Code.PROBING, Code.PEERS, Code.CANARY})
_OWNER_IS_TOLD: Final = {Code.GUESSING: "alert-sign-in", Code.NEW_DEVICE: "alert-device"}
_MAY_BE_A_BREACH: Final = frozenset({Code.MASS_ACCESS, Code.CANARY, Code.DATABASE})
_MOST_SESSIONS: Final = 20
_OFTEN: Final = frozenset({(Code.BREAK_GLASS, "often"), (Code.POWER, "twice")})


def answer(alert: Alert, *, at: datetime, is_new: bool) -> None:
    """Do what the alert's rule does by itself, in the caller's transaction; again is harmless."""
    for act, subject in _measures(alert):
        try:
            take(alert, act, subject, by=BY, at=at)
        except NotFoundError:
            continue  # what it was about is gone
    if not is_new:
        return
    rule = Code(alert.rule)
    template = _OWNER_IS_TOLD.get(rule)
    if template is not None and (account_id := _account(alert.subject)) is not None:
        send(
            template,
            to=address_of(account_with(account_id)),
            context={"when": at.isoformat(), "page": not_me_page(account_id, at=at)},
            about=f"account/{account_id}",
            at=at,
        )
    if rule in _MAY_BE_A_BREACH or (rule is Code.BREAK_GLASS and alert.form == "unjustified"):
        open_incident(
            "detection",
            alert.subject,
            discovered_at=alert.first_seen_at,
            alert=alert,
            at=at,
        )


def _measures(alert: Alert) -> Iterator[tuple[Act, str]]:
    rule, subject = Code(alert.rule), alert.subject
    act = _ON_SUBJECT.get(rule)
    if act is not None and fits(act, subject):
        yield act, subject
    if rule in {Code.LINKS, Code.PROBING, Code.MASS_ACCESS} and subject.startswith("share/"):
        yield Act.SUSPEND_LINK, subject
    if rule is Code.LINKS and fits(Act.THROTTLE, subject):
        yield Act.THROTTLE, subject
    if rule in _ON_SESSIONS:
        seqs = list(alert.entries.values_list("seq", flat=True))
        for session in sessions_in(seqs)[:_MOST_SESSIONS]:
            if fits(Act.SUSPEND_SESSION, session):
                yield Act.SUSPEND_SESSION, session
    if (rule, alert.form) in _OFTEN and alert.severity == Severity.HIGH:
        yield from _against(rule, subject)


def _against(rule: Code, subject: str) -> Iterator[tuple[Act, str]]:
    act = Act.SUSPEND_ACCOUNT if rule is Code.BREAK_GLASS else Act.STEP_UP
    if fits(act, subject):
        yield act, subject


def _account(subject: str) -> UUID | None:
    kind, _, identity = subject.partition("/")
    return UUID(identity) if kind == "account" else None
