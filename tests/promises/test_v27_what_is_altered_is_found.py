"""V27, L70: no absolute guarantee, but proven safeguards: what was altered is found and told."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from cast import messages_to
from powers import security_officer
from safelight.exchange.release.errors import RemovalsFrozenError
from safelight.exchange.release.remove import remove
from safelight.kernel import clock
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.jobs import scrub_a_slice
from safelight.records.imaging.models import Instance, Quarantined
from story import Story
from watching import alerts, look_now

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_one_altered_byte_is_found_kept_back_and_told(story: Story) -> None:
    officer = security_officer()
    assert (
        story.web.get("/dicomweb" + story.address, headers=story.owner.headers).status_code == 200
    )
    (row,) = Instance.objects.all()
    pack = Path(settings.SAFELIGHT_DATA) / row.pack
    with pack.open("r+b") as file:
        file.seek(row.offset + row.length // 2)
        (byte,) = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    scrub_a_slice.run({})
    assert Quarantined.objects.count() == 1
    answer = story.web.get("/dicomweb" + story.address, headers=story.owner.headers)
    assert answer.status_code != 200, "nothing wrong is shown as if it were right"
    look_now()
    (alert,) = alerts("D12")
    assert (alert.form, alert.severity) == ("damaged", "high")
    told = messages_to(address_of(officer.person.account))
    assert "D12" in [facts["code"] for _, facts in told]
    with pytest.raises(RemovalsFrozenError):
        remove(story.party, story.study_id, at=clock.now())
