"""Is a drawn signature bound to what was approved, kept sealed, and printed? (R03)"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from safelight.exchange.consent.models import Consent, ConsentDraft
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.papers.one_file import verifier_script
from safelight.exchange.release.papers.receipt import receipt_of
from safelight.exchange.release.papers.sealing import check_paper, paper_key, sign_paper
from safelight.exchange.release.papers.sheet import Sheet, to_pdf
from safelight.exchange.release.papers.verify_receipt import NotAsSignedError
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.exchange.release.signed import record_of, words_of
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import new_id, to_text
from safelight.records.accounts.errors import AuthorizationOtherContentError, StepUpRequiredError
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

DRAWN = "[[90,230,150,90,210,230],[260,120,300,230,340,120]]"
OTHER = "[[90,230,150,90,210,230],[260,120,300,230,340,121]]"


def by_hand(story: Story) -> Consent:
    return Consent.objects.get(pk=story.share(handwriting=DRAWN).consent_id)


def test_the_signature_covers_it_and_the_record_names_it(story: Story) -> None:
    consent = by_hand(story)
    record = record_of(consent)

    drawn = hashlib.sha256(record.handwriting.encode()).hexdigest()
    assert record.said["handwriting_sha256"] == drawn
    assert record.said["signed_digest"] == bytes(consent.signed_digest).hex()
    plain = record_of(Consent.objects.get(pk=story.share().consent_id))
    assert plain.handwriting == ""
    assert "handwriting_sha256" not in plain.said


def test_it_alone_signs_nothing(story: Story) -> None:
    draft = story.draft(handwriting=DRAWN)
    present(story.party, draft, statement_version="1", at=clock.now())
    with pytest.raises(StepUpRequiredError):
        confirm(story.party, draft, new_id(), at=clock.now())
    assert not Consent.objects.exists()


@pytest.mark.parametrize("then", [OTHER, ""])
def test_an_approval_without_it_or_with_another_does_not_sign_it(story: Story, then: str) -> None:
    draft_id = story.draft(handwriting=DRAWN)
    shown = present(story.party, draft_id, statement_version="1", at=clock.now())
    approved = story.approve(shown.challenge_id)
    draft, choices = find_draft(story.party, draft_id)
    choose(draft, choices, at=clock.now(), handwriting=then)
    with pytest.raises(ManifestChangedError):
        confirm(story.party, draft_id, approved, at=clock.now())
    present(story.party, draft_id, statement_version="1", at=clock.now())
    with pytest.raises(AuthorizationOtherContentError):
        confirm(story.party, draft_id, approved, at=clock.now())
    assert not Consent.objects.exists()


def test_who_changes_what_is_shared_signs_anew(story: Story) -> None:
    draft_id = story.draft(handwriting=DRAWN)
    draft, choices = find_draft(story.party, draft_id)
    assert choices.handwriting
    choose(draft, choices, at=clock.now(), purpose="treatment")
    assert find_draft(story.party, draft_id)[1].handwriting == ""


def test_a_scribble_that_is_none_is_refused_and_nothing_changes(story: Story) -> None:
    draft_id = story.draft(handwriting=DRAWN)
    draft, choices = find_draft(story.party, draft_id)
    with pytest.raises(InvalidFieldError):
        choose(draft, choices, at=clock.now(), handwriting="[[1,1]]")
    assert find_draft(story.party, draft_id)[1].handwriting == choices.handwriting


def test_the_receipt_draws_it_and_says_so(story: Story) -> None:
    pdf = receipt_of(by_hand(story))
    page = next(
        page
        for page in PdfReader(BytesIO(pdf), strict=True).pages
        if "By hand" in page.extract_text()
    )
    drawing = page.get_contents()

    assert drawing is not None
    # Five straight lines between the places of two strokes, and one to write on.
    assert len(re.findall(rb" l\b", drawing.get_data())) >= 5
    assert check_paper(pdf).said["handwriting_sha256"]


def test_another_drawing_in_a_receipt_shows(story: Story) -> None:
    consent = by_hand(story)
    kept = record_of(consent).as_data() | {"words": words_of(consent)}
    plain = Consent.objects.get(pk=story.share().consent_id)
    paper = to_pdf(Sheet(title="Receipt", foot="", blocks=()))
    without = {name: value for name, value in kept.items() if name != "handwriting"}
    added = record_of(plain).as_data() | {"words": words_of(plain), "handwriting": DRAWN}
    moved = kept | {"handwriting": kept["handwriting"].replace("340,120", "340,121")}
    for proof in (without, added, moved):
        with pytest.raises(NotAsSignedError, match="drawn signature"):
            check_paper(sign_paper(paper, proof))


def test_strangers_check_it_with_one_file(story: Story, tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_text(verifier_script())
    (tmp_path / "receipt.pdf").write_bytes(receipt_of(by_hand(story)))
    command = [sys.executable, "-I", "-S", "verify.py", "receipt.pdf", "--key", paper_key()]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr
    assert "handwriting_sha256: " in said.stdout


def test_it_lies_sealed_in_the_draft_and_in_the_consent(story: Story) -> None:
    draft = ConsentDraft.objects.get(pk=story.draft(handwriting=DRAWN))
    consent = by_hand(story)
    rows = (draft.sealed_choices, consent.sealed_signature, consent.sealed_terms)
    seen = b"".join(bytes(row) for row in rows)

    for form in (b"strokes", b"90,230", base64.b64encode(b"strokes")):
        assert form not in seen


def test_the_pages_take_it_show_it_and_leave_it_out(story: Story) -> None:
    draft = to_text(story.draft())
    browser = browser_of(story.owner, story.code())
    check, sign = f"/share/{draft}/check/", f"/share/{draft}/sign/"
    assert sign in browser.get(check).content.decode()

    for wrong in ("", "[]", "[[5,5]]", json.dumps([[0, 0, 5000, 0]]), "x" * 70_000):
        assert browser.post(sign, {"handwriting": wrong}).status_code == 422
    assert browser.post(sign, {"handwriting": DRAWN})["Location"] == check
    assert '<polyline points="90,230 90,230 150,90' in browser.get(check).content.decode()
    browser.post(sign, {"leave_out": "yes"})
    assert "<polyline" not in browser.get(check).content.decode()
