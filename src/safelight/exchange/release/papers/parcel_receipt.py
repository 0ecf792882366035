"""What does an outsider get as the receipt of what they sent?

A PDF, signed to its last byte: to whom, when, by whom as they said, and the SHA-256 of
each file that arrived. It says nothing of anybody's images and nothing of what the
receiver had before or did with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from safelight.exchange.receive.asked.parcels import Arrived
from safelight.exchange.receive.models import Sender
from safelight.exchange.release.papers.receipt import moment_in_words
from safelight.exchange.release.papers.sealing import paper_key, sign_paper
from safelight.exchange.release.papers.sheet import Block, Facts, Heading, Sheet, Words, to_pdf
from safelight.kernel.ids import to_text

TITLE: Final = "Receipt of what was sent"
_LINES: Final = 40


def parcel_receipt(arrived: Arrived, sender: Sender) -> bytes:
    """Make the signed PDF of one parcel that is complete: the same bytes each time."""
    number = to_text(arrived.parcel_id)
    sheet = Sheet(
        title=TITLE,
        foot=f"{settings.SAFELIGHT_OPERATOR}  ·  sent {number}",
        blocks=tuple(_blocks(arrived, sender, number)),
    )
    return sign_paper(to_pdf(sheet))


def _blocks(arrived: Arrived, sender: Sender, number: str) -> Iterator[Block]:
    yield Words(f"Received by {settings.SAFELIGHT_OPERATOR} under the number {number}.")
    yield Facts(tuple(_facts(arrived, sender)))
    yield Words(
        "This says what arrived here, and nothing else: not what was here before, and not what "
        "becomes of it. Whoever it was sent to looks at it first and says yes or no."
    )
    yield Heading("What arrived: the SHA-256 of each file, and its size in bytes")
    lines = [f"{sha256}  {size}" for sha256, size in arrived.files]
    for start in range(0, len(lines), _LINES):
        yield Words("\n".join(lines[start : start + _LINES]), small=True)
    yield Heading("How to check this receipt")
    yield Words(
        "The file is signed to its last byte. With this key and the one-file verifier from "
        f"{settings.SAFELIGHT_PUBLIC_URL}/receipts/verifier anybody can check it without us. "
        "Ask for the key by another way, too; a forger could print another.",
        small=True,
    )
    yield Words(paper_key(), small=True)


def _facts(arrived: Arrived, sender: Sender) -> Iterator[tuple[str, str]]:
    yield "To", arrived.whom
    yield "From", f"{sender.name}, {sender.address} ({sender.relation}), as they said themselves"
    yield "They said", "that they may send these, and that they believe them to be right"
    if arrived.finished_at is not None:
        yield "Complete", moment_in_words(arrived.finished_at)
    yield "Began", moment_in_words(arrived.started_at)
    yield "Files that arrived", f"{len(arrived.files)} ({arrived.size} bytes)"
    yield "Files that could not be kept", str(arrived.left_out)
