"""Is another word anywhere in what is signed another version of the text? (R40)"""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from safelight.exchange.consent import text
from safelight.exchange.consent.paper import KnownBy, Paper
from safelight.exchange.consent.paper_text import paper_html
from safelight.exchange.consent.terms import (
    Authority,
    Item,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Terms,
)
from safelight.exchange.consent.text_version import text_version, version_of

# The SHA-256 of the words of one paper. Whoever means to change them writes the new one here.
PAPER_WORDS = "41be0128af683ada6a5b613860bde314278365019897271e69f45b4b767b0e2d"
HOUSE = Path(text.__file__).parent


@pytest.mark.parametrize(
    ("file", "word"),
    [
        ("text.py", "for a second opinion"),
        ("cautions.py", "Medical secrecy may not bind them."),
        ("paper_text.py", "has signed on paper that"),
        ("paper_text.py", "an official document with a photograph"),
    ],
)
def test_another_word_is_another_version(tmp_path: Path, file: str, word: str) -> None:
    copied = tmp_path / "consent"
    shutil.copytree(HOUSE, copied)
    assert version_of(copied) == text_version()
    before = (copied / file).read_text()
    assert word in before
    (copied / file).write_text(before.replace(word, "otherwise"))
    assert version_of(copied) != text_version()


def test_what_is_no_word_is_no_other_version(tmp_path: Path) -> None:
    copied = tmp_path / "consent"
    shutil.copytree(HOUSE, copied)
    for other in ("models.py", "paper.py", "rules.py"):
        with (copied / other).open("a") as file:
            file.write("# more\n")
    assert version_of(copied) == text_version()


def test_a_paper_reads_as_it_did() -> None:
    terms = Terms(
        vault_id=UUID(int=2),
        grantor_id=UUID(int=3),
        grantor_name="Dana Desk",
        authority=Authority(kind="paper", subject_name="Paul Patient"),
        items=(
            Item(
                study_id=UUID(int=4),
                series_id=UUID(int=5),
                up_to=7,
                pictures=8,
                digest="ab",
                exam_title="CT",
                series_title="Chest",
                exam_on="",
            ),
        ),
        recipient=Recipient(
            name="Dr Dora", address="dora@clinic.example", kind=RecipientKind.ATTORNEY
        ),
        purpose=Purpose.LEGAL,
        purpose_words="",
        permissions=frozenset({Permission.VIEW, Permission.DOWNLOAD}),
        starts_at=datetime(2026, 5, 3, tzinfo=UTC),
        ends_at=datetime(2026, 6, 3, tzinfo=UTC),
        second_check=SecondCheck.PASSPHRASE,
        sensitive=frozenset({Sensitive.HIV}),
        statement_version="1",
    )
    paper = Paper(
        organization_id=UUID(int=6),
        organization_name="Example Hospital",
        digest="0" * 64,
        signed_on=date(2026, 5, 2),
        seen_by="Nora Nurse",
        seen_as="nurse",
        known_by=KnownBy.PHOTO_ID,
    )
    html = paper_html(terms, paper)
    assert "Paul Patient has signed on paper that Dr Dora" in html
    assert hashlib.sha256(html.encode()).hexdigest() == PAPER_WORDS, html
