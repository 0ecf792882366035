"""What does the recipient of a copy without a name get as the receipt of the consent?

A PDF that is signed and checked like every receipt and names nobody: neither who agreed,
nor whose images they are, nor who received them. The instance's own record under the
consent's number says all three; the digest ties the two together.

What was signed is told by `signed_digest` alone. The recipient knows the signed words but
for a name, so that the hash of the words would confirm a guess; the digest covers the
terms too, with random ids that the recipient is never told. A drawn signature is a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any, Final

import orjson
from django.conf import settings

from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.record import SignedRecord, consent_signer
from safelight.exchange.consent.terms import Item, Permission, Purpose, Terms
from safelight.exchange.consent.text import (
    PURPOSE_WORDS,
    SENSITIVE_WORDS,
    covered_in_words,
    day_in_words,
    what_in_words,
)
from safelight.exchange.release.papers.receipt import (
    OUT_OF_REACH,
    TITLE,
    checking,
    method_in_words,
    moment_in_words,
)
from safelight.exchange.release.papers.sealing import sign_paper
from safelight.exchange.release.papers.sheet import Block, Facts, Heading, Sheet, Words, to_pdf
from safelight.exchange.release.signed import record_of, terms_of
from safelight.kernel.ids import to_text

KIND: Final = "safelight-consent-of-a-copy/1"
_TOLD: Final = ("consent", "given_at", "signed_at", "meaning", "method", "aal", "statement")
_NOBODY: Final = (
    "This receipt names nobody: neither who agreed, nor whose images they are, nor who received "
    "them. Who must know can ask the service, which keeps that under the number above."
)
_TAKING_BACK: Final = (
    "Whoever agreed can take it back at any time, without a reason. From that second nothing more "
    "is served; what was seen or downloaded before cannot be called back."
)


def receipt_of_copy(consent: Consent) -> bytes:
    """Make the signed PDF for the recipient of a copy: the same bytes each time."""
    terms, signed, number = terms_of(consent), record_of(consent), to_text(consent.id)
    words = _sentences(terms)
    html = "".join(f"<p>{escape(each)}</p>" for each in words)
    sheet = Sheet(
        title=TITLE,
        foot=f"{settings.SAFELIGHT_OPERATOR}  ·  consent {number}",
        blocks=tuple(_blocks(terms, signed.said, words, number)),
    )
    proof = _nameless(terms, signed.said, html).as_data() | {"words": html}
    return sign_paper(to_pdf(sheet), proof)


def _nameless(terms: Terms, said: dict[str, Any], html: str) -> SignedRecord:
    """Write what the signature record says without a name, and sign that for the instance."""
    told = {name: said[name] for name in _TOLD} | {
        "kind": KIND,
        "signed_digest": said["signed_digest"],
        "words_sha256": hashlib.sha256(html.encode()).hexdigest(),
        "form": {"kind": terms.form.value, "profile": terms.profile},
        "items": [{"pictures": item.pictures, "digest": item.digest} for item in terms.items],
        "purpose": terms.purpose.value,
        "permissions": sorted(each.value for each in terms.permissions),
        "sensitive": sorted(each.value for each in terms.sensitive),
        "starts_at": terms.starts_at.isoformat(),
        "ends_at": terms.ends_at.isoformat(),
    }
    text = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
    return SignedRecord(text=text, signature=consent_signer().sign(text.encode()))


def _sentences(terms: Terms) -> list[str]:
    """Say what was agreed, without anybody's name and without a word that somebody typed."""
    what = what_in_words(tuple(_undated(item) for item in terms.items), whose="somebody's")
    term = f"from {day_in_words(terms.starts_at)} until the end of {day_in_words(terms.ends_at)}"
    agreed = f"look at a copy without a name of {what}, {_purpose(terms)}, {term} (UTC)"
    return [
        f"Somebody who is not named let one recipient {agreed}.",
        f"The recipient may {_uses(terms)}.",
        _TAKING_BACK,
    ]


def _blocks(terms: Terms, said: dict[str, Any], words: list[str], number: str) -> Iterator[Block]:
    yield Words(f"Kept by {settings.SAFELIGHT_OPERATOR} as consent {number}.", small=True)
    yield Words(_NOBODY)
    yield Heading("What was agreed")
    yield Facts(tuple(_agreed(terms)))
    yield Heading("In words")
    for each in words:
        yield Words(each)
    yield Words(OUT_OF_REACH)
    yield Heading("Signature")
    yield Facts(
        (
            ("Date and time", moment_in_words(datetime.fromisoformat(said["given_at"]))),
            ("Meaning", said["meaning"]),
            ("How we knew who signed", method_in_words(said)),
        )
    )
    yield from checking()
    yield Words(f"SHA-256 that was signed: {said['signed_digest']}", small=True)


def _agreed(terms: Terms) -> Iterator[tuple[str, str]]:
    yield "Information", "\n".join(_items(terms))
    yield (
        "Made without a name",
        f"by the profile {terms.profile} of DICOM PS3.15, before it was signed",
    )
    if terms.sensitive:
        kinds = ", ".join(SENSITIVE_WORDS[each] for each in sorted(terms.sensitive))
        yield "Sensitive information", kinds
    yield "Who may disclose it", f"{settings.SAFELIGHT_OPERATOR}, which keeps the images"
    yield "Purpose", _purpose(terms)
    yield "The recipient may", _uses(terms)
    yield "From", moment_in_words(terms.starts_at)
    yield "Until", moment_in_words(terms.ends_at)
    yield "Privacy statement", f"version {terms.statement_version}"


def _items(terms: Terms) -> Iterator[str]:
    for item in terms.items:
        count = covered_in_words([item])
        yield f"{item.exam_title}, {item.series_title}: {count} (SHA-256 {item.digest[:16]}…)"


def _undated(item: Item) -> Item:
    return replace(item, exam_on="")


def _purpose(terms: Terms) -> str:
    """Say the purpose by its kind; what the giver typed may name somebody."""
    if terms.purpose is Purpose.OTHER:
        return "for a purpose that was said in words of their own"
    return PURPOSE_WORDS[terms.purpose]


def _uses(terms: Terms) -> str:
    looking = "look and download" if Permission.DOWNLOAD in terms.permissions else "look"
    return f"{looking}; not pass it on"
