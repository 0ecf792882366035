"""With what status does an operation end? (PS3.7 annex C, PS3.4 tables B.2-1, C.4-1 to C.4-3)"""

from __future__ import annotations

from typing import Final

SUCCESS: Final = 0x0000
CANCELLED: Final = 0xFE00
PENDING: Final = 0xFF00
PENDING_UNSUPPORTED: Final = 0xFF01

PROCESSING_FAILURE: Final = 0x0110
NO_SUCH_CLASS: Final = 0x0118
NOT_AUTHORISED: Final = 0x0124
DUPLICATE_INVOCATION: Final = 0x0210
UNRECOGNISED: Final = 0x0211
MISTYPED: Final = 0x0212

OUT_OF_RESOURCES: Final = 0xA700
NO_MATCHES_COUNTED: Final = 0xA701
NO_SUB_OPERATIONS: Final = 0xA702
UNKNOWN_DESTINATION: Final = 0xA801
OTHER_DATA_SET: Final = 0xA900
COERCED: Final = 0xB000
SOME_FAILED: Final = 0xB000
NOT_UNDERSTOOD: Final = 0xC000
