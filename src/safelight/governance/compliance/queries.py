"""Which statement holds now, what does it say, and did this person accept it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max

from safelight.governance.compliance import statements
from safelight.governance.compliance.errors import StatementTamperedError
from safelight.governance.compliance.models import Acceptance, Decline, StatementVersion
from safelight.governance.compliance.rules import DEFAULT_LOCALE, binds_at
from safelight.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class PublishedText:
    """What a version says in one language, checked against what was published."""

    locale: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of somebody who has not accepted the version in effect.

    `accepted` is the latest they did, 0 for none. `binds_at` is None where what changed since
    is not material: they are told, and go on.
    """

    version: StatementVersion
    accepted: int
    binds_at: datetime | None
    is_declined: bool
    is_limited: bool

    @property
    def is_first(self) -> bool:
        """Whether they never accepted any version."""
        return self.accepted == 0

    @property
    def may_wait(self) -> bool:
        """Whether they may decide later."""
        return self.binds_at is not None and not self.is_limited and self.version.grace_days > 0


def current_statement(*, at: datetime) -> StatementVersion:
    """Return the version that is in effect."""
    return StatementVersion.objects.filter(effective_at__lte=at).latest("number")


def statement(number: int) -> StatementVersion:
    """Return any version by its number.

    Raises:
        NotFoundError: there was never such a version.
    """
    version = StatementVersion.objects.filter(number=number).first()
    if version is None:
        raise NotFoundError
    return version


def published_statements() -> list[StatementVersion]:
    """Return all versions, the newest first."""
    return list(StatementVersion.objects.order_by("-number"))


def published_text(version: StatementVersion, locale: str = DEFAULT_LOCALE) -> PublishedText:
    """Return a version's text in a language, else in the default one.

    Raises:
        StatementTamperedError: it is no longer what was published.
    """
    if version.shipped is not None:
        text = statements.text_of(version.shipped)
        return _checked(PublishedText(DEFAULT_LOCALE, text, version.sha256))
    texts = {each.locale: each for each in version.texts.all()}
    found = texts.get(locale) or texts.get(locale.partition("-")[0]) or texts.get(DEFAULT_LOCALE)
    if found is None or (found.locale == DEFAULT_LOCALE and found.sha256 != version.sha256):
        raise StatementTamperedError
    return _checked(PublishedText(found.locale, found.text, found.sha256))


def _checked(found: PublishedText) -> PublishedText:
    if statements.sha256_of(found.text) != found.sha256:
        raise StatementTamperedError
    return found


def tampered_statements() -> list[int]:
    """Return the numbers of the versions of which some text is not what was published."""
    found = []
    for version in StatementVersion.objects.order_by("number"):
        locales = [each.locale for each in version.texts.all()] or [DEFAULT_LOCALE]
        try:
            for locale in (DEFAULT_LOCALE, *locales):
                published_text(version, locale)
        except (StatementTamperedError, OSError):
            found.append(version.number)
    return found


def asked_of(account_id: UUID, *, at: datetime) -> Asked | None:
    """Return what is asked of an account; None where it accepted the version in effect."""
    current = current_statement(at=at)
    accepted = Acceptance.objects.filter(account_id=account_id).aggregate(
        latest=Max("version__number")
    )["latest"]
    if accepted == current.number:
        return None
    known: int = accepted or 0
    since = StatementVersion.objects.filter(
        number__gt=known, is_material=True, effective_at__lte=at
    )
    binding = min((binds_at(each.effective_at, each.grace_days) for each in since), default=None)
    declined = Decline.objects.filter(account_id=account_id, version__number__gt=known).exists()
    is_limited = known > 0 and (declined or (binding is not None and binding <= at))
    return Asked(
        version=current,
        accepted=known,
        binds_at=binding,
        is_declined=declined,
        is_limited=is_limited,
    )


def has_accepted_current(account_id: UUID, *, at: datetime) -> bool:
    """Tell whether an account accepted the statement that is in effect."""
    version = current_statement(at=at)
    return Acceptance.objects.filter(account_id=account_id, version=version).exists()
