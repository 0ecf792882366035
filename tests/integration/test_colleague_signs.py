"""A second person says yes at an operator's machine, by their own password and code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import typer

from cast import PASSWORD, app_code, give_second_factor
from partnering import a_bond, a_certificate, a_house, a_partner
from safelight.exchange.access.connecting import open_connection
from safelight.governance.agreements.recording import verify_agreement
from safelight.kernel import clock
from safelight.records.accounts.queries import address_of
from safelight.surfaces.cli.colleague import sign_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_colleague_opens_and_verifies_and_a_wrong_code_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = a_house()
    bond = a_bond(house, a_partner(house), a_certificate(tmp_path), opened=False)
    today = clock.now().date()
    agreement = bond.agree("baa", today, today + timedelta(days=9), verified=False)
    secret = give_second_factor(house.second)
    email = address_of(house.second.account)
    typed = [PASSWORD, "000000", PASSWORD, app_code(secret), PASSWORD, app_code(secret, later=1)]
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: typed.pop(0))

    with pytest.raises(typer.Exit):
        sign_as(email, "open")
    open_connection(sign_as(email, "open"), bond.row.pk, at=clock.now())
    assert bond.come() is None
    verify_agreement(sign_as(email, "verify"), agreement, at=clock.now())
    assert bond.come() is not None
