"""Which visible studies hold a series or an instance that a search names by its UID?

Naming a UID grants nothing: the search starts from where the party's studies can
lie, and every study found is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.queries import Reach, reach
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.search_keys import SERIES_UID
from safelight.records.imaging.models import Instance, Series, Study, StudyState
from safelight.records.imaging.study_index import newest_first, vaults_where
from safelight.records.imaging.tokens import uid_token


def studies_holding(party: Party, named: dict[str, list[str]], *, at: datetime) -> list[Found]:
    """Return the visible studies that hold one of each kind named, the newest first.

    `named` has the tag of the Series or SOP Instance UID, and the UIDs.
    """
    ids = set(_ids(reach(party), named))
    rows = Study.objects.filter(pk__in=ids, state=StudyState.FILED)
    decisions = decide_all(party, Action.VIEW, sorted(ids), at=at)
    found = [Found(row, decisions[row.id]) for row in rows if decisions[row.id].allowed]
    return sorted(found, key=lambda each: newest_first(each.study))


def _ids(within: Reach, named: dict[str, list[str]]) -> Iterator[UUID]:
    few = Study.objects.filter(pk__in=within.study_ids)
    given = vaults_where(within.given) if within.given else []
    vaults = {*within.vaults, *within.care_vaults, *few.values_list("vault_id", flat=True), *given}
    for vault_id in vaults:
        yield from _in_vault(vault_id, named)


def _in_vault(vault_id: UUID, named: dict[str, list[str]]) -> set[UUID]:
    found: set[UUID] | None = None
    for tag, uids in named.items():
        table = Series if tag == SERIES_UID else Instance
        tokens = [uid_token(vault_id, uid) for uid in uids]
        rows = table._default_manager.filter(vault_id=vault_id, uid_token__in=tokens)
        ids = set(rows.values_list("study_id", flat=True))
        found = ids if found is None else found & ids
    return found or set()
