"""What does a query or a retrieval name? (PS3.4 C.4, C.6)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from safelight.dicom.elements.vrs import SEQUENCE
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.search.matching import Key
from safelight.dicom.writing.alone import model_of
from safelight.dicom.writing.from_json import to_data_set
from safelight.platform.peers.dimse.negotiation import FIND_PATIENT, GET_PATIENT, MOVE_PATIENT
from safelight.surfaces.dimse.holding import Heard

LEVEL: Final = "00080052"
CHARACTER_SET: Final = "00080005"
PATIENT_ID: Final = "00100020"
STUDY_UID: Final = "0020000D"
SERIES_UID: Final = "0020000E"
INSTANCE_UID: Final = "00080018"
_RETRIEVE_TITLE: Final = "00080054"
_AVAILABILITY: Final = "00080056"
_NOT_KEYS: Final = frozenset({LEVEL, CHARACTER_SET, _RETRIEVE_TITLE, _AVAILABILITY, "00080201"})
_PATIENT_ROOT: Final = frozenset({FIND_PATIENT, MOVE_PATIENT, GET_PATIENT})
_DEEPEST: Final = 8
_LONGEST: Final = 4096

Model = Mapping[str, Any]


class Level(StrEnum):
    """A level of the information model, as the Standard writes it."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


_UNIQUE: Final = {
    Level.PATIENT: PATIENT_ID,
    Level.STUDY: STUDY_UID,
    Level.SERIES: SERIES_UID,
    Level.IMAGE: INSTANCE_UID,
}
_ORDER: Final = tuple(Level)


class IdentifierError(Exception):
    """It does not name what the operation needs."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What was asked: the level, the unique keys above and at it, and all keys with a value."""

    level: Level
    model: Model
    keys: tuple[Key, ...]

    @property
    def asked(self) -> frozenset[str]:
        """What is to be answered, as eight hex digits."""
        return frozenset(self.model) - _NOT_KEYS

    def named(self, level: Level) -> list[str]:
        """Return the values of a level's unique key."""
        wanted = next((key.wanted for key in self.keys if key.path == (_UNIQUE[level],)), "")
        return [each for each in wanted.split("\\") if each]

    def one(self, level: Level) -> str:
        """Return the one value of a level's unique key.

        Raises:
            IdentifierError: there is none, or several, or a wild card.
        """
        named = self.named(level)
        if len(named) != 1 or set("*?") & set(named[0]):
            raise IdentifierError
        return named[0]


def read_identifier(message: Heard) -> Identifier:
    """Read the identifier of a query or a retrieval.

    Raises:
        IdentifierError: there is none, or its level does not fit the SOP class.
    """
    model = _model(message)
    try:
        level = Level(str(_first(model, LEVEL)).strip().upper())
    except ValueError:
        raise IdentifierError from None
    of_patients = message.context.abstract_syntax in _PATIENT_ROOT
    if level is Level.PATIENT and not of_patients:
        raise IdentifierError
    keys = tuple(_keys(model, ()))
    if any(len(key.wanted) > _LONGEST for key in keys):
        raise IdentifierError
    found = Identifier(level, model, keys)
    first = Level.PATIENT if of_patients else Level.STUDY
    for above in _ORDER[_ORDER.index(first) : _ORDER.index(level)]:
        found.one(above)
    return found


def written(model: Model, message: Heard) -> bytes:
    """Write a data set in the transfer syntax of a message's context."""
    explicit = message.context.transfer_syntax != syntax.IMPLICIT_LITTLE
    return to_data_set(model, explicit=explicit)


def read_model(message: Heard) -> Model:
    """Read the data set of a message.

    Raises:
        IdentifierError: there is none that can be read.
    """
    return _model(message)


def _model(message: Heard) -> Model:
    if message.data is None:
        raise IdentifierError
    try:
        return model_of(message.data.source(), message.context.transfer_syntax)
    except UnreadableError:
        raise IdentifierError from None


def _first(model: Model, tag: str) -> object:
    values = model.get(tag, {}).get("Value") or [""]
    return values[0]


def _keys(model: Model, above: tuple[str, ...]) -> Iterator[Key]:
    for tag, element in model.items():
        path = (*above, tag)
        if (not above and tag in _NOT_KEYS) or len(path) > _DEEPEST:
            continue
        values = element.get("Value") or []
        if element.get("vr") == SEQUENCE:
            for item in values[:1]:
                yield from _keys(item or {}, path)
        elif wanted := "\\".join(_text(each) for each in values):
            yield Key(path, wanted)


def _text(value: Any) -> str:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        groups = [str(value.get(name) or "") for name in ("Alphabetic", "Ideographic", "Phonetic")]
        return "=".join(groups).rstrip("=")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
