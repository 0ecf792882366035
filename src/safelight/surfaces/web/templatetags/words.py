"""How are days, moments, counts and people said to a person?

Filters ask the application clock; the functions behind them take the time as
an argument. Times are those of the active time zone, which is named, since a
page is printed and sent on.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from typing import Final

from django import template
from django.conf import settings
from django.utils import formats, timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from safelight.governance.deadlines.models import Deadline
from safelight.kernel import clock

register = template.Library()

_SOON: Final = 3
_A_WEEK: Final = 7
_PLACES: Final = 2


@register.filter
def day(moment: date | datetime | None) -> str:
    """Say a day in full: "28 April 2026"; nothing for no day."""
    return formats.date_format(_local_day(moment), "j F Y") if moment else ""


@register.filter
def long_day(moment: date | datetime | None) -> str:
    """Say a day with its weekday: "Tuesday 28 April 2026"; nothing for no day."""
    return formats.date_format(_local_day(moment), "l j F Y") if moment else ""


@register.filter
def last_day(deadline: Deadline) -> str:
    """Say the last day that is in time: "Tuesday 28 April 2026", as the house counts days."""
    last = (deadline.due - timedelta(seconds=1)).astimezone(settings.SAFELIGHT_TIME_ZONE)
    return formats.date_format(last.date(), "l j F Y")


@register.filter
def short_day(moment: date | datetime | None) -> str:
    """Say a day beside others: "28 April", with the year when it is not this one."""
    return said_short(moment, at=clock.now()) if moment else ""


@register.filter
def moment(when: datetime | None) -> str:
    """Say when something happened: "today, 14:05 UTC"; nothing for never."""
    return said_moment(when, at=clock.now()) if when else ""


@register.filter
def time_left(until: datetime | None) -> str:
    """Say how long something still lasts: "21 days left", "ends today", "ended"."""
    return said_left(until, at=clock.now()) if until else ""


@register.filter
def ends_soon(until: datetime | None) -> bool:
    """Say whether something ends within three days."""
    return until is not None and days_between(clock.now(), until) < _SOON


@register.filter
def iso(day_or_text: date | str) -> str:
    """Write a day for a date field; text that is one already stays."""
    return day_or_text.isoformat() if isinstance(day_or_text, date) else day_or_text


@register.filter
def day_of(written: str) -> str:
    """Say a day that was kept as "2026-04-28" in full: "28 April 2026"; other text stays."""
    try:
        return day(date.fromisoformat(written))
    except ValueError:
        return written


@register.filter
def initials(name: str) -> str:
    """Return two letters for a round mark: "Dr Ada Example" gives "AE"."""
    words = [word for word in name.split() if word[:1].isalpha() and not _is_title(word)]
    letters = [unicodedata.normalize("NFC", word)[0].upper() for word in words]
    return "".join(letters[:1] + letters[1:][-1:])[:_PLACES]


@register.filter
def pictures(count: int) -> str:
    """Say a number of pictures: "1 picture", "240 pictures"."""
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": _number(count)}


@register.filter
def people(count: int) -> str:
    """Say a number of people: "1 person", "3 people"."""
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": _number(count)}


@register.filter
def exams(count: int) -> str:
    """Say a number of exams: "1 exam", "2 exams"."""
    return ngettext("%(count)s exam", "%(count)s exams", count) % {"count": _number(count)}


@register.simple_tag
def can_see(people_count: int, exam_count: int) -> str:
    """Say what is out: "3 people can see 2 exams"."""
    sentence = ngettext(
        "%(people)s can see %(exams)s", "%(people)s can see %(exams)s", people_count
    )
    return sentence % {"people": people(people_count), "exams": exams(exam_count)}


@register.simple_tag
def fuse(since: datetime, until: datetime) -> SafeString:
    """Draw how much of a time is left, in whole percent, with the words for it."""
    return mark_safe(  # noqa: S308 (numbers and our own words)
        '<svg class="fuse" viewBox="0 0 100 5" preserveAspectRatio="none" role="img" '
        f'aria-label="{said_left(until, at=clock.now())}">'
        f'<rect width="{percent_left(since, until, at=clock.now())}" height="5"/></svg>'
    )


@register.simple_tag
def ring(since: datetime, until: datetime) -> SafeString:
    """Draw the ring of a clock chip; the words stand beside it."""
    left = percent_left(since, until, at=clock.now())
    return mark_safe(  # noqa: S308 (a number)
        '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9"/>'
        f'<circle cx="12" cy="12" r="9" pathLength="100" stroke-dasharray="{left} 100"/></svg>'
    )


def said_moment(when: datetime, *, at: datetime) -> str:
    """Say a moment as seen from another: the nearer, the shorter."""
    local, here = timezone.localtime(when), timezone.localtime(at)
    days = (here.date() - local.date()).days
    clock_time = f"{formats.date_format(local, 'G:i')} {local.tzname()}"
    if days == 0:
        return gettext("today, %(time)s") % {"time": clock_time}
    if days == 1:
        return gettext("yesterday, %(time)s") % {"time": clock_time}
    shape = "l j F" if local.year == here.year and 0 < days < _A_WEEK else "j F Y"
    return f"{formats.date_format(local, shape)}, {clock_time}"


def said_short(day_or_moment: date | datetime, *, at: datetime) -> str:
    """Say a day without a year where the year is this one."""
    local = _local_day(day_or_moment)
    same_year = local.year == timezone.localtime(at).year
    return formats.date_format(local, "j F" if same_year else "j F Y")


def said_left(until: datetime, *, at: datetime) -> str:
    """Say how long is left until a moment."""
    if until <= at:
        return gettext("ended")
    days = days_between(at, until)
    if days == 0:
        return gettext("ends today")
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


def days_between(at: datetime, until: datetime) -> int:
    """Count the midnights between two moments, as people count days."""
    return (timezone.localtime(until).date() - timezone.localtime(at).date()).days


def percent_left(since: datetime, until: datetime, *, at: datetime) -> int:
    """Return how much of a time is left, from 0 to 100; a live one never shows 0."""
    whole, left = until - since, until - at
    if whole <= timedelta(0) or left <= timedelta(0):
        return 0
    return max(1, min(100, round(100 * (left / whole))))


def _local_day(moment_or_day: date | datetime) -> date:
    if isinstance(moment_or_day, datetime):
        return timezone.localtime(moment_or_day).date()
    return moment_or_day


def _is_title(word: str) -> bool:
    return word.rstrip(".").casefold() in {"dr", "prof", "mr", "mrs", "ms", "mx"}


def _number(count: int) -> str:
    return formats.number_format(count, force_grouping=True)
