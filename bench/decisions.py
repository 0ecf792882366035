"""How long do decisions and lists take inside one process of an instance?

Rows are written as signing writes them; no exam is stored. Run by `bench.deciding`, which
makes the instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from statistics import median, quantiles
from time import perf_counter
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.release.viewing.search import Query, matching_studies
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.imaging.models import PatientRecord, Study, Vault, VaultKind

_REVOKE_EVERY: Final = 100
_ROUNDS: Final = 20
_AT_ONCE: Final = 2000
_PAGE: Final = 100


def measure(studies: int, grants: int) -> None:
    """Fill the instance that settings name, decide and list, and print the figures."""
    party, given = _fill(studies, grants, at=clock.now())
    with transaction.atomic():
        turn_epoch()  # an instance in use has withdrawals behind it
    print(f"\nDecisions: {studies:,} exams, {grants:,} of them given by a consent each")
    _show("list all, first", _listing(party, grants, rounds=1))
    _show("list all, again", _listing(party, grants))
    _show(f"list a page of {_PAGE}", _listing(party, _PAGE))
    _show("decide about one of the list", _deciding(party, given, revoke=False))
    _show(f"the same, a withdrawal each {_REVOKE_EVERY}", _deciding(party, given, revoke=True))
    _show(f"list all after {grants // _REVOKE_EVERY} withdrawals", _listing(party, grants))


def _fill(studies: int, grants: int, *, at: datetime) -> tuple[Party, list[UUID]]:
    """Write the exams of a hundred owners, and one person's consents over some of them."""
    vaults = [
        Vault(id=new_id(), kind=VaultKind.PERSON, account_id=new_id(), created_at=at)
        for _ in range(100)
    ]
    Vault.objects.bulk_create(vaults)
    patients = [
        PatientRecord(id=new_id(), vault_id=vault.id, identity_token=new_id().bytes)
        for vault in vaults
    ]
    PatientRecord.objects.bulk_create(patients)
    rows = (
        Study(
            id=new_id(),
            vault_id=patient.vault_id,
            patient_id=patient.id,
            uid_token=new_id().bytes,
            study_on=(at - timedelta(days=number % 3650)).date(),
            received_at=at,
            changed_at=at,
            sealed_answer=bytes(900),
        )
        for number in range(studies)
        for patient in (patients[number % len(patients)],)
    )
    given: list[Study] = []
    for batch in _batches(rows):
        Study.objects.bulk_create(batch)
        given += batch[:: max(1, studies // grants)]
    given = given[:grants]
    person = new_id()
    consents = [
        Consent(
            id=new_id(),
            vault_id=study.vault_id,
            grantor_id=new_id(),
            recipient_account_id=person,
            recipient_token=bytes(16),
            purpose="treatment",
            may_view=True,
            may_download=True,
            starts_at=at - timedelta(days=1),
            ends_at=at + timedelta(days=30),
            granted_at=at - timedelta(days=1),
            authorization_id=new_id(),
            signed_digest=bytes(32),
            sealed_terms=bytes(2000),
            sealed_words=bytes(2000),
            sealed_signature=bytes(500),
        )
        for study in given
    ]
    Consent.objects.bulk_create(consents, batch_size=_AT_ONCE)
    ConsentItem.objects.bulk_create(
        [
            ConsentItem(
                consent=consent,
                vault_id=study.vault_id,
                study_id=study.id,
                series_id=new_id(),
                up_to=10**9,
                pictures=50,
            )
            for consent, study in zip(consents, given, strict=True)
        ],
        batch_size=_AT_ONCE,
    )
    party = Party(
        kind=PartyKind.INDIVIDUAL,
        account_id=person,
        session="session/bench",
        second_factor=True,
        active=True,
        statement_accepted=True,
        until=at + timedelta(hours=12),
    )
    return party, [study.id for study in given]


def _deciding(party: Party, given: list[UUID], *, revoke: bool) -> list[float]:
    """Return the milliseconds of each decision about a listed exam."""
    spent = []
    for number, study_id in enumerate(given):
        if revoke and number % _REVOKE_EVERY == _REVOKE_EVERY - 1:
            _withdraw_one(given[number - 1])
        spent.append(_timed(partial(decide, party, Action.VIEW, study_id, at=clock.now())))
    return spent


def _withdraw_one(study_id: UUID) -> None:

    consent_id = ConsentItem.objects.values_list("consent_id", flat=True).get(study_id=study_id)
    with transaction.atomic():
        Consent.objects.filter(pk=consent_id).update(revoked_at=clock.now(), ended_by="giver")
        turn_for_consents([consent_id])


def _listing(party: Party, limit: int, *, rounds: int = _ROUNDS) -> list[float]:
    """Return the milliseconds of each list of what the person may see."""

    def once() -> None:
        matched = matching_studies(party, Query(limit=limit), at=clock.now())
        if not list(islice(matched, limit)):
            raise SystemExit("nothing is visible")

    return [_timed(once) for _ in range(rounds)]


def _timed(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


def _batches(rows: Iterator[Study]) -> Iterator[list[Study]]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch


def _show(label: str, spent: list[float]) -> None:
    p95 = quantiles(spent * 2, n=20)[-1]
    print(f"  {label:<40}{median(spent):>10.3f} ms median{p95:>10.3f} ms p95", flush=True)
