"""What can go wrong with an alert or a measure in a way we expect?"""

from __future__ import annotations

from safelight.kernel.errors import InvalidFieldError, StateConflictError


class AlertClosedError(StateConflictError):
    """This alert is closed already."""


class IncidentStepError(StateConflictError):
    """An incident does not go from where it stands to there."""


class OutcomeMissingError(InvalidFieldError):
    """Say what it turned out to be."""

    def __init__(self) -> None:
        super().__init__("outcome", "Say what it turned out to be.")


class MeasureUnfitError(StateConflictError):
    """This measure does not fit what the alert is about."""


class WordsMissingError(InvalidFieldError):
    """Say in a few words why, for whoever reads it in a year."""

    def __init__(self) -> None:
        super().__init__("words", "Say in a few words why, for whoever reads it in a year.")
