"""Which figures make the comparison, and what must each of them hold?"""

from __future__ import annotations

from dataclasses import dataclass

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `floor` is a ratio to the reference, or with `alone` our figure."""

    name: str
    title: str
    unit: str
    floor: float | None = None
    high_is_good: bool = False
    alone: bool = False

    @property
    def floor_text(self) -> str:
        """Say the floor as it is written in the plan."""
        if self.floor is None:
            return ""
        return f"{'>=' if self.high_is_good else '<='} {self.floor:g}{'' if self.alone else 'x'}"

    def show(self, value: float) -> str:
        """Say a figure with its unit."""
        digits = 0 if value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004 (three digits each)
        return f"{value:.{digits}f} {self.unit}".strip()

    def judge(self, ours: float, ratio: float | None) -> str:
        """Say whether the floor is held."""
        measured = ours if self.alone else ratio
        if self.floor is None or measured is None:
            return ""
        held = measured >= self.floor if self.high_is_good else measured <= self.floor
        return "yes" if held else "**no**"


def _more(name: str, title: str, unit: str, floor: float | None = None) -> Row:
    return Row(name, title, unit, floor, high_is_good=True)


ROWS = (
    _more("ct_1x1", "STOW CT, 1 client, 1 a request", "/s", 0.7),
    _more("ct_1x50", "STOW CT, 1 client, 50 a request", "/s"),
    _more("ct_4x1", "STOW CT, 4 clients, 1 a request", "/s", 0.7),
    _more("ct_4x50", "STOW CT, 4 clients, 50 a request", "/s", 1.0),
    _more("us_1x1", "STOW ultrasound 2.9 MB", "/s"),
    _more("mg_1x1", "STOW mammogram 54.5 MB", "MB/s", 1.5),
    _more("cstore_1", "C-STORE CT, 1 association", "/s", 3.0),
    _more("cstore_4", "C-STORE CT, 4 associations", "/s", 1.5),
    Row("disk_ct", "bytes on disk per byte in, CT", "", 0.65, alone=True),
    Row("peak_storing", "peak memory (PSS) while storing", "MB", 1.0),
    Row("cpu_storing", "processor seconds per GB in", "s"),
    Row("frame", "CT frame, 1 connection, median", "ms", 1.2),
    _more("frame_8", "CT frames, 8 connections", "/s", 0.8),
    Row("us_frame", "one JPEG frame of an ultrasound, median", "ms", 1.2),
    Row("mg_frame", "one 27 MB frame of a mammogram, median", "ms", 0.5),
    Row("rendered", "rendered JPEG, median", "ms", 1.3),
    Row("thumbnail", "thumbnail of the series, median", "ms", 0.4),
    Row("metadata_first", "metadata of a series of 500, first", "ms", 0.2),
    Row("metadata_again", "metadata of a series of 500, again", "ms", 1.0),
    Row("instances", "search for the 500 instances of a series", "ms", 0.3),
    _more("series", "the whole series of 500, 267 MB", "MB/s", 0.7),
    Row("peak_looking", "peak memory (PSS) while looking", "MB", 0.6),
)
