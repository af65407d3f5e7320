"""What a wheel carries, built as pip builds it, from a tree in which somebody has trained."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import chargru
from chargru.insight.exploration import explore
from chargru.model import read_model
from chargru.show.formats import show

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    tree = tmp_path_factory.mktemp("tree") / "chargru"
    left_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", "*-0*", ".*_cache", "dist", ".hypothesis")
    shutil.copytree(ROOT, tree, ignore=left_out)
    stray = tree / "checkpoints" / "stray-001"
    stray.mkdir(parents=True)
    (stray / "model.safetensors").write_bytes(b"stray")
    (tree / "data" / "stray.txt").write_text("stray")
    return tree


def build(tree, target, place):
    """A wheel or a source distribution of a tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(place)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    return next(place.iterdir())


@pytest.fixture(scope="module")
def wheel(tree, tmp_path_factory):
    return build(tree, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def source(tree, tmp_path_factory):
    """The source distribution, unpacked."""
    built = build(tree, "sdist", tmp_path_factory.mktemp("sdist"))
    place = tmp_path_factory.mktemp("source")
    with tarfile.open(built) as packed:
        packed.extractall(place, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # 3.11.4 and later
    return next(place.iterdir())


def test_the_wheel_carries_the_bundled_text_and_run_and_no_stray_one(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    carried = {
        name for name in names if name.startswith(("chargru/data", "chargru/checkpoints", "data", "checkpoints"))
    }
    assert carried == {
        "chargru/data/cats.txt",
        "chargru/checkpoints/cats/model.safetensors",
        "chargru/checkpoints/cats/metrics.jsonl",
        "chargru/checkpoints/cats-rnn/model.safetensors",
        "chargru/checkpoints/cats-rnn/metrics.jsonl",
    }
    assert not any("stray" in name or name.startswith("tests") for name in names)


def test_the_wheel_works_in_an_empty_folder(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    empty = tmp_path / "empty"
    empty.mkdir()
    code = (
        "from pathlib import Path; from chargru import bundled; import chargru;"
        "site = Path(chargru.__file__).resolve().parent;"
        "assert bundled.text_path() == site / 'data' / 'cats.txt', bundled.text_path();"
        "assert bundled.run_path() == site / 'checkpoints' / 'cats', bundled.run_path();"
        "assert bundled.run_path('cats-rnn') == site / 'checkpoints' / 'cats-rnn';"
        "print(len(bundled.text_path().read_text()), chargru.load().architecture.hidden_size)"
    )
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=empty, env=environment, check=True, capture_output=True, text=True)
    characters, hidden_size = map(int, done.stdout.split())
    assert characters == len((ROOT / "data" / "cats.txt").read_text())
    assert hidden_size == 48


PAGE = """
import sys, chargru
assert chargru.__file__.startswith(sys.argv[2]), chargru.__file__
sys.stdout.write(chargru.show(chargru.explore(chargru.load(sys.argv[1])), "html"))
"""


@pytest.mark.parametrize("unpacked", [True, False], ids=["unpacked", "zipped"])
def test_a_page_is_made_of_what_the_wheel_carries(wheel, tiny_run, unpacked):
    """Unpacked, and as a zip file that stands on the path as it is."""
    site = tiny_run.parent / "site" if unpacked else wheel
    if unpacked:
        zipfile.ZipFile(wheel).extractall(site)
    command = [sys.executable, "-c", PAGE, str(tiny_run), str(site)]
    environment = {"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=tiny_run, env=environment, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == show(explore(read_model(tiny_run)), "html")


def test_the_source_distribution_carries_what_pages_are_made_of(source):
    web = Path("chargru/show/page/web")
    assert {path.name for path in (ROOT / web).iterdir()} <= {path.name for path in (source / web).iterdir()}


def test_the_wheel_of_the_source_distribution_is_the_wheel(wheel, source, tmp_path):
    """`python -m build` makes the one of the other."""

    def record(file):
        with zipfile.ZipFile(file) as built:
            return {entry.filename: built.read(entry) for entry in built.infolist()}

    assert record(build(source, "wheel", tmp_path)) == record(wheel)


def test_metadata_and_citation_tell_the_same_version(wheel):
    with zipfile.ZipFile(wheel) as built:
        name = next(name for name in built.namelist() if name.endswith("dist-info/METADATA"))
        metadata = built.read(name).decode().splitlines()
    assert f"Version: {chargru.__version__}" in metadata
    assert f"version: {chargru.__version__}" in (ROOT / "CITATION.cff").read_text().splitlines()
    pythons = [line.rpartition(" ")[2] for line in metadata if line.startswith("Classifier: ") and ":: 3." in line]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    assert "Requires-Python: >=3.11" in metadata


def test_a_checkout_finds_both_beside_the_package():
    from chargru import bundled

    assert bundled.text_path().samefile(ROOT / "data" / "cats.txt")
    assert bundled.run_path().samefile(ROOT / "checkpoints" / "cats")
