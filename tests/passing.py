"""How does a recipient pass on what was shared with them, step by step?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator

from cast import PASSWORD, Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.exchange.release.sharing.onward import start_onward
from safelight.kernel import clock
from safelight.records.accounts.authorization.actions import confirm_with_password_and_code
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from story import Story, accept_share

CARL = "carl.consultant@people.example"
NAMED: dict[str, object] = {
    "further": "named",
    "further_named": (("Carl Consultant", CARL),),
    "further_purposes": ("second-opinion",),
}


@dataclass
class Recipient:
    """Somebody who was shown the owner's exam, with the steps to pass it on."""

    person: Person
    party: Party
    secret: str
    study_id: UUID
    series_id: UUID
    received: Shared

    def draft(self, **changes: object) -> UUID:
        at = clock.now()
        draft = start_onward(self.party, self.study_id, at=at)
        _, choices = find_draft(self.party, draft.id)
        chosen: dict[str, object] = {
            "series_ids": (str(self.series_id),),
            "name": "Carl Consultant",
            "address": CARL,
            "kind": "clinician",
            "purpose": "second-opinion",
            "second_check": "waived",
            "ends_on": at.date().isoformat(),
        }
        choose(draft, choices, at=at, **(chosen | changes))
        return draft.id

    def code(self) -> str:
        """Return the code of the app, as if none had been used in this half minute."""
        app = Authenticator.objects.get(user=self.person.account, type=Authenticator.Type.TOTP)
        app.data["last_counter"] = 0
        app.save()
        return app_code(self.secret)

    def approve(self, challenge_id: UUID) -> UUID:
        given = confirm_with_password_and_code(
            challenge_id,
            account=self.person.account,
            session_id=session_id(self.party),
            password=PASSWORD,
            code=self.code(),
            at=clock.now(),
        )
        return given.pk

    def pass_on(self, **changes: object) -> Shared:
        draft_id = self.draft(**changes)
        presented = present(self.party, draft_id, statement_version="1", at=clock.now())
        return confirm(self.party, draft_id, self.approve(presented.challenge_id), at=clock.now())


def shown_to(story: Story, person: Person, **changes: object) -> Recipient:
    """Let the owner show the exam to somebody, who takes it with their own account."""
    chosen = {"name": person.account.name, "address": address_of(person.account)} | changes
    received = story.share(**chosen)
    accept_share(received, person)
    return Recipient(
        person=person,
        party=party_of_person(person),
        secret=give_second_factor(person),
        study_id=story.study_id,
        series_id=story.series_id,
        received=received,
    )


def consultant() -> Person:
    return make_person("Carl Consultant", Kind.PROVIDER, "Other Clinic")
