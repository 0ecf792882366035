"""How does a stranger get the verifier as one file that can be read in full?

What checks Ed25519 stands once, in the verifier of the trail; it is put into the verifier
of papers where that borrows it.
"""

from __future__ import annotations

import ast
import inspect
from types import ModuleType
from typing import Final

from safelight.exchange.release.papers import verify_receipt
from safelight.platform.audit import verify_audit

_BORROWED: Final = "from safelight.platform.audit.verify_audit import PublicKey\n"
_LENT: Final = (
    "_COSIGNS",
    "_SORTS",
    "_P",
    "_ORDER",
    "_D",
    "_ROOT_OF_MINUS_1",
    "_Point",
    "_NEUTRAL",
    "PublicKey",
    "ed25519_is_signed",
    "_point",
    "_plus",
    "_times",
)


def verifier_script(verifier: ModuleType = verify_receipt, *, first: str = "LAST_LINE") -> str:
    """Return a verifier as one file that needs nothing but Python.

    `first` is the first name that the module defines.
    """
    own, lender = inspect.getsource(verifier), inspect.getsource(verify_audit)
    lent = "\n\n\n".join(
        _with_decorators(lender, node) for node in ast.parse(lender).body if _name_of(node) in _LENT
    )
    start, _, rest = own.partition(_BORROWED)
    imports, _, code = rest.partition("\n\n\n")
    head, _, constants = imports.partition(f"\n{first} ")
    return f"{start}{head}\n{lent}\n\n{first} {constants}\n\n\n{code}"


def _name_of(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return node.name if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else ""


def _with_decorators(source: str, node: ast.stmt) -> str:
    decorated = node.decorator_list if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else []
    first = min((each.lineno for each in decorated), default=node.lineno)
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
