"""How does a stranger get a verifier as one file that can be read in full?

Parts of this folder that a verifier imports are put before it, in the order in which they
need each other, with what they import of Python above them all.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final

_OURS: Final = "safelight."
_FUTURE: Final = "__future__"


@dataclass(slots=True)
class _Parts:
    """What was gathered so far: lines that import, at once or for types only, and code."""

    imports: set[str] = field(default_factory=set)
    for_types: set[str] = field(default_factory=set)
    code: dict[str, str] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)


def one_file(verifier: ModuleType) -> str:
    """Return a verifier as one file that needs nothing but Python.

    Raises:
        ValueError: two parts define the same name.
    """
    parts = _Parts()
    _gather(verifier, parts)
    for_types = "".join(f"    {line}\n" for line in sorted(parts.for_types - parts.imports))
    head = [
        f'"""{ast.get_docstring(_tree(verifier), clean=False)}"""',
        f"from {_FUTURE} import annotations",
        "\n".join(sorted(parts.imports, key=lambda line: (line.startswith("from"), line))),
        *([f"if TYPE_CHECKING:\n{for_types}"] if for_types else []),
    ]
    return "\n\n".join([*head, *parts.code.values()])


def _gather(module: ModuleType, parts: _Parts) -> None:
    tree, lines = _tree(module), inspect.getsource(module).splitlines()
    ends = 0
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            _import(node, parts, parts.imports)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for each in node.body:
                _import(each, parts, parts.for_types)
        elif not _is_docstring(node):
            _define(node, parts)
            continue
        ends = node.end_lineno or ends
    parts.code[module.__name__] = "\n".join(lines[ends:]).strip("\n") + "\n"


def _import(node: ast.stmt, parts: _Parts, into: set[str]) -> None:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OURS):
        if node.module not in parts.code:
            _gather(importlib.import_module(node.module or ""), parts)
    elif not (isinstance(node, ast.ImportFrom) and node.module == _FUTURE):
        start, _, names = ast.unparse(node).rpartition("import ")
        # One name a line, so that what two parts import is there once.
        into.update(f"{start}import {name}" for name in names.split(", "))


def _define(node: ast.stmt, parts: _Parts) -> None:
    name = getattr(node, "name", "") or ast.unparse(getattr(node, "targets", [node])[0])
    if isinstance(node, ast.AnnAssign):
        name = ast.unparse(node.target)
    if name in parts.defined:
        raise ValueError(name)
    parts.defined.add(name)


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
