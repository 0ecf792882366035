"""How does a draft become a report that stays?

Its author approves exactly its bytes, with both factors. The paper, with the signature record
and the instance's own signature over both, is wrapped in the cage and taken in like every
object; the approval is used, the object filed and the act recorded in one transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.dicom.registry.uids import new_uid
from safelight.dicom.search.titles import value_of
from safelight.dicom.source import BytesSource
from safelight.exchange.access.facts import Party
from safelight.exchange.access.parties import session_id
from safelight.exchange.consent.record import consent_signer
from safelight.exchange.receive.door import finish_batch, open_batch, require_sender
from safelight.exchange.receive.intake import Intake, Taken, take
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.together import commit
from safelight.exchange.receive.verdicts import Ruling, Verdict
from safelight.exchange.release.papers.sealing import sign_paper
from safelight.exchange.release.reports.content import Content, content_of, paper_of
from safelight.exchange.release.reports.drafting import draft_of, exam_to_report, next_number
from safelight.exchange.release.reports.events import ReportEvent
from safelight.exchange.release.reports.models import WrittenReport
from safelight.exchange.release.viewing.answers import study_answers
from safelight.exchange.release.viewing.find import Found
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.actions import record
from safelight.platform.cage.cage import cage
from safelight.platform.database.turns import take_turn
from safelight.records.accounts.authorization.actions import begin, consume
from safelight.records.accounts.models import Account, Authorization
from safelight.records.imaging.models import Instance, Vault
from safelight.records.imaging.store import card_of

MEANING: Final = "I am the author of this report, and it says what I found"
_OVERTAKEN: Final = "Somebody has added to it since. Look at that first, then sign yours again."


def ask_to_sign(party: Party, study_id: UUID, *, at: datetime) -> UUID:
    """Open the question whose answer signs this party's draft, and return its id.

    Raises:
        NotFoundError: it is not theirs to report on, or they have no draft.
    """
    row = _draft(party, study_id, at=at)[1]
    return begin(
        Account.objects.get(pk=party.account),
        session_id=session_id(party),
        digest=bytes(row.signed_digest),
        meaning=MEANING,
        at=at,
    ).pk


def sign_report(party: Party, study_id: UUID, authorization_id: UUID, *, at: datetime) -> UUID:
    """Sign this party's draft: from now on it is part of the exam. Return its id.

    Raises:
        NotFoundError: it is not theirs to report on, or they have no draft.
        MayNotStoreError, ReadOnlyError, RecoveringError: they bring nothing in now.
        StateConflictError: somebody added to the same report meanwhile, or the exam does
            not take it.
        StepUpRequiredError and its kin: the authorization does not cover this.
        CageError, StorageFullError: it could not be made or kept just now.
    """
    found, row = _draft(party, study_id, at=at)
    require_sender(party, at=at)
    if row.number > 1 and next_number(row.chain_id) != row.number:
        raise StateConflictError(_OVERTAKEN)
    given = Authorization.objects.filter(pk=authorization_id, account_id=party.account).first()
    content = content_of(row)
    pdf = sign_paper(paper_of(row), _proof(row, content, given, at=at))
    declared = _declared(found, row, content, at=at)
    data = cage().wrap(DocumentKind.PDF, pdf, declared)
    vault = Vault.objects.get(pk=row.vault_id)
    batch = open_batch(party, vault, Channel.WEB, None, at=at)
    taken = take(vault, 0, BytesSource(data), only_study=declared.study_instance_uid)
    if isinstance(taken, Verdict) or taken.arrival is None:
        raise StateConflictError("The exam does not take this report.")
    intake = Intake(party, vault, batch, at=at)
    intake.add(taken)
    intake.make_durable()
    commit(_Signing(party, row, intake, taken, authorization_id, at).write)
    finish_batch(party, batch, at=at)
    return row.id


@dataclass(frozen=True, slots=True)
class _Signing:
    """What one transaction writes: all of it, or nothing."""

    party: Party
    row: WrittenReport
    intake: Intake
    taken: Taken
    authorization_id: UUID
    at: datetime

    def write(self) -> None:
        row, arrival = self.row, self.taken.arrival
        take_turn(f"report/{row.chain_id}")
        consume(
            self.authorization_id,
            account=Account.objects.get(pk=self.party.account),
            session_id=session_id(self.party),
            digest=bytes(row.signed_digest),
            at=self.at,
        )
        if next_number(row.chain_id) != row.number:
            raise StateConflictError(_OVERTAKEN)
        (verdict,) = self.intake.file()
        if verdict.ruling is not Ruling.STORED or arrival is None:
            raise StateConflictError(verdict.sentence)
        drafts = WrittenReport.objects.filter(pk=row.id, signed_at__isnull=True)
        changed = drafts.update(
            signed_at=self.at,
            authorization_id=self.authorization_id,
            instance_id=arrival.instance_id,
            sealed_paper=b"",
        )
        if not changed:
            raise StateConflictError
        record(
            ReportEvent.SIGNED,
            actor=self.party.name,
            session=self.party.session,
            subject=f"study/{row.study_id}",
            vault_id=row.vault_id,
            count=row.number,
            at=self.at,
        )


def _draft(party: Party, study_id: UUID, *, at: datetime) -> tuple[Found, WrittenReport]:
    found = exam_to_report(party, study_id, at=at)
    row = draft_of(party, study_id)
    if row is None:
        raise NotFoundError
    return found, row


def _proof(
    row: WrittenReport, content: Content, given: Authorization | None, *, at: datetime
) -> dict[str, Any]:
    """Write who signed what, when and how; whoever verifies it needs the public key alone."""
    words = content.as_signed()
    said = {
        "v": 1,
        "type": "report",
        "report": to_text(row.id),
        "adds_to": to_text(row.chain_id) if row.number > 1 else "",
        "number": row.number,
        "printed_name": content.author,
        "place": content.place,
        "account": str(row.author_id),
        "authorization": str(given.pk) if given else "",
        "given_at": given.given_at.isoformat() if given else "",
        "method": given.method if given else "",
        "meaning": MEANING,
        "signed_at": at.isoformat(),
        "words_sha256": hashlib.sha256(words.encode()).hexdigest(),
        "signed_digest": bytes(row.signed_digest).hex(),
    }
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
    signature = consent_signer().sign(text.encode()).hex()
    return {"record": text, "signature": signature, "words": words}


def _declared(found: Found, row: WrittenReport, content: Content, *, at: datetime) -> Declared:
    """Let the object say of patient and study what the exam says, so that it belongs to it."""
    (answer,) = study_answers([found])
    name = (answer.get("00100010", {}).get("Value") or [{}])[0]
    beside = _series_of_chain(row)
    return Declared(
        patient_name=str(name.get("Alphabetic", "")) if isinstance(name, dict) else "",
        patient_id=value_of(answer, "00100020"),
        patient_id_issuer=value_of(answer, "00100021"),
        birth_date=value_of(answer, "00100030"),
        sex=value_of(answer, "00100040"),
        study_date=value_of(answer, "00080020"),
        study_time=value_of(answer, "00080030").partition(".")[0],
        study_title=value_of(answer, "00081030"),
        study_id=value_of(answer, "00200010"),
        accession=value_of(answer, "00080050"),
        title=content.title,
        made_on=f"{at:%Y%m%d}",
        made_at=f"{at:%H%M%S}",
        instance_number=row.number,
        study_instance_uid=value_of(answer, "0020000D"),
        series_instance_uid=beside or new_uid(),
    )


def _series_of_chain(row: WrittenReport) -> str:
    """Return the series that the first of a chain lies in, "" for a first one."""
    if row.number == 1:
        return ""
    ids = WrittenReport.objects.filter(pk=row.chain_id).values_list("instance_id")
    first = Instance.objects.filter(id__in=ids).first()
    return card_of(first).series_instance_uid if first is not None else ""
