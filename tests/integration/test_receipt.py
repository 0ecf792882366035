"""Does a receipt say everything, to the right people, and does one changed byte show? (R05, R40)"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from pypdf import PdfReader

from cast import Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.consent import text
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Terms
from safelight.exchange.consent.text_version import text_version
from safelight.exchange.release.papers.one_file import verifier_script
from safelight.exchange.release.papers.receipt import receipt_of
from safelight.exchange.release.papers.sealing import check_paper, paper_key, sign_paper
from safelight.exchange.release.papers.sheet import Sheet, to_pdf
from safelight.exchange.release.papers.taking import receipt
from safelight.exchange.release.papers.verify_receipt import NotAsSignedError, open_paper
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import record_of, terms_of, words_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.keys.signing import is_signed
from safelight.records.accounts.models import Kind
from story import Story, accept_share, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

CLARA = "clara.clinician@people.example"
# 45 CFR 164.508(c)(1) and (2), 21 CFR 11.50, and what R05 and R40 add: a list of the tests' own.
ELEMENTS = {
    "whose": "Whose images Olga Owner",
    "the information": "1 picture (SHA-256",
    "who may disclose": "Who may disclose it Safelight",
    "who may receive": "Who may receive it Dr Dora Doctor, dr.dora@clinic.example",
    "the purpose": "Purpose for a second opinion",
    "the first day": "From ",
    "the last day": "Until ",
    "the right to take it back": "At any time, without a reason",
    "how to take it back": "open “Who can see what” and press “Take back”",
    "what taking back cannot do": "cannot be called back",
    "no conditions": "Care, payment, the account and one's own access to the images do not depend",
    "redisclosure": "they may pass them on, and the law may no longer protect them",
    "liability": "We are not responsible for what recipients do",
    "passing on": "look; not pass it on",
    "the signer's name": "Name Olga Owner",
    "the time with its zone": " UTC Meaning",
    "the meaning": "Meaning I let this recipient see exactly these images",
    "the method": "a password and a code of an authenticator app (assurance level 2)",
    "the authority": "Authority for oneself",
    "the words": "The exact words that were shown and signed",
    "the statement": "Privacy statement version 1",
}


def given(story: Story, **changes: object) -> Consent:
    return Consent.objects.get(pk=story.share(**changes).consent_id)


def read(pdf: bytes) -> str:
    """Read a PDF's text as somebody else's reader does, in one line."""
    pages = PdfReader(BytesIO(pdf), strict=True).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_it_has_every_element_and_statement_of_an_authorization(story: Story) -> None:
    said = read(receipt_of(given(story)))

    assert [name for name, words in ELEMENTS.items() if words not in said] == []


def test_it_prints_the_very_words_that_were_shown(story: Story) -> None:
    consent = given(story)
    pdf = receipt_of(consent)

    assert check_paper(pdf).words == words_of(consent)
    said = read(pdf)
    for sentence in text.sentences(terms_of(consent)):
        assert " ".join(sentence.split()) in said


def test_names_of_other_scripts_are_printed_or_spelled_out(story: Story) -> None:
    said = read(receipt_of(given(story, name="Łukasz Dvořák Иван 山")))

    assert "Łukasz Dvořák Иван [U+5C71]" in said


def test_it_is_the_same_file_each_time(story: Story) -> None:
    consent = given(story)

    assert receipt_of(consent) == receipt_of(consent)


def changed(pdf: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """Yield the file with one bit changed, once for each place."""
    chance = random.Random(5)  # noqa: S311 (a choice that can be repeated)
    for place in places:
        other = bytearray(pdf)
        other[place] ^= 1 << chance.randrange(8)
        yield bytes(other)


def undetected(pdf: bytes, places: Iterable[int], key: PublicKey) -> int:
    """Count the changed files that a verifier takes for good ones."""
    found = 0
    for other in changed(pdf, places):
        with suppress(NotAsSignedError):
            open_paper(other, key)
            found += 1
    return found


def test_a_changed_byte_shows(story: Story) -> None:
    pdf = receipt_of(given(story))
    key = PublicKey.parse(paper_key(), is_signed)
    assert open_paper(pdf, key).said["printed_name"] == "Olga Owner"
    assert undetected(pdf, [*range(0, len(pdf), 37), *range(len(pdf) - 400, len(pdf))], key) == 0
    for cut in (pdf[:-1], pdf[1:], pdf + b"\n", b"", b"x" * 400):
        with pytest.raises(NotAsSignedError):
            open_paper(cut, key)


@pytest.mark.long
def test_every_changed_byte_shows(story: Story) -> None:
    pdf = receipt_of(given(story))
    assert undetected(pdf, range(len(pdf)), PublicKey.parse(paper_key(), is_signed)) == 0


def test_the_verifier_of_strangers_finds_changes_too(story: Story) -> None:
    pdf = receipt_of(given(story))
    key = PublicKey.parse(paper_key())
    assert open_paper(pdf, key).said["meaning"].startswith("I let")
    places = [*range(5, len(pdf), len(pdf) // 100), *range(len(pdf) - 200, len(pdf))]
    assert undetected(pdf, places, key) == 0


def test_a_record_of_another_consent_does_not_fit_into_a_receipt(story: Story) -> None:
    kept, other = record_of(given(story)), given(story, purpose="legal", kind="attorney")
    paper = to_pdf(Sheet(title="Receipt", foot="", blocks=()))
    for proof, why in (
        ({"record": "{}", "signature": "00" * 64, "words": ""}, "signature record"),
        (kept.as_data() | {"words": words_of(other)}, "words are not those"),
    ):
        with pytest.raises(NotAsSignedError, match=why):
            check_paper(sign_paper(paper, proof))


def test_a_stranger_checks_it_with_one_file_and_nothing_of_ours(
    story: Story, tmp_path: Path
) -> None:
    (tmp_path / "verify_receipt.py").write_text(verifier_script())
    (tmp_path / "receipt.pdf").write_bytes(receipt_of(given(story)))
    (tmp_path / "other.pdf").write_bytes(receipt_of(given(story)).replace(b"%%EOF", b"%%EOD", 1))

    def verify(name: str, key: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "verify_receipt.py", name, "--key", key]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good = verify("receipt.pdf", paper_key())
    assert good.returncode == 0, good.stderr
    assert "printed_name: Olga Owner" in good.stdout
    assert verify("other.pdf", paper_key()).returncode == 1
    assert "changed after it was signed" in verify("other.pdf", paper_key()).stdout
    assert verify("receipt.pdf", "nonsense").returncode == 2


def test_the_command_line_checks_it_without_any_data(story: Story, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(paper_key())
    (tmp_path / "good.pdf").write_bytes(receipt_of(given(story)))
    (tmp_path / "bad.pdf").write_bytes(receipt_of(given(story))[:-1])

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "safelight.surfaces.cli", "consent", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good = run("verify", "good.pdf", "--key", "key")
    assert (good.returncode, "Olga Owner" in good.stdout) == (0, True), good.stderr
    assert run("verify", "bad.pdf", "--key", "key").returncode == 1
    assert run("verify", "good.pdf", "--key", "nonsense").returncode == 2
    assert run("verifier", "verify.py").returncode == 0
    assert (tmp_path / "verify.py").read_text() == verifier_script()


def test_old_consents_show_the_old_warnings(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later release with other words, for which another text stands in (AT-40.1)."""
    consent = given(story)
    before = receipt_of(consent)

    def other(_terms: Terms) -> list[str]:
        return ["These are other words."]

    monkeypatch.setattr(text, "sentences", other)
    assert receipt_of(consent) == before
    assert "These are other words." in read(receipt_of(given(story)))
    version = check_paper(before).said["text_version"]
    assert version == text_version()
    assert len(version) == 12


def test_giver_and_recipient_get_it_and_that_is_on_record(story: Story, clinician: Person) -> None:
    shared = story.share(address=CLARA)
    accept_share(shared, clinician)
    giver = receipt(story.party, shared.consent_id, at=clock.now())

    assert receipt(party_of_person(clinician), shared.consent_id, at=clock.now()) == giver
    taken = Entry.objects.filter(kind="consent.receipt-taken").values_list("actor", flat=True)
    assert list(taken) == [story.party.name, f"account/{clinician.account.pk}"]


def test_whoever_was_given_the_same_twice_gets_a_receipt_of_each(
    story: Story, clinician: Person
) -> None:
    consents = []
    for _ in range(2):
        consents.append(story.share(address=CLARA))
        accept_share(consents[-1], clinician)
    for shared in consents:
        assert receipt(party_of_person(clinician), shared.consent_id, at=clock.now())
    withdraw(story.party, consents[0].consent_id, at=clock.now())
    with pytest.raises(NotFoundError):
        receipt(party_of_person(clinician), consents[0].consent_id, at=clock.now())


def test_nobody_else_gets_it_and_no_recipient_after_the_end(
    story: Story, clinician: Person
) -> None:
    shared = story.share(address=CLARA)
    stranger = party_of_person(make_person("Sten Stranger", Kind.INDIVIDUAL))
    with pytest.raises(NotFoundError):
        receipt(stranger, shared.consent_id, at=clock.now())
    accept_share(shared, clinician)
    withdraw(story.party, shared.consent_id, at=clock.now())

    with pytest.raises(NotFoundError):
        receipt(party_of_person(clinician), shared.consent_id, at=clock.now())
    assert receipt(story.party, shared.consent_id, at=clock.now()).startswith(b"%PDF")


def test_the_pages_hand_it_over_and_the_key_is_public(story: Story) -> None:
    shared = story.share()
    browser = browser_of(story.owner, story.code())
    own = browser.get(f"/consents/{to_text(shared.consent_id)}/receipt/")
    assert own["Content-Type"] == "application/pdf"
    assert own["Content-Disposition"] == 'attachment; filename="receipt.pdf"'

    guest = Client()
    guest.cookies["__Host-guest"] = open_share(shared)
    theirs = guest.get(f"/s/{to_text(shared.share_id)}/receipt/")
    assert theirs.content == own.content

    key = Client().get("/receipts/key").content.decode().strip()
    assert open_paper(own.content, PublicKey.parse(key)).said["consent"] == str(shared.consent_id)
    script = Client().get("/receipts/verifier")
    assert script.content.decode() == verifier_script()
    other = make_person("Sten Stranger", Kind.INDIVIDUAL)
    elsewhere = browser_of(other, app_code(give_second_factor(other)))
    assert elsewhere.get(f"/consents/{to_text(shared.consent_id)}/receipt/").status_code == 404
