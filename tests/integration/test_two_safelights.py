"""Two Safelights in separate networks: an exam goes across under consent, is cut, and resumes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

import namespaces
from cast import Person
from elsewhere_safelight import Elsewhere, a_safelight_elsewhere, another_network, cut, mend
from objects import a_file
from partnering import Bond, House, a_bond, a_partner
from safelight.exchange.release.activity import activity
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.transfer.changing import retry
from safelight.exchange.release.transfer.errors import NothingToSendError
from safelight.exchange.release.transfer.hearing import hear_custody
from safelight.exchange.release.transfer.models import (
    CopyThere,
    ItemState,
    Transfer,
    TransferState,
)
from safelight.exchange.release.transfer.running import _Run, run
from safelight.exchange.release.transfer.telling import tell_withdrawals
from safelight.kernel import clock
from safelight.kernel.errors import StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from transferring import Stage, a_stage, bound_to

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.skipif(
        not namespaces.can_be_made(), reason="network namespaces cannot be made here"
    ),
]
OBJECTS = 12
_THEIRS = """
from safelight.exchange.receive.handover.models import HandedObject, Handover
from safelight.exchange.receive.handover.announcing import terms_of
from safelight.platform.audit.models import Entry
row = Handover.objects.get()
terms = terms_of(row)
print(json.dumps({
    "transfer": str(row.transfer_id), "state": row.state, "wanted": row.wanted,
    "hashes": sorted(bytes(each.sha256).hex() for each in row.kept.all()),
    "purpose": terms.purpose, "further": terms.further, "consent": terms.consent,
    "kinds": sorted(set(Entry.objects.values_list("kind", flat=True))),
}))
"""
_LOOKED = """
from safelight.exchange.release.models import Look
from safelight.kernel import clock
from safelight.kernel.errors import StateConflictError
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Account
from safelight.records.imaging.models import Study
study = Study.objects.get()
account = Account.objects.order_by("pk").first()
Look.objects.create(
    vault_id=study.vault_id, study_id=study.pk, actor=f"account/{account.pk}", session="s",
    basis="care-relation", opened_at=clock.now(), pictures=3,
)
print("[]")
"""

_LOST = """
from safelight.exchange.receive.handover.models import HandedObject
HandedObject.objects.order_by("id").first().delete()
print("[]")
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    with another_network(), a_safelight_elsewhere(tmp_path / "river") as there:
        yield there


@pytest.fixture
def stage(
    web: TestClient, owner: Person, clinician: Person, elsewhere: Elsewhere, settings: LazySettings
) -> Stage:
    """Keep an exam, connect with the other side, and let the patient agree."""
    settings.SAFELIGHT_PEER_SEGMENTS = ["10.213.8.0/24"]
    files = [a_file(each, PatientBirthDate="19800203") for each in range(1, OBJECTS + 1)]
    house, story = a_stage(web, owner, clinician, *files)
    made = bound_to(story, joined(house, elsewhere))
    made.agree()
    return made


def joined(house: House, elsewhere: Elsewhere) -> Bond:
    wish: dict[str, object] = {
        "kind": "safelight",
        "they_send": False,
        "they_ask": False,
        "url": elsewhere.url,
        "token": elsewhere.word,
        "client_certificate": "",
        "networks": "",
    }
    bond = a_bond(house, a_partner(house), elsewhere.pem, **wish)  # type: ignore[arg-type]
    today = clock.now().date()
    bond.agree("baa", today, today + timedelta(days=30))
    return bond


def ours(row: Transfer) -> list[str]:
    """Return the hashes of what we say was sent."""
    sent = row.items.filter(state=ItemState.SENT).values_list("sha256", flat=True)
    return sorted(bytes(each or b"").hex() for each in sent)


def pulling_after(count: int) -> object:
    """Pull the wire after so many objects."""
    became, gone = _Run._became, []

    def counting(self: _Run, *said: object) -> bool:
        answer = became(self, *said)  # type: ignore[arg-type]
        gone.append(1)
        if len(gone) == count:
            cut()
        return answer

    return counting


def test_cut_in_the_middle_it_resumes_and_both_ledgers_agree(
    stage: Stage, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.exchange.release.transfer.by_safelight.PATIENCE", 3.0)
    row = stage.order()
    with monkeypatch.context() as patched:
        patched.setattr(_Run, "_became", pulling_after(5))
        assert run(row.pk) is not None
    row = Transfer.objects.get(pk=row.pk)
    assert (row.state, row.sent) == (TransferState.PUT_OFF, 5)
    mend()
    row = stage.sent(row, later=timedelta(minutes=5))
    assert (row.state, row.sent, row.cause) == (TransferState.SENT, OBJECTS, "")

    theirs = elsewhere.asked(_THEIRS)
    assert theirs["transfer"] == str(row.pk)
    assert (theirs["state"], theirs["wanted"]) == ("agreed", OBJECTS)
    assert theirs["hashes"] == ours(row)
    assert len(set(theirs["hashes"])) == OBJECTS
    assert (theirs["purpose"], theirs["further"]) == ("treatment", "none")
    assert row.consent_id is not None
    assert theirs["consent"] == to_text(row.consent_id)
    assert {"handover.announced", "handover.agreed", "intake.taken"} <= set(theirs["kinds"])
    (disclosed,) = [each for each in stage.disclosures() if each.pictures]
    assert disclosed.pictures == OBJECTS
    assert CopyThere.objects.get().agreed_at is not None
    assert Entry.objects.filter(kind="transfer.agreed").count() == 1


def test_what_is_done_there_comes_back_and_a_withdrawal_goes_there(
    stage: Stage, elsewhere: Elsewhere
) -> None:
    row = stage.sent(stage.order())
    assert (row.state, row.cause) == (TransferState.SENT, "")
    assert hear_custody(at=clock.now()) == 0
    elsewhere.asked(_LOOKED)
    later = clock.now() + timedelta(minutes=16)
    assert hear_custody(at=later) == 1
    assert hear_custody(at=later + timedelta(minutes=16)) == 0  # once, however often it is told
    told = [each for each in activity(stage.story.party, at=later) if each.is_there]
    assert [(each.did, each.pictures) for each in told] == [("looked", 3)]

    assert tell_withdrawals(at=clock.now()) == 0
    assert row.consent_id is not None
    withdraw(stage.story.party, row.consent_id, at=clock.now())
    assert tell_withdrawals(at=clock.now()) == 1
    assert tell_withdrawals(at=clock.now()) == 0
    theirs = elsewhere.asked(_THEIRS)
    assert theirs["state"] == "withdrawn"
    assert {"handover.withdrawn", "transfer.custody-told"} <= set(theirs["kinds"])
    assert Entry.objects.filter(kind="transfer.withdrawal-told").count() == 1


def test_what_differs_over_there_is_not_called_sent(
    stage: Stage, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safelight.exchange.release.transfer.by_safelight.PATIENCE", 3.0)
    row = stage.order()
    with monkeypatch.context() as patched:
        patched.setattr(_Run, "_became", pulling_after(5))
        run(row.pk)
    elsewhere.asked(_LOST)
    mend()
    row = stage.sent(row, later=timedelta(minutes=5))
    assert (row.state, row.sent, row.cause) == (TransferState.FAILED, OBJECTS, "ledgers-differ")
    assert CopyThere.objects.get().agreed_at is None
    assert elsewhere.asked(_THEIRS)["state"] == "open"
    with pytest.raises(StateConflictError):
        retry(stage.desk, row.pk, at=clock.now())  # what was sent is not sent again under its name
    anew = stage.sent(stage.order())
    assert (anew.state, anew.sent, anew.cause) == (TransferState.SENT, OBJECTS, "")
    # Where all of it is there and was agreed upon, nothing is left to send.
    with pytest.raises(NothingToSendError):
        stage.order()
