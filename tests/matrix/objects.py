"""How is one object of each other kind brought into each state of its table?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from cast import Person, party_of_person
from matrix.copies import put_copies
from passing import Recipient, shown_to
from safelight.exchange.access.groups import admit_member, make_group
from safelight.exchange.consent.requests import LASTS
from safelight.exchange.receive.batches import expect
from safelight.exchange.receive.door import Attestation, finish_batch, start_batch
from safelight.exchange.receive.models import Channel
from safelight.exchange.release.sharing.asking import ask_patient, decline_request, withdraw_request
from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.sharing.drafts import drop_draft, find_draft
from safelight.exchange.release.sharing.entries import find_entry, show_secret
from safelight.exchange.release.sharing.proof import turn_down
from safelight.exchange.release.sharing.wishes import Wish
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.queries import address_of
from story import Story, accept_share, link_secret, open_share, sharing_as

Clock = Callable[[timedelta], datetime]


@dataclass
class Thing:
    """One object in one state: the ids by which addresses name it.

    `visitors` are browsers without an account that came by its link, with what `cookie` holds.
    """

    kind: str
    state: str
    ids: dict[str, object]
    visitors: dict[str, str] = field(default_factory=dict)
    cookie: str = "__Host-guest"


def put_objects(story: Story, people: dict[str, Person], move: Clock) -> list[Thing]:
    """Bring one object into each state. What must be old is made first; days pass then."""
    shown = shown_to(story, people["recipient"])
    late = Thing("request", "not answered in time", {"request_id": _asked(shown)})
    ended = _consent(story, "over", ends_on=_day(1))
    move(LASTS + timedelta(days=1))
    return [
        late,
        ended,
        *_requests(story, shown),
        *_consents(story, people["recipient"]),
        *_drafts(story, people["helper who shares"]),
        *_groups(story, people["member"]),
        *_deliveries(story),
        *_copies(story),
    ]


def _day(ahead: int) -> str:
    return (clock.now() + timedelta(days=ahead)).date().isoformat()


def _consents(story: Story, recipient: Person) -> Iterator[Thing]:
    yield _consent(story, "sent", comes="entrant")
    yield _consent(story, "waits to be let in", comes="guest", second_check="owner-release")
    yield _consent(story, "opened", comes="guest", may_download=True)
    shared = story.share(name="Rita Recipient", address=address_of(recipient.account))
    accept_share(shared, recipient)
    yield _named(story, "taken with an account", shared)
    for state in ("taken back", "turned down"):
        thing = _consent(story, state, comes="guest")
        consent_id, share_id = (UUID(str(thing.ids[each])) for each in ("consent", "share"))
        if state == "taken back":
            withdraw(story.party, consent_id, at=clock.now())
        else:
            at = clock.now()
            turn_down(find_entry(share_id, thing.visitors["guest"], at=at), at=at)
        yield thing


def _consent(story: Story, state: str, comes: str = "", **how: object) -> Thing:
    shared = story.share(**how)
    thing = _named(story, state, shared)
    if comes:
        entered = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
        thing.visitors["entrant"] = entered.cookie
    if comes == "guest":
        thing.visitors["guest"] = open_share(shared)
    return thing


def _named(story: Story, state: str, shared: Shared) -> Thing:
    ids: dict[str, object] = {
        "consent_id": to_text(shared.consent_id),
        "share_id": to_text(shared.share_id),
        "exam_id": to_text(story.study_id),
        "consent": shared.consent_id,
        "share": shared.share_id,
    }
    return Thing("consent", state, ids)


def _requests(story: Story, shown: Recipient) -> Iterator[Thing]:
    for state in ("said no to", "taken back"):
        asked = _ask(shown)
        if state == "said no to":
            decline_request(story.party, asked, at=clock.now())
        else:
            withdraw_request(shown.party, asked, at=clock.now())
        yield Thing("request", state, {"request_id": to_text(asked)})
    yield Thing("request", "waiting", {"request_id": _asked(shown)})


def _asked(shown: Recipient) -> str:
    return to_text(_ask(shown))


def _ask(shown: Recipient) -> UUID:
    wish = Wish(purpose="treatment", ends_on=_day(9))
    return ask_patient(shown.party, shown.study_id, wish, at=clock.now())


def _drafts(story: Story, helper: Person) -> Iterator[Thing]:
    for state in ("begun", "shown", "signed", "thrown away", "begun by a helper"):
        by = sharing_as(story, helper) if state == "begun by a helper" else story
        draft_id = by.draft()
        if state == "shown":
            present(by.party, draft_id, statement_version="1", at=clock.now())
        if state == "signed":
            presented = present(by.party, draft_id, statement_version="1", at=clock.now())
            confirm(by.party, draft_id, by.approve(presented.challenge_id), at=clock.now())
        if state == "thrown away":
            drop_draft(find_draft(by.party, draft_id)[0])
        ids: dict[str, object] = {
            "draft_id": to_text(draft_id),
            "series_id": to_text(story.series_id),
        }
        yield Thing("draft", state, ids)


def _copies(story: Story) -> Iterator[Thing]:
    for state, study_id in put_copies(story):
        yield Thing("copy", state, {"copy_id": to_text(study_id)})


def _groups(story: Story, member: Person) -> Iterator[Thing]:
    managers = {"kept": story.owner, "of somebody else": member}
    for state, manager in managers.items():
        party = party_of_person(manager)
        group = make_group(party, state, at=clock.now())
        (other,) = (each for each in managers.values() if each is not manager)
        admit_member(party, group.pk, address_of(other.account), at=clock.now())
        ids = {"group_id": to_text(group.pk), "account_id": to_text(other.account.pk)}
        yield Thing("group", state, dict(ids))


def _deliveries(story: Story) -> Iterator[Thing]:
    for state in ("open", "finished"):
        attested = Attestation(whose="mine", believed_right=True)
        batch = start_batch(story.party, Channel.WEB, attested, at=clock.now())
        expect(batch, files=1, size=1000)
        if state == "finished":
            finish_batch(story.party, batch, at=clock.now())
        yield Thing("delivery", state, {"batch_id": to_text(batch.pk)})
