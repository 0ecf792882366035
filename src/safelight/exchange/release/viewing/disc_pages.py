"""What does somebody see of a disc who has no program for it? Pages for any browser.

Pictures have no size before they are drawn: they are drawn first, in the cage, and wait sealed
in a spool, so that the disc is still written from its beginning to its end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final

from safelight.dicom.media.iso9660 import DiscFile
from safelight.exchange.release.viewing.objects import Watch
from safelight.kernel.errors import ExpectedError
from safelight.platform.cage.cage import cage
from safelight.platform.storage.spool import SealedSpool
from safelight.records.imaging.models import Instance
from safelight.records.imaging.renditions import model_of, picture_of
from safelight.records.imaging.store import open_instance

INDEX: Final = "INDEX.HTM"
_TEMPLATE: Final = Path(__file__).with_name("disc_page.html")
_MARK: Final = re.compile(r"\{(title|duties|reports|series)\}")
_MOST: Final = 240
"""Pictures on the pages at most; of more, every so many-th is drawn."""
_SIDE: Final = 1024
_QUALITY: Final = 85


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that waits in the spool, from here to there."""

    row: Instance
    start: int
    stop: int


def drawn(rows: Sequence[Instance], spool: SealedSpool, watch: Watch) -> list[Drawn]:
    """Draw pictures of an exam into a spool, as many as the pages have at most.

    Raises:
        TakenBackError: nothing more may leave.
    """
    frames = [(row, open_instance(row)) for row in rows]
    wanted = [(row, frame) for row, it in frames for frame in range(1, len(it.card.frames) + 1)]
    series: dict[object, list[Drawn]] = {}
    for row, frame in wanted[:: max(1, -(-len(wanted) // _MOST))]:
        watch.ask()
        if (picture := _picture(row, frame)) is None:
            continue
        start = spool.size
        spool.append(picture)
        series.setdefault(row.series_id, []).append(Drawn(row, start, spool.size))
    return [each for kept in series.values() for each in kept]


def pages(
    pictures: Sequence[Drawn],
    spool: SealedSpool,
    *,
    duties: Sequence[str],
    reports: Sequence[str],
) -> list[DiscFile]:
    """Return the page and its pictures. `reports` are the places of documents on the disc."""
    files, told = [], []
    shown: dict[object, list[str]] = {}
    firsts: dict[object, Instance] = {}
    for number, each in enumerate(pictures, 1):
        place = ("PICTURES", f"{number:08d}.JPG")
        stream = partial(spool.stream, each.start, each.stop)
        files.append(DiscFile(place, each.stop - each.start, stream))
        shown.setdefault(each.row.series_id, []).append("/".join(place))
        firsts.setdefault(each.row.series_id, each.row)
    title = "An exam"
    for key, places in shown.items():
        model = model_of(firsts[key])
        title = _text(model, "00081030") or title
        name = _text(model, "0008103E") or _text(model, "00080060") or "Pictures"
        told.append(_section(name, places))
    links = "".join(f'<li><a href="{escape(each)}">{escape(each)}</a></li>' for each in reports)
    bound = "".join(f"<p>{escape(each)}</p>" for each in duties)
    words = {
        "title": escape(title),
        "duties": f"<section><h2>What binds you</h2>{bound}</section>" * bool(bound),
        "reports": f"<section><h2>Documents</h2><ul>{links}</ul></section>" * bool(links),
        "series": "".join(told),
    }
    page = _MARK.sub(lambda mark: words[mark[1]], _TEMPLATE.read_text(encoding="utf-8"))
    data = page.encode()
    return [DiscFile((INDEX,), len(data), partial(iter, [data])), *files]


def _section(name: str, places: Sequence[str]) -> str:
    last = len(places) - 1
    slider = f'<input type="range" min="0" max="{last}" value="0" aria-label="Picture">'
    return (
        f'<section class="series" data-pictures="{escape(" ".join(places))}">'
        f"<h2>{escape(name)}</h2>"
        f'<img src="{escape(places[0])}" alt="{escape(name)}, picture 1">'
        f"{slider * bool(last)}<p><span>1</span> of {len(places)}</p></section>"
    )


def _picture(row: Instance, frame: int) -> bytes | None:
    """Return one frame as JPEG, or None where it cannot be drawn."""
    stored = open_instance(row)
    try:
        pixels, overlays = picture_of(row, stored, frame=frame)
        return cage().render(
            stored.frame(frame),
            pixels,
            overlays=overlays,
            transfer_syntax=stored.card.transfer_syntax,
            viewport=(_SIDE, _SIDE),
            quality=_QUALITY,
        )
    except ExpectedError:
        return None


def _text(model: dict[str, Any], key: str) -> str:
    values = model.get(key, {}).get("Value") or [""]
    return str(values[0])
