"""A network that is held opens no association; the next network does, and so does it afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from partnering import ADDRESS, a_bond, a_certificate, a_house
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.records.accounts.holds import hold, network_name
from safelight.records.accounts.models import HoldKind

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def held(source: str) -> None:
    """Hold the network of an address for an hour."""
    at = clock.now()
    with transaction.atomic():
        hold(HoldKind.SOURCE, network_name(source), until=at + timedelta(hours=1), at=at)


def test_only_from_the_held_network_and_while_it_is_held(tmp_path: Path) -> None:
    bond = a_bond(a_house(), None, a_certificate(tmp_path))
    held("192.0.3.7")  # the next network, and not this one
    assert bond.come() is not None

    held(ADDRESS.rpartition(".")[0] + ".200")  # a neighbour's
    assert bond.come() is None
    last = Entry.objects.filter(kind="connection.refused").order_by("at", "entry_id").last()
    assert last is not None
    assert "network-held" in last.text
    assert f"connection/{bond.row.pk}" in last.text

    assert bond.come(at=clock.now() + timedelta(hours=1, seconds=1)) is not None
