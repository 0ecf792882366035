"""A system of an institution's own that calls by DICOM, let in as two people would.

python -m bench.connecting DATA
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.instance import HOUSE

OURS, THEIRS = "SAFELIGHT", "BENCH"


def main(data: Path) -> int:
    """Add an institution and a connection that sends in the clear from this machine; open it."""
    from safelight.surfaces.cli.main import boot  # noqa: PLC0415

    boot(data)
    from safelight.kernel import clock  # noqa: PLC0415
    from safelight.records.accounts.models import Organization  # noqa: PLC0415
    from safelight.records.partners.actions import add_connection, open_connection  # noqa: PLC0415
    from safelight.records.partners.wishes import ConnectionWish  # noqa: PLC0415

    house = Organization.objects.get(same_name=HOUSE)
    wish = ConnectionWish(
        name="A scanner",
        called=OURS,
        calling=THEIRS,
        they_send=True,
        they_ask=True,
        is_plain=True,
        networks="127.0.0.1",
    )
    at = clock.now()
    row = add_connection(house.pk, None, wish, by="operator/one", at=at)
    open_connection(row.pk, by="operator/two", at=at)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
