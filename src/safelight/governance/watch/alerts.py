"""What becomes of a finding: one alert, told to those who must know, and how is it closed?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import require_staff
from safelight.governance.watch.answers import answer
from safelight.governance.watch.errors import AlertClosedError, WordsMissingError
from safelight.governance.watch.events import WatchEvent
from safelight.governance.watch.models import Alert, AlertEntry, AlertState, Verdict
from safelight.governance.watch.rules import Finding
from safelight.governance.watch.thresholds import Severity
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts.models import StaffRole
from safelight.records.accounts.queries import account_with, address_of
from safelight.records.accounts.staff import staff_with

WATCHERS: Final = (
    StaffRole.SECURITY_OFFICER,
    StaffRole.PRIVACY_OFFICIAL,
    StaffRole.SYSTEM_ADMIN,
)
_TOLD: Final = (StaffRole.SECURITY_OFFICER, StaffRole.PRIVACY_OFFICIAL)
_MAILS_AN_HOUR: Final = 30  # alerts; a flood of them is read on the page
_ENTRIES_KEPT: Final = 50


def raise_alert(finding: Finding, *, at: datetime) -> Alert | None:
    """Write an alert, tell who must know, and do what the rule says; or count more of one.

    What somebody has closed already, and no more, raises none.
    """
    with transaction.atomic():
        if _was_closed(finding):
            return None
        alert, is_new = Alert.objects.select_for_update().get_or_create(
            rule=finding.rule,
            form=finding.form,
            subject=finding.key,
            state__in=(AlertState.OPEN, AlertState.ACKNOWLEDGED),
            defaults={
                "state": AlertState.OPEN,
                "severity": finding.severity,
                "count": finding.count,
                "first_seen_at": finding.first_at,
                "last_seen_at": finding.last_at,
                "raised_at": at,
                "words": "",
            },
        )
        _rest_on(alert, finding)
        if not is_new:
            alert.count = max(alert.count, finding.count)
            alert.last_seen_at = max(alert.last_seen_at, finding.last_at)
            alert.save(update_fields=["count", "last_seen_at"])
        else:
            record(
                WatchEvent.ALERT_RAISED,
                actor="system",
                subject=f"alert/{alert.pk}",
                reason=f"{finding.rule.value}:{finding.form}",
                count=finding.count,
                at=at,
            )
            _tell_watchers(alert, at=at)
        answer(alert, at=at, is_new=is_new)
    return alert


def acknowledge(party: Party, alert_id: UUID, *, at: datetime) -> None:
    """Take an alert on, so that others see that somebody has.

    Raises:
        NotFoundError: no such alert, or not for this party.
        AlertClosedError: it is closed.
    """
    require_staff(party, *WATCHERS)
    with transaction.atomic():
        alert = _open(alert_id)
        if alert.state == AlertState.ACKNOWLEDGED:
            return
        alert.state = AlertState.ACKNOWLEDGED
        alert.acknowledged_by, alert.acknowledged_at = party.account, at
        alert.save(update_fields=["state", "acknowledged_by", "acknowledged_at"])
        _note(WatchEvent.ALERT_ACKNOWLEDGED, party, alert, at=at)


def close(party: Party, alert_id: UUID, verdict: Verdict, words: str, *, at: datetime) -> None:
    """Say what it was, and be done with it. Measures stay until they are lifted.

    Raises:
        NotFoundError: no such alert, or not for this party.
        AlertClosedError: it is closed already.
        WordsMissingError: nothing is said.
    """
    require_staff(party, *WATCHERS)
    if not words.strip():
        raise WordsMissingError
    with transaction.atomic():
        alert = _open(alert_id)
        alert.state, alert.verdict, alert.words = AlertState.CLOSED, verdict, words.strip()
        alert.closed_by, alert.closed_at = party.account, at
        alert.save(update_fields=["state", "verdict", "words", "closed_by", "closed_at"])
        _note(WatchEvent.ALERT_CLOSED, party, alert, at=at, reason=verdict.value)


def waiting() -> list[Alert]:
    """Return the alerts that are not closed, the oldest first, for an operator's own shell."""
    return list(Alert.objects.exclude(state=AlertState.CLOSED).order_by("raised_at", "pk"))


def page_of(alert: Alert) -> str:
    """Return the address of an alert's page."""
    try:
        where = reverse("operator-alert", args=[to_text(alert.pk)])
    except NoReverseMatch:
        where = "/"
    return f"{settings.SAFELIGHT_PUBLIC_URL}{where}"


def _was_closed(finding: Finding) -> bool:
    """Say whether this is what was closed: its window began before, and nothing is added."""
    return Alert.objects.filter(
        rule=finding.rule,
        form=finding.form,
        subject=finding.key,
        state=AlertState.CLOSED,
        closed_at__gte=finding.first_at,
        count__gte=finding.count,
    ).exists()


def _open(alert_id: UUID) -> Alert:
    alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
    if alert is None:
        raise NotFoundError
    if alert.state == AlertState.CLOSED:
        raise AlertClosedError
    return alert


def _rest_on(alert: Alert, finding: Finding) -> None:
    room = _ENTRIES_KEPT - alert.entries.count()
    rows = [AlertEntry(alert=alert, seq=seq) for seq in finding.seqs[-_ENTRIES_KEPT:]]
    if room > 0:
        AlertEntry.objects.bulk_create(rows[:room], ignore_conflicts=True)


def _tell_watchers(alert: Alert, *, at: datetime) -> None:
    if alert.severity == Severity.LOW:
        return
    raised = Alert.objects.filter(raised_at__gt=at - timedelta(hours=1))
    if raised.count() > _MAILS_AN_HOUR:
        return
    for account_id in {each.account_id for each in staff_with(*_TOLD)}:
        send(
            "alert",
            to=address_of(account_with(account_id)),
            context={"code": alert.rule, "page": page_of(alert), "when": at.isoformat()},
            about=f"alert/{alert.pk}",
            at=at,
        )


def _note(event: WatchEvent, party: Party, alert: Alert, *, at: datetime, reason: str = "") -> None:
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"alert/{alert.pk}",
        reason=reason,
        at=at,
    )
