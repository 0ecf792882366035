"""How does an import run, and what is said at its end?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from safelight.dicom.documents.declared import DocumentKind
from safelight.dicom.media.contents import MediaItem, MediaRefused, MediaSkipped, walk
from safelight.dicom.media.files import files_under
from safelight.dicom.media.kinds import MediaKind
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.documents import Title, wrapped
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.spools import new_large_part
from safelight.exchange.receive.verdicts import Ruling
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actors import actor_of_account
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.queries import account_of_address

_SAY_EVERY = 200
_WRAPPED = {
    MediaKind.PDF: DocumentKind.PDF,
    MediaKind.JPEG: DocumentKind.JPEG,
    MediaKind.PNG: DocumentKind.PNG,
}


@dataclass(slots=True)
class Summary:
    """What became of an import, in words. File names stay on the operator's screen."""

    counts: Counter[Ruling] = field(default_factory=Counter)
    skipped: int = 0
    refused_lines: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        return (
            f"{self.counts[Ruling.STORED]} new, {self.counts[Ruling.DUPLICATE]} already here, "
            f"{self.counts[Ruling.REVIEW]} waiting for review, "
            f"{self.counts[Ruling.REFUSED]} refused, {self.skipped} other files left out."
        )


def bring_in(address: str, paths: Sequence[Path]) -> Summary | None:
    """Bring files in for an account; None when there is no such account."""
    account = account_of_address(normalised(address))
    if account is None:
        return None
    party = party_of(actor_of_account(account))
    delivery = Delivery.start(party, Channel.IMPORT, at=clock.now())
    summary = Summary()
    labels: list[str] = []
    offered = chain.from_iterable(files_under(path) for path in paths)
    for thing in _watched(walk(offered, new_spool=new_large_part)):
        if isinstance(thing, MediaSkipped):
            summary.skipped += thing.count
            continue
        number = len(labels)
        labels.append(thing.label)
        if isinstance(thing, MediaRefused):
            delivery.refuse(number, thing.reason.value, thing.reason.explanation)
            continue
        _take(delivery, number, thing)
    for verdict in delivery.finish(at=clock.now()):
        summary.counts[verdict.ruling] += 1
        if verdict.ruling in {Ruling.REFUSED, Ruling.REVIEW}:
            said = verdict.sentence or verdict.reason
            summary.refused_lines.append(f"{labels[verdict.item]}: {said}")
    return summary


def _take(delivery: Delivery, number: int, thing: MediaItem) -> None:
    kind = _WRAPPED.get(thing.kind)
    if kind is None:
        delivery.take(number, thing.source)
        return
    title = Title(words=Path(thing.label).stem[:60])
    try:
        delivery.take(number, wrapped(delivery.party, kind, thing.source, title))
    except ExpectedError as error:
        delivery.refuse(number, error.code, str(error))


def _watched(
    things: Iterator[MediaItem | MediaRefused | MediaSkipped],
) -> Iterator[MediaItem | MediaRefused | MediaSkipped]:
    """Show a bar on a terminal, and a plain line now and then elsewhere."""
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("Bringing in"), BarColumn(), MofNCompleteColumn(), console=console
    )
    shown: AbstractContextManager[object] = progress if console.is_terminal else nullcontext()
    with shown:
        bar = progress.add_task("files", total=None)
        for number, thing in enumerate(things, start=1):
            yield thing
            progress.advance(bar)
            if not console.is_terminal and number % _SAY_EVERY == 0:
                console.print(f"{number} files looked at")
