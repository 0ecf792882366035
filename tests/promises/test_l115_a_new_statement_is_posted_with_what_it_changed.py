"""L115: a new statement is posted with its changes; the old ones stay."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from accepting import CURRENT
from safelight.governance.compliance.statements import text_of
from stating import make_official, publish_next

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_it_is_posted_with_what_it_changed_and_the_old_one_stays() -> None:
    before = Client().get("/statement/").content.decode()
    version = publish_next(make_official())
    after = html.unescape(Client().get("/statement/").content.decode())
    assert "We also keep a list of <b>machines</b>." in after
    old = Client().get(f"/statement/{CURRENT}/").content.decode()
    assert "This is an earlier version." in old
    title = text_of(CURRENT).splitlines()[0].removeprefix("# ")
    assert title in old
    assert title in before

    changes = Client().get(f"/statement/{version.number}/changes/").content.decode()
    changes = changes.partition("<article")[2]
    added = " ".join(re.findall(r"<ins>(.*?)</ins>", changes, re.DOTALL))
    removed = " ".join(re.findall(r"<del>(.*?)</del>", changes, re.DOTALL))
    assert "a list of machines" in added
    assert "a list of machines" not in removed
    assert "Express Consent" in removed
    assert Client().get("/statement/1/changes/").status_code == 404
    assert Client().get(f"/statement/{version.number}/changes/?since=77").status_code == 404
