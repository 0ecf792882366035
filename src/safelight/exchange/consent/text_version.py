"""Under which version were the words that somebody signed? (R40)"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

# Where the words are: of a consent, what there is to think of, and of a paper.
_WORDS: Final = ("text.py", "cautions.py", "paper_text.py")


@cache
def text_version() -> str:
    """Name the version of the words that are signed: another word anywhere is another version."""
    return version_of(Path(__file__).parent)


def version_of(folder: Path) -> str:
    """Name the version of the words in a folder that is laid out like this one."""
    said = b"".join((folder / name).read_bytes() for name in _WORDS)
    return hashlib.sha256(said).hexdigest()[:12]
