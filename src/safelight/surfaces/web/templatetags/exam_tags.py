"""Where is an exam's page and its picture, and who can see it? For templates that show exams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.utils.translation import gettext

from safelight.exchange.consent.terms import (
    Act,
    Permission,
    Purpose,
    RecipientKind,
    SecondCheck,
    Sensitive,
)
from safelight.exchange.consent.text import covered_in_words
from safelight.exchange.release.viewing.overview import ExamSummary, SeriesSummary
from safelight.kernel.ids import to_text
from safelight.surfaces.web import choices, trail_words
from safelight.surfaces.web.templatetags.words import short_day

if TYPE_CHECKING:
    from uuid import UUID

    from django.template import Context

    from safelight.exchange.consent.terms import Item, Named, Terms
    from safelight.exchange.release.board import SharedWith
    from safelight.exchange.release.inbox.rows import InboxRow

register = template.Library()

DICOMWEB: Final = "/dicomweb"
_SHORT: Final = 8
_LONGEST_CODE: Final = 30


@register.filter
def address(identity: UUID) -> str:
    """Write an id as it stands in an address."""
    return to_text(identity)


@register.filter
def lookup(known: Mapping[Any, Any] | None, key: object) -> object:
    """Return the value under a key, or nothing; a page may know no values at all."""
    return known.get(key, "") if known else ""


@register.filter
def of_exam(shared: Iterable[SharedWith], study_id: UUID) -> list[SharedWith]:
    """Keep the shares that cover one exam."""
    return [each for each in shared if any(i.study_id == study_id for i in each.terms.items)]


@register.simple_tag(takes_context=True)
def thumbnail(context: Context, exam: ExamSummary, series: SeriesSummary | None = None) -> str:
    """Return the address of a series' thumbnail, of the front series by default; "" for none.

    There is none, either, before one of the care team has said why they look.

    `root` in the page's context names another way in, such as one share.
    """
    shown = series or exam.front
    if shown is None or not shown.has_pixels or exam.asks_why:
        return ""
    return f"{_root(context)}/studies/{exam.study_uid}/series/{shown.series_uid}/thumbnail"


@register.simple_tag(takes_context=True)
def object_thumbnail(
    context: Context, exam: ExamSummary, series: SeriesSummary, instance_uid: str
) -> str:
    """Return the address of the thumbnail of one object of a series."""
    return (
        f"{_root(context)}/studies/{exam.study_uid}/series/{series.series_uid}"
        f"/instances/{instance_uid}/thumbnail"
    )


@register.simple_tag(takes_context=True)
def front_picture(context: Context, exam: ExamSummary) -> str:
    """Return the address of the picture that stands for an exam, in full size; "" for none."""
    front = exam.front
    if front is None:
        return ""
    return (
        f"{_root(context)}/studies/{exam.study_uid}/series/{front.series_uid}"
        f"/instances/{front.middle_instance_uid}/frames/{front.middle_frame}/rendered"
    )


def _root(context: Context) -> str:
    return str(context.get("root", DICOMWEB))


@register.filter
def exam_titles(terms: Terms) -> list[str]:
    """List the exams that terms cover, each once, as the person knows them."""
    return list(dict.fromkeys(item.exam_title for item in terms.items))


@register.filter
def exam_title_of(terms: Terms, study_id: UUID) -> str:
    """Say what one of the exams that terms cover is called there, and of which day it is."""
    item = next(each for each in terms.items if each.study_id == study_id)
    return f"{item.exam_title}, {item.exam_on}" if item.exam_on else item.exam_title


@register.filter
def title_told(row: InboxRow) -> str:
    """Say what an exam before somebody is called, as far as it was told, and of which day it is."""
    if row.title:
        title = row.title
    elif row.terms is not None:
        title = gettext("A result that came later")
    else:
        title = gettext("An exam that is open to you for some hours")
    return f"{title}, {short_day(row.on)}" if row.on else title


@register.filter
def covered(items: Iterable[Item]) -> str:
    """Say how much is covered, as the consent does: "2 pictures and 1 report"."""
    return covered_in_words(items)


@register.filter
def alone(item: Item) -> list[Item]:
    """Return one item as a list, to be counted by itself."""
    return [item]


@register.filter
def lets_download(terms: Terms) -> bool:
    """Say whether the recipient may take a copy."""
    return Permission.DOWNLOAD in terms.permissions


@register.filter
def is_publish(act: Act) -> bool:
    """Say whether something was published, which is withdrawn rather than taken back."""
    return act is Act.PUBLISH


@register.filter
def kind_icon(kind: RecipientKind | str) -> str:
    """Return the icon for who somebody is to the owner."""
    return choices.KIND_ICONS[RecipientKind(kind)]


@register.filter
def kind_words(kind: RecipientKind | str) -> str:
    """Say who somebody is to the owner."""
    return str(choices.KINDS[RecipientKind(kind)])


@register.filter
def kinds_words(kinds: Iterable[RecipientKind]) -> str:
    """List who somebody may be to the owner, in one line."""
    return ", ".join(str(choices.KINDS[kind]) for kind in sorted(kinds))


@register.filter
def names(people: Iterable[Named]) -> str:
    """List people by name, in one line."""
    return ", ".join(each.name for each in people)


@register.filter
def purpose_of_others(purpose: str) -> str:
    """Say a purpose that another instance named; one that is not known here, by its code."""
    return purpose_words(purpose) if purpose in set(Purpose) else purpose


@register.filter
def purpose_words(purpose: Purpose | str) -> str:
    """Say what something is shared for."""
    return str(choices.PURPOSES[Purpose(purpose)])


@register.filter
def check_words(check: SecondCheck | str) -> str:
    """Say how a mistyped address is kept out, in one line."""
    return str(choices.CHECKS[SecondCheck(check)][0])


@register.filter
def check_hint(check: SecondCheck | str) -> str:
    """Say what that means for the person."""
    return str(choices.CHECKS[SecondCheck(check)][1])


@register.filter
def sensitive_words(kind: Sensitive | str) -> str:
    """Name a class of sensitive information."""
    return str(choices.SENSITIVES[Sensitive(kind)])


@register.filter
def pairs(faults: Mapping[str, str]) -> list[tuple[str, str]]:
    """List a mapping's names and words: a field called "items" would hide its own `items`."""
    return list(faults.items())


@register.filter
def in_text(identity: UUID, chosen: Iterable[str]) -> bool:
    """Say whether an id is among those written as text."""
    return str(identity) in chosen


@register.filter
def short_name(name: str) -> str:
    """Shorten an opaque name for a narrow column: "account/0123abcd…"."""
    kind, slash, identity = name.partition("/")
    if len(identity) <= _SHORT:
        return name
    return f"{kind}{slash}{identity[:_SHORT]}…"


@register.filter
def happening(kind: str) -> str:
    """Say what a code of the record means."""
    return trail_words.words_of(kind)


@register.filter
def short_code(code: str) -> str:
    """Shorten a hash for a narrow column; words and other codes stay whole."""
    return f"{code[:_SHORT]}…" if len(code) > _LONGEST_CODE else code
