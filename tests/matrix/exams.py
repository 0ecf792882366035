"""How is one exam brought into each state of the table?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from starlette.testclient import TestClient

from cast import Person, party_of_person
from matrix.expected import EXAMS
from matrix.people import HOSPITAL
from safelight.exchange.access.caring.reasons import CareCause, give_reason
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.groups import admit_member, dismiss_member, make_group
from safelight.exchange.access.sensitive import mark_sensitive
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.remove import remove
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.records.accounts.models import Organization
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Series, Study
from story import Story, another_ct, store

_NOT_SHARED = {"kept to oneself", "removed", "kept by a hospital"}
_TO_MANY = {"shared with a group", "shared with a desk", "published to a hospital"}


@dataclass(frozen=True)
class Exam:
    """One exam in one state, and its UIDs."""

    state: str
    study_id: UUID
    series_id: UUID
    study: str
    series: str
    instance: str


def put_exams(
    story: Story,
    people: dict[str, Person],
    web: TestClient,
    moved_clock: Callable[[timedelta], datetime],
) -> list[Exam]:
    """Bring one exam into each state of the table; three days pass meanwhile."""
    group = make_group(story.party, "Family", at=clock.now())
    for name in ("member", "left the group"):
        admit_member(story.party, group.pk, address_of(people[name].account), at=clock.now())
    how = _ways(str(group.pk))
    found = []
    for number, state in enumerate(EXAMS):
        sender = people["treats"] if state == "kept by a hospital" else story.owner
        exam = _put(web, sender, state, number)
        found.append(exam)
        if state not in _NOT_SHARED:
            _share(story, exam, people["recipient"], how.get(state, {}))
    dismiss_member(story.party, group.pk, people["left the group"].account.pk, at=clock.now())
    removed = next(each for each in found if each.state == "removed")
    remove(story.party, removed.study_id, at=clock.now())
    moved_clock(timedelta(days=3))
    kept = next(each for each in found if each.state == "kept by a hospital")
    # Brought in on an earlier day: nothing of it opens before this is said.
    party = party_of_person(people["treats"])
    give_reason(party, kept.study_id, CareCause.TREATMENT, "", at=clock.now())
    with transaction.atomic():
        turn_epoch()
    return found


def _ways(group_id: str) -> dict[str, dict[str, Any]]:
    hospital = str(Organization.objects.get(same_name=HOSPITAL).pk)
    tomorrow = clock.now() + timedelta(days=1)
    later = clock.now() + timedelta(days=40)
    return {
        "shared with copies": {"may_download": True},
        "shared to be passed on": {
            "further": "named",
            "further_named": (("Carl Consultant", "carl.consultant@people.example"),),
            "further_purposes": ("second-opinion",),
        },
        "share over": {"ends_on": tomorrow.date().isoformat()},
        "share not begun": {
            "starts_on": later.date().isoformat(),
            "ends_on": (later + timedelta(days=9)).date().isoformat(),
        },
        "shared with a group": {"audience": "group", "group_id": group_id},
        "shared with a desk": {"audience": "desk", "organization_id": hospital},
        "published to a hospital": {
            "act": "publish",
            "audience": "organization",
            "organization_id": hospital,
        },
    }


def _share(story: Story, exam: Exam, recipient: Person, how: dict[str, Any]) -> None:
    story.study_id, story.series_id = exam.study_id, exam.series_id
    shared = story.share(address=address_of(recipient.account), **how)
    consents = Consent.objects.filter(pk=shared.consent_id)
    if exam.state not in _TO_MANY:
        consents.update(recipient_account_id=recipient.account.pk)
    if exam.state == "share taken back":
        withdraw(story.party, shared.consent_id, at=clock.now())
    if exam.state == "share paused":
        consents.update(suspended_at=clock.now())
    if exam.state == "marked after it was shared":
        kinds = frozenset({Sensitive.GENETIC})
        mark_sensitive(story.party, exam.study_id, kinds, at=clock.now())


def _put(web: TestClient, sender: Person, state: str, number: int) -> Exam:
    study, series, instance = named(number)
    data = another_ct(StudyInstanceUID=study, SeriesInstanceUID=series, SOPInstanceUID=instance)
    known = set(Study.objects.values_list("id", flat=True))
    store(web, sender, data)
    (study_id,) = set(Study.objects.values_list("id", flat=True)) - known
    (series_id,) = Series.objects.filter(study_id=study_id).values_list("id", flat=True)
    return Exam(state, study_id, series_id, study, series, instance)


def named(number: int) -> tuple[str, str, str]:
    """Return the UIDs of the study, series and instance of one of the exams."""
    root = f"1.2.826.0.1.3680043.8.498.7.{number}"
    return f"{root}.1", f"{root}.2", f"{root}.3"
