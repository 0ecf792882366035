"""What do the dictionaries of the Standard say? (PS3.6, and vendors' private elements)

They are pydicom's, read from its data modules alone: importing the package would bring its
file readers and pixel handlers along, which the server does not use and which take seventy
megabytes of every process.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final


def _read(module: str, name: str) -> dict[Any, Any]:
    package = find_spec("pydicom")
    place = Path(package.origin).parent if package and package.origin else Path()
    spec = spec_from_file_location(f"safelight_dictionary{module}", place / f"{module}.py")
    if spec is None or spec.loader is None:
        raise ImportError(name, path=str(place))
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    found: dict[Any, Any] = getattr(loaded, name)
    return found


_ELEMENTS: Final = _read("_dicom_dict", "DicomDictionary")

VRS: Final[dict[int, str]] = {tag: entry[0] for tag, entry in _ELEMENTS.items()}
"""The VR of each tag; a few are ambiguous, such as "US or SS"."""

_REPEATERS: Final = _read("_dicom_dict", "RepeatersDictionary")

REPEATING: Final[dict[str, str]] = {pattern: entry[0] for pattern, entry in _REPEATERS.items()}
"""The VR of each repeating group's elements, by a pattern such as "60xx0010"."""

_REPEATING_KEYWORDS: Final[dict[str, str]] = {
    pattern: entry[4] for pattern, entry in _REPEATERS.items()
}

_TAGS: Final[dict[str, int]] = {entry[4]: tag for tag, entry in _ELEMENTS.items() if entry[4]}

_UIDS: Final = _read("_uid_dict", "UID_dictionary")

REGISTERED_UIDS: Final[frozenset[str]] = frozenset(_UIDS)
"""Every UID that PS3.6 annex A gives a meaning: they name no object and no device."""

TRANSFER_SYNTAXES: Final[dict[str, str]] = {
    uid: entry[0] for uid, entry in _UIDS.items() if entry[1] == "Transfer Syntax"
}
"""The name of each registered transfer syntax, by its UID."""


def tag_of(keyword: str) -> int | None:
    """Return the tag of a keyword such as "PatientName", or None."""
    return _TAGS.get(keyword)


def keyword_of(tag: int) -> str:
    """Return the keyword of a tag, or "" where the Standard has none."""
    entry = _ELEMENTS.get(tag)
    if entry is not None:
        return str(entry[4])
    key = f"{tag:08x}"
    fitting = (
        keyword
        for pattern, keyword in _REPEATING_KEYWORDS.items()
        if all(one in {"x", other} for one, other in zip(pattern.lower(), key, strict=True))
    )
    return next(fitting, "")


@cache
def private_vrs(creator: str) -> dict[str, str]:
    """Return what is known of a private creator's elements, by patterns such as "0029xx10"."""
    known = _private().get(creator, {})
    return {pattern: str(entry[0]) for pattern, entry in known.items()}


@cache
def _private() -> dict[str, dict[str, tuple[str, ...]]]:
    return _read("_private_dict", "private_dictionaries")
