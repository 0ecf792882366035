"""Does the recipient of a copy without a name get a receipt that proves it and names nobody?"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from django.test import Client
from pypdf import PdfReader

from api import program_of
from canaries import TRACES, spoiled_ct
from cast import Person, party_of_person
from copying import draft_of_a_copy, signed
from safelight.exchange.consent.handwriting import handwriting_from_strokes
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.papers.one_file import verifier_script
from safelight.exchange.release.papers.sealing import check_paper, paper_key
from safelight.exchange.release.papers.taking import receipt
from safelight.exchange.release.papers.telling import consent_as_fhir
from safelight.exchange.release.papers.verify_receipt import NotAsSignedError, open_paper
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import record_of, terms_of, words_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.keys.signing import is_signed
from story import Story, accept_share, begin_story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
OWN_WORDS = "Because my name is Olga"


@dataclass
class Given:
    """A copy of an exam in which something is planted everywhere, and its two receipts."""

    story: Story
    shared: Shared
    recipient: Person
    paper: bytes

    @property
    def consent(self) -> Consent:
        return Consent.objects.get(pk=self.shared.consent_id)


@pytest.fixture
def given(web: object, owner: Person, clinician: Person) -> Given:
    story = begin_story(web, owner, spoiled_ct())  # type: ignore[arg-type]  # the stage's client
    draft_id = draft_of_a_copy(
        story,
        name="Clara Clinician",
        address="clara.clinician@people.example",
        purpose_words=OWN_WORDS,
        may_download=True,
    )
    draft, choices = find_draft(story.party, draft_id)
    drawn = handwriting_from_strokes([[10, 10, 500, 200, 900, 40]]).text
    choose(draft, choices, at=clock.now(), handwriting=drawn)
    shared = signed(story, draft_id)
    accept_share(shared, clinician)
    paper = receipt(party_of_person(clinician), shared.consent_id, at=clock.now())
    return Given(story, shared, clinician, paper)


def told_by(paper: bytes) -> str:
    """Return all that a file says to whoever takes it apart."""
    reader = PdfReader(BytesIO(paper), strict=True)
    pages = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    streams = b" ".join(page.get_contents().get_data() for page in reader.pages)  # type: ignore[union-attr]  # each has
    proved = check_paper(paper)
    parts = [pages, str(reader.metadata), orjson.dumps(proved.said).decode(), proved.words]
    return " ".join([*parts, streams.decode("latin-1"), paper.decode("latin-1")])


def names_of_somebody(given: Given) -> list[str]:
    """List what says who gave it, whose the exam is, or who received it."""
    story, consent = given.story, given.consent
    dataset, terms, record = story.dataset, terms_of(consent), record_of(consent)
    ids = [
        *(story.owner.account.pk, given.recipient.account.pk, consent.vault_id, story.study_id),
        *(story.series_id, record.said["authorization"]),
        *(item.study_id for item in terms.items),
    ]
    return [
        *(trace.decode() for trace in TRACES),
        *("Olga", "Owner", "owner@people.example", "Clara", "clinician", "CompressedSamples"),
        *(str(dataset[tag].value) for tag in ("PatientID", "StudyInstanceUID")),
        *(str(dataset[tag].value) for tag in ("SeriesInstanceUID", "SOPInstanceUID")),
        *(form for each in ids for form in (str(each), str(each).replace("-", ""))),
        *(to_text(each) for each in ids if not isinstance(each, str)),
        *(OWN_WORDS, record.handwriting),
    ]


def test_no_value_of_the_original_and_no_name_stands_in_it(given: Given) -> None:
    told = told_by(given.paper).casefold()
    names = names_of_somebody(given)
    assert all(names)
    assert [each for each in names if each.casefold() in told] == []
    said = check_paper(given.paper).said
    of_a_person = {"printed_name", "account", "authorization", "factors", "subject_name"}
    assert not of_a_person & set(said)


def test_nobody_can_try_out_whose_name_it_is(given: Given) -> None:
    """The words that were signed hold nothing unknown but a name: their hash would confirm it."""
    told = told_by(given.paper)
    said = record_of(given.consent).said
    sealed = (said["words_sha256"], said["terms_sha256"], said["handwriting_sha256"])
    assert [each for each in sealed if each in told] == []
    words = hashlib.sha256(words_of(given.consent).encode())
    assert words.hexdigest() == said["words_sha256"]


def test_it_says_what_was_given_for_what_and_until_when(given: Given) -> None:
    consent, terms = given.consent, terms_of(given.consent)
    told = told_by(given.paper)
    (item,) = terms.items
    day = f"{consent.ends_at.day} {consent.ends_at:%B %Y}"
    for words in (
        f"consent {to_text(consent.id)}",
        "names nobody",
        "1 picture",
        item.digest,
        "basic/2026c",
        "for a second opinion",
        "look and download; not pass it on",
        f"{day}, 23:59:59 UTC",
        "Meaning I let this recipient see exactly these images",
        "a password and a code of an authenticator app (assurance level 2)",
        bytes(consent.signed_digest).hex(),
    ):
        assert words in told, words
    said = check_paper(given.paper).said
    assert said["consent"] == str(consent.id)
    assert said["given_at"] == record_of(consent).said["given_at"]
    assert said["signed_digest"] == bytes(consent.signed_digest).hex()


def test_it_fits_to_the_receipt_that_the_giver_has(given: Given) -> None:
    whole = receipt(given.story.party, given.shared.consent_id, at=clock.now())
    assert whole != given.paper
    theirs, own = check_paper(given.paper).said, check_paper(whole).said
    assert own["printed_name"] == "Olga Owner"
    shared = ("consent", "given_at", "meaning", "method", "signed_digest", "statement")
    assert [theirs[name] for name in shared] == [own[name] for name in shared]
    assert theirs["kind"] != own["kind"]


def test_a_changed_byte_shows(given: Given) -> None:
    key, pdf = PublicKey.parse(paper_key(), is_signed), given.paper
    assert open_paper(pdf, key).said
    undetected = []
    for place in [*range(0, len(pdf), 37), *range(len(pdf) - 400, len(pdf))]:
        changed = bytearray(pdf)
        changed[place] ^= 1 << place % 8
        with suppress(NotAsSignedError):
            undetected.append(open_paper(bytes(changed), key))
    assert undetected == []


def test_a_stranger_checks_it_with_one_file_and_nothing_of_ours(
    given: Given, tmp_path: Path
) -> None:
    (tmp_path / "verify_receipt.py").write_text(verifier_script())
    (tmp_path / "receipt.pdf").write_bytes(given.paper)
    (tmp_path / "other.pdf").write_bytes(given.paper.replace(b"%%EOF", b"%%EOD", 1))

    def verify(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "verify_receipt.py", name, "--key", paper_key()]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good = verify("receipt.pdf")
    assert good.returncode == 0, good.stderr
    assert f"consent: {given.consent.id}" in good.stdout
    assert "name" not in good.stdout
    assert verify("other.pdf").returncode == 1


def test_every_way_of_the_recipient_hands_out_the_same(given: Given) -> None:
    number = {"consent_id": to_text(given.shared.consent_id)}
    asked = "GET /consents/{consent_id}/receipt"
    assert program_of(given.recipient)(asked, ids=number) == given.paper
    assert program_of(given.recipient)("GET /consents/{consent_id}/fhir", ids=number, status=404)
    taken = Entry.objects.filter(kind="consent.receipt-taken").values_list("actor", flat=True)
    assert set(taken) == {f"account/{given.recipient.account.pk}"}
    again = receipt(party_of_person(given.recipient), given.shared.consent_id, at=clock.now())
    assert again == given.paper


def test_a_guest_finds_it_on_the_page_of_the_share(given: Given) -> None:
    shared = signed(given.story, draft_of_a_copy(given.story))
    guest, share = Client(), to_text(shared.share_id)
    guest.cookies["__Host-guest"] = open_share(shared)
    page = guest.get(f"/s/{share}/exams/", secure=True).content.decode()
    assert f"/s/{share}/receipt/" in page
    assert "It names nobody" in page
    answer = guest.get(f"/s/{share}/receipt/", secure=True)
    assert answer["Content-Type"] == "application/pdf"
    assert "Olga" not in told_by(answer.content)


def test_nobody_gets_it_after_the_end(given: Given, stranger: Person) -> None:
    consent_id = given.shared.consent_id
    with pytest.raises(NotFoundError):
        receipt(party_of_person(stranger), consent_id, at=clock.now())
    with pytest.raises(NotFoundError):
        consent_as_fhir(party_of_person(given.recipient), consent_id, at=clock.now())
    withdraw(given.story.party, consent_id, at=clock.now())
    with pytest.raises(NotFoundError):
        receipt(party_of_person(given.recipient), consent_id, at=clock.now())
    assert receipt(given.story.party, consent_id, at=clock.now()).startswith(b"%PDF")
