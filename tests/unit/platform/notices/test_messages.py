"""Does a message say what it must, and nothing about anybody's exam?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from safelight.platform.notices.errors import NoticeRefusedError
from safelight.platform.notices.message import (
    FACTS,
    TEMPLATES,
    facts_of,
    message,
    template_names,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOTICE = UUID(int=5)
EVERYTHING = {
    "change": "added",
    "code": "482910",
    "device": "Firefox on Linux",
    "factor": "passkey",
    "link": "http://localhost:8000/s/abc#secret",
    "page": "http://localhost:8000/s/abc",
    "when": NOON.isoformat(),
}
NEEDED = {
    "verify-address",
    "sign-in-code",
    "new-device",
    "password-changed",
    "reset-password",
    "address-unknown",
    "factor-changed",
    "share-invitation",
    "share-code",
    "share-opened",
    "share-ended",
    "consent-copy",
    "upload-finished",
    "address-already-known",
}


def test_every_message_that_rooms_send_exists() -> None:
    assert set(template_names()) >= NEEDED


@pytest.mark.parametrize("template", template_names())
def test_a_message_is_plain_text_with_a_subject_that_is_the_same_for_all(template: str) -> None:
    text = (TEMPLATES / f"{template}.txt").read_text()
    subject, _, body = text.partition("\n\n")
    assert re.fullmatch(r"Subject: [A-Z][^$\n]{5,60}", subject)
    assert all(len(line) <= 80 for line in body.splitlines())
    made = message(
        template, facts_of(template, EVERYTHING), to="a@b.org", notice_id=NOTICE, at=NOON
    )
    content = made.get_content()
    assert "$" not in content
    assert made["Subject"] == subject.removeprefix("Subject: ")
    assert made["To"] == "a@b.org"
    assert made["Message-ID"] == f"<{NOTICE.hex}@localhost>"


@pytest.mark.parametrize("template", template_names())
def test_no_message_speaks_of_the_exam(template: str) -> None:
    text = (TEMPLATES / f"{template}.txt").read_text().lower()
    forbidden = (
        r"\b(patient|name|scan|ct|mri|x-ray|report|diagnos\w*|hospital|clinic|radiolog\w*)\b"
    )
    assert re.findall(forbidden, text) == []


def test_an_invitation_holds_the_link_and_the_code_for_browsers_without_scripts() -> None:
    facts = facts_of("share-invitation", EVERYTHING)
    made = message("share-invitation", facts, to="a@b.org", notice_id=NOTICE, at=NOON)
    lines = [line.strip() for line in made.get_content().splitlines()]
    for fact in ("link", "page", "code"):
        assert EVERYTHING[fact] in lines


def test_times_are_written_for_people() -> None:
    assert facts_of("password-changed", EVERYTHING)["when"] == "1 March 2026, 12:00 UTC"


def test_what_a_browser_says_of_itself_is_cut_and_cleaned() -> None:
    device = "Fire\r\nfox\u202e " + "x" * 500
    shown = facts_of("new-device", EVERYTHING | {"device": device})["device"]
    assert shown.startswith("Firefox x")
    assert len(shown) == FACTS["device"]


@pytest.mark.parametrize(
    ("template", "context"),
    [
        ("no-such-message", {}),
        ("../secrets", {}),
        ("share-code", {}),
        ("share-code", {"code": "1" * 41}),
        ("share-ended", {"patient_name": "DOE^JANE"}),
        ("password-changed", {"when": "yesterday"}),
    ],
)
def test_a_message_is_refused_that_lacks_a_fact_or_has_one_too_many(
    template: str, context: dict[str, str]
) -> None:
    with pytest.raises(NoticeRefusedError) as refusal:
        facts_of(template, context)
    assert "DOE" not in str(refusal.value)
