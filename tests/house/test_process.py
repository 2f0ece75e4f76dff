"""Nothing is global to the process: no table that code changes, nothing that registers by being imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "portal").rglob("*.py"))
COLLECTIONS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MAKERS = {"dict", "list", "set", "defaultdict", "deque", "Counter", "OrderedDict", "fromkeys", "count"}
CHANGING = {
    "add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft", "insert",
    "intersection_update", "move_to_end", "pop", "popitem", "popleft", "remove", "reverse", "setdefault", "sort",
    "subtract", "symmetric_difference_update", "update",
}  # fmt: skip
EVERY_MODULE = """
import importlib, pkgutil, sys
import portal

def names():
    return [one.name for one in pkgutil.walk_packages(portal.__path__, "portal.") if not one.name.endswith("__main__")]

def sizes():
    return {
        (name, key): len(value)
        for name, module in list(sys.modules.items()) if name.startswith("portal")
        for key, value in list(vars(module).items()) if type(value) in (dict, list, set) and not key.startswith("__")
    }

for name in sorted(names()):
    before = sizes()
    importlib.import_module(name)
    changed = [f"{name} changes {where}" for where, size in sizes().items() if before.get(where, size) != size]
    assert not changed, changed
before = sizes()
for name in sorted(name for name in names() if name.endswith(".feature")):
    importlib.reload(sys.modules[name])
assert sizes() == before
"""


def tables(tree: ast.Module) -> set[str]:
    """The names at the top of a module that hold something which can be changed."""
    found = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        maker = getattr(value, "func", None)
        if isinstance(value, COLLECTIONS) or getattr(maker, "id", getattr(maker, "attr", "")) in MAKERS:
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def changes(tree: ast.AST) -> Iterator[tuple[ast.expr, int]]:
    """Whatever some code changes in place, and the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            yield node.func.value, node.lineno
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.value, node.lineno
        elif isinstance(node, ast.AugAssign):
            yield node.target, node.lineno


def name_of(changed: ast.expr) -> str:
    """The last name of what is changed: TABLE, or module.TABLE."""
    if isinstance(changed, ast.Attribute):
        return changed.attr if isinstance(changed.value, ast.Name) and changed.value.id != "self" else ""
    return changed.id if isinstance(changed, ast.Name) else ""


def global_changes(source: str, known: set[str]) -> list[int]:
    """The lines on which a table of this module, or one of the `known` of all others, is changed."""
    tree = ast.parse(source)
    # Names of constants are never those of locals here, so that a name is enough to tell.
    mine = tables(tree) | known
    return [line for changed, line in changes(tree) if name_of(changed) in mine]


def known_tables() -> set[str]:
    return {name for path in MODULES for name in tables(ast.parse(path.read_text())) if name.strip("_").isupper()}


def test_no_code_changes_a_table_of_a_module() -> None:
    known = known_tables()
    assert len(known) > 40
    found = {path: global_changes(path.read_text(), known) for path in MODULES}
    assert not {f"{path.relative_to(ROOT)}:{lines}" for path, lines in found.items() if lines}


@pytest.mark.parametrize(
    "change",
    [
        "def f():\n    TABLE['a'] = 1",
        "def f():\n    del TABLE['a']",
        "def f():\n    TABLE.update(a=1)",
        "def f(module):\n    module.TABLE.setdefault('a', 1)",
        "def f():\n    global TABLE\n    TABLE |= {}",
        "TABLE['a'] = 1",
    ],
)
def test_every_way_to_change_a_table_is_seen(change: str) -> None:
    assert global_changes(f"TABLE = {{}}\n{change}\n", set())


def test_no_module_has_a_name_that_functions_bind_anew() -> None:
    bound = {
        f"{path.relative_to(ROOT)}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Global)
    }
    assert not bound


def test_importing_a_module_changes_nothing_elsewhere() -> None:
    done = subprocess.run([sys.executable, "-c", EVERY_MODULE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
