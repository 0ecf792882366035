"""Which picture stands for an instance, a series or a study, and which pictures are all of it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import NoPixelsError
from safelight.exchange.release.viewing.find import (
    Found,
    find_instance,
    find_series,
    find_study,
    instances_of,
    series_of,
)
from safelight.exchange.release.viewing.retrieve import Asked
from safelight.exchange.release.viewing.validators import contents_of
from safelight.records.imaging.cards import Card
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.store import card_of


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame of one instance, from 1."""

    asked: Asked
    frame: int


@dataclass(frozen=True, slots=True)
class Sitting:
    """What an address names, as far as the party may see it, in order of arrival."""

    found: Found
    asked: Asked
    series: tuple[Series, ...]
    instance: Instance | None

    def contents(self) -> list[object]:
        """Return what a validator is made of: it changes when more or less is seen."""
        if self.instance is not None:
            return [self.instance.id]
        return contents_of(self.found, self.series)

    def has_pictures(self) -> bool:
        """Say of one instance whether it holds pictures."""
        return self.instance is not None and bool(card_of(self.instance).frames)

    def one(self) -> Shot:
        """Return what stands for all: the first frame of the middle instance with pictures.

        Raises:
            NoPixelsError: nothing here is a picture.
        """
        for series in self.series:
            rows = self._rows(series)
            middle = len(rows) // 2
            for row in [*rows[middle:], *rows[:middle]]:
                card = card_of(row)
                if card.frames:
                    return self._shot(card, 1)
        raise NoPixelsError

    def every(self, frames: Sequence[int] = ()) -> Iterator[Shot]:
        """Yield every frame of every instance, or these frames of the one instance."""
        for series in self.series:
            for row in self._rows(series):
                card = card_of(row)
                for frame in frames or range(1, len(card.frames) + 1):
                    yield self._shot(card, frame)

    def _rows(self, series: Series) -> list[Instance]:
        return instances_of(self.found, series) if self.instance is None else [self.instance]

    def _shot(self, card: Card, frame: int) -> Shot:
        series, instance = card.series_instance_uid, card.sop_instance_uid
        return Shot(replace(self.asked, series_uid=series, instance_uid=instance), frame)


def sitting(party: Party, asked: Asked, *, at: datetime) -> Sitting:
    """Find what an address names.

    Raises:
        NotFoundError: there is none for this party.
    """
    found = find_study(party, asked.study_uid, at=at)
    if not asked.series_uid:
        return Sitting(found, asked, tuple(series_of(found)), None)
    series = find_series(found, asked.series_uid)
    instance = find_instance(found, series, asked.instance_uid) if asked.instance_uid else None
    return Sitting(found, asked, (series,), instance)
