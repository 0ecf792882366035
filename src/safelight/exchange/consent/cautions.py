"""What is there to think of before letting a recipient of this kind look? (R40, L87)

Part of the words that are shown and kept: see `text.py` and `text_version.py`.
"""

from __future__ import annotations

from typing import Final

from safelight.exchange.consent.terms import Audience, RecipientKind, Terms

_NOT_BOUND: Final = (
    "{name} is not a health professional in this matter. Medical secrecy may not bind them."
)
_READ_THEIRS: Final = (
    "Read the privacy statement of {name} first: it says what they may do with what you show them."
)
_CAUTIONS: Final = {
    RecipientKind.OWN_ADDRESS: (
        "At another address of yours, whoever can read that mailbox can come in.",
    ),
    RecipientKind.FAMILY_OR_FRIEND: (
        _NOT_BOUND,
        "Somebody close to you may come to see more than you wanted to tell.",
    ),
    RecipientKind.ATTORNEY: (
        _NOT_BOUND,
        "What a lawyer holds may have to be shown to the other side, or to a court.",
        _READ_THEIRS,
    ),
    RecipientKind.INSURER: (
        _NOT_BOUND,
        "An insurer may use what it sees to decide about your cover, now and later.",
        _READ_THEIRS,
    ),
    RecipientKind.RESEARCHER: (
        "What research found out cannot be called back once it is published.",
        _READ_THEIRS,
    ),
    RecipientKind.OTHER: (_NOT_BOUND,),
}


def cautions(terms: Terms) -> list[str]:
    """Return what to think of, a sentence or two an entry; nothing for care as usual."""
    recipient = terms.recipient
    said = list(_CAUTIONS.get(recipient.kind, ()))
    if recipient.audience is not Audience.PERSON:
        said = [] if recipient.audience is Audience.GROUP else [_READ_THEIRS]
    if recipient.audience is Audience.ORGANIZATION:
        said.insert(0, "Everybody who works at {name} can look, not only who treats you.")
    return [each.format(name=recipient.name) for each in said]


def without_a_name(terms: Terms) -> str:
    """Say what a copy without a name leaves out, and what can tell all the same."""
    name, (_, _, edition) = terms.recipient.name, terms.profile.partition("/")
    return (
        f"{name} gets copies that were made for this alone (DICOM PS3.15 {edition}, Basic "
        "Application Level Confidentiality Profile), and never the exams themselves. Names, "
        "numbers, dates, places and remarks are taken out, and your name is not told. The "
        "pictures are as they were: a face, a rare finding, or words within a picture can still "
        "tell who it is."
    )
