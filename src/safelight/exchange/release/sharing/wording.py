"""How do a person's choices become terms that can be shown and signed?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import ConsentDraft
from safelight.exchange.consent.rules import faults
from safelight.exchange.consent.terms import (
    DEFAULT_TERM,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Terms,
)
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.people import address_of_account, name_of
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.items import items_of
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.records.accounts.addresses import normalised
from safelight.records.imaging.models import Study


def own_studies(party: Party, choices: Choices, *, at: datetime) -> list[Study]:
    """Return the chosen studies, each of which must be this party's to share."""
    ids = [UUID(each) for each in choices.study_ids]
    if not all(decide(party, Action.SHARE, study_id, at=at).allowed for study_id in ids):
        raise NotFoundError
    return list(Study.objects.filter(pk__in=ids).order_by("id"))


def terms_from_choices(
    party: Party, draft: ConsentDraft, choices: Choices, *, statement_version: str, at: datetime
) -> Terms:
    """Judge the choices as a whole and write them as terms.

    Raises:
        NotFoundError: one of the exams is not this party's to share.
        TermsNotFitError: something is missing or wrong; it names each part.
    """
    studies = own_studies(party, choices, at=at)
    account_id = party.account
    found: dict[str, str] = {}
    try:
        address = normalised(choices.address)
    except InvalidFieldError:
        address = choices.address.strip()
    starts_at, ends_at = _dates(choices, at, found)
    if choices.purpose not in set(Purpose):
        found["purpose"] = "Choose what it is for."
    if choices.kind not in set(RecipientKind):
        found["kind"] = "Choose who this is to you."
    if choices.second_check not in set(SecondCheck):
        found["second_check"] = "Choose how a mistyped address is kept out."
    if found:
        raise TermsNotFitError(found)
    permissions = {Permission.VIEW} | ({Permission.DOWNLOAD} if choices.may_download else set())
    terms = Terms(
        vault_id=draft.vault_id,
        grantor_id=account_id,
        grantor_name=name_of(account_id),
        items=items_of(studies, frozenset(UUID(each) for each in choices.series_ids)),
        recipient=Recipient(
            name=choices.name.strip(), address=address, kind=RecipientKind(choices.kind)
        ),
        purpose=Purpose(choices.purpose),
        purpose_words=choices.purpose_words.strip(),
        permissions=frozenset(permissions),
        starts_at=starts_at,
        ends_at=ends_at,
        second_check=SecondCheck(choices.second_check),
        statement_version=statement_version,
    )
    if found := faults(terms, grantor_addresses=frozenset({address_of_account(account_id)}), at=at):
        raise TermsNotFitError(found)
    return terms


def _dates(choices: Choices, at: datetime, found: dict[str, str]) -> tuple[datetime, datetime]:
    """Read the first and last day; the share ends when the last day is over (UTC)."""
    starts_at, ends_at = at, at + DEFAULT_TERM
    try:
        if choices.starts_on and date.fromisoformat(choices.starts_on) != at.date():
            starts_at = datetime.combine(date.fromisoformat(choices.starts_on), time(), UTC)
    except ValueError:
        found["starts"] = "Give the first day as a date."
    try:
        last = date.fromisoformat(choices.ends_on) if choices.ends_on else ends_at.date()
        ends_at = datetime.combine(last + timedelta(days=1), time(), UTC) - timedelta(seconds=1)
    except ValueError:
        found["ends"] = "Give the last day as a date."
    return starts_at, ends_at
