"""Who comes to the addresses, and how: every kind of actor, with a browser or a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.contrib.auth import SESSION_KEY
from django.test import Client

from acting import make_helper
from cast import Person, app_code, give_second_factor, make_person
from safelight.exchange.access.actions import STATEMENT
from safelight.exchange.access.models import Gate
from safelight.governance.compliance.models import Acceptance
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Account, Kind, Role, Session, State
from safelight.records.accounts.sessions import AAL, ABSOLUTE, SessionStore
from safelight.records.accounts.tokens import Scope
from story import Story, browser_of

HOSPITAL, CLINIC = "Example Hospital", "Other Clinic"
OURS = {"Origin": "http://localhost:8000"}
# Who stands nearest to what desks keep and outsiders send; all others ask in the long run.
NEAR = {"owner", "stranger", "helper who manages", "treats", "officer"}
NEAR |= {"desk", "second desk", "desk elsewhere"}


@dataclass(frozen=True)
class Actor:
    """One kind of actor. `before` spoils their standing, within what is undone afterwards.

    Who has `no_standing` is refused before anything is looked for.
    """

    name: str
    browser: Client
    headers: dict[str, str] = field(default_factory=lambda: dict(OURS))
    before: Callable[[], object] = bool
    no_standing: bool = False


def gather(story: Story, treats: Person) -> dict[str, Person]:
    """Make everybody who has an account; the clinician treats who is kept by the hospital."""
    people = {
        "owner": story.owner,
        "recipient": make_person("Rita Recipient", Kind.INDIVIDUAL),
        "member": make_person("Mia Member", Kind.INDIVIDUAL),
        "left the group": make_person("Lea Left", Kind.INDIVIDUAL),
        "stranger": make_person("Stan Stranger", Kind.INDIVIDUAL),
        "treats": treats,
        "colleague": make_person("Carl Colleague", Kind.PROVIDER, HOSPITAL),
        "desk": make_person("Dan Desk", Kind.PROVIDER, HOSPITAL),
        "officer": make_person("Olaf Officer", Kind.PROVIDER, HOSPITAL),
        "administrator": make_person("Ada Admin", Kind.PROVIDER, HOSPITAL),
        "elsewhere": make_person("Else Where", Kind.PROVIDER, CLINIC),
        "helper who looks": make_person("Lou Looks", Kind.INDIVIDUAL),
        "helper who shares": make_person("Shay Shares", Kind.INDIVIDUAL),
        "helper who manages": make_person("Mo Manages", Kind.INDIVIDUAL),
    }
    make_helper(story.owner, people["helper who looks"])
    make_helper(story.owner, people["helper who shares"], may_share=True)
    make_helper(story.owner, people["helper who manages"], may_manage=True)
    people["desk"].account.memberships.update(role=Role.IMAGING_DESK)
    people["officer"].account.memberships.update(role=Role.PRIVACY_OFFICER)
    people["administrator"].account.memberships.update(role=Role.ADMIN)
    return people


def gather_desks() -> dict[str, Person]:
    """Make a second person at the hospital's desk, and one at another's."""
    added = {
        "second desk": make_person("Sue Second", Kind.PROVIDER, HOSPITAL),
        "desk elsewhere": make_person("Ed Elsewhere", Kind.PROVIDER, CLINIC),
    }
    for person in added.values():
        person.account.memberships.update(role=Role.IMAGING_DESK)
    return added


def actors(story: Story, people: dict[str, Person]) -> list[Actor]:
    """Sign everybody in, and add those who lack something for which they would be let in."""
    return [*signed_in(people), *_programs(story.owner), *_lacking(story)]


def signed_in(people: dict[str, Person]) -> list[Actor]:
    """Sign in who is named, and add nobody."""
    found = [Actor(name, _browser(person)) for name, person in people.items()]
    return [*found, Actor("nobody", Client(), no_standing=True)]


def _signed_in(person: Person) -> Client:
    """Sign somebody in with both factors, as if no code had been used yet."""
    apps = Authenticator.objects.filter(user=person.account, type=Authenticator.Type.TOTP)
    if (app := apps.first()) is None:
        return browser_of(person, app_code(give_second_factor(person)))
    app.data["last_counter"] = 0
    app.save()
    return browser_of(person, app_code(decrypt(app.data["secret"])))


def _browser(person: Person) -> Client:
    browser = _signed_in(person)
    browser.get("/access/")  # the session remembers from here that the statement is accepted
    return browser


def _programs(owner: Person) -> Iterator[Actor]:
    of_pictures = [Scope.DICOMWEB_READ, Scope.DICOMWEB_WRITE, Scope.DICOMWEB_DELETE]
    for name, scopes in {
        "owner's program": list(Scope),
        "owner's program for reading": [Scope.EXCHANGE_READ],
        "owner's program for pictures": of_pictures,
    }.items():
        token, _ = create_token(owner.account, scopes, at=clock.now())
        yield Actor(name, Client(), {"Authorization": f"Bearer {token}"})


def _lacking(story: Story) -> Iterator[Actor]:
    owner = story.owner.account

    def suspend() -> None:
        Account.objects.filter(pk=owner.pk).update(state=State.SUSPENDED)

    def unsay() -> None:
        Acceptance.objects.filter(account_id=owner.pk).delete()
        Gate.objects.filter(account_id=owner.pk, duty=STATEMENT).delete()

    late = _browser(story.owner)

    def expire() -> None:
        Session.objects.filter(pk=_session(late).pk).update(created_at=clock.now() - ABSOLUTE)

    half = _browser(story.owner)
    _halve(half)
    yield Actor("owner with one factor", half, no_standing=True)
    yield Actor("owner whose session is over", late, before=expire, no_standing=True)
    yield Actor(
        "owner without the statement",
        _signed_in(story.owner),
        before=unsay,
        no_standing=True,
    )
    yield Actor(
        "owner who is suspended",
        _browser(story.owner),
        before=suspend,
        no_standing=True,
    )


def _session(browser: Client) -> Session:
    store = SessionStore(browser.cookies["__Host-session"].value)
    assert store.get(SESSION_KEY)
    assert store.row is not None
    return store.row


def _halve(browser: Client) -> None:
    """Leave of a sign-in what the password alone gives."""
    store = SessionStore(browser.cookies["__Host-session"].value)
    store[AAL] = 1
    store.save()
