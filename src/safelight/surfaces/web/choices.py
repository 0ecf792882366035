"""How is each answer of a share worded where the person chooses it?

These are the labels of the forms. The words of the consent itself are built and
kept by `exchange.consent.text`.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from safelight.exchange.consent.terms import Purpose, RecipientKind, SecondCheck, Sensitive

PURPOSES: Final = {
    Purpose.TREATMENT: _("Treatment"),
    Purpose.SECOND_OPINION: _("A second opinion"),
    Purpose.LEGAL: _("A legal matter"),
    Purpose.INSURANCE: _("An insurance matter"),
    Purpose.RESEARCH: _("Research"),
    Purpose.EDUCATION: _("Teaching"),
    Purpose.PERSONAL: _("Personal reasons"),
    Purpose.OTHER: _("Something else, in my own words"),
}
KINDS: Final = {
    RecipientKind.CLINICIAN: _("A doctor or another health professional"),
    RecipientKind.OWN_ADDRESS: _("Myself, at another address"),
    RecipientKind.FAMILY_OR_FRIEND: _("Family or a friend"),
    RecipientKind.ATTORNEY: _("A lawyer"),
    RecipientKind.INSURER: _("An insurer"),
    RecipientKind.RESEARCHER: _("A researcher"),
    RecipientKind.OTHER: _("Somebody else"),
}
KIND_ICONS: Final = {
    RecipientKind.CLINICIAN: "stethoscope",
    RecipientKind.OWN_ADDRESS: "at-sign",
    RecipientKind.FAMILY_OR_FRIEND: "heart",
    RecipientKind.ATTORNEY: "scale",
    RecipientKind.INSURER: "building-2",
    RecipientKind.RESEARCHER: "search",
    RecipientKind.OTHER: "user",
}
CHECKS: Final = {
    SecondCheck.PASSPHRASE: (
        _("A passphrase that I tell them myself"),
        _("We make four plain words. You say them on the telephone or in person."),
    ),
    SecondCheck.OWNER_RELEASE: (
        _("I let them in after they proved the address"),
        _("We tell you when somebody has. Nothing opens until you say yes."),
    ),
    SecondCheck.WAIVED: (
        _("No second check"),
        _("If the address is mistyped, whoever reads that mailbox can open it."),
    ),
}
SENSITIVES: Final = {
    Sensitive.SUBSTANCE_USE: _("Treatment of substance use"),
    Sensitive.MENTAL_HEALTH: _("Mental health"),
    Sensitive.HIV: _("HIV"),
    Sensitive.REPRODUCTIVE: _("Sexual and reproductive health"),
    Sensitive.GENETIC: _("Genetic findings"),
    Sensitive.MINOR_CONFIDENTIAL: _("Care that a young person asked for in confidence"),
}
