"""Can network namespaces be made here, and entered? In a bare chroot or container they cannot."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from functools import cache

IP = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


@cache
def can_be_made() -> bool:
    """Make one, enter it, and take it away again."""
    if os.geteuid() or not IP:
        return False
    name = f"sl{secrets.token_hex(3)}"
    acts = (("netns", "add", name), ("-n", name, "link", "set", "lo", "up"))
    try:
        return all(
            subprocess.run([IP, *act], check=False, capture_output=True).returncode == 0
            for act in acts
        )
    finally:
        subprocess.run([IP, "netns", "del", name], check=False, capture_output=True)
