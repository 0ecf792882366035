"""The object store fails in one of its ways: nothing acknowledged is lost, nobody is let in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from figures import figure
from outages import Bases, behind_relays, relayed
from relay import Fault

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

FAULTS = (
    Fault.REFUSED,
    Fault.SILENT,
    Fault.STATUS_500,
    Fault.STATUS_503,
    Fault.CUT,
    Fault.SLOW,
    Fault.OTHER_ETAG,
)
TOO_LONG = 65.0  # seconds: the product waits a minute for an answer of its store


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bases]:
    """Serve one instance for all faults: each test leaves it as well as it was."""
    with behind_relays(tmp_path_factory.mktemp("faulty")) as made:
        yield made


@pytest.mark.bases
@pytest.mark.postgres_server
@pytest.mark.parametrize("fault", FAULTS)
def test_a_store_that_fails_costs_nothing_acknowledged(faulty: Bases, fault: Fault) -> None:
    relayed(faulty, faulty.store, fault, times=2, seconds=0.8)
    figure(f"faults.made.store-{fault}", 2, "faults")
    figure(f"faults.lost.store-{fault}", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(4))
@pytest.mark.parametrize("fault", [each for each in FAULTS if each is not Fault.SILENT])
def test_twenty_times_with_a_store_that_fails(faulty: Bases, fault: Fault, piece: int) -> None:
    relayed(faulty, faulty.store, fault, times=5, seconds=5)
    figure(f"faults.made.store-{fault}-5s.{piece}", 5, "faults")
    figure(f"faults.lost.store-{fault}-5s.{piece}", 0, "objects")


@pytest.mark.long
@pytest.mark.parametrize("piece", range(4))
def test_twenty_times_with_a_store_that_answers_too_late(faulty: Bases, piece: int) -> None:
    relayed(faulty, faulty.store, Fault.SILENT, times=5, seconds=TOO_LONG)
    figure(f"faults.made.store-too-late.{piece}", 5, "faults")
    figure(f"faults.lost.store-too-late.{piece}", 0, "objects")
