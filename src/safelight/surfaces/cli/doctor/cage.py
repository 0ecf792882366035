"""What stands around the children that open untrusted bytes?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked


def examine(_data: Path) -> Iterator[Checked]:
    """Look at the walls of the cage."""
    from safelight.exchange.release.cage import how_isolated

    words, networkless = how_isolated()
    yield Checked(
        f"the cage for untrusted bytes: {words}",
        networkless,
        "this kernel lets children reach the network; update it, or run as a user that may unshare",
    )
