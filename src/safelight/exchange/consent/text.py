"""What exactly does the person read before they confirm?

The words are built from the terms alone, so that the same terms always give
the same words, and the words are stored as they were shown (L17).
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from itertools import groupby

from safelight.exchange.consent.terms import (
    Item,
    Permission,
    Purpose,
    RecipientKind,
    SecondCheck,
    Terms,
)

PURPOSE_WORDS = {
    Purpose.TREATMENT: "for treatment",
    Purpose.SECOND_OPINION: "for a second opinion",
    Purpose.LEGAL: "for a legal matter",
    Purpose.INSURANCE: "for an insurance matter",
    Purpose.RESEARCH: "for research",
    Purpose.EDUCATION: "for teaching",
    Purpose.PERSONAL: "for personal reasons",
    Purpose.OTHER: "for the purpose you named",
}

_NOT_A_HEALTH_PROFESSIONAL = {
    RecipientKind.FAMILY_OR_FRIEND,
    RecipientKind.ATTORNEY,
    RecipientKind.INSURER,
    RecipientKind.OTHER,
}


def day_in_words(moment: datetime) -> str:
    """Write a day as people say it, e.g. "2 June 2026"."""
    return f"{moment.day} {moment:%B %Y}"


def pictures_in_words(count: int) -> str:
    """Write a number of pictures, e.g. "24 pictures"."""
    return "1 picture" if count == 1 else f"{count} pictures"


def what_in_words(items: tuple[Item, ...]) -> str:
    """Say which parts of which exams the terms cover, in one phrase."""
    parts = []
    for (title, day), group in groupby(items, key=lambda item: (item.exam_title, item.exam_on)):
        listed = list(group)
        count = sum(item.pictures for item in listed)
        sets = "" if len(listed) == 1 else f" in {len(listed)} sets"
        when = f" from {day}" if day else ""
        parts.append(f"{pictures_in_words(count)}{sets} of your {title}{when}")
    return " and ".join(parts)


def purpose_in_words(terms: Terms) -> str:
    """Say what the sharing is for; a person's own words are quoted."""
    own = terms.purpose_words.strip()
    if terms.purpose is Purpose.OTHER:
        return f"for this purpose: “{own}”"
    return PURPOSE_WORDS[terms.purpose] + (f" (“{own}”)" if own else "")


def _uses(terms: Terms) -> str:
    name = terms.recipient.name
    if Permission.DOWNLOAD in terms.permissions:
        return (
            f"{name} may also download a copy. A copy that was downloaded cannot be called back. "
            f"This consent does not allow {name} to pass it on."
        )
    return f"{name} cannot download it or pass it on."


def _opening(terms: Terms) -> str:
    address = terms.recipient.address
    proof = {
        SecondCheck.PASSPHRASE: (
            "and must know the passphrase that you tell them yourself, by telephone or in person"
        ),
        SecondCheck.OWNER_RELEASE: (
            "and then waits until you have let them in, after you saw who proved the address"
        ),
        SecondCheck.WAIVED: (
            "and nothing more: you chose to go without a second check, knowing that a mistyped "
            "address would then be enough"
        ),
    }[terms.second_check]
    return f"To open it, they must prove that {address} is theirs, {proof}."


def sentences(terms: Terms) -> list[str]:
    """Return the words of the consent, one paragraph an entry."""
    name = terms.recipient.name
    letting = (
        f"You, {terms.grantor_name}, are letting {name} ({terms.recipient.address}) look at "
        f"{what_in_words(terms.items)}, {purpose_in_words(terms)}, "
        f"from {day_in_words(terms.starts_at)} until the end of "
        f"{day_in_words(terms.ends_at)} (UTC)."
    )
    taking_back = (
        f"You can take this back at any moment, without a reason; {name} will see nothing new "
        "from that second. What they have already seen or downloaded cannot be unseen."
    )
    out_of_reach = (
        "Once someone has seen or received your images, the law may no longer protect them in "
        "their hands, and we are not responsible for what they do with them. Choose carefully."
    )
    voluntary = (
        "You do not have to agree. Your care, your account and your own access do not depend on it."
    )
    words = [letting, _uses(terms), _opening(terms), taking_back, out_of_reach, voluntary]
    if terms.recipient.kind in _NOT_A_HEALTH_PROFESSIONAL:
        words.append(
            f"{name} is not a health professional in this matter. "
            "Medical secrecy may not bind them."
        )
    return words


def shown_html(terms: Terms) -> str:
    """Return the exact fragment that is shown, signed and kept."""
    listed = "".join(
        f"<li>{escape(item.exam_title)}, {escape(item.series_title)}: "
        f"{pictures_in_words(item.pictures)}</li>"
        for item in terms.items
    )
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences(terms))
    return (
        f'<div class="consent-words">{paragraphs}'
        f'<p class="consent-items-head">Exactly this is shared:</p><ul>{listed}</ul></div>'
    )
