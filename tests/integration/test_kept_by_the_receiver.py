"""R07: who was sent a copy is asked whether it keeps it (storage commitment, PS3.4 annex J)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest
from django.conf import LazySettings
from pynetdicom import evt
from starlette.testclient import TestClient

from cast import Person, app_code, give_second_factor
from certificates import an_authority
from commitment_asked import calls_back, report_over
from dicom_archive import DicomArchive, a_dicom_archive
from dicom_peer import OURS, connect, served
from partnering import a_bond
from safelight.exchange.release.transfer import by_dimse
from safelight.exchange.release.transfer.listing import KeptSaid, one_transfer
from safelight.exchange.release.transfer.models import KeptThere, TransferState
from safelight.kernel import clock
from story import browser_of
from transferring import Stage, a_stage, bound_by_dicom, recorded

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings("ignore:unclosed <s"),
]
Pair = tuple[Path, Path]


@pytest.fixture
def pair(tmp_path: Path, settings: LazySettings) -> Pair:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    return an_authority(tmp_path).sign("river")


@pytest.fixture
def archive(pair: Pair) -> Iterator[DicomArchive]:
    with a_dicom_archive(pair, commits=True) as listening:
        yield listening


@pytest.fixture
def stage(
    web: TestClient, owner: Person, clinician: Person, archive: DicomArchive, pair: Pair
) -> Stage:
    house, story = a_stage(web, owner, clinician)
    made = bound_by_dicom(house, story, archive.port, pair[0].read_text())
    made.agree()
    return made


def reporting(*, without: int = 0) -> object:
    """Report in the association in which it was asked."""

    def report(event: evt.Event) -> None:
        sleep(0.3)  # until that it was asked is answered
        report_over(event.assoc, event.action_information, without=without)

    return report


def what_is_kept(stage: Stage, transfer: object) -> tuple[KeptSaid, int]:
    standing, _ = one_transfer(stage.desk, transfer.pk, at=clock.now())  # type: ignore[attr-defined]
    return standing.kept_there, standing.not_kept


def test_it_says_so_in_the_same_association(stage: Stage, archive: DicomArchive) -> None:
    archive.reports = reporting()  # type: ignore[assignment]
    row = stage.sent(stage.order())
    assert (row.state, row.sent) == (TransferState.SENT, 4)
    (asked,) = archive.asked_about
    named = [each.ReferencedSOPInstanceUID for each in asked.ReferencedSOPSequence]
    assert sorted(named) == sorted(archive.kept_uids)
    assert what_is_kept(stage, row) == (KeptSaid.ALL, 0)
    assert [each.outcome for each in recorded("transfer.kept-heard")] == ["ok"]
    assert len(recorded("transfer.agreed")) == 1


def test_what_it_does_not_keep_was_not_transferred(stage: Stage, archive: DicomArchive) -> None:
    archive.reports = reporting(without=1)  # type: ignore[assignment]
    row = stage.sent(stage.order())
    assert (row.state, row.cause) == (TransferState.FAILED, "ledgers-differ")
    assert what_is_kept(stage, row) == (KeptSaid.NOT_ALL, 1)


def test_what_is_no_answer_changes_nothing(stage: Stage, archive: DicomArchive) -> None:
    def hang_up(event: evt.Event) -> None:
        event.assoc.abort()

    archive.reports = hang_up
    row = stage.sent(stage.order())
    assert row.state == TransferState.SENT
    assert what_is_kept(stage, row) == (KeptSaid.ASKED, 0)


@pytest.mark.parametrize("without", [0, 2])
def test_it_calls_back_once_it_knows(
    stage: Stage,
    archive: DicomArchive,
    monkeypatch: pytest.MonkeyPatch,
    without: int,
) -> None:
    monkeypatch.setattr(by_dimse, "_REPORTS_WITHIN", 0.1)
    row = stage.sent(stage.order())
    assert row.state == TransferState.SENT
    assert what_is_kept(stage, row) == (KeptSaid.ASKED, 0)
    (asked,) = archive.asked_about
    house = stage.house
    assert stage.bond.partner is not None
    back = {
        "called": OURS,
        "calling": "RIVERBACK",
        "they_send": True,
        "is_plain": True,
        "networks": "127.0.0.1",
        "client_certificate": "",
        "server_certificate": "",
    }
    a_bond(house, stage.bond.partner, "", **back)  # type: ignore[arg-type]
    connect("OTHER", organization=house.organization_id)
    with served() as port:
        assert calls_back(port, "OTHER", asked) == 0x0112, "it was not asked"
        assert calls_back(port, "RIVERBACK", asked, without=without) == 0
        assert calls_back(port, "RIVERBACK", asked) == 0, "what it says first counts"
    expected = (KeptSaid.NOT_ALL, without) if without else (KeptSaid.ALL, 0)
    assert what_is_kept(stage, row) == expected
    assert len(recorded("transfer.kept-heard")) == 1
    page = browser_of(house.first, app_code(give_second_factor(house.first))).get(
        "/desk/transfers/"
    )
    words = " ".join(page.content.decode().split())
    assert ("does not keep 2 of them" in words) is bool(without)
    assert ("says that it keeps them all" in words) is not bool(without)


def test_who_does_not_speak_of_it_is_not_asked(
    web: TestClient, owner: Person, clinician: Person, pair: Pair
) -> None:
    with a_dicom_archive(pair) as archive:
        house, story = a_stage(web, owner, clinician)
        stage = bound_by_dicom(house, story, archive.port, pair[0].read_text())
        stage.agree()
        row = stage.sent(stage.order())
        assert row.state == TransferState.SENT
        assert what_is_kept(stage, row) == (KeptSaid.NOTHING, 0)
    assert not KeptThere.objects.exists()
