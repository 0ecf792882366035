"""Is what a stranger gets one file of the standard library alone, and each name in it once?"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from safelight.exchange.release.papers import verify_receipt
from safelight.governance.keys import verify_destruction
from safelight.platform.audit import verify_audit
from safelight.platform.audit.offline.one_file import one_file

VERIFIERS = (verify_audit, verify_receipt, verify_destruction)


@pytest.mark.parametrize("verifier", VERIFIERS, ids=lambda each: each.__name__)
def test_it_needs_nothing_but_python(verifier: ModuleType, tmp_path: Path) -> None:
    text = one_file(verifier)
    assert "safelight.platform" not in text
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            assert all(each.name in sys.stdlib_module_names for each in node.names)
        if isinstance(node, ast.ImportFrom):
            assert str(node.module).partition(".")[0] in sys.stdlib_module_names, node.module
    (tmp_path / "alone.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "alone.py", "--help"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "--key" in done.stdout


def test_two_parts_that_define_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {verify_receipt: "import os\n\nLAST = 1\nLAST = 2\n"}
    monkeypatch.setattr(inspect, "getsource", sources.__getitem__)
    with pytest.raises(ValueError, match="LAST"):
        one_file(verify_receipt)
