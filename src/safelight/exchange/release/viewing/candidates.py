"""Which studies of a vault can answer a query, as far as the index tells?

What the index cannot tell is matched on the answers afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from safelight.dicom.elements.people import fold
from safelight.dicom.search.matching import Key, date_range, has_wildcard, listed
from safelight.dicom.search.name_keys import letters_asked
from safelight.exchange.release.viewing.answers import MODALITIES
from safelight.records.imaging.models import Study
from safelight.records.imaging.name_words import all_have_words
from safelight.records.imaging.study_index import Condition, Wanted, studies_of
from safelight.records.imaging.tokens import (
    LONGEST_NAME_PREFIX,
    name_word_token,
    uid_token,
    word_token,
)

_STUDY_UID: Final = "0020000D"
_STUDY_DATE: Final = "00080020"
_PATIENT_NAME: Final = "00100010"
_EXACT: Final = {
    "00100020": "patient-id",
    "00080050": "accession",
    "00200010": "study-id",
    MODALITIES: "modality",
}
# The rarest word leads, and the others are looked up for what it finds.
_RARITY: Final = ("00080050", "00100020", "00200010", _PATIENT_NAME, MODALITIES)


def candidates(
    vault_id: UUID, keys: Sequence[Key], *, fuzzy: bool, within: Condition | None = None
) -> Iterator[Study]:
    """Yield candidates of a vault by index, the newest first; `within` narrows them further."""
    return studies_of(vault_id, _wanted(vault_id, keys, fuzzy=fuzzy), within=within)


def _wanted(vault_id: UUID, keys: Sequence[Key], *, fuzzy: bool) -> Wanted:
    """Use the index for each key where there is one; the rest is matched on the answers."""
    words: list[tuple[int, int, tuple[bytes, ...]]] = []  # the rarest first, then the longest
    uids: tuple[bytes, ...] | None = None
    days: tuple[date | None, date | None] | None = None
    for key in keys:
        tag, wanted = key.path[0], key.wanted
        if len(key.path) > 1 or not wanted:
            continue
        if tag == _STUDY_UID:
            named = listed(wanted)
            if "*" not in named:
                uids = tuple(uid_token(vault_id, uid) for uid in named)
        elif tag == _STUDY_DATE:
            days = date_range(wanted) or days
        elif tag == _PATIENT_NAME:
            rank = _RARITY.index(tag)
            for length, token in _of_name(vault_id, wanted, fuzzy=fuzzy):
                words.append((rank, -length, (token,)))
        else:
            tokens = tuple(_tokens_of(vault_id, tag, wanted))
            if tokens:
                words.append((_RARITY.index(tag), 0, tokens))
    return Wanted(words=tuple(tokens for *_, tokens in sorted(words)), uids=uids, days=days)


def _tokens_of(vault_id: UUID, tag: str, wanted: str) -> list[bytes]:
    """Return the tokens of which a study must have one; none where the index cannot tell."""
    if tag in _EXACT and not has_wildcard(wanted):
        words = listed(wanted) if tag == MODALITIES else [wanted]
        return [word_token(vault_id, _EXACT[tag], word) for word in words]
    return []


def _of_name(vault_id: UUID, wanted: str, *, fuzzy: bool) -> Iterator[tuple[int, bytes]]:
    """Yield tokens that a matching name has, all of them, with how many letters each stands for."""
    beginning = re.split("[*?=]", fold(wanted), maxsplit=1)[0][:LONGEST_NAME_PREFIX]
    if beginning and not fuzzy:
        yield len(beginning), word_token(vault_id, "name-prefix", beginning)
    letters = letters_asked(wanted, fuzzy=fuzzy)
    if letters and all_have_words():
        for each in letters:
            yield len(each), name_word_token(vault_id, each)
