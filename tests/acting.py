"""How does somebody come to act for another, step by step, as the stories need it?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt

from cast import PASSWORD, Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.representing.asking import Claim, ask_to_act
from safelight.exchange.access.representing.helping import (
    Help,
    accept_help,
    invite_helper,
    present_help,
)
from safelight.exchange.access.representing.verifying import confirm_evidence
from safelight.kernel import clock
from safelight.records.accounts.authorization.actions import confirm_with_password_and_code
from safelight.records.accounts.models import Kind, Organization, Representative, Role
from safelight.records.accounts.queries import address_of

HOSPITAL = "Example Hospital"


def make_staff(name: str, role: Role = Role.PRIVACY_OFFICER) -> Person:
    """Return somebody of the hospital who may verify."""
    person = make_person(name, Kind.PROVIDER, HOSPITAL)
    person.account.memberships.update(role=role)
    return person


def hospital_id() -> str:
    """Return the id of the hospital as pages send it."""
    return str(Organization.objects.get(same_name=HOSPITAL).pk)


def approve(person: Person, party: Party, challenge_id: UUID) -> UUID:
    """Let somebody confirm with password and code, as if no code had been used yet."""
    app = Authenticator.objects.get(user=person.account, type=Authenticator.Type.TOTP)
    app.data["last_counter"] = 0
    app.save()
    given = confirm_with_password_and_code(
        challenge_id,
        account=person.account,
        session_id=session_id(party),
        password=PASSWORD,
        code=app_code(decrypt(app.data["secret"])),
        at=clock.now(),
    )
    return given.pk


def invite(owner: Person, helper: Person, **scope: Any) -> Representative:  # noqa: ANN401 (fields of Help)
    """Let an adult sign that somebody may help them."""
    party, at = party_of_person(owner), clock.now()
    if not Authenticator.objects.filter(user=owner.account).exists():
        give_second_factor(owner)
    wanted = Help(name=helper.account.name, address=address_of(helper.account), **scope)
    shown = present_help(party, wanted, at=at)
    given = approve(owner, party, shown.challenge_id)
    return invite_helper(party, wanted, given, at=clock.now())


def make_helper(owner: Person, helper: Person, **scope: Any) -> Representative:  # noqa: ANN401 (fields of Help)
    """Let an adult be helped by somebody who said yes."""
    row = invite(owner, helper, **scope)
    return accept_help(party_of_person(helper), row.pk, at=clock.now())


def ask(asker: Person, **said: Any) -> Representative:  # noqa: ANN401 (fields of Claim)
    """Let somebody ask the hospital to act for another."""
    claim: dict[str, Any] = {
        "kind": "parent",
        "name": "Mia Minor",
        "organization_id": hospital_id(),
        "born_on": "2015-05-05",
        "words": "The birth certificate, seen at the desk.",
    }
    return ask_to_act(party_of_person(asker), Claim(**claim | said), at=clock.now())


def verify(row: Representative, first: Person, second: Person) -> Representative:
    """Let two of the hospital verify it."""
    confirm_evidence(party_of_person(first), row.pk, at=clock.now())
    return confirm_evidence(party_of_person(second), row.pk, at=clock.now())
