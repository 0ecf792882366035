"""V22: what lies on the disk is noise without the keys, and cannot be changed unnoticed."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from django.conf import settings

from safelight.exchange.access.epoch import turn_epoch
from safelight.platform.keys.errors import SealBrokenError
from safelight.platform.keys.ring import ring
from safelight.records.imaging.models import Instance
from safelight.records.imaging.store import wrapped_name
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_pack_holds_neither_a_header_nor_pixels(story: Story) -> None:
    stored = (Path(settings.SAFELIGHT_DATA) / Instance.objects.get().pack).read_bytes()
    assert len(stored) > 1000
    assert b"DICM" not in stored
    assert b"1.2.840.10008" not in stored
    assert story.dataset.PixelData[8000:8064] not in stored


def test_another_key_opens_nothing(story: Story) -> None:
    row = Instance.objects.get()
    with pytest.raises(SealBrokenError):
        ring().unwrap(
            secrets.token_bytes(32), bytes(row.wrapped_key), bound_to=wrapped_name(row.id)
        )


def test_one_changed_byte_is_noticed_and_not_served(story: Story) -> None:
    row = Instance.objects.get()
    pack = Path(settings.SAFELIGHT_DATA) / row.pack
    before = pack.read_bytes()
    place = row.offset + row.length // 2
    frame = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(frame, headers=story.owner.headers).status_code == 200
    try:
        pack.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
        turn_epoch()  # what was opened before the change is genuine, and is let go with this
        refused = story.web.get(frame, headers=story.owner.headers)
        assert refused.status_code >= 500
        assert story.dataset.PixelData[:64] not in refused.content
    finally:
        pack.write_bytes(before)
    assert story.web.get(frame, headers=story.owner.headers).status_code == 200
