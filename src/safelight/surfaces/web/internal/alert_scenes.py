"""How do the pages look on which alerts are looked at, acted upon and closed?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from safelight.governance.watch.incidents import TIME_TO_TELL
from safelight.governance.watch.measures import Act
from safelight.governance.watch.models import (
    Alert,
    Incident,
    IncidentState,
    IncidentStep,
    Measure,
    Verdict,
)
from safelight.governance.watch.queries import OneAlert, OneIncident
from safelight.governance.watch.thresholds import SEVERITY, Code
from safelight.platform.audit.watching import Happened
from safelight.records.accounts.models import StaffRole
from safelight.surfaces.web.internal.scene import Scene
from safelight.surfaces.web.operator.alerts import line_of, shown_of
from safelight.surfaces.web.operator.incidents import incident_line_of
from safelight.surfaces.web.operator.incidents import shown_of as incident_shown_of

_STAFF: Final = {"staff_roles": frozenset(StaffRole)}
_HOUR: Final = timedelta(hours=1)
_ACCOUNT: Final = f"account/{UUID(int=0x1C2E7D109B1E5F2F)}"
_NETWORK: Final = "network/5f2f4d0a7c110199f0aa1c2e7d109b1e"


def _alert(code: Code, subject: str, at: datetime, *, count: int, **more: object) -> Alert:
    facts: dict[str, Any] = {
        "id": UUID(int=900 + list(Code).index(code)),
        "rule": code,
        "form": "failed",
        "severity": SEVERITY[code],
        "subject": subject,
        "state": "open",
        "count": count,
        "first_seen_at": at - 2 * _HOUR,
        "last_seen_at": at - _HOUR,
        "raised_at": at - _HOUR,
        "words": "",
    }
    return Alert(**facts | more)


def _incident(alert: Alert, at: datetime) -> Incident:
    return Incident(
        id=UUID(int=950),
        source="detection",
        subject=alert.subject,
        alert=alert,
        state=IncidentState.SUSPECTED,
        discovered_at=at - 2 * _HOUR,
        opened_at=at - _HOUR,
        opened_by="system",
    )


def _alerts(at: datetime) -> dict[str, Any]:
    canary = _alert(Code.CANARY, f"study/{UUID(int=77)}", at, count=1)
    waiting = [
        canary,
        _alert(Code.SPRAYING, _NETWORK, at, count=23),
        _alert(Code.GUESSING, _ACCOUNT, at, count=9, state="acknowledged"),
        _alert(Code.CONFLICTS, _ACCOUNT, at, count=3),
    ]
    closed = _alert(
        Code.NEW_DEVICE, _ACCOUNT, at, count=1, state="closed", verdict=Verdict.HARMLESS
    )
    return _STAFF | {
        "waiting": [line_of(each) for each in waiting],
        "closed": [line_of(closed)],
        "incidents": [incident_line_of(_incident(canary, at))],
        "incidents_closed": [],
    }


def _none(_at: datetime) -> dict[str, Any]:
    return _STAFF | {"waiting": [], "closed": [], "incidents": [], "incidents_closed": []}


def _found(at: datetime) -> OneAlert:
    alert = _alert(Code.MASS_ACCESS, _ACCOUNT, at, count=61)
    incident = _incident(alert, at)
    return OneAlert(
        row=alert,
        entries=[
            Happened(
                seq=1400 - each,
                at=at - _HOUR - timedelta(seconds=40 * each),
                kind="study.looked-at",
                outcome="ok",
                actor=_ACCOUNT,
                subject=f"study/{UUID(int=60 + each)}",
            )
            for each in range(4)
        ],
        measures=[
            Measure(
                id=UUID(int=960),
                alert=alert,
                kind=Act.STEP_UP,
                subject=_ACCOUNT,
                taken_by="system",
                taken_at=at - _HOUR,
                until=at + timedelta(days=6),
                words="",
                lifted_words="",
            ),
            Measure(
                id=UUID(int=961),
                alert=alert,
                kind=Act.SUSPEND_SESSION,
                subject=f"session/{UUID(int=961)}",
                taken_by="system",
                taken_at=at - _HOUR,
                words="",
                lifted_by=_ACCOUNT,
                lifted_at=at - _HOUR / 2,
                lifted_words="A move of the archive that was announced",
            ),
        ],
        incidents=[
            OneIncident(
                row=incident,
                due_at=incident.discovered_at + TIME_TO_TELL,
                steps=[
                    IncidentStep(
                        incident=incident,
                        state=IncidentState.SUSPECTED,
                        by="system",
                        at=at - _HOUR,
                        words="",
                    )
                ],
                next=[IncidentState.TRIAGED, IncidentState.CONTAINED, IncidentState.CLOSED],
            )
        ],
        choices=[(Act.SUSPEND_ACCOUNT, _ACCOUNT), (Act.FREEZE_DELETES, "instance")],
    )


def _one(at: datetime) -> dict[str, Any]:
    return _STAFF | {"room": "operator-alerts"} | shown_of(_found(at))


def _one_wrong(at: datetime) -> dict[str, Any]:
    said = ("close", "Say in a few words why, for whoever reads it in a year.")
    return _STAFF | {"room": "operator-alerts"} | shown_of(_found(at), problem=said)


def _incident_page(at: datetime) -> dict[str, Any]:
    return _STAFF | {"room": "operator-alerts"} | incident_shown_of(_found(at).incidents[0])


ALERTS: Final = {
    "alerts": Scene("operator/alerts.html", _alerts, here="operator-alerts"),
    "alerts-none": Scene("operator/alerts.html", _none, here="operator-alerts"),
    "alert": Scene("operator/alert.html", _one, here="operator-alert"),
    "incident": Scene("operator/incident.html", _incident_page, here="operator-incident"),
    "alert-wrong": Scene("operator/alert.html", _one_wrong, here="operator-alert"),
}
