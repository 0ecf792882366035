"""What every test stands on: a data folder and a root key of its own."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

import django

_folder = Path(tempfile.mkdtemp(prefix="safelight-tests-"))
_key = _folder / "root.key"
_key.write_text(secrets.token_hex(32) + "\n")
_key.chmod(0o400)
(_folder / "data").mkdir()
# Settings are read at import, so they may be named only after the folder is known:
# were they named in pyproject.toml, pytest-django would read them before this file.
os.environ["SAFELIGHT_DATA"] = str(_folder / "data")
os.environ["SAFELIGHT_ROOT_KEY_FILE"] = str(_key)
os.environ["SAFELIGHT_PUBLIC_URL"] = "http://localhost:8000"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
# pytest-django sets Django up only when somebody has touched the settings before it.
django.setup()
