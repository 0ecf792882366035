"""Those who run the instance, and how two of them let something be done, as stories need it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.test import Client

from acting import approve as confirm
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.approvals import approve, show_for_approval
from safelight.exchange.access.powers.asking import Wish, ask, show_request
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.elevation import begin_elevation, elevation_wish
from safelight.exchange.access.powers.emergency import Emergency, break_glass, show_emergency
from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.exchange.access.powers.models import Approval, TimedAccess
from safelight.kernel import clock
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.staff import appoint
from story import browser_of


@dataclass
class Runner:
    """One of those who run the instance, signed in."""

    person: Person
    party: Party

    @property
    def id(self) -> UUID:
        return self.party.account


def make_runner(name: str, *roles: StaffRole) -> Runner:
    """Return somebody with an account, an app for codes, and these roles."""
    person = make_person(name, Kind.INDIVIDUAL)
    give_second_factor(person)
    for role in roles:
        appoint(person.account.pk, role, by="operator", at=clock.now())
    return Runner(person, party_of_person(person))


def browser_for(person: Person) -> Client:
    """Sign somebody in on the pages, with the app for codes they have or get now."""
    app = Authenticator.objects.filter(user=person.account, type=Authenticator.Type.TOTP).first()
    if app is None:
        return browser_of(person, app_code(give_second_factor(person)))
    app.data["last_counter"] = 0
    app.save()
    return browser_of(person, app_code(decrypt(app.data["secret"])))


def admin(name: str = "Ada Admin") -> Runner:
    return make_runner(name, StaffRole.SYSTEM_ADMIN)


def security_officer(name: str = "Sam Security") -> Runner:
    return make_runner(name, StaffRole.SECURITY_OFFICER)


def a_wish(deed: Deed | None = None, *, changes: dict[str, str] | None = None) -> Wish:
    """Return a wish with a reason and a ticket."""
    deed = deed or Deed(kind=ApprovalKind.KEY_EXPORT, subject="key/root", details={"shares": "3"})
    said = {"cause": "recovery", "reason": "The yearly exercise", "ticket": "OPS-17"} | (
        changes or {}
    )
    return Wish(deed=deed, cause=said["cause"], reason=said["reason"], ticket=said["ticket"])


def request(asker: Runner, wish: Wish | None = None) -> Approval:
    """Let somebody ask, with password and code."""
    wish = wish or a_wish()
    shown = show_request(asker.party, wish, at=clock.now())
    given = confirm(asker.person, asker.party, shown.challenge_id)
    return ask(asker.party, wish, given, at=clock.now())


def confirmed_by(second: Runner, approval_id: UUID) -> UUID:
    """Let somebody confirm what waits, and return the authorization, not yet used."""
    challenge = show_for_approval(second.party, approval_id, at=clock.now())
    return confirm(second.person, second.party, challenge)


def approved(asker: Runner, second: Runner, wish: Wish | None = None) -> Approval:
    """Let one ask and another approve."""
    waiting = request(asker, wish)
    return approve(second.party, waiting.pk, confirmed_by(second, waiting.pk), at=clock.now())


def elevate(asker: Runner, second: Runner, subject: str, *, hours: str = "2") -> TimedAccess:
    """Let one of the staff have access to one exam or patient, by the other's approval."""
    wish = elevation_wish(
        subject, hours, cause="incident", reason="The exam does not open", ticket="INC-4"
    )
    return begin_elevation(asker.party, approved(asker, second, wish).pk, at=clock.now())


def emergency(number: str, born_on: str, *, hold_notice: bool = False) -> Emergency:
    """Return what a clinician fills in when somebody lies before them."""
    return Emergency(
        number=number,
        born_on=born_on,
        cause="unconscious",
        reason="Found on the street, may have had an operation",
        hold_notice=hold_notice,
    )


def break_the_glass(doctor: Person, what: Emergency) -> TimedAccess:
    """Let a clinician open a record in an emergency, with password and code."""
    party = party_of_person(doctor)
    if not Authenticator.objects.filter(user=doctor.account).exists():
        give_second_factor(doctor)
    shown = show_emergency(party, what, at=clock.now())
    given = confirm(doctor, party, shown.challenge_id)
    return break_glass(party, what, given, at=clock.now())
