"""Do pages say who runs this place, and whom to ask?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked


def examine(data: Path) -> Iterator[Checked]:
    """Look whether operator and privacy contact are named."""
    from django.conf import settings

    missing = [
        name
        for name, said in (
            ("operator", settings.SAFELIGHT_OPERATOR not in {"", "Safelight"}),
            ("privacy_contact", bool(settings.SAFELIGHT_PRIVACY_CONTACT)),
        )
        if not said
    ]
    yield Checked(
        "every page names who runs this place and whom to ask about privacy"
        if not missing
        else "pages do not name who runs this place, or whom to ask about privacy",
        not missing,
        f"the privacy statement promises it; set in {data / 'safelight.toml'}: "
        + ", ".join(missing),
    )
