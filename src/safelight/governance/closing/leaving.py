"""How does an owner make their account inactive, with all that rests on it, in one transaction?"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.recording import tell
from safelight.governance.closing.ending import end_what_rests_on
from safelight.governance.closing.events import ClosingEvent
from safelight.governance.closing.jobs import AFTER, look_again
from safelight.governance.closing.models import Inactivation
from safelight.governance.closing.offices import require_others_in_office
from safelight.governance.deadlines.clocks import CLOCKS
from safelight.governance.deadlines.keeping import calendar
from safelight.governance.deadlines.rules import due
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts.actions.freeze import freeze_account
from safelight.records.accounts.actions.sessions import sign_out_everywhere
from safelight.records.accounts.actions.tokens import revoke_token
from safelight.records.accounts.authorization.actions import SignatureRecord
from safelight.records.accounts.models import Account, Membership, Role, State
from safelight.records.accounts.queries import address_of, memberships_of, tokens_of

_COOLING: Final = "inactivation.cooling"


def end_of_cooling(since: datetime) -> datetime:
    """Return the first moment at which it is too late to come back."""
    return due(since, CLOCKS[_COOLING].length, calendar())


def inactivate(party: Party, signature: SignatureRecord, *, at: datetime) -> Inactivation:
    """Make the account of a party inactive, at once, on a signature that was just used up.

    Of two presses one does it.

    Raises:
        StateConflictError: it is inactive already, or nobody else holds an office of theirs.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=signature.account_id)
        if account.state != State.ACTIVE or party.account_id != account.pk:
            raise StateConflictError("This account is not in use any more.")
        require_others_in_office(account.pk)
        made = Inactivation.objects.create(
            account_id=account.pk,
            authorization_id=signature.authorization_id,
            since=at,
            until=end_of_cooling(at),
        )
        shares, transfers = end_what_rests_on(party, account, at=at)
        tokens = tokens_of(account)
        for token in tokens:
            revoke_token(account, token.pk, at=at)
        sessions = sign_out_everywhere(account, at=at)
        freeze_account(account, State.INACTIVE, at=at)
        record(
            ClosingEvent.INACTIVATED,
            actor=f"account/{account.pk}",
            session=party.session,
            subject=f"account/{account.pk}",
            count=shares,
            detail={
                "authorization": str(signature.authorization_id),
                "transfers": transfers,
                "sessions": sessions,
                "tokens": len(tokens),
                "until": made.until.isoformat(),
            },
            at=at,
        )
        _tell(account, made, at=at)
        look_again.enqueue(run_after=at + AFTER, inactivation_id=made.pk)
    return made


def _tell(account: Account, made: Inactivation, *, at: datetime) -> None:
    about = f"account/{account.pk}"
    facts = {"when": made.until.isoformat()}
    send("account-inactive", to=address_of(account), context=facts, about=about, at=at)
    for organization_id in {each.organization_id for each in memberships_of(account.pk)}:
        for admin in _admins_of(organization_id) - {account.pk}:
            tell(admin, "member-inactive", at=at)


def _admins_of(organization_id: UUID) -> set[UUID]:
    rows = Membership.objects.filter(
        organization_id=organization_id, role=Role.ADMIN, state=Membership.State.ACTIVE
    )
    return set(rows.values_list("account_id", flat=True))
