"""Who may put a library where it is loaded: the directory, those above it, and each file in it."""

import os
import stat

import pytest

from chargru import host
from chargru.engine.native import cache
from chargru.engine.native.cache import UnavailableError

STEM = "kernels-float-0123"
only_root = pytest.mark.skipif(host.user_id() != 0, reason="only root may give a file away")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The cache directory of the test's own, which is not there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))
    return tmp_path / "home" / "cache" / "chargru"


@pytest.fixture
def library(folder):
    """A library that was kept."""
    cache.directory()
    (folder / "built").write_bytes(b"a library")
    return cache.keep(folder / "built", STEM, folder)


def found(folder):
    return list(cache.kept(STEM, folder))


def test_what_is_missing_is_made_for_this_user_alone(folder):
    before = os.umask(0)
    try:
        assert cache.directory() == folder
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3


def test_an_open_directory_is_made_private(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert cache.directory() == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@only_root
def test_a_directory_of_somebody_else_is_refused(folder):
    folder.mkdir(parents=True)
    os.chown(folder, 12_345, -1)
    with pytest.raises(UnavailableError, match="not a directory of this user"):
        cache.directory()


def test_a_link_to_a_directory_is_refused(folder, tmp_path):
    folder.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnavailableError, match="not a directory of this user"):
        cache.directory()


def test_a_link_above_it_is_followed_once(folder, tmp_path):
    (tmp_path / "real").mkdir()
    folder.parent.parent.mkdir()
    folder.parent.symlink_to(tmp_path / "real")
    assert cache.directory() == tmp_path / "real" / "chargru"


@pytest.mark.parametrize("mode", [0o777, 0o757])
def test_a_directory_above_it_that_others_may_write_is_refused_and_nothing_is_made(tmp_path, mode):
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(mode)
    with pytest.raises(UnavailableError, match=f"^{tmp_path}/home can be written by other users, so no library"):
        cache.directory()
    assert list((tmp_path / "home").iterdir()) == []


def test_one_above_it_where_nobody_may_rename_what_belongs_to_others_is_allowed(folder, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o1777)
    assert cache.directory() == folder


@only_root
def test_a_directory_above_it_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 12_345, -1)
    with pytest.raises(UnavailableError, match="belongs to another user"):
        cache.directory()


@only_root
def test_a_group_that_others_belong_to_is_others(folder, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o775)
    assert cache.directory() == folder  # root's own group
    os.chown(tmp_path / "home", -1, 12_345)
    with pytest.raises(UnavailableError, match="can be written by other users"):
        cache.directory()


@pytest.fixture
def namespace(tmp_path, monkeypatch):
    """Directories as a user namespace shows them: nobody's number owns `/` and `home`, which we cannot write."""
    (tmp_path / "home").mkdir(mode=0o755)
    (tmp_path / "overflowuid").write_text("12345\n")
    monkeypatch.setattr(cache, "OVERFLOW", tmp_path / "overflowuid")
    owned, real = {"/", str(tmp_path / "home")}, os.stat
    closed = owned.copy()

    def seen(path, *args, **kwargs):
        found = real(path, *args, **kwargs)
        return os.stat_result((*found[:4], 12_345, *found[5:])) if str(path) in owned else found

    monkeypatch.setattr(os, "stat", seen)
    monkeypatch.setattr(os, "access", lambda path, _: str(path) not in closed)
    return owned, closed


@pytest.mark.usefixtures("namespace")
def test_root_s_directories_in_a_user_namespace_are_root_s(folder):
    folder.parent.mkdir()
    assert cache.directory() == folder


@pytest.mark.parametrize("spoil", [lambda owned, _: owned.discard("/"), lambda _, closed: closed.clear()])
@pytest.mark.usefixtures("folder")
def test_nobody_s_directories_are_not_root_s_elsewhere_or_where_we_can_write(namespace, spoil):
    spoil(*namespace)
    with pytest.raises(UnavailableError, match="belongs to another user"):
        cache.directory()


def test_the_own_group_is_that_of_the_own_name():
    grp, pwd = pytest.importorskip("grp"), pytest.importorskip("pwd")
    names = {group.gr_gid: group.gr_name for group in grp.getgrall()}
    own = [number for number in names if host.is_own_group(number)]
    assert [names[number] for number in own] == [pwd.getpwuid(os.getuid()).pw_name][: len(own)]
    assert not host.is_own_group(987_654)


def test_a_relative_cache_home_is_ignored(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "somewhere")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.directory().is_relative_to(tmp_path)


def test_a_relative_home_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", ".")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnavailableError, match="not an absolute path"):
        cache.directory()
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_found_and_closed_to_others(folder, library):
    assert found(folder) == [library]
    assert stat.S_IMODE(library.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [library.name]


def truncated(path):
    os.truncate(path, 5)


def longer(path):
    path.write_bytes(path.read_bytes() + b"\0")


def writable(path):
    path.chmod(0o722)


def given_away(path):
    os.chown(path, 12_345, -1)


def a_link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil", [truncated, longer, writable, a_link, a_pipe, pytest.param(given_away, marks=only_root)]
)
def test_a_library_that_is_damaged_or_not_ours_alone_is_deleted(folder, library, spoil):
    spoil(library)
    assert found(folder) == []
    assert not os.path.lexists(library)


def test_a_library_under_the_name_without_a_digest_is_not_loaded(folder, library):
    (folder / f"{STEM}.so").write_bytes(b"planted")
    assert found(folder) == [library]


def test_what_a_killed_build_left_is_removed_after_a_day(folder, library):
    old, young = (folder / f"{cache.BUILDING}{name}" for name in ("old", "young"))
    for path in (old, young):
        path.mkdir()
        (path / "kernels.so").write_bytes(b"half")
    os.utime(old, (0, 0))
    cache.remove_unused(folder)
    assert sorted(folder.iterdir()) == sorted([library, young])
