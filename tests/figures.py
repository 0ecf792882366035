"""What did this run count, for the release report that `make report` writes?"""

from __future__ import annotations

from tools.figures import figure

__all__ = ["figure"]
