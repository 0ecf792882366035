"""Is the record of what happened whole?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked


def examine(_data: Path) -> Iterator[Checked]:
    """Read the whole chain again."""
    from safelight.platform.audit.verify import verify_trail

    finding = verify_trail()
    yield Checked(
        f"the record is whole ({finding.size} entries)",
        finding.is_whole,
        f"broken at entry {finding.seq}: {finding.problem}",
    )
