"""L66: who gets health information has agreed to guard it; an end acts on what is on its way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from cast import Person
from partnering import a_partner, agree, first_moment_after
from receiving import an_archive
from safelight.exchange.release.transfer.models import TransferState
from safelight.kernel import clock
from transferring import a_stage, bound_to, web_bond

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_an_end_holds_the_rest_and_a_renewal_lets_it_go_on(
    web: TestClient, owner: Person, clinician: Person, tmp_path: Path, settings: LazySettings
) -> None:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    house, story = a_stage(web, owner, clinician)
    partner, today = a_partner(house), clock.now().date()
    with an_archive(tmp_path) as archive:
        stage = bound_to(story, web_bond(house, partner, archive))
        agree(house, partner, "baa", today, today)
        stage.agree()
        row = stage.order()
        over = first_moment_after(today) - clock.now()
        held = stage.sent(row, later=over)
        assert (held.state, held.cause) == (TransferState.HELD, "agreement_missing:baa")
        assert archive.asked == 0

        agree(house, partner, "baa", today + timedelta(days=1), today + timedelta(days=99))
        assert stage.sent(row, later=over).state == TransferState.SENT
        assert len(set(archive.kept_uids)) == len(archive.came) == 4
