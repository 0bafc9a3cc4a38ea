"""The shape of the house: imports point one way, and each outside library has one place."""

from __future__ import annotations

import ast
import gc
import re
from functools import cache
from pathlib import Path

import gdcli
from gdcli.collector import collector_waits

PACKAGE = Path(gdcli.__file__).parent

# From left to right along the flow; a module imports its own layer and those before it. The longest
# name here that a module's begins with is its layer. docs/decisions/0006 shows this table.
LAYERS = {
    "named_tuples": "records that are quick to define",
    "collector": "Python's collector of cycles, which waits while a text becomes code",
    "errors": "what a person can be told: a sentence, its place, its exit status",
    "language": "text to Expression: grammar, and no mathematics",
    "language.semantics": "names to roles, scopes, sizes and shapes; no tape is known here",
    "autodiff": "Expression to Tape, Tape to gradient Tape, and passes from Tape to Tape",
    "numbers": "the number systems that a tape can be run in",
    "execute": "Tape to callable: interpreted, as Python source, over grids, native",
    "nonsmooth": "value and gradient where floats are not enough: kinks, lost digits, poles",
    "functions": "the Function: text, tapes and callables joined; its layout, points and data",
    "library": "named problems: files, records, look-up by name, verification",
    "derivatives": "every way to differentiate, compared, and a derivation checked",
    "descent": "Function to iterates and a verdict",
    "fitting": "a model and data to parameters, and how sure they are",
    "proofs": "Function to proofs: interval Newton, branch and bound",
    "scenes": "what a picture shows, as plain values",
    "report": "values to text and pictures: formats, stages, pictures",
    "cli": "text from and to a person: one module a command",
    "__main__": "the process",
}
HOMES = {
    **{"typer": {"cli"}, "click": set(), "rich": {"report"}, "llvmlite": {"execute"}},
    **{"matplotlib": {"report"}, "plotly": {"report"}, "PIL": {"report"}},
}
AT_THE_TOP = {"numpy", "sympy", "mpmath", "rich", "matplotlib", "plotly", "scipy", "llvmlite"}
LAZY_MODULES = {  # imported inside functions only
    *("execute.grid", "derivatives.formulas", "derivatives.symbolic", "scenes.levels"),
    "derivatives.long_gradients",
    *("fitting.row_blocks", "fitting.simultaneous_descents", "fitting.start_search"),
    *("fitting.least_absolute", "fitting.softmax"),
    *("functions.sympy_expressions", "numbers.interval_lanes", "execute.iteration_lanes"),
    *("scenes.surface", "scenes.resolution", "scenes.curve", "scenes.descents", "scenes.steps"),
    *("scenes.fits", "scenes.boxes", "proofs.propagation", "proofs.even_powers"),
    *("proofs.search", "proofs.window"),
}


@cache
@collector_waits()
def modules() -> dict[str, ast.Module]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    gc.freeze()  # a million nodes, which no collection in this process need look at again
    return found


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and str(node.value).startswith("gdcli."):
            found.add(str(node.value))  # of a table that names modules without loading them
    return found


def imported_at_once(tree: ast.Module) -> set[str]:
    """What importing the module imports: not what its functions or type checkers import."""
    found: set[str] = set()
    pending: list[ast.AST] = [*tree.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= imports(node)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            pending += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.Lambda):
            pending += ast.iter_child_nodes(node)
    return found


def layer_of(name: str) -> int:
    """The place in LAYERS of the longest name there that the module's begins with."""
    pieces = name.split(".")
    parents = (".".join(pieces[:count]) for count in range(len(pieces), 0, -1))
    return next([*LAYERS].index(parent) for parent in parents if parent in LAYERS)


def test_every_module_has_a_layer() -> None:
    rooms = {layer for layer in LAYERS if "." not in layer}
    assert {name.split(".")[0] for name in modules()} == {*rooms, "__init__"}


def test_imports_point_one_way() -> None:
    trees = modules()
    for name, tree in trees.items():
        if name == "__init__":
            continue
        for imported in {found.removeprefix("gdcli.") for found in imports(tree)} & trees.keys():
            assert layer_of(imported) <= layer_of(name), f"gdcli.{name} imports gdcli.{imported}"


def test_no_cycles() -> None:
    trees = modules()
    graph = {
        name: {found.removeprefix("gdcli.") for found in imports(tree)} & trees.keys() - {name}
        for name, tree in trees.items()
        if name != "__init__"
    }
    finished = {"__init__"}
    while graph.keys() - finished:
        free = {name for name, needs in graph.items() if needs <= finished} - finished
        assert free, f"a cycle among {sorted(graph.keys() - finished)}"
        finished |= free


def test_each_library_has_its_place() -> None:
    for name, tree in modules().items():
        for imported in imports(tree):
            top = imported.split(".")[0]
            if top in HOMES:
                assert name.split(".")[0] in HOMES[top], f"gdcli.{name} imports {imported}"


def test_heavy_libraries_are_imported_lazily() -> None:
    for name, tree in modules().items():
        if name not in LAZY_MODULES and not name.startswith("report."):
            heavy = {imported.split(".")[0] for imported in imported_at_once(tree)} & AT_THE_TOP
            assert not heavy, f"gdcli.{name} imports {heavy} when it is imported"


def test_named_tuples_are_defined_by_our_own_module() -> None:
    """`typing.NamedTuple` takes ten times as long: docs/decisions/0002."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if name != "named_tuples" and isinstance(node, ast.ImportFrom):
                of_typing = node.module in ("typing", "collections")
                wrong = {"NamedTuple", "namedtuple"} & {alias.name for alias in node.names}
                assert not (of_typing and wrong), f"gdcli.{name}: import it from gdcli.named_tuples"


def test_the_package_is_asked_for_a_name_by_what_can_be_drawn_alone() -> None:
    """`f.plot()` is drawn on a floor above the Function and the Fit: docs/decisions/0006."""
    asked = {
        (name, node.attr)
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "gdcli"
    }
    versions = {(name, attribute) for name, attribute in asked if attribute == "__version__"}
    functions = {("functions.function", "plot"), ("functions.function", "Picture")}
    functions |= {("fitting.result", "plot"), ("fitting.result", "Picture")}
    assert asked - versions == functions


def test_option_names_stand_in_the_command_line_alone() -> None:
    option = re.compile(r"--[a-z]|(?<![^\s`'\"(])-[hoqV]\b")
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).parts[0] != "cli":
            for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                assert not option.search(line), f"{path}, line {number}: {line.strip()}"


def test_modules_say_what_they_are() -> None:
    for name, tree in modules().items():
        assert ast.get_docstring(tree), f"gdcli.{name} has no docstring"


def test_a_class_name_has_one_bearer() -> None:
    """A Protocol that bears the name of the class it stands for is caught here too."""
    bearers: dict[str, list[str]] = {}
    for name, tree in modules().items():
        if not name.startswith("report.formats."):  # a writer of each result in every format
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    bearers.setdefault(node.name, []).append(name)
    assert {name: places for name, places in bearers.items() if len(places) > 1} == {}


def test_a_constant_has_one_bearer() -> None:
    of_a_registry = {"COMMAND", "EXAMPLES", "WRITERS"}  # every command or format has them
    bearers: dict[str, list[str]] = {}
    for module, tree in modules().items():
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                for node in ast.walk(statement):
                    if (
                        isinstance(node, ast.Name)
                        and isinstance(node.ctx, ast.Store)
                        and node.id.isupper()
                        and node.id not in of_a_registry
                    ):
                        bearers.setdefault(node.id, []).append(module)
    assert {name: places for name, places in bearers.items() if len(places) > 1} == {}


def test_private_names_stay_in_their_module() -> None:
    for name, tree in modules().items():
        modules_here: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gdcli"):
                modules_here.update(alias.asname or alias.name for alias in node.names)
                for alias in node.names:
                    private = alias.name.startswith("_") and not alias.name.endswith("__")
                    assert not private, f"gdcli.{name} imports {alias.name} of {node.module}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                private = node.attr.startswith("_") and not node.attr.startswith("__")
                there = node.value.id in modules_here and node.value.id.islower()
                assert not (private and there), f"gdcli.{name}: {node.value.id}.{node.attr}"


RIDDLES = re.compile(
    r"(All of|The same\b|What (it|they|is|was|each|one)\b|Nothing more|That of|Those\b|Do it\b|"
    r"Is shown\b|Told\b|Likewise|Its\b|Their\b|And\b|Of (it|them)\b)"
)


def test_docstrings_begin_with_a_sentence_that_stands_alone() -> None:
    found = []
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                said = ast.get_docstring(node) or ""
                if RIDDLES.match(said):
                    found.append(f"gdcli.{name}:{node.lineno} {said.splitlines()[0]}")
    assert found == []
