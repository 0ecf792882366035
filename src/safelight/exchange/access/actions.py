"""Which acts change the facts that decide about access?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.models import AgreementGate, Binding, Gate
from safelight.exchange.consent.models import Consent, ConsentItem, ConsentStanding

STATEMENT = "statement"


def open_gate(account_id: UUID, duty: str, number: int = 0, *, at: datetime) -> None:
    """Note that an account has done a duty, or a version of it. Call in the act's transaction."""
    gate, is_new = Gate.objects.get_or_create(
        account_id=account_id, duty=duty, defaults={"open_since": at, "number": number}
    )
    if not is_new and gate.number < number:
        Gate.objects.filter(pk=gate.pk, number__lt=number).update(number=number)


def refuse_duty(account_id: UUID, duty: str, number: int, *, at: datetime) -> None:
    """Note that an account declined a version; every remembered yes is void from the commit on."""
    gate, _ = Gate.objects.get_or_create(
        account_id=account_id, duty=duty, defaults={"open_since": at}
    )
    Gate.objects.filter(pk=gate.pk, refused__lt=number).update(refused=number)
    turn_epoch()


def bind(duty: str, number: int, *, since: datetime) -> None:
    """Let a version of a duty be asked of everybody from a moment on; again changes nothing."""
    Binding.objects.get_or_create(duty=duty, number=number, defaults={"since": since})


def close_gate(account_id: UUID, duty: str) -> None:
    """Note that a duty is open again; every remembered yes is void from the commit on."""
    Gate.objects.filter(account_id=account_id, duty=duty).delete()
    turn_epoch()


def agreement_began(
    partner_id: UUID, kind: str, agreement_id: UUID, *, since: datetime, until: datetime
) -> None:
    """Let connections rest on an agreement, from and until its own times."""
    AgreementGate.objects.create(
        partner_id=partner_id, kind=kind, agreement_id=agreement_id, since=since, until=until
    )


def agreement_over(agreement_id: UUID) -> None:
    """Let nothing rest on an agreement any more; remembered yeses are void from the commit on."""
    AgreementGate.objects.filter(agreement_id=agreement_id).delete()
    turn_epoch()


def admit_account(consent_id: UUID, account_id: UUID) -> None:
    """Bind a consent to the account that proved to be its recipient; once and for good."""
    Consent.objects.filter(pk=consent_id, recipient_account_id__isnull=True).update(
        recipient_account_id=account_id
    )
    turn_for_consents([consent_id])


def turn_for_consents(consent_ids: Sequence[UUID]) -> None:
    """Make remembered answers void about what these consents cover, from the commit on."""
    if ConsentStanding.objects.filter(consent_id__in=consent_ids).exists():
        turn_epoch()  # what came under it since is not listed
        return
    items = ConsentItem.objects.filter(consent_id__in=consent_ids)
    turn_epoch(items.values_list("study_id", flat=True))
