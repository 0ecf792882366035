"""May this party do this with this study, now?

The one decision point (I1). A remembered yes is used only while nothing has
changed about its exam since, and before its own end; a no is never remembered, nor
an access that lasts for hours only.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from safelight.exchange.access.decision import Action, Decision
from safelight.exchange.access.epoch import epoch_and_mode, is_still_good, remembers_from
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.gates import refusal_of
from safelight.exchange.access.load import study_facts
from safelight.exchange.access.models import Mode
from safelight.exchange.access.rules import decide as judge
from safelight.exchange.access.rules import while_recovering
from safelight.platform.operating.meters import decided

_REMEMBERED: Final = 4096

_Key = tuple[Party, UUID, Action]


class _Memory:
    """The yeses of this process, each with the epoch it was given in."""

    def __init__(self) -> None:
        self._answers: OrderedDict[_Key, tuple[int, Decision]] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: _Key, epoch: int, at: datetime) -> Decision | None:
        with self._lock:
            epoch_then, decision = self._answers.get(key, (-1, None))
            if decision is None or not is_still_good(epoch_then, epoch, key[1]):
                return None
            if decision.until is not None and decision.until <= at:
                return None
            self._answers.move_to_end(key)
            return decision

    def keep(self, key: _Key, epoch: int, decision: Decision) -> None:
        with self._lock:
            self._answers[key] = (epoch, decision)
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)


_memory = _Memory()


def decide(party: Party, action: Action, study_id: UUID, *, at: datetime) -> Decision:
    """Decide about one study."""
    return decide_all(party, action, [study_id], at=at)[study_id]


def decide_all(
    party: Party, action: Action, study_ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, Decision]:
    """Decide about each of some studies, their facts loaded together.

    The epoch is read first, so a revocation cannot slip between.
    """
    begun = time.perf_counter()
    epoch, mode = epoch_and_mode()
    decisions = {
        study_id: remembered
        for study_id in study_ids
        if (remembered := _memory.recall((party, study_id, action), epoch, at))
    }
    unknown = [study_id for study_id in study_ids if study_id not in decisions]
    facts = study_facts(party, unknown) if unknown else {}
    closed = refusal_of(party.account, at=at) if party.kind is PartyKind.SYSTEM else ""
    for study_id in unknown:
        if closed:  # whatever the exam; and never remembered
            decisions[study_id] = Decision(allowed=False, reason=closed)
            continue
        decision = judge(party, facts.get(study_id), action, at=at)
        if mode == Mode.RECOVERING:
            decision = while_recovering(decision)
        decisions[study_id] = decision
        # What a transaction has changed itself may never come to be; and what two people
        # opened for hours is looked up each time, so that it is over when one of them says so.
        is_lasting = decision.allowed and decision.timed_access_id is None
        if is_lasting and not connection.in_atomic_block:
            remembers_from(epoch)
            _memory.keep((party, study_id, action), epoch, decision)
    decided(time.perf_counter() - begun)
    return decisions
