"""What a wheel carries, built as pip builds it, from a tree in which somebody has trained."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

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


@pytest.fixture(scope="module")
def wheel(tree, tmp_path_factory):
    built = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    return next(built.glob("*.whl"))


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


def test_the_source_distribution_carries_what_pages_are_made_of(tree, tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as built:
        names = {name.partition("/")[2] for name in built.getnames()}
    web = ROOT / "chargru" / "show" / "page" / "web"
    assert {str(path.relative_to(ROOT)) for path in web.iterdir()} <= names


def test_a_checkout_finds_both_beside_the_package():
    from chargru import bundled

    assert bundled.text_path().samefile(ROOT / "data" / "cats.txt")
    assert bundled.run_path().samefile(ROOT / "checkpoints" / "cats")
