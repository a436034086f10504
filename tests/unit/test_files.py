"""Files are written whole or not at all, found where one expects them, and known by their digests."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from simulator.foundations import files
from simulator.foundations.errors import BadInput, FolderBusy


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "a.txt"
    files.atomic_write_text(path, "农村\n")
    files.atomic_write_text(path, "second\n")
    assert path.read_text("utf-8") == "second\n"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_write_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    files.atomic_write_text(path, "old")

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        files.atomic_write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_folder_that_is_not_there_is_bad_input(tmp_path):
    with pytest.raises(BadInput):
        files.atomic_write_text(tmp_path / "missing" / "a.txt", "x")


def test_a_new_file_has_the_rights_the_user_asks_for(tmp_path):
    path = files.atomic_write_text(tmp_path / "a.txt", "x")
    assert path.stat().st_mode & 0o777 == 0o666 & ~files._umask()
    path.chmod(0o640)
    files.atomic_write_text(path, "y")
    assert path.stat().st_mode & 0o777 == 0o640


def test_configurations_are_looked_for_in_order(tmp_path, monkeypatch):
    monkeypatch.delenv("HOMEWARD_CONFIGS", raising=False)
    assert (files.configs_folder() / "parameters" / "labour.yaml").is_file()
    environment, explicit = tmp_path / "e", tmp_path / "x"
    environment.mkdir()
    explicit.mkdir()
    monkeypatch.setenv("HOMEWARD_CONFIGS", str(environment))
    assert files.configs_folder() == environment
    assert files.configs_folder(explicit) == explicit
    with pytest.raises(BadInput):
        files.configs_folder(tmp_path / "missing")


def test_a_bare_name_is_looked_up_and_anything_with_a_slash_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert files.find_config("scenario", "baseline").name == "baseline.yaml"
    (tmp_path / "baseline").write_text("not this one")
    assert files.find_config("scenario", "baseline").parent.name == "scenarios"
    (tmp_path / "mine.yaml").write_text("seed: 2\n")
    assert files.find_config("scenario", "mine.yaml").name == "mine.yaml"
    assert files.find_config("scenario", "./mine.yaml").exists()
    with pytest.raises(BadInput) as caught:
        files.find_config("scenario", "baselin")
    assert "did you mean baseline?" in str(caught.value)
    for name in ("./missing.yaml", "", "a\0b", "x" * 5000 + "/y", "../../etc"):
        with pytest.raises(BadInput):
            files.find_config("scenario", name)


def test_a_digest_knows_content_and_not_comments():
    plain = files.digest_source_text("def f(x):\n    return x + 1\n")
    assert plain == files.digest_source_text('"""Words."""\n# more\ndef f(x):\n    """Say."""\n    return x  +  1\n')
    assert plain != files.digest_source_text("def f(x):\n    return x + 2\n")
    assert files.digest_bytes(b"abc").startswith("ba7816bf8f01cfea")


def test_the_simulator_has_a_digest_of_its_source_and_its_lock():
    assert len(files.source_digest()) == len(files.lock_digest()) == 64


def test_the_digest_of_the_source_is_kept_under_every_byte_of_it_and_nonsense_there_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    fresh = files.source_digest.__wrapped__
    first = fresh()
    (kept,) = (tmp_path / "homeward" / "source").iterdir()
    assert kept.read_text() == first
    kept.write_text("f" * 64)
    assert fresh() == "f" * 64  # it is read, not computed again
    kept.write_text("torn")
    assert fresh() == first and kept.read_text() == first
    monkeypatch.setattr(files.sys, "version", "another Python")
    kept.write_text("f" * 64)
    assert fresh() == first


def test_a_folder_digest_changes_with_any_file(tmp_path):
    (tmp_path / "a").write_text("1")
    first = files.digest_folder(tmp_path)
    (tmp_path / "b").write_text("")
    assert files.digest_folder(tmp_path) != first


def test_one_folder_has_one_writer(tmp_path):
    script = textwrap.dedent("""
        import sys
        from simulator.foundations.errors import FolderBusy
        from simulator.foundations.files import folder_lock
        try:
            with folder_lock(sys.argv[1]):
                print("free")
        except FolderBusy:
            print("busy")
    """)

    def other() -> str:
        done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    with files.folder_lock(tmp_path):
        assert other() == "busy"
        with pytest.raises(FolderBusy), files.folder_lock(tmp_path):
            pass
    assert other() == "free"
    assert os.listdir(tmp_path) == []


def test_where_the_system_has_no_locks_a_file_stands_in(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    with files.folder_lock(tmp_path), pytest.raises(FolderBusy), files.folder_lock(tmp_path):
        pass
    with files.folder_lock(tmp_path):
        pass
