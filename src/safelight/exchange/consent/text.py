"""What exactly does the person read before they confirm?

The words are built from the terms alone, so that the same terms always give
the same words, and the words are stored as they were shown (L17).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from itertools import groupby

from safelight.exchange.consent.cautions import cautions, without_a_name
from safelight.exchange.consent.terms import (
    SELF,
    Act,
    Audience,
    Form,
    Further,
    Item,
    Permission,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Sensitive,
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

KIND_WORDS = {
    RecipientKind.CLINICIAN: "health professional",
    RecipientKind.OWN_ADDRESS: "other address of yours",
    RecipientKind.FAMILY_OR_FRIEND: "family member or friend",
    RecipientKind.ATTORNEY: "attorney",
    RecipientKind.INSURER: "insurer",
    RecipientKind.RESEARCHER: "researcher",
    RecipientKind.OTHER: "other person",
}

SENSITIVE_WORDS = {
    Sensitive.SUBSTANCE_USE: "the treatment of substance use",
    Sensitive.MENTAL_HEALTH: "mental health",
    Sensitive.HIV: "HIV",
    Sensitive.REPRODUCTIVE: "sexual and reproductive health",
    Sensitive.GENETIC: "genetic findings",
    Sensitive.MINOR_CONFIDENTIAL: "care that a young person asked for in confidence",
}


def day_in_words(moment: datetime) -> str:
    """Write a day as people say it, e.g. "2 June 2026"."""
    return f"{moment.day} {moment:%B %Y}"


def pictures_in_words(count: int) -> str:
    """Write a number of pictures, e.g. "24 pictures"."""
    return "1 picture" if count == 1 else f"{count} pictures"


def covered_in_words(items: Iterable[Item]) -> str:
    """Write how much items cover, e.g. "2 pictures and 1 report"."""
    listed = list(items)
    reports = sum(item.reports for item in listed)
    pictures = sum(item.pictures for item in listed) - reports
    said = [pictures_in_words(pictures)] if pictures or not reports else []
    if reports:
        said.append("1 report" if reports == 1 else f"{reports} reports")
    return " and ".join(said)


def what_in_words(items: tuple[Item, ...], *, whose: str = "your") -> str:
    """Say which parts of which exams the terms cover, in one phrase."""
    parts = []
    for (title, day), group in groupby(items, key=lambda item: (item.exam_title, item.exam_on)):
        listed = list(group)
        sets = "" if len(listed) == 1 else f" in {len(listed)} sets"
        when = f" from {day}" if day else ""
        parts.append(f"{covered_in_words(listed)}{sets} of {whose} {title}{when}")
    return " and ".join(parts)


def purpose_in_words(terms: Terms) -> str:
    """Say what the sharing is for; a person's own words are quoted."""
    own = terms.purpose_words.strip()
    if terms.purpose is Purpose.OTHER:
        return f"for this purpose: “{own}”"
    return PURPOSE_WORDS[terms.purpose] + (f" (“{own}”)" if own else "")


def _letting(terms: Terms) -> str:
    """Open the consent: who lets whom do what with which information, why and how long."""
    term = f"from {day_in_words(terms.starts_at)} until the end of {day_in_words(terms.ends_at)}"
    whose, acting = "your", ""
    if terms.act is Act.ONWARD:
        whose = f"{terms.authority.subject_name}'s"
        acting = f" passing on what {terms.authority.subject_name} let you see,"
    elif terms.authority.kind != SELF:
        whose = f"{terms.authority.subject_name}'s"
        acting = f" acting for {terms.authority.subject_name} as {terms.authority.kind},"
    what = what_in_words(terms.items, whose=whose)
    if terms.form is Form.DEIDENTIFIED:
        what = f"a copy without a name of {what}"
    whom = _whom(terms.recipient)
    doing = (
        f"publishing {what} to {whom}"
        if terms.act is Act.PUBLISH
        else f"letting {whom} look at {what}"
    )
    return (
        f"You, {terms.grantor_name},{acting} are {doing}, {purpose_in_words(terms)}, {term} (UTC)."
    )


def _whom(recipient: Recipient) -> str:
    return {
        Audience.PERSON: f"{recipient.name} ({recipient.address})",
        Audience.DESK: f"the imaging desk of {recipient.name}",
        Audience.GROUP: f"the group {recipient.name}",
        Audience.ORGANIZATION: f"everybody who works at {recipient.name}",
        Audience.REGISTRY: f"the registry {recipient.name}",
    }[recipient.audience]


def _in_their_own_words(recipient: Recipient) -> list[str]:
    said = []
    if recipient.exists_for:
        said.append(f"What {recipient.name} says it is for: {recipient.exists_for}")
    if recipient.undertakes:
        said.append(f"What {recipient.name} says it holds itself to: {recipient.undertakes}")
    return said


def _who_is_meant(recipient: Recipient) -> list[str]:
    """Say who stands behind a group or an institution, and whether others can join."""
    if recipient.audience is Audience.PERSON:
        return []
    names = ", ".join(member.name for member in recipient.members)
    if recipient.audience is not Audience.GROUP:
        today = f"At {recipient.name} that is, today: {names or 'nobody yet'}."
        joins = f"{today} Whoever joins them there can look as well; whoever leaves cannot."
        return [joins, *_in_their_own_words(recipient)]
    joining = (
        "You also agree to members who join later; the group's manager decides who they are."
        if recipient.future_members
        else "Whoever joins the group later sees nothing of this."
    )
    return [f"The members are: {names}. {joining}"]


def _uses(terms: Terms) -> str:
    name = terms.recipient.name
    may_copy = Permission.DOWNLOAD in terms.permissions
    copying = (
        f"{name} may also download a copy. A copy that was downloaded cannot be called back."
        if may_copy
        else f"{name} cannot download it."
    )
    return f"{copying} {_passing_on(terms)}"


def _passing_on(terms: Terms) -> str:
    name, further = terms.recipient.name, terms.further
    if further.kind is Further.NONE:
        return f"This consent does not allow {name} to pass it on."
    whom = (
        " or ".join(f"{one.name} ({one.address})" for one in further.named)
        if further.kind is Further.NAMED
        else " or ".join(f"one {KIND_WORDS[kind]}" for kind in sorted(further.classes))
    )
    why = " or ".join(PURPOSE_WORDS[purpose] for purpose in sorted(further.purposes))
    return (
        f"{name} may pass it on, in your name and once only, to {whom}, and only {why}. "
        "You will see it at once, and taking this back takes that back too."
    )


def _opening(terms: Terms) -> list[str]:
    if terms.recipient.audience is not Audience.PERSON:
        return ["To open it, they must sign in with their own account and a second factor."]
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
    words = [f"To open it, they must prove that {address} is theirs, {proof}."]
    if terms.most_openings is not None:
        times = "once" if terms.most_openings == 1 else f"{terms.most_openings} times"
        words.append(f"The link can be opened {times}; after that it opens nothing more.")
    return words


def _beyond_the_usual(terms: Terms) -> list[str]:
    """Say what was ticked by itself: sensitive information, and results yet to come."""
    words = []
    if terms.form is Form.DEIDENTIFIED:
        words.append(without_a_name(terms))
    if terms.sensitive:
        named = ", ".join(SENSITIVE_WORDS[each] for each in sorted(terms.sensitive))
        words.append(f"You have chosen to include information about: {named}.")
    if Sensitive.SUBSTANCE_USE in terms.sensitive:
        words.append(
            "Records about the treatment of substance use are protected by federal rules "
            "(42 CFR part 2). The notice that forbids passing them on travels with them."
        )
    if terms.replaces_id is not None:
        words.append(
            f"This takes the place of what you agreed with {terms.recipient.name} before; "
            "that ends when you confirm this."
        )
    if terms.standing is not None:
        words.append(
            "You have also agreed that results yet to come are shared in the same way as they "
            f"arrive, until the end of {day_in_words(terms.standing.until)}. "
            "You are told each time."
        )
    return words


def sentences(terms: Terms) -> list[str]:
    """Return the words of the consent, one paragraph an entry."""
    name = terms.recipient.name
    if terms.act is Act.ONWARD:
        return [*_opening_words(terms), *_closing_onward(terms), *cautions(terms)]
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
    closing = [taking_back, out_of_reach, voluntary]
    if terms.authority.kind != SELF:
        whose = terms.authority.subject_name
        closing.append(f"{whose} can see that you agreed to this, and can take it back too.")
    return [*_opening_words(terms), *closing, *cautions(terms)]


def _opening_words(terms: Terms) -> list[str]:
    return [
        _letting(terms),
        *_who_is_meant(terms.recipient),
        _uses(terms),
        *_beyond_the_usual(terms),
        *_opening(terms),
    ]


def _closing_onward(terms: Terms) -> list[str]:
    """Say on what it rests and who else can end it, where something is passed on."""
    patient, name = terms.authority.subject_name, terms.recipient.name
    return [
        (
            f"You may do this because {patient} agreed to it, for this purpose and no longer than "
            f"this. {patient} sees at once that you passed it on, and whenever {name} looks."
        ),
        (
            f"You can take this back at any moment, and so can {patient}, without a reason; it "
            "also ends when what it rests on ends. What was seen or downloaded cannot be unseen."
        ),
        "You do not have to pass it on. Choose carefully: it is somebody else's.",
    ]


def shown_html(terms: Terms) -> str:
    """Return the exact fragment that is shown, signed and kept."""
    listed = "".join(
        f"<li>{escape(item.exam_title)}, {escape(item.series_title)}: "
        f"{covered_in_words([item])}</li>"
        for item in terms.items
    )
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences(terms))
    return (
        f'<div class="consent-words">{paragraphs}'
        f'<p class="consent-items-head">Exactly this is shared:</p><ul>{listed}</ul></div>'
    )
