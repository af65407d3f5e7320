"""Who may import whom, read from the source; and what the quick commands load, seen in a process of their own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import chargru

PACKAGE = Path(chargru.__file__).parent
TORCH = (
    "gru.eager",
    "gru.layer",
    "gru.module",
    "gru.plain",
    "gru.recurrence",
    "gru.window",
    "gru.kernels",
    "gru.compiled",
    "gru.onednn",
    "gru.precision",
    "gru.head",
    "gru.head_kernel",
)
"""The torch part of `gru`; anything else there is NumPy's."""

LEVELS = (
    ("errors",),
    ("text", "gru", "run", "tensorfile", "bundled"),
    TORCH,
    ("sampling", "evaluation"),
    ("training", "insight", "page"),
    ("cli", "__main__"),
)
"""Each may import from its own level and those before it."""


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


def level(module):
    """The level of a module, the torch part of gru before gru itself; None for the package's own front door."""
    fitting = [number for number, places in enumerate(LEVELS) if within(module, *places)]
    return max(fitting, default=None)


def test_only_the_command_line_imports_typer():
    assert {module for module, name in imports() if within(name, "typer") and not within(module, "cli")} == set()


def test_nothing_imports_click():
    assert [module for module, name in imports() if within(name, "click")] == []


def test_only_what_renders_imports_rich():
    renders = ("cli", "training.progress", "insight", "page")
    found = {module for module, name in imports() if within(name, "rich")}
    assert {module for module in found if not within(module, *renders)} == set()
    assert "training.progress" in found


def test_rich_is_imported_where_it_is_used_and_not_before():
    top = {module for module, name in imports(inside_functions=False) if within(name, "rich")}
    assert {module for module in top if within(module, "cli", "training")} == set()


def test_text_and_the_numpy_part_of_gru_never_import_torch():
    places = ("errors", "text", "gru", "run", "tensorfile", "bundled", "sampling", "evaluation")
    found = {module for module, name in imports() if within(name, "torch") and within(module, *places)}
    assert {module for module in found if not within(module, *TORCH)} == set()
    assert "gru.module" in found


def test_imports_run_one_way():
    wrong = []
    for module, name in imports():
        inner = name.removeprefix("chargru.")
        here, there = level(module), level(inner) if name.startswith("chargru.") else None
        if here is not None and there is not None and there > here:
            wrong.append(f"{module} imports {inner}")
    assert wrong == []


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
    for arguments in (("evaluate", "--text", "The cat", "-c", tiny_run), ("corpus", "cats", "--out", "c", "--size", 9)):
        assert "torch" not in loaded(run_command(*arguments), tiny_run)


def test_every_help_leaves_torch_out(tmp_path):
    from chargru.cli.app import app

    names = [command.name for command in app.registered_commands]
    assert {"train", "sample", "evaluate", "info", "corpus"} <= set(names)
    code = "\n".join(run_command(*name, "--help") for name in [[], *([name] for name in names)])
    assert "torch" not in loaded(code, tmp_path)


def test_the_package_itself_loads_nothing(tmp_path):
    assert not {"torch", "numpy", "typer", "rich"} & loaded("import chargru", tmp_path)


def test_sampling_leaves_rich_out(tiny_run):
    assert "rich" not in loaded("from chargru import run, sampling\nsampling.sample(run.read_model('.'))", tiny_run)
