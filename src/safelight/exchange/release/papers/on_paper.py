"""What does a receipt say of a paper that the patient signed, and of who recorded it first?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from safelight.exchange.consent.paper import paper_from_data
from safelight.exchange.consent.paper_text import KNOWN_WORDS


def on_paper_in_words(
    said: Mapping[str, Any], methods: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Return facts about the paper; `methods` says in words how somebody was known."""
    paper, first = paper_from_data(dict(said)), said["recorded"]
    day, moment = paper.signed_on, datetime.fromisoformat(first["given_at"])
    yield (
        "Signed on paper",
        (
            f"by {said['signed_by']} on {day.day} {day:%B %Y}, seen by {paper.seen_by}, "
            f"{paper.seen_as}, who knew them by {KNOWN_WORDS[paper.known_by]}\n"
            f"(SHA-256 of the scan {paper.digest[:16]}…)"
        ),
    )
    yield (
        "Recorded first by",
        (
            f"{first['printed_name']}, {moment.day} {moment:%B %Y, %H:%M:%S} UTC, known by "
            f"{methods.get(first['method'], first['method'])}: {first['meaning']}"
        ),
    )
