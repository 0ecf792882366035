"""Which versions of the privacy statement are there, and who accepted which?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField
from safelight.records.accounts.models import Account

if TYPE_CHECKING:
    from uuid import UUID


class StatementVersion(models.Model):
    """A published version: its number and the SHA-256 of its text, which never change.

    `shipped` is the number of the text that came with the program; without it the text was
    written here, in every language that `texts` have, and `sha256` is that of the default
    language. Days of grace count from `effective_at` for whoever accepted an earlier one.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    number = models.PositiveIntegerField(unique=True)
    shipped = models.PositiveIntegerField(null=True, unique=True)
    sha256 = models.CharField(max_length=64)
    effective_at = models.DateTimeField()
    summary = models.CharField(max_length=240)
    is_material = models.BooleanField()
    grace_days = models.PositiveSmallIntegerField(default=0)


class StatementText(models.Model):
    """The text of a version that was written here, in one language; it never changes."""

    version = models.ForeignKey(StatementVersion, models.PROTECT, related_name="texts")
    locale = models.CharField(max_length=12)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "locale"), name="one_text_per_locale"),
        )


class Acceptance(models.Model):
    """One account accepted one text, at one moment. Rows are only ever added."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    version = models.ForeignKey(StatementVersion, models.PROTECT, related_name="acceptances")
    sha256 = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()
    locale = models.CharField(max_length=12)
    session = models.CharField(max_length=64)
    origin = SealedTextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account", "version"), name="one_acceptance_per_version"
            ),
        )


class Decline(models.Model):
    """One account declined one version, at one moment. Rows are only ever added."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    version = models.ForeignKey(StatementVersion, models.PROTECT, related_name="declines")
    declined_at = models.DateTimeField()
    session = models.CharField(max_length=64)
    origin = SealedTextField()


class Draft(models.Model):
    """A statement on its way: open until it is published or dropped, and one at a time."""

    class State(models.TextChoices):
        """Values are stored for ever."""

        OPEN = "open"
        PUBLISHED = "published"
        DROPPED = "dropped"

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    begun_by = models.CharField(max_length=60)
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    summary = models.CharField(max_length=240)
    is_material = models.BooleanField(default=True)
    grace_days = models.PositiveSmallIntegerField(default=0)
    version = models.OneToOneField(
        StatementVersion, models.PROTECT, null=True, related_name="draft"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("state",), condition=models.Q(state="open"), name="one_open_draft"
            ),
        )


class DraftText(models.Model):
    """A draft's text in one language."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="texts")
    locale = models.CharField(max_length=12)
    text = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("draft", "locale"), name="one_draft_text_per_locale"),
        )


class Review(models.Model):
    """Somebody of risk management, or counsel, read exactly this content and said yes (L129)."""

    class Role(models.TextChoices):
        """Values are stored for ever."""

        RISK = "risk"
        COUNSEL = "counsel"

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="reviews")
    role = models.CharField(max_length=12, choices=Role.choices)
    name = models.CharField(max_length=120)
    reviewed_on = models.DateField()
    note = SealedTextField()
    content_sha256 = models.CharField(max_length=64)
    entered_by = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
