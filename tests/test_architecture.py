"""The layers: who may import whom, where Pyomo and HiGHS may be named, and what no module may do."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import networkx as nx
import pytest

from tests.sources import ROOT, module_name, python_files, shown, tree

LAYERS = (
    {"version"},
    {"system"},
    {"time"},
    {"lp"},
    {"solve"},
    {"outputs"},
    {"passes"},
    {"study"},
    {"verify", "fidelity"},
    {"ensemble", "interop", "scenarios"},
    {"cli_shared", "cli_weather", "cli_scenarios", "cli_compare", "cli_report", "cli_export"},
    {"cli"},
)
"""Folders and files of model/, lowest first; each may import its own layer and those before it."""
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
HOME = {"pyomo": "model.lp", "highspy": "model.solve"}
"""The only folder that may import each of these."""
HEAVY = {"numpy", "pandas", "xarray", "scipy", "pyomo", "highspy", "netCDF4", "pint", "pydantic", "networkx", "rich"}
HEAVY |= {"tsam", "pvlib", "windpowerlib", "altair", "vl_convert", "geopandas", "pyogrio", "shapely", "openpyxl"}
HEAVY |= {"distributed", "dask"}
FORBIDDEN_CALLS = {"eval", "exec", "__import__"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
FORBIDDEN_ATTRIBUTES = {"eval", "read_pickle", "to_pickle", "load_all", "unsafe_load", "full_load"}
MODULES = {module_name(path): path for path in python_files("model")}


def imported(path: Path, *, for_types: bool = True) -> Iterator[tuple[int, str]]:
    """Line and name of every import of a module, inside functions too; without ``for_types``, only those that run."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in _nodes(tree(path), for_types):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, (above, node.module)))
            inside = [f"{base}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name if name in MODULES else base) for name in inside)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            yield from ((node.lineno, str(a.value)) for a in node.args if isinstance(a, ast.Constant))


def _nodes(node: ast.AST, for_types: bool) -> Iterator[ast.AST]:
    if not for_types and isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _nodes(child, for_types)


def part(module: str) -> str:
    """The folder or file of model/ that a module belongs to, empty for ``model`` itself."""
    return module.split(".")[1] if "." in module else ""


def test_every_part_of_the_model_has_a_layer() -> None:
    """Proves: the order covers all of model/. Without it a new folder could import anything."""
    assert {part(module) for module in MODULES} - set(RANK) == {""}


def test_imports_point_one_way() -> None:
    """Proves: a lower layer runs without the higher ones. Without it the equations could come to need the command line.

    Imports for annotations alone do not count: they never run.
    """
    wrong = [
        f"{shown(path, line)}: {part(module)} imports {name}"
        for module, path in MODULES.items()
        for line, name in imported(path, for_types=False)
        if part(module) and name.split(".")[0] == "model"
        if name == "model" or RANK[part(name)] > RANK[part(module)]
    ]
    assert wrong == []


def test_no_circle_of_imports() -> None:
    """Proves: modules can be read bottom up, one by one. Without it two files of one folder could need each other."""
    edges = [
        (module, name)
        for module, path in MODULES.items()
        for _, name in imported(path, for_types=False)
        if module != "model" and name in MODULES
    ]
    assert list(nx.simple_cycles(nx.DiGraph(edges))) == []


@pytest.mark.parametrize("package", sorted(HOME))
def test_only_one_folder_imports(package: str) -> None:
    """Proves: Pyomo is named in lp alone and HiGHS in solve alone. Without it neither could be replaced or pinned."""
    wrong = [
        shown(path, line)
        for module, path in MODULES.items()
        for line, name in imported(path)
        if name.split(".")[0] == package and not f"{module}.".startswith(f"{HOME[package]}.")
    ]
    assert wrong == []


def test_templates_are_made_in_one_file() -> None:
    """Proves: one file calls templatize_rule. Without it a change in Pyomo would have to be met in several places."""
    users = [
        shown(path)
        for path in MODULES.values()
        if any("templatize_rule" in _names(node) for node in ast.walk(tree(path)))
    ]
    assert len(users) == 1
    assert users[0].startswith("model/lp/")


def _names(node: ast.AST) -> set[str]:
    """The names that a node uses, as a name, an attribute or an import."""
    if isinstance(node, ast.ImportFrom):
        return {alias.name for alias in node.names}
    return {value for key in ("id", "attr") if isinstance(value := getattr(node, key, None), str)}


def test_no_code_is_made_from_data() -> None:
    """Proves: no eval, exec, pickle or unsafe YAML. Without it a study from a stranger could run code."""
    wrong = []
    for path in MODULES.values():
        wrong += [shown(path, line) for line, name in imported(path) if name.split(".")[0] in FORBIDDEN_MODULES]
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        wrong += [shown(path, call.lineno) for call in calls if _unsafe(call, _safe_loaders(path))]
    assert wrong == []


def _safe_loaders(path: Path) -> set[str]:
    """Classes of a file that only narrow YAML's safe loader; ``yaml.load`` with one of them makes plain data only."""
    classes = [node for node in tree(path).body if isinstance(node, ast.ClassDef)]
    return {node.name for node in classes if [ast.unparse(base) for base in node.bases] == ["yaml.SafeLoader"]}


def _unsafe(call: ast.Call, safe_loaders: set[str]) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in FORBIDDEN_CALLS
    if not isinstance(call.func, ast.Attribute):
        return False
    function = (getattr(call.func.value, "id", ""), call.func.attr)
    if function == ("yaml", "load"):
        return not {ast.unparse(given) for given in call.args[1:]} & safe_loaders
    return (
        call.func.attr in FORBIDDEN_ATTRIBUTES
        or function in {("os", "system"), ("os", "popen")}
        or any(word.arg in ("allow_pickle", "shell") for word in call.keywords)
    )


def test_every_module_says_what_it_is_for() -> None:
    """Proves: every file opens with a sentence. Without it a reader would have to guess from the code."""
    paths = [*python_files("model"), *python_files("tests"), ROOT / "run.py"]
    assert [shown(path) for path in paths if not ast.get_docstring(tree(path))] == []


def test_packages_are_declared_and_pinned() -> None:
    """Proves: what the code imports is installed, in one version. Without it a clean clone would fail on an import."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    core, test = _normal([*project["dependencies"], *extras["report"]]), _normal(extras["test"])
    optional = _normal([*extras["atlite"], *extras["gis"], *extras["tables"], *extras["cluster"]])
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    homes = packages_distributions()
    for folder, declared in (("model", core | optional), ("tests", core | optional | test)):
        names = {name.split(".")[0] for path in python_files(folder) for _, name in imported(path)}
        missing = [
            name
            for name in names - sys.stdlib_module_names - {"model", "tests"}
            if not _normal(homes.get(name, [name])) & declared
        ]
        assert missing == [], f"imported in {folder}/, not in pyproject.toml"
    pins = [line for line in pinned.splitlines() if line and not line.startswith("#")]
    assert (core | test) - _normal(pins) == set()
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []


def _normal(requirements: list[str]) -> set[str]:
    """Names of packages, spelled as a registry compares them."""
    names = [re.match(r"[\w.-]+", requirement) for requirement in requirements]
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


def test_help_loads_nothing_heavy() -> None:
    """Proves: ``--help`` answers at once. Without it a user would wait a second for Pyomo and pandas to load."""
    command = [sys.executable, "-X", "importtime", str(ROOT / "run.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "Usage" in done.stdout
    assert loaded & HEAVY == set()
