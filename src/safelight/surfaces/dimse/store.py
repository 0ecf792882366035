"""C-STORE: how do objects come in, one by one? (PS3.4 annex B)

The data set is kept as it was sent; only a file's head is put before it. An object is
acknowledged once it is durable, and no association waits for another or for a clock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import OperationalError

from safelight.dicom.registry.uids import is_usable_uid
from safelight.dicom.source import BytesSource, Source
from safelight.dicom.writing.from_json import Spliced
from safelight.dicom.writing.part10 import file_meta
from safelight.exchange.access.errors import ClosedForNowError
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.door import vault_for
from safelight.exchange.receive.intake import Taken
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.verdicts import (
    OTHER_OBJECT,
    OTHER_STUDY,
    SENTENCES,
    STORAGE_FULL,
    Ruling,
    Verdict,
)
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.platform.peers.dimse import commands, statuses
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.dimse.holding import Heard, Talk

logger = logging.getLogger("safelight.dimse")
# A delivery's receipt is closed after so much, and the association goes on with the next.
_OBJECTS: Final = 1000
_LASTS: Final = timedelta(minutes=10)
_STATUSES: Final = {
    Ruling.STORED: statuses.SUCCESS,
    Ruling.DUPLICATE: statuses.SUCCESS,
    Ruling.REVIEW: statuses.COERCED,
}
_REFUSALS: Final = {
    STORAGE_FULL: statuses.OUT_OF_RESOURCES,
    OTHER_STUDY: statuses.OTHER_DATA_SET,
    OTHER_OBJECT: statuses.OTHER_DATA_SET,
}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    comment: str = ""


class Storing:
    """The objects of one association on their way in."""

    def __init__(self, party: Callable[[datetime], Party]) -> None:
        """Take objects for whoever `party` says is sending; it is asked for each of them."""
        self._party = party
        self._delivery: Delivery | None = None
        self._begun: datetime | None = None
        self._items = 0
        self._refusal: ExpectedError | None = None

    def may_come(self) -> bool:
        """Say whether an object that is announced is wanted; `take` says why not."""
        at = clock.now()
        try:
            party = self._party(at)
            vault = vault_for(party, at=at)
        except ExpectedError as refusal:
            self._refusal = refusal
            return False
        self._refusal = None
        if self._delivery is not None:
            self._delivery.party = party
            if self._delivery.vault.id != vault.id or self._is_long(at):
                self.close()
        if self._delivery is None:
            self._delivery = Delivery.start(party, Channel.DIMSE, at=at)
            self._begun, self._items = at, 0
        return True

    def take(self, said: Talk, message: Heard) -> None:
        """Take one object in and answer."""
        try:
            answer = self._taken(message)
        finally:
            if message.data is not None:
                message.data.discard()
        reply = commands.answer(message.command, answer.status, comment=answer.comment)
        said.say(message.context, reply)

    def close(self) -> None:
        """Close the receipt of what came."""
        delivery, self._delivery = self._delivery, None
        if delivery is not None and self._items:
            delivery.finish(at=clock.now())

    def _is_long(self, at: datetime) -> bool:
        return self._items >= _OBJECTS or (self._begun is not None and at - self._begun > _LASTS)

    def _taken(self, message: Heard) -> _Answer:
        data = message.data
        if data is None or not message.context.is_storage:
            return _Answer(statuses.MISTYPED)
        if self._refusal is not None:
            return _refused(self._refusal)
        if data.is_lost or self._delivery is None:
            return _Answer(statuses.OUT_OF_RESOURCES, STORAGE_FULL)
        try:
            verdict = self._kept(self._delivery, message, data.source())
        except ExpectedError as refusal:
            return _refused(refusal)
        except OperationalError:
            return _Answer(statuses.OUT_OF_RESOURCES)
        except Exception as error:  # noqa: BLE001 (its text may hold what was in the object)
            logger.error("an object could not be taken in: %s", type(error).__name__)  # noqa: TRY400
            return _Answer(statuses.PROCESSING_FAILURE)
        if verdict.ruling is Ruling.REFUSED:
            status = _REFUSALS.get(verdict.reason, statuses.NOT_UNDERSTOOD)
            return _Answer(status, verdict.reason)
        return _Answer(_STATUSES[verdict.ruling], verdict.reason)

    def _kept(self, delivery: Delivery, message: Heard, data_set: Source) -> Verdict:
        item, self._items = self._items, self._items + 1
        command = message.command
        announced = (
            command.text(commands.AFFECTED_CLASS),
            command.text(commands.AFFECTED_INSTANCE),
        )
        looked: Taken | Verdict
        if not all(map(is_usable_uid, announced)):
            looked = Verdict(item, Ruling.REFUSED, OTHER_OBJECT, SENTENCES[OTHER_OBJECT])
        else:
            head = file_meta(*announced, message.context.transfer_syntax)
            looked = delivery.look(item, Spliced.of([BytesSource(head), data_set]))
            names = looked.names
            if isinstance(looked, Taken) and announced != (
                names.sop_class_uid,
                names.sop_instance_uid,
            ):
                # Sealed already, and never filed: a sweep takes it away.
                looked = Verdict(item, Ruling.REFUSED, OTHER_OBJECT, SENTENCES[OTHER_OBJECT], names)
        delivery.add(looked)
        return delivery.close_group()[0]


def _refused(error: ExpectedError) -> _Answer:
    if isinstance(error, (ClosedForNowError, RateLimitedError)):
        return _Answer(statuses.OUT_OF_RESOURCES, error.code)
    return _Answer(statuses.NOT_AUTHORISED, error.code)
