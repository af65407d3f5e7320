"""A run's directory: its last state, the newest run found, one process at a time."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawn import model

from chargru import bundled, host, run
from chargru.errors import ChargruError, DamagedRunError, RunError, RunLockedError
from chargru.model import MODEL, write_model


def write_training(path, written):
    path.mkdir(parents=True, exist_ok=True)
    run.write_training(path, {"written": written}, {"position": np.zeros(1)})


def write_run(path, written):
    write_training(path, written)
    write_model(path, model())


def test_the_last_state_is_read_as_it_was_written(tmp_path):
    run.write_training(tmp_path, {"written": "now"}, {"moment": np.arange(3.0)})
    document, tensors = run.read_training(tmp_path)
    assert document == {"schema": "chargru.training/1", "written": "now"}
    assert tensors["moment"].tolist() == [0.0, 1.0, 2.0]


@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize("find", [run.named_run, run.find_model, run.find_training, run.load])
def test_a_name_that_is_too_long_is_an_error_of_ours(find):
    with pytest.raises(RunError, match=r"cannot look for the run x{198}\.\.\.x*: File name too long"):
        find("x" * 5000)


# Found ------------------------------------------------------------------------------------------------------------


def test_the_newest_run_is_the_one_written_last_inside_not_by_file_time(empty_folder):
    for name, written in (("old", "2026-01-01T00:00:00+00:00"), ("new", "2026-01-02T00:00:00+00:00")):
        write_run(empty_folder / "checkpoints" / name, written)
    os.utime(empty_folder / "checkpoints" / "old" / MODEL)
    path, why = run.find_model(None)
    assert path.name == "new"
    assert why == "using checkpoints/new, the run trained last"


def test_a_run_without_a_last_state_is_not_chosen(empty_folder):
    (empty_folder / "checkpoints" / "copied").mkdir(parents=True)
    write_model(empty_folder / "checkpoints" / "copied", model())
    with pytest.raises(ChargruError, match="missing"):
        run.find_model(None)


def test_a_run_killed_before_its_first_save_is_not_a_run(empty_folder):
    path = empty_folder / "checkpoints" / "killed"
    path.mkdir(parents=True)
    (path / "lock").touch()
    (path / run.METRICS).touch()
    assert run.runs() == []


def test_the_given_run_is_used_whatever_else_there_is(empty_folder):
    write_training(empty_folder / "checkpoints" / "new", "2026-01-02T00:00:00+00:00")
    (empty_folder / "elsewhere").mkdir()
    assert run.find_model("elsewhere")[0].name == "elsewhere"


def test_a_name_is_looked_for_below_checkpoints_where_there_is_no_such_path(empty_folder):
    write_run(empty_folder / "checkpoints" / "novel", "2026-01-02T00:00:00+00:00")
    assert run.find_model("novel") == (Path("checkpoints/novel"), "using checkpoints/novel")
    assert run.find_training("novel") == Path("checkpoints/novel")
    write_run(empty_folder / "novel", "2026-01-02T00:00:00+00:00")
    assert run.find_model("novel") == (Path("novel"), "using novel")
    assert run.find_training("novel") == Path("novel")


@pytest.mark.parametrize("name", bundled.RUNS)
def test_the_name_of_a_run_that_ships_always_means_it(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for own in (tmp_path / name, tmp_path / "checkpoints" / name):
        write_run(own, "2026-01-02T00:00:00+00:00")
    path, why = run.find_model(name)
    assert path.samefile(bundled.run_path(name))
    assert why == f"using {name}, which ships with chargru, not ./{name}: write ./{name} for that"
    assert run.find_model(f"./{name}")[0].samefile(tmp_path / name)
    assert run.find_training(name).samefile(tmp_path / name)


def test_a_path_is_a_path_whatever_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "cats", "2026-01-02T00:00:00+00:00")
    units = [run.load(given).architecture.hidden_size for given in (Path("./cats"), Path("cats"), "./cats", "cats")]
    assert units == [6, 6, 6, 48]


def test_of_the_same_name_below_checkpoints_it_says_so_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "checkpoints" / "cats", "2026-01-02T00:00:00+00:00")
    path, why = run.find_model("cats")
    assert path.samefile(bundled.run_path())
    assert why == "using cats, which ships with chargru, not checkpoints/cats: write checkpoints/cats for that"


def test_a_run_to_go_on_with_must_have_a_last_state(tiny_run):
    with pytest.raises(RunError, match="nothing to go on with"):
        run.find_training(str(tiny_run))


@pytest.mark.usefixtures("empty_folder")
def test_without_runs_there_is_nothing_to_go_on_with():
    with pytest.raises(RunError, match="no run below"):
        run.find_training(None)


# Created and locked -----------------------------------------------------------------------------------------------


def test_runs_are_numbered_by_the_next_free_number(empty_folder):
    names = [run.create(None, "novel").name for _ in range(2)]
    (empty_folder / "checkpoints" / "novel-003").touch()
    assert [*names, run.create(None, "novel").name] == ["novel-001", "novel-002", "novel-004"]


def test_a_directory_with_content_is_never_overwritten(tiny_run):
    with pytest.raises(RunError, match="never overwritten") as caught:
        run.create(str(tiny_run), "x")
    assert f'`resume=True` `out="{tiny_run}"`' in caught.value.hint


def test_what_became_a_run_before_it_was_locked_is_not_overwritten(tmp_path):
    path = run.create(str(tmp_path / "new"), "x")
    run.require_vacant(path)
    (path / MODEL).touch()
    with run.lock(path), pytest.raises(RunError, match="new was made a run by another process"):
        run.require_vacant(path)


def test_a_directory_with_only_a_lock_is_vacant(tmp_path):
    (tmp_path / "lock").touch()
    assert run.create(str(tmp_path), "x") == tmp_path


def test_what_a_run_on_standard_input_left_before_its_first_save_is_vacant(tmp_path):
    for name in ("lock", run.KEPT_TEXT, f".{run.TRAINING}.77.tmp"):
        (tmp_path / name).touch()
    assert run.create(str(tmp_path), "x") == tmp_path
    with run.lock(tmp_path):
        assert {entry.name for entry in tmp_path.iterdir()} == {"lock", run.KEPT_TEXT}


@pytest.mark.parametrize(
    "names", [[run.KEPT_TEXT], ["lock", run.KEPT_TEXT, run.TRAINING], ["lock", run.KEPT_TEXT, MODEL], ["lock", "notes"]]
)
def test_anything_else_is_somebodys(tmp_path, names):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(RunError, match="already exists and is never overwritten"):
        run.create(str(tmp_path), "x")


SOMEBODYS = (".notes.tmp", ".notes.12.tmp", f".{MODEL}.tmp", f".{MODEL}.x.tmp", f".{MODEL}.1.2.tmp", f"{MODEL}.1.tmp")


@pytest.mark.parametrize("name", SOMEBODYS)
def test_a_temporary_file_of_somebody_else_stays(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(RunError, match="already exists and is never overwritten"):
        run.create(str(tmp_path), "x")
    with run.lock(tmp_path):
        assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("names", [(MODEL, run.TRAINING), (run.TRAINING, MODEL)])
def test_a_left_over_that_cannot_be_removed_is_no_error(tmp_path, monkeypatch, names):
    """As that of another user in a folder such as /tmp; the others are removed, in whatever order they are listed."""
    refused, other = (tmp_path / f".{name}.1.tmp" for name in names)
    refused.touch()
    other.touch()
    true = os.unlink

    def unlink(path, *arguments, **options):
        if str(path) == str(refused):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))
        true(path, *arguments, **options)

    monkeypatch.setattr(os, "unlink", unlink)
    with run.lock(tmp_path):
        assert (refused.exists(), other.exists()) == (True, False)


def test_a_file_is_no_place_for_a_run(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError):
        run.create(str(tmp_path / "file"), "x")
    with pytest.raises(RunError, match="Not a directory"):
        run.create(str(tmp_path / "file" / "below"), "x")


def test_a_second_process_is_kept_out_and_let_in_after_the_first(tmp_path):
    code = f"from pathlib import Path; from chargru import run\nwith run.lock(Path({str(tmp_path)!r})): pass"
    with run.lock(tmp_path):
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "RunLockedError: another process is training into" in second.stderr
        with pytest.raises(RunLockedError), run.lock(tmp_path):
            pass
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
@pytest.mark.skipif(not host.HAS_FLOCK, reason="this system has no flock")
def test_a_disk_without_locks_is_said_to_have_none(tmp_path, monkeypatch, number):
    def refused(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refused)
    with pytest.raises(RunError) as caught, run.lock(tmp_path):
        pass
    assert caught.value.message == f"cannot lock {tmp_path}: {os.strerror(number)}"
    assert caught.value.hint == "choose another `out` on a local disk"


def test_a_damaged_run_is_never_passed_over_silently(chargru, empty_folder):
    write_run(empty_folder / "checkpoints" / "a-001", "2026-01-01T00:00:00+00:00")
    file = empty_folder / "checkpoints" / "a-001" / run.TRAINING
    file.write_bytes(file.read_bytes()[:-1])
    done = chargru("sample", "--length", 5)
    assert done.exit_code == 1
    assert "a-001" in done.stderr
    write_run(empty_folder / "checkpoints" / "b-001", "2026-01-02T00:00:00+00:00")
    done = chargru("sample", "--length", 5)
    assert done.exit_code == 0
    assert "b-001" in done.stderr
    assert "checkpoints/a-001 was passed over" in done.stderr


@pytest.fixture(params=["the directory", "where it leads", "where its files lead"])
def closed_run(empty_folder, request):
    """checkpoints/shut, a run that may not be looked into, and an older one that may."""
    write_run(empty_folder / "checkpoints" / "a-001", "2026-01-01T00:00:00+00:00")
    path = closed = empty_folder / "checkpoints" / "shut"
    write_run(path, "2026-01-02T00:00:00+00:00")
    if request.param != "the directory":
        closed = empty_folder / "elsewhere"
        closed.mkdir()
        path.rename(closed / "run")
    if request.param == "where it leads":
        path.symlink_to(closed / "run")
    if request.param == "where its files lead":
        path.mkdir()
        for name in (MODEL, run.TRAINING):
            (path / name).symlink_to(closed / "run" / name)
    closed.chmod(0)
    yield
    closed.chmod(0o700)


def without_privilege(*arguments):
    """A command as one for whom permissions hold: root does without its right to pass over them."""
    able = [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    if able and shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and there is no setpriv")
    done = subprocess.run([*able, sys.executable, "-m", "chargru", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
@pytest.mark.usefixtures("closed_run")
def test_a_run_that_may_not_be_read_takes_no_other_away():
    code, listed, said = without_privilege("runs")
    assert code == 0
    assert [line.split()[0] for line in listed.splitlines()] == [
        "run",
        "a-001",
        "shut",
        "cats",
        "cats-rnn",
    ]
    assert said == "damaged: checkpoints/shut may not be read by you\n"
    code, _, said = without_privilege("sample", "--length", "5")
    assert code == 0
    assert said.startswith("using checkpoints/a-001, the run trained last\n")
    assert without_privilege("runs", "prune", "--keep-best", "1", "--dry-run")[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
@pytest.mark.usefixtures("closed_run")
def test_a_run_that_may_not_be_read_is_not_called_one_without_a_state():
    code, _, said = without_privilege("train", "--resume", "--out", "checkpoints/shut")
    assert code == 1
    assert re.search(r"^error: .*checkpoints/shut(: Permission denied| may not be read by you)$", said, re.MULTILINE)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
@pytest.mark.parametrize("file", [MODEL, run.TRAINING])
def test_a_file_of_a_run_that_may_not_be_read_takes_no_other_run_away(empty_folder, file):
    for name in ("a-001", "shut"):
        write_run(empty_folder / "checkpoints" / name, "2026-01-01T00:00:00+00:00")
    (empty_folder / "checkpoints" / "shut" / file).chmod(0)
    code, listed, said = without_privilege("runs")
    assert code == 0
    assert "a-001 " in listed
    assert said == f"damaged: checkpoints/shut/{file} may not be read by you\n"


@pytest.mark.parametrize("name", ["x" * 300, "loop"])
def test_what_cannot_be_looked_at_is_no_run(empty_folder, name):
    (empty_folder / "loop").symlink_to("loop")
    assert not run.is_run(Path(name))
    assert not run.is_closed(Path(name))
    assert not run.holds(Path(name), MODEL)


@pytest.mark.parametrize("out", [None, "link", ""])
def test_a_place_where_no_directory_can_be_is_one_line(empty_folder, out):
    (empty_folder / "link").symlink_to("/nowhere/at/all")
    (empty_folder / "checkpoints").symlink_to("/nowhere/at/all")
    with pytest.raises(RunError):
        run.create(out, "x")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("novel-01", "did you mean novel-001?"),
        ("novl", "did you mean novel-002?"),  # of several the newest
        ("Cats-rn", "did you mean cats-rnn?"),
        ("checkpoints/nvel-001", "did you mean novel-001?"),
        ("zzz", "there are: novel-002, novel-001, a-run, cats, cats-rnn"),
    ],
)
def test_a_run_that_is_not_there_is_answered_by_those_that_are(tmp_path, monkeypatch, given, said):
    monkeypatch.chdir(tmp_path)
    for name, month in (("novel-001", 5), ("novel-002", 6), ("a-run", 4)):
        path = run.RUNS / name
        path.mkdir(parents=True)
        write_model(path, model())
        run.write_training(path, {"written": f"2026-0{month}-01"}, {})
    with pytest.raises(RunError) as error:
        run.load(given)
    assert error.value.message == f"there is no run {given}; {said}"
    assert error.value.hint == "list the runs with: `chargru.runs()`"


def test_only_so_many_runs_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(9):
        path = run.RUNS / f"r{number}"
        path.mkdir(parents=True)
        write_model(path, model())
    with pytest.raises(RunError, match=r"^there is no run zzz; there are: r0, r1, r2, r3, r4, r5 and 5 more$"):
        run.load("zzz")


def test_a_path_that_is_not_there_is_named_too(tmp_path):
    with pytest.raises(RunError, match=r"nowhere; there are: .*cats"):
        run.load(tmp_path / "nowhere")


def test_a_run_without_a_model_is_chosen_and_read_from_its_last_state(tmp_path, monkeypatch):
    """One of which the last state is no state is damaged, and says so."""
    monkeypatch.chdir(tmp_path)
    write_training(tmp_path / "checkpoints" / "young", "2026-01-02T00:00:00+00:00")
    write_run(tmp_path / "checkpoints" / "old", "2026-01-01T00:00:00+00:00")
    assert run.find_model(None)[0] == Path("checkpoints/young")
    with pytest.raises(DamagedRunError, match=r"young/training\.safetensors: its document lacks "):
        run.load()
