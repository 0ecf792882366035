"""Which privacy statement does somebody in a test accept? The one in effect today."""

from __future__ import annotations

from typing import Final

from safelight.governance.compliance.statements import SHIPPED
from safelight.kernel import clock

CURRENT: Final = max(each.number for each in SHIPPED if each.effective_at <= clock.now())
