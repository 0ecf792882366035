"""How does an exam go to a partner's Safelight?

By the same requests as to any web address, under an announcement that says what the patient
agreed to; at the end both sides compare count and hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Final
from uuid import UUID

import orjson

from safelight.exchange.access.systems import Destination
from safelight.exchange.receive.handover.keeping import proof_over
from safelight.exchange.receive.handover.terms import HandoverTerms
from safelight.exchange.release.transfer.by_web import ByWeb, meaning_of, said_of, web_server
from safelight.exchange.release.transfer.models import (
    CopyThere,
    ItemState,
    Transfer,
    TransferItem,
)
from safelight.exchange.release.transfer.rules import KNOWN_ALREADY, Answer, Fate
from safelight.exchange.release.transfer.ways import Leaving
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.web import PATIENCE, Line, WebAnswer, line_to

HEADER: Final = "Safelight-Transfer"
SET_ASIDE: Final = "set-aside-there"
_OBJECTS: Final = "/dicomweb/studies"


class BySafelight:
    """Sends to one partner's Safelight, under one announcement."""

    def __init__(self, line: Line, transfer_id: UUID, refused: Answer | None) -> None:
        """Send through a line that is up; `refused` is what the announcement was answered."""
        self._line = line
        self._at = address_of(transfer_id)
        self._refused = refused
        self._objects = ByWeb(line, _OBJECTS, {HEADER: to_text(transfer_id)})

    def send(self, leaving: Leaving) -> Answer:
        """Send one object, if the announcement was heard.

        Raises:
            UnreachableError: no answer came.
        """
        answer = self._refused or self._objects.send(leaving)
        if answer.cause == KNOWN_ALREADY:
            # A Safelight answers that of what contradicts its records, and nothing else.
            return Answer(fate=Fate.REFUSED, cause=SET_ASIDE)
        return answer

    def agreed(self, row: Transfer) -> bool | None:
        """Say whether the other side counts and hashes the same.

        Raises:
            UnreachableError: no answer came, or none that can be read.
        """
        sent = TransferItem.objects.filter(transfer=row, state=ItemState.SENT)
        hashes = {bytes(each or b"") for each in sent.values_list("sha256", flat=True)}
        told = {"count": len(hashes), "proof": proof_over(hashes).hex()}
        answer = self._line.call("POST", f"{self._at}/agree", orjson.dumps(told))
        agrees = said_of(answer.body).get("agrees")
        if answer.status != HTTPStatus.OK or not isinstance(agrees, bool):
            raise UnreachableError(Cause.UNREACHABLE)
        return agrees


@contextmanager
def by_safelight(
    destination: Destination, transfer_id: UUID, terms: Callable[[], HandoverTerms]
) -> Iterator[BySafelight]:
    """Connect to a partner's Safelight, and announce what will come.

    Raises:
        UnreachableError: there is nobody, or somebody else.
    """
    with line_to(web_server(destination), patience=PATIENCE) as line:
        answer = announced(line, transfer_id, terms())
        refused = None if answer.status == HTTPStatus.OK else meaning_of(answer, at=clock.now())
        yield BySafelight(line, transfer_id, refused)


def announced(line: Line, transfer_id: UUID, terms: HandoverTerms) -> WebAnswer:
    """Tell a partner's Safelight what comes, and under which terms; remember what it heard.

    Raises:
        UnreachableError: no answer came.
    """
    consent_id, at = UUID(terms.consent), clock.now()
    told = asdict(terms) | {"consent": to_text(consent_id)}
    answer = line.call("PUT", address_of(transfer_id), orjson.dumps(told))
    if answer.status == HTTPStatus.OK:
        CopyThere.objects.update_or_create(
            transfer_id=transfer_id,
            defaults={"consent_id": consent_id},
            create_defaults={
                "consent_id": consent_id,
                "announced_at": at,
                "heard_until": at,
                "ask_at": at,
            },
        )
    return answer


def address_of(transfer_id: UUID) -> str:
    """Return where a handover stands, below the other side's address."""
    return f"/api/v1/handovers/{to_text(transfer_id)}"
