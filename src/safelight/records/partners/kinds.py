"""Of which kinds are connections and agreements, and where does a connection stand?"""

from __future__ import annotations

from typing import Final

from django.db import models


class ConnectionKind(models.TextChoices):
    """How a system speaks to us. Values are stable codes."""

    DIMSE = "dimse"
    DICOMWEB = "dicomweb"
    SAFELIGHT = "safelight"


class ConnectionState(models.TextChoices):
    """Where a connection stands. Only an open one lets anything through."""

    DRAFT = "draft"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class AgreementKind(models.TextChoices):
    """What two institutions can have agreed upon (R28). Values are stable codes."""

    BAA = "baa"
    SUBCONTRACTOR_BAA = "baa_subcontractor"
    DATA_USE = "data_use"
    PROCESSING = "dpa"
    STANDARD_CLAUSES = "scc"
    PARTICIPATION = "participation"
    QUALIFIED_SERVICE = "qsoa"
    CONFIDENTIALITY = "confidentiality"


# Any of these can be what a connection rests on; the others come beside it.
BASES: Final = (
    AgreementKind.BAA,
    AgreementKind.PARTICIPATION,
    AgreementKind.PROCESSING,
    AgreementKind.DATA_USE,
)
