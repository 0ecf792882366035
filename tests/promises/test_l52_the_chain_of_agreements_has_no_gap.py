"""L52: who works for a partner gets nothing while that partner's own agreement is missing."""

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


def test_a_subcontractor_rests_on_the_one_it_works_for(
    web: TestClient, owner: Person, clinician: Person, tmp_path: Path, settings: LazySettings
) -> None:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    house, story = a_stage(web, owner, clinician)
    above, today = a_partner(house), clock.now().date()
    below = a_partner(house, "River Archive Service", through=above.pk)
    last = today + timedelta(days=9)
    with an_archive(tmp_path) as archive:
        stage = bound_to(story, web_bond(house, below, archive))
        stage.agree()
        agree(house, below, "baa_subcontractor", today, last)
        with pytest.raises(ConnectionClosedError) as refused:
            stage.order()
        assert refused.value.code == "agreement_missing:baa"
        agree(house, above, "baa", today, last)
        assert stage.sent(stage.order()).state == TransferState.SENT
        assert len(archive.came) == 4
