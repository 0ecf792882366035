"""How is a paper signed, so that one changed byte shows, and who can check that without us?

The signature covers every byte of the file before its own line, which is the last. What
stands between the PDF's end and that line repeats where its table is, so that readers of
PDF find it at the end, where they look.
"""

from __future__ import annotations

import ast
import base64
import inspect
import re
from typing import Any, Final

import orjson

from safelight.exchange.consent.record import consent_signer
from safelight.exchange.release.papers import verify_receipt
from safelight.exchange.release.papers.verify_receipt import Paper, open_paper
from safelight.platform.audit import verify_audit
from safelight.platform.audit.verify_audit import PublicKey
from safelight.platform.keys.signing import is_signed

_TABLE_AT: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_LINE: Final = 76
_BORROWED: Final = "from safelight.platform.audit.verify_audit import PublicKey\n"
_LENT: Final = (
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


def sign_paper(pdf: bytes, proof: dict[str, Any] | None = None) -> bytes:
    """Sign a PDF, with the record that goes along, if any.

    Raises:
        ValueError: the bytes are not a PDF that ends as one.
    """
    table = _TABLE_AT.search(pdf)
    if table is None:
        raise ValueError("this is not a whole PDF")
    signer = consent_signer()
    written = pdf.rstrip() + b"\n%safelight-paper/1\n"
    if proof is not None:
        encoded = base64.b64encode(orjson.dumps(proof, option=orjson.OPT_SORT_KEYS))
        for start in range(0, len(encoded), _LINE):
            written += b"%record " + encoded[start : start + _LINE] + b"\n"
    written += b"startxref\n" + table[1] + b"\n%%EOF\n"
    last = f"%safelight-signature {signer.name} {signer.sign(written).hex()}\n"
    return written + last.encode()


def paper_key() -> str:
    """Return the key to verify papers with, as text. It is public."""
    return consent_signer().verifier_key


def check_paper(data: bytes) -> Paper:
    """Check a paper of this very instance.

    Raises:
        NotAsSignedError: it is not what this instance signed.
    """
    return open_paper(data, PublicKey.parse(paper_key(), is_signed))


def verifier_script() -> str:
    """Return the verifier as one file that needs nothing but Python."""
    own, lender = inspect.getsource(verify_receipt), inspect.getsource(verify_audit)
    lent = "\n\n\n".join(
        _with_decorators(lender, node) for node in ast.parse(lender).body if _name_of(node) in _LENT
    )
    start, _, rest = own.partition(_BORROWED)
    imports, _, code = rest.partition("\n\n\n")
    head, _, constants = imports.partition("LAST_LINE")
    return f"{start}{head}{lent}\n\nLAST_LINE{constants}\n\n\n{code}"


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
