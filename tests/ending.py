"""Let an owner share an exam until the end of a day, and a doctor open the link before that.

    SAFELIGHT_DATA=... SAFELIGHT_ROOT_KEY_FILE=... python tests/ending.py 2026-12-31T23:40:00+00:00

lives it at that moment, and prints how the guest asks as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
django.setup()

from starlette.testclient import TestClient  # noqa: E402 (Django must be set up first)

from cast import make_person  # noqa: E402 (the same)
from safelight.kernel import clock  # noqa: E402 (the same)
from safelight.kernel.ids import to_text  # noqa: E402 (the same)
from safelight.platform.audit.sequencer import sequence_once  # noqa: E402 (the same)
from safelight.records.accounts.models import Kind  # noqa: E402 (the same)
from safelight.surfaces.dicomweb.app import app  # noqa: E402 (the same)
from story import begin_story, open_share  # noqa: E402 (the same)


def live(web: TestClient, at: datetime) -> dict[str, str]:
    """Do so at that moment."""
    clock.allow_moving()
    clock.move(at - clock.now())
    story = begin_story(web, make_person("Elsa Ender", Kind.INDIVIDUAL))
    shared = story.share(ends_on=at.date().isoformat())
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    while sequence_once():
        pass
    return {
        "cookie": cookie,
        "address": f"/dicomweb/shares/{to_text(shared.share_id)}{story.address}/frames/1",
    }


if __name__ == "__main__":
    with TestClient(app, base_url="http://localhost:8000") as client:
        said = live(client, datetime.fromisoformat(sys.argv[1]))
    print(json.dumps(said))  # noqa: T201 (the answer)
