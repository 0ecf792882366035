"""How do those who act for somebody, and what people sign in with, come into each state?"""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator

from acting import ask, invite, make_helper, verify
from cast import Person, make_person, party_of_person
from matrix.objects import Thing
from safelight.exchange.access.representing.ending import block, end_acting, raise_dispute
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.actions.tokens import create_token, revoke_token
from safelight.records.accounts.models import Account, ApiToken, Kind, Representative
from safelight.records.accounts.queries import address_of
from safelight.records.accounts.tokens import Scope
from story import Story, browser_of

_STAFF = ("desk", "officer")


def put_representatives(people: dict[str, Person]) -> Iterator[Thing]:
    """Bring one who acts for the member, or asks to, into each state."""
    member, parent = people["member"], people["left the group"]
    yield _thing("invited", invite(member, people["stranger"]))
    yield _thing("helping", make_helper(member, people["recipient"], may_manage=True))
    over = make_helper(member, make_person("Olive Over", Kind.INDIVIDUAL))
    end_acting(party_of_person(member), over.pk, at=clock.now())
    yield _thing("helped", over)
    staff = [people[name] for name in _STAFF]
    for state in ("asked of the hospital", "verified", "in dispute", "blocked"):
        row = _asked(member, parent, may_share=state == "in dispute")
        if state != "asked of the hospital":
            verify(row, *staff)
        if state == "in dispute":
            raise_dispute(party_of_person(parent), row.pk, "No.", at=clock.now())
        if state == "blocked":
            block(party_of_person(staff[1]), row.pk, "Reported.", at=clock.now())
        yield _thing(state, row)


def _asked(member: Person, parent: Person, *, may_share: bool) -> Representative:
    said = {"paper": b"%PDF-1.4 a certificate", "paper_name": "certificate.pdf"}
    address = address_of(member.account)
    return ask(parent, name="Mia Member", address=address, may_share=may_share, **said)


def _thing(state: str, row: Representative) -> Thing:
    paper = row.evidence.order_by("added_at").first()
    ids = {"representative_id": to_text(row.pk), "evidence_id": to_text(paper.pk) if paper else ""}
    return Thing("representative", state, dict(ids))


def put_credentials(story: Story) -> Iterator[Thing]:
    """Make a session, a token and a factor of the owner's, in use and ended."""
    for state in ("in use", "ended"):
        token = _token(story.owner.account)
        session = browser_of(story.owner, story.code())
        factor = Authenticator.objects.filter(user=story.owner.account).latest("pk")
        rows = story.owner.account.sessions.order_by("-created_at")
        ids: dict[str, object] = {
            "token": to_text(token.pk),
            "session": to_text(rows[0].pk),
            "factor": factor.pk,
        }
        if state == "ended":
            revoke_token(story.owner.account, token.pk, at=clock.now())
            session.post("/account/sign-out/")
            ids["factor"] = factor.pk + 1000
        yield Thing("credential", state, ids)


def _token(account: Account) -> ApiToken:
    _, row = create_token(account, [Scope.EXCHANGE_READ], at=clock.now())
    return row
