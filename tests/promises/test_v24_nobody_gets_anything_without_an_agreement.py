"""V24: without an agreement in force a partner sends us nothing, and is sent nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from cast import Person
from partnering import a_bond, a_partner, agree, first_moment_after
from receiving import an_archive
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.release.transfer.models import TransferState
from safelight.kernel import clock
from transferring import a_stage, bound_to, web_bond

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_neither_in_nor_out_until_the_day_it_begins(
    web: TestClient, owner: Person, clinician: Person, tmp_path: Path, settings: LazySettings
) -> None:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    house, story = a_stage(web, owner, clinician)
    partner, today = a_partner(house), clock.now().date()
    with an_archive(tmp_path) as archive:
        stage = bound_to(story, web_bond(house, partner, archive))
        inward = a_bond(house, partner, archive.pem)
        stage.agree()
        for _ in ("without one", "with one that begins tomorrow"):
            assert inward.come() is None
            with pytest.raises(ConnectionClosedError) as refused:
                stage.order()
            assert refused.value.code == "agreement_missing:baa"
            agree(house, partner, "baa", today + timedelta(days=1), today + timedelta(days=9))
        assert archive.asked == 0

        tomorrow = first_moment_after(today)
        assert inward.come(at=tomorrow) is not None
        agree(house, partner, "baa", today, today)
        assert stage.sent(stage.order()).state == TransferState.SENT
        assert len(archive.came) == 4
