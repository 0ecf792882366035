"""Does the script of the how-to share an exam as it says? It is run, as it stands on the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from cast import PASSWORD
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.models import Share
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.tokens import Scope
from stage import owner, story, web
from story import DOCTOR, Story, open_share

__all__ = ["owner", "story", "web"]
HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "share-from-a-script.md"
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_script_shares_what_its_person_signs(story: Story, live_server: LiveServer) -> None:
    text = HOW_TO.read_text()
    block = re.search(r"```python\n(.+?)```", text, re.DOTALL)
    assert block is not None
    scopes = [Scope(each) for each in re.findall(r"--scope (\S+)", text)]
    token, _ = create_token(story.owner.account, scopes, at=clock.now())
    done = subprocess.run(
        [sys.executable, "-c", block[1], "Dr Dora Doctor", DOCTOR],
        input=f"{PASSWORD}\n{story.code()}\n",
        env=os.environ | {"SAFELIGHT_URL": live_server.url, "SAFELIGHT_TOKEN": token},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    consent = Consent.objects.get()
    passphrase = re.search(r"these words yourself: (.+)", done.stdout)
    assert passphrase is not None
    assert "Dr Dora Doctor" in done.stdout
    way = Share.objects.get(consent_id=consent.id)
    shared = Shared(consent_id=consent.id, share_id=way.id)
    assert open_share(shared, passphrase[1])
