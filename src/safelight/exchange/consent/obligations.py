"""What must a recipient hold to, in words and as data that travels with a copy? (R09)

Built from the terms alone. Where substance-use records are included, the notice
of 42 CFR 2.32(a)(2) goes with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.exchange.consent.terms import Act, Further, Permission, Sensitive, Terms
from safelight.exchange.consent.text import (
    KIND_WORDS,
    PURPOSE_WORDS,
    day_in_words,
    purpose_in_words,
)

PART_2_NOTICE: Final = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
_SHAPE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """What binds whoever received something, in the order of its weight."""

    consent_id: UUID
    terms: Terms

    @property
    def may_pass_on(self) -> bool:
        """Whether it may be passed on to anybody at all."""
        return self.terms.further.kind is not Further.NONE

    @property
    def words(self) -> tuple[str, ...]:
        """What holds, a sentence each."""
        terms = self.terms
        whose = terms.authority.subject_name or terms.grantor_name
        by, why = terms.grantor_name, purpose_in_words(terms)
        last = day_in_words(terms.ends_at)
        said = [
            f"Shown to {terms.recipient.name} by {by}, {why}, and to be used for that only.",
            f"Until the end of {last} (UTC), unless it is taken back sooner.",
        ]
        if terms.act is Act.ONWARD:
            said.append(f"Passed on by {terms.grantor_name}, as {whose} agreed; both can end it.")
        said.append(self._passing_on())
        if Sensitive.SUBSTANCE_USE in terms.sensitive:
            said.append(PART_2_NOTICE)
        return tuple(said)

    @property
    def data(self) -> dict[str, Any]:
        """The same as plain data; `obligations` lists stable codes."""
        terms, further = self.terms, self.terms.further
        codes = ["use-for-this-purpose-only", "use-until-the-end-only"]
        codes.append(f"further-release-{further.kind.value}")
        if Sensitive.SUBSTANCE_USE in terms.sensitive:
            codes.append("42-cfr-part-2")
        return {
            "v": _SHAPE,
            "consent": str(self.consent_id),
            "parent": str(terms.parent_id) if terms.parent_id else None,
            "given_by": terms.grantor_name,
            "recipient": terms.recipient.name,
            "purpose": {"code": terms.purpose.value, "words": terms.purpose_words},
            "permissions": sorted(terms.permissions),
            "starts_at": terms.starts_at.isoformat(),
            "ends_at": terms.ends_at.isoformat(),
            "further_release": {
                "kind": further.kind.value,
                "named": [{"name": one.name, "address": one.address} for one in further.named],
                "classes": sorted(further.classes),
                "purposes": sorted(further.purposes),
            },
            "obligations": codes,
            "words": list(self.words),
        }

    @property
    def json(self) -> bytes:
        """The data as it is put beside a copy, indented and in UTF-8."""
        return _written(self.data)

    def _passing_on(self) -> str:
        further = self.terms.further
        if further.kind is Further.NONE:
            copy = (
                " A copy is for you alone." if Permission.DOWNLOAD in self.terms.permissions else ""
            )
            return f"Do not pass it on: nobody agreed to that.{copy}"
        whom = (
            " or ".join(one.name for one in further.named)
            if further.kind is Further.NAMED
            else " or ".join(f"one {KIND_WORDS[kind]}" for kind in sorted(further.classes))
        )
        why = " or ".join(PURPOSE_WORDS[purpose] for purpose in sorted(further.purposes))
        return f"It may be passed on to {whom}, {why}, through this service, and to nobody else."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What binds somebody whom one or several consents let in: each of them, by itself."""

    each: tuple[Obligations, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What holds, a sentence each; where there are several consents, one after the other."""
        if len(self.each) == 1:
            return self.each[0].words
        said = [f"{len(self.each)} consents let you see this. Each holds for what it covers."]
        for number, one in enumerate(self.each, 1):
            first, *rest = one.words
            said += [f"{number}. {first}", *rest]
        return tuple(said)

    @property
    def data(self) -> dict[str, Any]:
        """The first as plain data, and under `also` those beside it."""
        first, *others = self.each
        return first.data | ({"also": [one.data for one in others]} if others else {})

    @property
    def json(self) -> bytes:
        """The data as it is put beside a copy, indented and in UTF-8."""
        return _written(self.data)


def _written(data: dict[str, Any]) -> bytes:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(data, option=options)


def obligations_of(terms: Terms, consent_id: UUID) -> Obligations:
    """Return what binds the recipient of a consent."""
    return Obligations(consent_id=consent_id, terms=terms)
