"""What may each actor do with failed work and alerts, and with mailed links by guessing?

A mailed link is its own proof: whoever has it is let in, and nobody by anything else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from matrix.need import NOBODYS, Need, of
from matrix.objects import Thing
from safelight.governance.deadlines.keeping import start
from safelight.governance.review.models import Item, Watched
from safelight.governance.rights.models import RightsRequest
from safelight.governance.trail.models import SavedSearch
from safelight.governance.watch.models import Alert, Incident, Measure
from safelight.governance.watch.thresholds import Code, Severity
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.jobs.models import Job, State
from safelight.records.accounts.models import Membership, Role

AGAIN: Final = "let failed work begin anew"
DEAD_LETTERS: Final[dict[str, dict[str, set[str]]]] = {"dead": {"asks": {AGAIN}}}
WATCH, HANDLE = "look after alerts", "handle an incident"
ALERTS: Final[dict[str, dict[str, set[str]]]] = {
    "open": {"asks": {WATCH}, "decides": {WATCH, HANDLE}}
}
MAILED: Final[dict[str, dict[str, set[str]]]] = {"guessed": {}}
REVIEW, OPEN = "look again at a look", "open the sealed part of an entry"
PICKED: Final[dict[str, dict[str, set[str]]]] = {"waiting": {"decides": {REVIEW}}}
RIGHTS, ANSWERS = "see one's own request", "answer a request"
ASKED: Final[dict[str, dict[str, set[str]]]] = {"of somebody else": {}}
RUN = "run or delete a kept search"
WATCHES = "end the watch of a person"
WATCHED: Final[dict[str, dict[str, set[str]]]] = {
    "by the instance": {},
    "by the officer's house": {"officer": {WATCHES}},
}
KEPT: Final[dict[str, dict[str, set[str]]]] = {"of another reader": {}}
ENTRIES: Final[dict[str, dict[str, set[str]]]] = {"of nobody's house": {"decides": {OPEN}}}
OPERATING: Final = {
    "dead letter": DEAD_LETTERS,
    "alert": ALERTS,
    "mailed link": MAILED,
    "picked look": PICKED,
    "watched person": WATCHED,
    "request by right": ASKED,
    "kept search": KEPT,
    "entry": ENTRIES,
}
OPERATING_PAGES: Final[dict[str, Need]] = (
    of("dead letter", POST_operator_job_again=AGAIN)
    | of(
        "alert",
        GET_operator_alert=WATCH,
        POST_operator_alert_acknowledge=WATCH,
        POST_operator_alert_act=WATCH,
        POST_operator_alert_close=WATCH,
        POST_operator_measure_lift=WATCH,
        GET_operator_incident=WATCH,
        POST_operator_incident=HANDLE,
    )
    | of("picked look", POST_operator_review_decide=REVIEW)
    | of("watched person", POST_operator_watch_end=WATCHES)
    | of(
        "request by right",
        GET_right=RIGHTS,
        POST_right_withdraw=RIGHTS,
        GET_operator_right=ANSWERS,
        POST_operator_right_act=ANSWERS,
    )
    | of("kept search", GET_trail_search=RUN, POST_trail_search_delete=RUN)
    | of("entry", GET_trail_detail=OPEN, POST_trail_detail=OPEN)
    | of(
        "mailed link",
        GET_not_me_mailed=NOBODYS,
        POST_not_me_mailed=NOBODYS,
        GET_recover=NOBODYS,
        POST_recover=NOBODYS,
        POST_recover_hold=NOBODYS,
        POST_recover_stop=NOBODYS,
    )
)


def put_alert(subject: str) -> dict[str, object]:
    """Raise an alert about somebody, with a measure and an incident; return the ids."""
    at = clock.now()
    alert = Alert.objects.create(
        rule=Code.GUESSING,
        form="account",
        severity=Severity.HIGH,
        subject=subject,
        count=7,
        first_seen_at=at,
        last_seen_at=at,
        raised_at=at,
    )
    measure = Measure.objects.create(
        alert=alert, kind="step-up", subject=subject, taken_by="system", taken_at=at
    )
    incident = Incident.objects.create(
        source="detection",
        subject=subject,
        alert=alert,
        discovered_at=at,
        opened_at=at,
        opened_by="system",
    )
    return {
        "alert_id": to_text(alert.pk),
        "measure_id": to_text(measure.pk),
        "incident_id": to_text(incident.pk),
    }


def put_item() -> UUID:
    """Let a look of somebody of no house be picked for review."""
    at = clock.now()
    return Item.objects.create(
        entry_id=new_id(),
        rule="sample",
        at=at,
        kind="study.looked-at",
        actor=f"account/{new_id()}",
        subject=f"study/{new_id()}",
    ).pk


def put_watched(house: UUID | None = None) -> UUID:
    """Let the instance, or an institution, watch somebody."""
    at = clock.now()
    return Watched.objects.create(
        subject=f"account/{new_id()}",
        organization_id=house,
        cause="known",
        by_id=new_id(),
        since=at,
        until=at + timedelta(days=30),
    ).pk


def _house_of_the_officer() -> UUID:
    return Membership.objects.get(role=Role.PRIVACY_OFFICER).organization_id


def put_search() -> UUID:
    """Keep a search of a reader who is not among the actors."""
    return SavedSearch.objects.create(
        account_id=new_id(), name="mine", fields="{}", saved_at=clock.now()
    ).pk


def put_entry() -> UUID:
    """Write an entry with a sealed part that concerns no house."""
    with transaction.atomic():
        return record(
            AuditEvent.READ, actor=f"account/{new_id()}", at=clock.now(), detail={"words": "x"}
        )


def put_request() -> UUID:
    """Let somebody who has no part in the tests ask for something by right."""
    made = RightsRequest.objects.create(
        account_id=new_id(),
        kind="access",
        state="received",
        channel="page",
        words="x",
        received_at=clock.now(),
    )
    start("rights-request", made.pk, ("access.gdpr",), at=made.received_at)
    return made.pk


def put_operating() -> list[Thing]:
    """Leave one job that failed for good, and think of a link that nobody was sent."""
    at = clock.now()
    job = Job.objects.create(
        name="jobs.prune",
        state=State.DEAD,
        run_at=at,
        max_attempts=3,
        created_at=at,
        finished_at=at,
    )
    return [
        Thing("dead letter", "dead", {"job": to_text(job.pk)}),
        Thing("alert", "open", put_alert(f"account/{new_id()}")),
        Thing("picked look", "waiting", {"item_id": to_text(put_item())}),
        Thing("watched person", "by the instance", {"watched_id": to_text(put_watched())}),
        Thing(
            "watched person",
            "by the officer's house",
            {"watched_id": to_text(put_watched(_house_of_the_officer()))},
        ),
        Thing("request by right", "of somebody else", {"right_id": to_text(put_request())}),
        Thing("kept search", "of another reader", {"search_id": to_text(put_search())}),
        Thing("entry", "of nobody's house", {"entry_id": to_text(put_entry())}),
        Thing("mailed link", "guessed", {"key": to_text(new_id())}),
    ]
