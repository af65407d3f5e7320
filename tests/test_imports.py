"""Who may import whom, read from the source; and what the quick commands load, seen in a process of their own."""

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import windowslike

import chargru
from chargru import shown
from chargru.show import formats

PACKAGE = Path(chargru.__file__).parent
FLOORS = (
    ("errors", "host", "shown"),
    ("documents", "memory"),
    ("bundled", "tensorfile", "gru", "arguments", "sizing"),
    ("conventions", "text", "engine"),
    ("cats", "model"),
    ("run", "evaluation", "sampling", "system", "outcome"),
    ("run_curves",),
    ("run_summary", "scoring", "housekeeping"),
    ("run_comparison", "pruning"),
    ("insight",),
    ("show",),
    ("training",),
    ("cli",),
    ("__main__",),
)
"""From the ground up: what is in a room imports from its own room and from floors below. A new room needs a place."""

TORCH = ("engine", "insight.proof", "training")
RICH = ("cli", "show", "training")


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def name_of(node, module, path):
    """The modules an import statement names, absolute."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        package = ["chargru", *module.split(".")]
        package = package if path.name == "__init__.py" else package[:-1]
        base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
    return [f"{base}.{alias.name}" for alias in node.names]


def type_checking(tree):
    """Nodes that only type checkers read."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }


def imports(*, inside_functions=True):
    """(module, what it imports) of every import statement that runs."""
    for module, path in modules():
        tree = ast.parse(path.read_text())
        skipped = type_checking(tree)
        if not inside_functions:
            functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
            skipped |= {inner for function in functions for inner in ast.walk(function)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom) and node not in skipped:
                for name in name_of(node, module, path):
                    yield module, name


def within(name, *places):
    return any(name == place or name.startswith(place + ".") for place in places)


def room(module):
    """The folder, or the file at the top, that a module is in; None for the package's own front door."""
    return module.split(".")[0] or None


def floor(module):
    return next(number for number, rooms in enumerate(FLOORS) if room(module) in rooms)


def ours():
    """(module, module it imports) within the package, the names of functions cut off; the front door left out."""
    known = {module for module, _ in modules()}
    for module, name in imports():
        inner = name.removeprefix("chargru.")
        if name.startswith("chargru.") and module:
            while inner not in known:
                inner = inner.rpartition(".")[0]
            if inner:
                yield module, inner


def test_every_room_has_its_floor():
    rooms = {room(module) for module, _ in modules()} - {None}
    assert rooms == {name for names in FLOORS for name in names}


def test_imports_run_one_way():
    """Two rooms of one floor know nothing of each other."""
    wrong = [
        f"{module} imports {other}"
        for module, other in ours()
        if room(module) != room(other) and floor(other) >= floor(module)
    ]
    assert wrong == []


def test_the_one_arrow_up_is_the_one_named():
    """It is a call of import_module, which no import statement shows; facts show themselves by it.

    Else only the table of formats imports by name, and that writers in its own folder, and `cli.app` its commands.
    """
    found = {
        (module, ast.unparse(node.args[0]))
        for module, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and module
    }
    assert found == {("shown", "FORMATS"), ("show.formats", "module"), ("cli.app", "f'chargru.cli.{name}'")}
    assert shown.FORMATS == "chargru.show.formats"
    places = [place for kind in formats.TABLE.values() for place in kind.writers.values()]
    assert all(re.fullmatch(r"\.\w[\w.]*:\w+", place) for place in places)


def test_no_file_imports_in_a_circle():
    graph = {module: set() for module, _ in modules() if module}
    for module, other in ours():
        if other != module:
            graph[module].add(other)
    graphlib.TopologicalSorter(graph).prepare()


def test_only_the_command_line_imports_typer():
    assert {module for module, name in imports() if within(name, "typer") and not within(module, "cli")} == set()


def test_two_modules_know_what_one_system_alone_has():
    only = {f"os.{name}" for name in windowslike.FUNCTIONS} | {f"signal.{name}" for name in windowslike.SIGNALS}
    only |= windowslike.MODULES | {"msvcrt", "winreg", "os.startfile", "signal.SIGBREAK", "shlex.quote"}
    used = {(module, name) for module, name in imports() if within(name, *only)}
    for module, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in only:
                used.add((module, ast.unparse(node)))
            if isinstance(node, ast.Call) and ast.unparse(node).endswith("CDLL(None)"):
                used.add((module, "CDLL(None)"))
    assert {module for module, _ in used} == {"host", "memory"}
    assert {"fcntl", "os.getuid", "CDLL(None)"} <= {name for _, name in used}


def test_nothing_imports_click():
    assert [module for module, name in imports() if within(name, "click")] == []


def test_only_what_shows_imports_rich():
    found = {module for module, name in imports() if within(name, "rich")}
    assert {module for module in found if not within(module, *RICH)} == set()
    assert "training.live" in found


def test_rich_is_imported_where_it_is_used_and_not_before():
    top = {module for module, name in imports(inside_functions=False) if within(name, "rich")}
    assert {module for module in top if within(module, "cli", "training")} == set()


def test_only_the_writer_of_pictures_imports_matplotlib_and_only_when_it_draws():
    assert {module for module, name in imports() if within(name, "matplotlib")} == {"show.curves.picture"}
    assert not [module for module, name in imports(inside_functions=False) if within(name, "matplotlib")]


def test_only_patterns_import_regex_and_only_when_one_is_given():
    assert {module for module, name in imports() if within(name, "regex")} == {"insight.pattern"}
    assert not [module for module, name in imports(inside_functions=False) if within(name, "regex")]


def test_only_what_trains_and_proves_imports_torch():
    found = {module for module, name in imports() if within(name, "torch")}
    assert {module for module in found if not within(module, *TORCH)} == set()
    assert "engine.module" in found


@pytest.mark.parametrize("module", sorted(module for module, _ in modules() if within(module, "cli")))
def test_commands_have_real_annotations(module):
    names = {name for importer, name in imports() if importer == module}
    assert "__future__.annotations" not in names


def loaded(code, cwd):
    """The top-level packages that are loaded after `code`, in a process of its own."""
    report = "\nimport sys; print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    command = [sys.executable, "-c", code + report]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split()[1:])


def run_command(*arguments):
    return (
        "from chargru.cli.app import app\n"
        f"try: app({[str(argument) for argument in arguments]!r})\n"
        "except SystemExit as end: assert not end.code, end.code"
    )


def test_sample_and_info_leave_torch_out(tiny_run):
    for arguments in (("sample", "-c", tiny_run, "--length", 5), ("info", tiny_run), ("info",)):
        assert "torch" not in loaded(run_command(*arguments), tiny_run)


def test_evaluate_and_corpus_leave_torch_out(tiny_run):
    scored = [(name, "--text", "The cat", "-c", tiny_run) for name in ("evaluate", "ablate")]
    for arguments in (*scored, ("corpus", "cats", "--out", "c", "--size", 9)):
        assert "torch" not in loaded(run_command(*arguments), tiny_run)


def test_every_help_leaves_torch_out(tmp_path):
    from chargru.cli.app import COMMANDS

    names = list(COMMANDS)
    assert {"train", "sample", "evaluate", "info", "corpus"} <= set(names)
    code = "\n".join(run_command(*name, "--help") for name in [[], *([name] for name in names)])
    assert "torch" not in loaded(code, tmp_path)


def test_the_package_itself_loads_nothing(tmp_path):
    assert not {"torch", "numpy", "typer", "rich"} & loaded("import chargru", tmp_path)


def test_sampling_leaves_rich_out(tiny_run):
    assert "rich" not in loaded("from chargru import model, sampling\nsampling.sample(model.read_model('.'))", tiny_run)
