"""Of what is a copy asked for: which exams, series and single objects?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from safelight.records.imaging.models import Instance


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody chose, by ids alone. Series are taken whole, of others single objects."""

    study_ids: frozenset[UUID]
    series_ids: frozenset[UUID]
    instance_ids: frozenset[UUID]

    @classmethod
    def chosen(
        cls, study_ids: Iterable[str], series_ids: Iterable[str], instance_ids: Iterable[str]
    ) -> Wanted:
        """Read the ids of a draft."""
        return cls(_ids(study_ids), _ids(series_ids), _ids(instance_ids))

    @classmethod
    def from_data(cls, data: dict[str, list[str]]) -> Wanted:
        """Read back what was kept."""
        return cls.chosen(data["studies"], data["series"], data["instances"])

    def as_data(self) -> dict[str, list[str]]:
        """Write it for keeping, the same each time."""
        return {
            "studies": sorted(map(str, self.study_ids)),
            "series": sorted(map(str, self.series_ids)),
            "instances": sorted(map(str, self.instance_ids)),
        }

    def rows(self) -> QuerySet[Instance]:
        """Return the objects that are meant, exam by exam in order of arrival."""
        meant = Q(series_id__in=self.series_ids) | Q(id__in=self.instance_ids)
        rows = Instance.objects.filter(meant, study_id__in=self.study_ids)
        return rows.order_by("study_id", "arrival")


def _ids(texts: Iterable[str]) -> frozenset[UUID]:
    return frozenset(UUID(each) for each in texts)
