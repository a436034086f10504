"""Setting up: what a stranger installs works away from the checkout, from files that say the truth."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from simulator.foundations.cache import prepare_numba_cache

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = re.compile(r"([A-Za-z0-9._-]+)==([^ ;\\]+)( ; [^\\]+)?( \\)?")


def _run(*command, cwd: Path, **environment) -> subprocess.CompletedProcess:
    """Run a program that sees nothing of this checkout's environment variables."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "HOMEWARD", "NUMBA", "COVERAGE"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean | environment, stdin=subprocess.DEVNULL,
        check=False, capture_output=True, text=True, timeout=590,
    )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    done = _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory) -> Path:
    """An environment that holds the wheel and sees only the installed dependencies, never the checkout."""
    place = tmp_path_factory.mktemp("elsewhere")
    venv.EnvBuilder(symlinks=True).create(place / "env")
    python = place / "env" / "bin" / "python"
    done = _run(
        sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet", wheel, cwd=place
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = (place / "env" / "lib").glob("python*/site-packages")
    # after the installation, so that pip does not take the checkout for an older copy
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def _homeward(place: Path, *words) -> subprocess.CompletedProcess:
    # kernels are kept by the content of their sources: those compiled for the checkout serve the wheel too
    kept = {"XDG_CACHE_HOME": str(place / "cache"), "NUMBA_CACHE_DIR": str(prepare_numba_cache())}
    return _run(place / "env" / "bin" / "homeward", *words, cwd=place, **kept)


def test_the_wheel_holds_the_program_its_configurations_and_its_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("simulator/cli.py", "simulator/_configs/scenarios/baseline.yaml", "simulator/_configs/parameters/labour.yaml"):
        assert needed in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    shipped = {str(p.relative_to(ROOT / "configs")) for p in (ROOT / "configs").rglob("*") if p.is_file() and p.name[0] != "."}
    assert shipped == {name.removeprefix("simulator/_configs/") for name in names if name.startswith("simulator/_configs/")}
    assert not [name for name in names if name.startswith(("tests/", "docs/", "configs/", "results/"))]


def test_the_installed_program_is_not_the_checkout(elsewhere):
    done = _run(elsewhere / "env" / "bin" / "python", "-c", "import simulator; print(simulator.__file__)", cwd=elsewhere)
    assert done.stdout.startswith(str(elsewhere)), done.stdout + done.stderr


def test_the_installed_program_checks_the_baseline(elsewhere):
    done = _homeward(elsewhere, "check", "baseline")
    assert done.returncode == 0, done.stdout + done.stderr


def test_checking_loads_neither_mesa_nor_numba(elsewhere):
    program = (
        "import sys; from simulator.cli import main; code = main(['check', 'baseline']);"
        "sys.exit(code or ' '.join({'mesa', 'numba', 'pandas', 'matplotlib'} & set(sys.modules)) or 0)"
    )
    done = _run(elsewhere / "env" / "bin" / "python", "-c", program, cwd=elsewhere)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_installed_program_runs_three_months(elsewhere):
    done = _homeward(elsewhere, "run", "--months", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = (elsewhere / "results").glob("*/run.json")
    assert json.loads(record.read_text("utf-8"))["status"] == "done"
    assert list((record.parent / "tables").glob("*.parquet"))


def _lock() -> dict[str, list[str]]:
    """The locked versions by name; more than one where they differ by system."""
    versions: dict[str, list[str]] = {}
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            found = LOCKED.fullmatch(line)
            assert found, f"neither a version nor a hash: {line}"
            versions.setdefault(canonicalize_name(found[1]), []).append(found[2])
        else:
            assert re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line), f"neither a version nor a hash: {line}"
    return versions


def test_the_lock_holds_versions_and_hashes_and_meets_every_requirement():
    locked = _lock()
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    unmet = []
    for text in wanted:
        requirement = Requirement(text)
        versions = locked.get(canonicalize_name(requirement.name), [])
        if not versions or not all(requirement.specifier.contains(version) for version in versions):
            unmet.append(f"{text}: locked {versions}")
    assert not unmet


def test_the_citation_names_the_version_of_the_project():
    assert f"\nversion: {PROJECT['project']['version']}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_without_a_new_enough_python_make_says_so_in_one_sentence(tmp_path):
    make = shutil.which("make")
    assert make, "make is needed to set up"
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "cat", "cksum", "tr", "rm", "touch"):
        (tools / tool).symlink_to(shutil.which(tool))
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    done = _run(make, "run", cwd=tmp_path, PATH=str(tools))
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1 and "Python 3.12" in said[0], done.stderr
    assert not (tmp_path / ".venv").exists()
