"""What does the giver, or the recipient of an exam, get as the receipt of a consent?

A PDF with every element that an authorization must have (45 CFR 164.508(c)) under its
own label, the signature with name, time and meaning, and the very words that were shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final

from django.conf import settings

from safelight.exchange.consent.handwriting import handwriting_from_text
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.record import SignedRecord
from safelight.exchange.consent.terms import SELF, Audience, Further, Permission, Terms
from safelight.exchange.consent.text import (
    KIND_WORDS,
    PURPOSE_WORDS,
    SENSITIVE_WORDS,
    covered_in_words,
    purpose_in_words,
)
from safelight.exchange.release.papers.on_paper import on_paper_in_words
from safelight.exchange.release.papers.sealing import paper_key, sign_paper
from safelight.exchange.release.papers.sheet import (
    Block,
    Drawn,
    Facts,
    Heading,
    Sheet,
    Words,
    to_pdf,
)
from safelight.exchange.release.signed import record_of, terms_of, words_of
from safelight.kernel.ids import to_text

TITLE: Final = "Receipt of a consent"
_PARAGRAPH: Final = re.compile(r"<(p|li)[^>]*>(.*?)</\1>", re.DOTALL)
_METHODS: Final = {
    "passkey": "a passkey that checked who they are",
    "security-key": "a hardware security key that checked who they are",
    "password-and-code": "a password and a code of an authenticator app",
}
_VOLUNTARY: Final = (
    "Nobody had to agree to this. Care, payment, the account and one's own access to the images "
    "do not depend on it."
)
OUT_OF_REACH: Final = (
    "Once somebody has seen or received the images, they may pass them on, and the law may no "
    "longer protect them in their hands."
)
_LIABILITY: Final = "We are not responsible for what recipients do with what they were given."


def receipt_of(consent: Consent) -> bytes:
    """Make the signed PDF of a consent: the same bytes each time."""
    html, signed = words_of(consent), record_of(consent)
    number = to_text(consent.id)
    sheet = Sheet(
        title=TITLE,
        foot=f"{settings.SAFELIGHT_OPERATOR}  ·  consent {number}",
        blocks=tuple(_blocks(terms_of(consent), html, signed, number)),
    )
    return sign_paper(to_pdf(sheet), signed.as_data() | {"words": html})


def _blocks(terms: Terms, html: str, signed: SignedRecord, number: str) -> Iterator[Block]:
    said = signed.said
    yield Words(f"Kept by {settings.SAFELIGHT_OPERATOR} as consent {number}.", small=True)
    yield Heading("What was agreed")
    yield Facts(tuple(_agreed(terms)))
    yield Heading("What goes with it")
    yield Words(
        "What binds are the exact words below, as they were shown. This part names them by what "
        "they are about, and says how to take it back today.",
        small=True,
    )
    yield Facts(tuple(_statements(terms)))
    yield Heading("Signature")
    yield Facts(tuple(_signature(said)))
    if signed.handwriting:
        yield Drawn(handwriting_from_text(signed.handwriting))
    yield Heading("The exact words that were shown and signed")
    for sort, words in _PARAGRAPH.findall(html):
        yield Words(("•  " if sort == "li" else "") + unescape(words))
    yield from checking()
    yield Words(
        f"SHA-256 of the words: {said['words_sha256']}\nof the terms: {said['terms_sha256']}\n"
        f"version of the text: {said['text_version']}",
        small=True,
    )


def checking() -> Iterator[Block]:
    """Say how a paper is checked by somebody who has nothing of ours."""
    yield Heading("How to check this receipt")
    yield Words(
        "The file is signed to its last byte. With this key and the one-file verifier from "
        f"{settings.SAFELIGHT_PUBLIC_URL}/receipts/verifier anybody can check it without us. "
        "Ask for the key by another way, too; a forger could print another.",
        small=True,
    )
    yield Words(paper_key(), small=True)


def _agreed(terms: Terms) -> Iterator[tuple[str, str]]:
    whose = terms.authority.subject_name or terms.grantor_name
    yield "Whose images", whose
    yield "Information", "\n".join(_items(terms))
    if terms.sensitive:
        yield "Sensitive information", ", ".join(SENSITIVE_WORDS[one] for one in terms.sensitive)
    yield "Who may disclose it", f"{settings.SAFELIGHT_OPERATOR}, which keeps the images"
    yield "Who may receive it", _recipient(terms)
    yield "Purpose", purpose_in_words(terms)
    yield "They may", _uses(terms)
    yield "From", moment_in_words(terms.starts_at)
    yield "Until", moment_in_words(terms.ends_at)
    if terms.standing is not None:
        yield "Results to come", f"until {moment_in_words(terms.standing.until)}"


def _items(terms: Terms) -> Iterator[str]:
    for item in terms.items:
        day = f" of {item.exam_on}" if item.exam_on else ""
        count = covered_in_words([item])
        yield f"{item.exam_title}{day}, {item.series_title}: {count} (SHA-256 {item.digest[:16]}…)"


def _recipient(terms: Terms) -> str:
    recipient = terms.recipient
    if recipient.audience is Audience.PERSON:
        return f"{recipient.name}, {recipient.address} ({KIND_WORDS[recipient.kind]})"
    members = ", ".join(member.name for member in recipient.members)
    return f"{recipient.name} ({recipient.audience.value})" + (f": {members}" if members else "")


def _uses(terms: Terms) -> str:
    looking = "look and download" if Permission.DOWNLOAD in terms.permissions else "look"
    further = terms.further
    if further.kind is Further.NONE:
        return f"{looking}; not pass it on"
    whom = [f"{one.name} ({one.address})" for one in further.named]
    whom += [KIND_WORDS[kind] for kind in sorted(further.classes)]
    why = " or ".join(PURPOSE_WORDS[purpose] for purpose in sorted(further.purposes))
    return f"{looking}; pass it on once to {' or '.join(whom)}, {why}"


def _statements(terms: Terms) -> Iterator[tuple[str, str]]:
    contact = settings.SAFELIGHT_PRIVACY_CONTACT
    writing = f", or write to {contact}" if contact else ""
    how = (
        f"At any time, without a reason: sign in at {settings.SAFELIGHT_PUBLIC_URL}, open "
        f"“Who can see what” and press “Take back”{writing}. It takes effect at that second; what "
        f"{terms.recipient.name} saw or downloaded before cannot be called back."
    )
    yield "Taking it back", how
    yield "Voluntary", _VOLUNTARY
    yield "Out of our reach", OUT_OF_REACH
    yield "Liability", _LIABILITY
    yield "Privacy statement", f"version {terms.statement_version}"


def _signature(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Name", said["printed_name"]
    yield "Date and time", moment_in_words(datetime.fromisoformat(said["given_at"]))
    yield "Meaning", said["meaning"]
    yield "How we knew them", method_in_words(said)
    if "in_addition" in said:
        yield "In addition", "an answer to a question of their own, which counts for nothing alone"
    if "on_paper" in said:
        yield from on_paper_in_words(said["on_paper"], _METHODS)
    if "handwriting_sha256" in said:
        drawn = said["handwriting_sha256"][:16]
        yield "By hand", f"drawn on the screen and signed with it (SHA-256 {drawn}…)"
    yield "With factor", ", ".join(f"number {one}" for one in said["factors"])
    by = "for oneself" if said["authority"] == SELF else said["authority"]
    yield "Authority", by + (f", for {said['subject_name']}" if said["subject_name"] else "")


def method_in_words(said: dict[str, Any]) -> str:
    """Say how a signature record tells that its signer was identified."""
    return f"{_METHODS.get(said['method'], said['method'])} (assurance level {said['aal']})"


def moment_in_words(moment: datetime) -> str:
    """Write a moment with its zone, e.g. "2 June 2026, 14:05:09 UTC"."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M:%S} UTC"
