"""V24: no agreement, no association: a C-STORE one second after it ended is refused, with why."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from pydicom import dcmread

from certificates import signing_itself
from dicom_peer import CT, Caller, rejection_of, served
from objects import a_file
from partnering import a_bond, a_house, a_partner, first_moment_after
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.records.imaging.models import Instance

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings("ignore:unclosed <s"),
]


def test_a_store_at_the_second_after_the_last_one_is_refused_at_association(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (signing_itself(tmp_path, each) for each in ("ours", "river"))
    settings.SAFELIGHT_DIMSE_TLS_CERT, settings.SAFELIGHT_DIMSE_TLS_KEY = map(str, ours)
    house, today = a_house(), clock.now().date()
    bond = a_bond(house, a_partner(house), theirs[0].read_text(), networks="127.0.0.1")
    bond.agree("baa", today, today)
    moment: list[datetime] = []
    wall = clock._clock.wall
    monkeypatch.setattr(clock._clock, "wall", lambda: moment[0] if moment else wall())
    ends = first_moment_after(today)

    with served() as port:
        caller = Caller(port, "RIVER")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(*theirs)
        shown = (context, "localhost")
        moment[:] = [ends - timedelta(seconds=30)]
        association = caller.associate(CT, tls_args=shown)
        assert association.is_established
        assert association.send_c_store(dcmread(BytesIO(a_file(1)))).Status == 0
        association.release()

        moment[:] = [ends + timedelta(seconds=1)]
        assert rejection_of(caller.associate(CT, tls_args=shown)) == (1, 1, 1)
    assert Instance.objects.count() == 1
    refused = Entry.objects.filter(kind="connection.refused").latest("at")
    assert "agreement_missing:baa" in refused.text
    assert refused.actor == f"connection/{bond.row.pk}"
