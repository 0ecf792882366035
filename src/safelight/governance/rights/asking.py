"""How does somebody ask, see where it stands, and change their mind?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.recording import tell_staff
from safelight.exchange.access.representing.recording import in_person, tell
from safelight.exchange.access.staff import require_staff
from safelight.governance.deadlines.keeping import start
from safelight.governance.rights.errors import RequestStepError
from safelight.governance.rights.events import RightsEvent
from safelight.governance.rights.models import RightsRequest, Step
from safelight.governance.rights.moving import KIND, end_clocks
from safelight.governance.rights.rules import ACKNOWLEDGED, NEXT, Channel, Kind, State, clocks_for
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import StaffRole

MOST_WORDS: Final = 4000
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for, in whose words, and where they live ("" where they do not say)."""

    kind: Kind
    words: str
    country: str = ""

    def checked(self) -> Wish:
        """Return it tidied. Raises InvalidFieldError."""
        words, country = self.words.strip(), self.country.strip().upper()
        if not words:
            raise InvalidFieldError("words", "Say in your words what you ask for.")
        if len(words) > MOST_WORDS:
            raise InvalidFieldError("words", f"Use at most {MOST_WORDS} letters.")
        if country and not _COUNTRY.fullmatch(country):
            raise InvalidFieldError("country", "Give the country's two letters, such as DE or US.")
        return Wish(kind=self.kind, words=words, country=country)


@transaction.atomic
def ask(party: Party, wish: Wish, *, at: datetime) -> RightsRequest:
    """Take a request from a person's own page; it begins to run at once.

    Raises:
        NotFoundError: a program, a guest, or somebody not wholly signed in.
        InvalidFieldError: the words are missing or too long, or the country is none.
    """
    made = _begin(wish.checked(), Channel.PAGE, at, account_id=in_person(party))
    record(RightsEvent.ASKED, actor=party.name, subject=made.subject, reason=made.kind, at=at)
    tell(made.account_id, "request-received", at=at)
    return made


@transaction.atomic
def enter(
    party: Party, wish: Wish, contact: str, channel: Channel, *, at: datetime
) -> RightsRequest:
    """Write down what came by mail or phone, from somebody who is reached at `contact`.

    Raises:
        NotFoundError: this is not the instance's privacy official.
        InvalidFieldError: see `Wish.checked`; or nobody could be answered.
    """
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    if not contact.strip():
        raise InvalidFieldError("contact", "Say who asks, and where the answer goes.")
    if channel is Channel.PAGE:
        raise InvalidFieldError("channel", "Say how it came.")
    made = _begin(
        wish.checked(), channel, at, contact=contact.strip()[:500], entered_by=party.account
    )
    record(RightsEvent.ENTERED, actor=party.name, subject=made.subject, reason=made.kind, at=at)
    return made


def own_requests(party: Party) -> list[RightsRequest]:
    """Return what somebody asked for, newest first. Raises NotFoundError."""
    mine = RightsRequest.objects.filter(account_id=in_person(party))
    return list(mine.order_by("-received_at", "pk"))


def own_request(party: Party, request_id: UUID) -> RightsRequest:
    """Return one of one's own. Raises NotFoundError."""
    found = RightsRequest.objects.filter(pk=request_id, account_id=in_person(party)).first()
    if found is None:
        raise NotFoundError
    return found


@transaction.atomic
def withdraw(party: Party, request_id: UUID, *, at: datetime) -> None:
    """Let a request be.

    Raises:
        NotFoundError: it is none of theirs.
        RequestStepError: it is answered.
    """
    own_request(party, request_id)
    row = RightsRequest.objects.select_for_update().get(pk=request_id)
    if State.WITHDRAWN not in NEXT[State(row.state)]:
        raise RequestStepError
    row.state, row.answered_at = State.WITHDRAWN, at
    row.save()
    Step.objects.create(request=row, state=row.state, by=party.name, at=at)
    end_clocks(row, actor=party.name, at=at)
    record(RightsEvent.WITHDRAWN, actor=party.name, subject=row.subject, reason=row.kind, at=at)


def _begin(
    wish: Wish,
    channel: Channel,
    at: datetime,
    *,
    account_id: UUID | None = None,
    contact: str | None = None,
    entered_by: UUID | None = None,
) -> RightsRequest:
    made = RightsRequest.objects.create(
        account_id=account_id,
        contact=contact,
        entered_by=entered_by,
        kind=wish.kind,
        state=State.RECEIVED,
        channel=channel,
        country=wish.country,
        words=wish.words,
        received_at=at,
    )
    by = f"account/{account_id or entered_by}"
    Step.objects.create(request=made, state=State.RECEIVED, by=by, at=at)
    start(KIND, made.pk, clocks_for(wish.kind, wish.country), at=at)
    if wish.kind is Kind.COMPLAINT:
        start(KIND, made.pk, (ACKNOWLEDGED,), at=at)
    tell_staff("request-came", StaffRole.PRIVACY_OFFICIAL, but=entered_by, at=at)
    return made
