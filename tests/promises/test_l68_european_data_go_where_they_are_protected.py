"""L68: what comes from the EEA leaves it only with clauses, where the country protects less."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from cast import Person
from partnering import a_partner, agree
from receiving import an_archive
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.release.transfer.models import TransferState
from safelight.kernel import clock
from transferring import a_stage, bound_to, web_bond

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize(("country", "wanting"), [("US", "scc"), ("DE", ""), ("JP", "")])
def test_clauses_are_wanted_where_the_country_is_not_found_adequate(
    web: TestClient,
    owner: Person,
    clinician: Person,
    tmp_path: Path,
    settings: LazySettings,
    country: str,
    wanting: str,
) -> None:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    house, story = a_stage(web, owner, clinician)
    partner, today = a_partner(house, country=country), clock.now().date()
    with an_archive(tmp_path) as archive:
        bond = web_bond(house, partner, archive, holds_eea_data=True, basis="dpa")
        stage = bound_to(story, bond)
        stage.agree()
        agree(house, partner, "dpa", today, today + timedelta(days=9))
        if wanting:
            with pytest.raises(ConnectionClosedError) as refused:
                stage.order()
            assert refused.value.code == f"agreement_missing:{wanting}"
            agree(house, partner, wanting, today, today + timedelta(days=9))
        assert stage.sent(stage.order()).state == TransferState.SENT
        assert len(archive.came) == 4
