"""How is it said, and what happens at once?

On a page of the account; by the link that each security mail carries; or from outside,
by an address alone, which freezes nothing: it sends that address the link. So whoever
merely knows somebody's address can lock nobody out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.release.sharing.doubted import pause_doubted
from safelight.governance.compromise.events import CompromiseEvent
from safelight.governance.compromise.jobs import AFTER, look_again
from safelight.governance.compromise.links import recovery_page
from safelight.governance.compromise.models import CompromiseReport, Way
from safelight.governance.watch.incidents import open_incident
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.platform.notices.actions import send
from safelight.records.accounts import throttle
from safelight.records.accounts.actions.freeze import freeze_account
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.alarms import named_by, not_me_page
from safelight.records.accounts.models import Account, State
from safelight.records.accounts.pace import even_pace
from safelight.records.accounts.queries import account_of_address, address_of

DOUBTED_FOR: Final = timedelta(hours=48)
_MOST_ENTRIES: Final = 200


def ask_from_outside(address: str, *, source: str, at: datetime) -> None:
    """Send the link to an address, if there is an account. Known or not, the answer is the same.

    Raises:
        InvalidFieldError: this is no e-mail address.
        RateLimitedError: too many were asked for.
    """
    address = normalised(address)
    throttle.take(throttle.NOT_ME_SOURCE, throttle.network_of(source), at=at)
    throttle.take(throttle.NOT_ME_ADDRESS, address, at=at)
    with even_pace(), transaction.atomic():
        account = account_of_address(address)
        record(
            CompromiseEvent.ASKED,
            actor="anonymous",
            subject=f"account/{account.pk}" if account else "",
            origin=source,
            at=at,
        )
        if account is not None:
            page = not_me_page(account.pk, at=at)
            send("not-me-asked", to=address, context={"page": page}, at=at)


def require_link(key: str, *, at: datetime) -> UUID:
    """Return the account that a mailed link names; nothing happens by that.

    Raises:
        NotFoundError: it is none of ours, too old, or of an account that can be frozen no more.
    """
    account_id = named_by(key, "not-me", at=at)
    states = (State.ACTIVE, State.LOCKED)
    if not Account.objects.filter(pk=account_id, state__in=states).exists():
        raise NotFoundError
    return account_id


def report(account_id: UUID, way: Way, *, session: str = "", at: datetime) -> CompromiseReport:
    """Freeze an account, pause what it signed lately, and open an incident, in one transaction.

    Said twice, it is one report. `session` is the one it is said in, and ends with the others.

    Raises:
        NotFoundError: this account is not one that is in use.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(pk=account_id).first()
        known = CompromiseReport.objects.filter(account_id=account_id, recovered_at=None).first()
        if known is not None:
            return known
        if account is None or account.state != State.ACTIVE:
            raise NotFoundError
        since = at - DOUBTED_FOR
        ended = freeze_account(account, at=at)
        paused = pause_doubted(account_id, since=since, at=at)
        subject = f"account/{account_id}"
        incident = open_incident("compromise", subject, discovered_at=at, at=at, by=subject)
        made = CompromiseReport.objects.create(
            account_id=account_id,
            way=way,
            reported_at=at,
            doubted_since=since,
            incident_id=incident.pk,
            entries=_done_lately(subject, since),
        )
        record(
            CompromiseEvent.REPORTED,
            actor=subject,
            session=session,
            subject=f"incident/{incident.pk}",
            reason=way.value,
            count=len(paused),
            detail={"sessions": ended.sessions, "tokens": ended.tokens},
            at=at,
        )
        send(
            "account-frozen",
            to=address_of(account),
            context={"page": recovery_page(made.pk, at=at)},
            about=subject,
            at=at,
        )
        look_again.enqueue(run_after=at + AFTER, report_id=made.pk)
    return made


def _done_lately(actor: str, since: datetime) -> list[str]:
    page = page_of(TrailFilter(actor=actor, since=since), limit=_MOST_ENTRIES)
    return [str(each.entry_id) for each in page.entries]
