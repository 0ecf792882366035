"""V9: no page of ours tells anybody else that you are here."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from cast import Person
from safelight.kernel.ids import to_text
from safelight.surfaces.web.static_files import ROOT
from story import Story, browser_of
from walk import pages

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

LOADS = re.compile(r"""(?:src|srcset|href|action|poster|data)\s*=\s*["\']([^"\']+)["\']""")
IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?([^"')]+)""")
IN_SCRIPTS = re.compile(r"""["'`](https?://[^"'`]+|wss?://[^"'`]+|//[a-z0-9.-]+\.[a-z]{2,}/)""")
NAMES_ONLY = ("http://www.w3.org/",)  # names of vocabularies; nobody asks for them


def test_every_page_loads_from_here_only_and_says_so(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    shared = story.share()
    ids = {
        "exam_id": to_text(story.study_id),
        "draft_id": to_text(story.draft()),
        "consent_id": to_text(shared.consent_id),
        "share_id": to_text(shared.share_id),
        "number": 1,
    }
    read = 0
    for page in pages():
        if not set(page.places) <= set(ids) or page.name in {"healthz", "readyz"}:
            continue
        answer = browser.get(page.at(**ids))
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        read += 1
        policy = answer["Content-Security-Policy"]
        assert "http" not in policy
        assert "*" not in policy
        assert answer["Referrer-Policy"] in {"no-referrer", "same-origin"}
        found = LOADS.findall(answer.content.decode())
        foreign = [link for link in found if ":" in link.split("/")[0] or link.startswith("//")]
        assert [link for link in foreign if not link.startswith(("data:", "mailto:"))] == []
    assert read > 20


def test_no_style_and_no_script_of_ours_names_another_host() -> None:
    # What OHIF asks for is watched while it runs, in tests/journeys/test_workplace.py.
    ours = [path for path in ROOT.rglob("*") if "workplace" not in path.parts]
    files = [path for path in ours if path.suffix in {".css", ".js", ".mjs"}]
    assert files
    for path in files:
        text = path.read_text()
        found = IN_STYLES.findall(text) if path.suffix == ".css" else IN_SCRIPTS.findall(text)
        foreign = [link for link in found if link.startswith(("http", "//", "ws"))]
        assert [link for link in foreign if not link.startswith(NAMES_ONLY)] == [], path.name
    assert settings.SAFELIGHT_PUBLIC_URL.startswith("http://localhost")


def test_cookies_are_few_ours_and_out_of_reach_of_scripts(owner: Person, story: Story) -> None:
    browser = browser_of(owner, story.code())
    assert set(browser.cookies) <= {"__Host-session", "__Host-csrf", "__Host-device"}
    for name, cookie in browser.cookies.items():
        assert cookie["secure"]
        assert cookie["samesite"] == "Lax"
        assert cookie["domain"] == ""
        assert cookie["httponly"] or name == "__Host-csrf"
