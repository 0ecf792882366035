"""What may each actor do with what takes two people, and with an access of some hours?

Written by hand, apart from the code. Whoever asked reads it and decides nothing; the roles of the
instance that decide are not those that review what a hospital's clinicians did.
"""

from __future__ import annotations

from typing import Final

from cast import Person, give_second_factor, make_person, party_of_person
from matrix.need import Need, of
from matrix.objects import Thing
from powers import Runner, break_the_glass, elevate, emergency, request
from safelight.exchange.access.powers.asking import Wish
from safelight.exchange.access.powers.elevation import elevation_wish
from safelight.exchange.access.powers.reviewing import review
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.staff import appoint
from safelight.records.imaging.models import Study
from story import Story, another_ct, store

READ, APPROVE, CANCEL = "read a request", "approve a request", "take back one's own request"
END, REVIEW = "end one's own hours", "review hours"

_OWN, _DECIDES = {READ, CANCEL}, {READ, APPROVE}
APPROVALS: Final[dict[str, dict[str, set[str]]]] = {
    "waiting": {"asks": _OWN, "decides": _DECIDES},
    "an elevation": {"asks": _OWN, "decides": _DECIDES, "supports": {READ}},
}
ACCESSES: Final[dict[str, dict[str, set[str]]]] = {
    "elevated": {"asks": {END}, "decides": {REVIEW}},
    "reviewed": {"asks": {END}, "decides": {REVIEW}},
    "in an emergency": {"officer": {REVIEW}},
}
POWERS: Final = {"approval": APPROVALS, "timed access": ACCESSES}
# Whoever asked is told that somebody else must approve it.
POWERS_REASONS: Final = {APPROVE: CANCEL}
POWERS_PAGES: Final = of(
    "approval",
    GET_operator_power=READ,
    POST_operator_power=APPROVE,
    POST_operator_power_decide=CANCEL,
) | of(
    "timed access",
    POST_operator_power_end=END,
    GET_access_review=REVIEW,
    POST_access_review=REVIEW,
)
POWERS_API: Final[dict[str, Need]] = {}

NUMBER, BORN = "MRN-70", "1970-02-03"


def gather_staff() -> dict[str, Person]:
    """Make those that run the instance: who asks, who decides, who supports, who reads."""
    roles = {
        "asks": ("Ada Asks", StaffRole.SYSTEM_ADMIN),
        "decides": ("Dee Decides", StaffRole.SECURITY_OFFICER),
        "supports": ("Sue Supports", StaffRole.SUPPORT),
        "audits": ("Aude Audits", StaffRole.AUDITOR),
    }
    people = {}
    for name, (whole, role) in roles.items():
        people[name] = make_person(whole, Kind.INDIVIDUAL)
        give_second_factor(people[name])
        appoint(people[name].account.pk, role, by="operator", at=clock.now())
    return people


def _look_at(subject: str) -> Wish:
    return elevation_wish(subject, "1", cause="incident", reason="It is dark", ticket="INC-5")


def put_powers(story: Story, people: dict[str, Person]) -> list[Thing]:
    """Bring one request and one access into each state."""
    asks, decides = (
        Runner(people[each], party_of_person(people[each])) for each in ("asks", "decides")
    )
    waiting = {"approval_id": to_text(request(asks).pk)}
    subject = f"study/{story.study_id}"
    looking = {"access_id": to_text(elevate(asks, decides, subject).pk)}
    over = elevate(asks, decides, subject)
    review(decides.party, over.pk, "justified", "As the ticket says", at=clock.now())
    of_whom = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    store(story.web, people["treats"], another_ct(StudyInstanceUID="1.2.826.0.1.99", **of_whom))
    assert Study.objects.count() > 1
    broken = break_the_glass(people["colleague"], emergency(NUMBER, BORN))
    more = {"approval_id": to_text(request(asks, _look_at(subject)).pk)}
    return [
        Thing("approval", "waiting", dict(waiting)),
        Thing("approval", "an elevation", dict(more)),
        Thing("timed access", "elevated", dict(looking)),
        Thing("timed access", "reviewed", {"access_id": to_text(over.pk)}),
        Thing("timed access", "in an emergency", {"access_id": to_text(broken.pk)}),
    ]
