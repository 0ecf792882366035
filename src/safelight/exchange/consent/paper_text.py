"""What do those who record a consent on paper read before they confirm it?

Built from the terms and from what is said of the paper, and kept as it was shown; the
version of these words is in `text_version.py`.
"""

from __future__ import annotations

from html import escape
from typing import Final

from safelight.exchange.consent.cautions import cautions
from safelight.exchange.consent.paper import KnownBy, Paper
from safelight.exchange.consent.terms import Permission, Terms
from safelight.exchange.consent.text import (
    SENSITIVE_WORDS,
    covered_in_words,
    day_in_words,
    purpose_in_words,
    what_in_words,
)

KNOWN_WORDS: Final = {
    KnownBy.PHOTO_ID: "an official document with a photograph",
    KnownBy.TREATED_HERE: "being a patient whom they treat in person",
}


def paper_sentences(terms: Terms, paper: Paper) -> list[str]:
    """Return the words about a paper, one paragraph an entry."""
    patient, whom = terms.authority.subject_name, terms.recipient
    what = what_in_words(terms.items, whose=f"{patient}'s")
    term = f"from {day_in_words(terms.starts_at)} until the end of {day_in_words(terms.ends_at)}"
    may_copy = Permission.DOWNLOAD in terms.permissions
    copying = "may also download a copy" if may_copy else "cannot download it"
    house, day = paper.organization_name, paper.signed_on
    words = [
        (
            f"{patient} has signed on paper that {whom.name} ({whom.address}) can look at {what}, "
            f"{purpose_in_words(terms)}, {term} (UTC)."
        ),
        f"{whom.name} {copying}. The paper does not allow {whom.name} to pass it on.",
        (
            f"{paper.seen_by}, {paper.seen_as}, saw {patient} sign it on {day.day} {day:%B %Y}, "
            f"and knew them by {KNOWN_WORDS[paper.known_by]}. The scanned paper is kept with "
            f"these words (SHA-256 {paper.digest[:16]}…)."
        ),
        (
            f"{terms.grantor_name} recorded it for {house}. It opens nothing until a second "
            f"person of {house} has compared the paper with these words."
        ),
        (
            f"{patient} can take this back at any moment, without a reason, with an account of "
            f"their own or by telling {house}; {whom.name} will see nothing new from that second. "
            "What they have already seen or downloaded cannot be unseen."
        ),
        (
            f"To open it, {whom.name} must prove that {whom.address} is theirs, and must know a "
            "passphrase that they are told by telephone or in person."
        ),
    ]
    if terms.sensitive:
        named = ", ".join(SENSITIVE_WORDS[each] for each in sorted(terms.sensitive))
        words.insert(2, f"The paper names information about: {named}.")
    return [*words, *cautions(terms)]


def paper_html(terms: Terms, paper: Paper) -> str:
    """Return the exact fragment that is shown, signed and kept."""
    listed = "".join(
        f"<li>{escape(item.exam_title)}, {escape(item.series_title)}: "
        f"{covered_in_words([item])}</li>"
        for item in terms.items
    )
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in paper_sentences(terms, paper))
    return (
        f'<div class="consent-words">{paragraphs}'
        f'<p class="consent-items-head">Exactly this is shared:</p><ul>{listed}</ul></div>'
    )
