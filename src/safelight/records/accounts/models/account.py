"""Who can sign in? An account has a kind, a state and a sealed name; its address is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField

if TYPE_CHECKING:
    from uuid import UUID


class Kind(models.TextChoices):
    """For oneself, or for patients; never both in one account."""

    INDIVIDUAL = "individual"
    PROVIDER = "provider"


class State(models.TextChoices):
    """Where an account stands between its first day and its last."""

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    LOCKED = "locked"
    SUSPENDED = "suspended"
    INACTIVE = "inactive"
    CLOSED = "closed"
    ERASED = "erased"


class Account(AbstractBaseUser):
    """A person who can sign in. There is no readable user name and no address here."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNVERIFIED)
    name = SealedTextField()
    locale = models.CharField(max_length=12, default="en")
    created_at = models.DateTimeField(default=clock.now)
    password_changed_at = models.DateTimeField(default=clock.now)
    last_login = None  # sessions say it, sealed and for a short time

    objects = models.Manager["Account"]()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = None
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (
            models.CheckConstraint(name="account_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="account_state_is_known", condition=Q(state__in=State.values)
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether this account may hold a session at all.

        An inactive one may for one page, by which it comes back; it is nobody's actor.
        """
        return self.state in {State.UNVERIFIED, State.ACTIVE, State.INACTIVE}

    @property
    def is_provider(self) -> bool:
        """Whether this account acts for patients rather than for itself."""
        return self.kind == Kind.PROVIDER
