"""By whom, through which door and under which agreements did an exam come in? (L30)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.models import AgreementGate
from safelight.exchange.receive.door import attestation_of
from safelight.exchange.receive.models import Channel, IntakeBatch
from safelight.records.accounts.models import Account
from safelight.records.imaging.models import Study, Vault
from safelight.records.partners.models import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtIn:
    """The delivery that brought an exam's first object.

    `sender` is a person's or a connected system's name; `agreements` are the kinds that were
    in force with `partner` then; `basis` is what somebody of an institution said it rests on.
    """

    sender: str
    is_own: bool
    partner: str
    channel: Channel
    at: datetime
    agreements: tuple[str, ...]
    basis: str = ""


def brought_in(party: Party, study_id: UUID, *, at: datetime) -> BroughtIn | None:
    """Tell those whose exam it is, and those who work where it is kept; None for all others.

    None as well where it is not known: an older version did not keep it.
    """
    study = Study.objects.filter(pk=study_id).first()
    if study is None or study.batch_id is None or not _may_know(party, study, at=at):
        return None
    batch = IntakeBatch.objects.filter(pk=study.batch_id).first()
    if batch is None:
        return None
    system = Connection.objects.filter(pk=batch.account_id).select_related("partner").first()
    person = Account.objects.filter(pk=batch.account_id).first()
    partner = system.partner if system is not None else None
    return BroughtIn(
        sender=system.name if system else person.name if person else "",
        is_own=batch.account_id == party.account_id,
        partner=partner.name if partner else "",
        channel=Channel(batch.channel),
        at=batch.started_at,
        agreements=_in_force(partner.pk, at=batch.started_at) if partner else (),
        basis=declared.basis if (declared := attestation_of(batch)) else "",
    )


def _may_know(party: Party, study: Study, *, at: datetime) -> bool:
    if decide(party, Action.READ_ACTIVITY, study.pk, at=at).allowed:
        return True
    house = Vault.objects.get(pk=study.vault_id).organization_id
    is_here = house is not None and house in party.organizations
    return is_here and decide(party, Action.VIEW, study.pk, at=at).allowed


def _in_force(partner_id: UUID, *, at: datetime) -> tuple[str, ...]:
    gates = AgreementGate.objects.filter(partner_id=partner_id, since__lte=at, until__gt=at)
    return tuple(sorted(set(gates.values_list("kind", flat=True))))
