"""The commands of a page, as a script: what a stranger types who has nothing but the page.

    python3 tests/page_commands.py PAGE HEADING [FROM=>TO ...]

prints those of one section, with places of the page put in others' stead.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def commands(page: str, heading: str, *, language: str = "") -> str:
    """Return what stands in the blocks of a section, in order."""
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    (found,) = [each for each in section if each.startswith(heading + "\n")]
    blocks = [textwrap.dedent(text) for _, said, text in _BLOCK.findall(found) if said == language]
    return "\n".join(blocks)


def placed(script: str, places: dict[str, str]) -> str:
    """Put places in others' stead, the longest first."""
    for place in sorted(places, key=len, reverse=True):
        script = script.replace(place, places[place])
    return script


if __name__ == "__main__":
    here = dict(each.split("=>", 1) for each in sys.argv[3:])
    print("set -eu\n" + placed(commands(Path(sys.argv[1]).read_text(), sys.argv[2]), here))  # noqa: T201
