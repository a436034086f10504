"""Where the configurations lie, how a file is written whole or not at all, and what a file's digest is."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from simulator.foundations.cache import KEEP_DAYS, cache_home
from simulator.foundations.errors import BadInput, Fault, FolderBusy, OutOfResources, choices, did_you_mean

try:
    import fcntl
except ImportError:  # a system without POSIX locks: the lock file alone is the lock
    fcntl = None  # type: ignore[assignment]

PACKAGE = Path(__file__).resolve().parent.parent
KINDS = {"world": "worlds", "scenario": "scenarios", "parameters": "parameters", "experiment": "experiments"}
"""Kinds of configuration, and the folder each lies in."""


# --- writing -----------------------------------------------------------------------------


def atomic_write_bytes(path: str | os.PathLike, data: bytes) -> Path:
    """Write a file so that a reader, or a crash at any moment, sees the old file or the new one."""
    path = Path(path)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _disk_error(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise _disk_error(path, error) from error
        raise
    sync_folder(path.parent)
    return path


def atomic_write_text(path: str | os.PathLike, text: str) -> Path:
    """Write text as UTF-8, whole or not at all."""
    return atomic_write_bytes(path, text.encode("utf-8"))


def replace_atomically(temporary: str | os.PathLike, path: str | os.PathLike) -> Path:
    """Give a finished temporary file (same folder) its name: sync it, rename it, sync the folder."""
    handle = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(temporary, path)
    sync_folder(Path(path).parent)
    return Path(path)


def sync_folder(folder: str | os.PathLike) -> None:
    """Make a rename inside a folder last; does nothing where folders cannot be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@cache
def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _disk_error(path: Path, error: OSError) -> Exception:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutOfResources(f"{path}: the disk is full; free some space and try again")
    return BadInput(
        Fault(file=str(path), value=f"cannot be written: {error.strerror or error}", remedy="choose another place")
    )


# --- finding configurations --------------------------------------------------------------


def configs_folder(explicit: str | os.PathLike | None = None) -> Path:
    """The folder of worlds, scenarios and parameters.

    In order: the one given, `HOMEWARD_CONFIGS`, the one packed into the installed package, the
    one of the checkout.
    """
    named = [("--configs", explicit), ("HOMEWARD_CONFIGS", os.environ.get("HOMEWARD_CONFIGS"))]
    for origin, folder in named:
        if folder:
            if not Path(folder).is_dir():
                raise BadInput(
                    Fault(field=origin, value=str(folder), allowed="a folder that exists", remedy="check the path")
                )
            return Path(folder).resolve()
    for folder in (PACKAGE / "_configs", PACKAGE.parent / "configs"):
        if (folder / "parameters").is_dir():
            return folder
    raise BadInput(
        Fault(value="no folder of configurations was found", remedy="name one with --configs DIR or HOMEWARD_CONFIGS")
    )


def config_names(kind: str, configs: str | os.PathLike | None = None) -> list[str]:
    """The names one may use for a kind of configuration, sorted."""
    folder = configs_folder(configs) / KINDS[kind]
    if kind == "world":
        return sorted(path.parent.name for path in folder.glob("*/world.yaml"))
    return sorted(path.stem for path in folder.glob("*.yaml"))


def is_path(name: str) -> bool:
    """Whether a word given for a configuration is a file rather than a name to look up."""
    return "/" in name or os.sep in name or (name.endswith((".yaml", ".yml")) and os.path.exists(name))


def find_config(kind: str, name: str | os.PathLike, configs: str | os.PathLike | None = None) -> Path:
    """The file of a configuration: a bare name is looked up, anything with a slash is a file.

    For a world the answer is its folder.
    """
    text = os.fspath(name)
    if not isinstance(text, str) or not text or "\0" in text:
        raise BadInput(Fault(field=kind, value=repr(text), allowed="a name or a file"))
    if not isinstance(name, str) or is_path(text):
        try:
            found = Path(text).exists()
        except OSError:
            found = False
        if not found:
            raise BadInput(Fault(file=text, value="there is no such file", remedy="check the path"))
        path = Path(text)
        return path.parent if kind == "world" and path.name == "world.yaml" else path
    names = config_names(kind, configs)
    bare = text.removesuffix(".yaml")
    if bare in names:
        folder = configs_folder(configs) / KINDS[kind]
        return folder / bare if kind == "world" else folder / f"{bare}.yaml"
    raise BadInput(
        Fault(field=kind, value=text, allowed=choices(names) if names else "a file", remedy=did_you_mean(bare, names))
    )


# --- digests -----------------------------------------------------------------------------


def digest_bytes(data: bytes) -> str:
    """SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: str | os.PathLike) -> str:
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_folder(folder: str | os.PathLike) -> str:
    """SHA-256 over the names and contents of every file below a folder, in hex."""
    folder, whole = Path(folder), hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest_file(path)}\n".encode())
    return whole.hexdigest()


def digest_source_text(text: str) -> str:
    """SHA-256 of what Python code does: its syntax tree, without comments and docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return digest_bytes(ast.dump(tree).encode("utf-8", "surrogatepass"))


@cache
def source_digest() -> str:
    """SHA-256 of all code of the simulator, without comments and docstrings.

    Reading the syntax of it all takes a good half second, so the answer is kept in the user's cache folder, under a digest
    of every byte of the code (this function included) and the version of Python.
    """
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] != "_configs"]
    files = [(path.relative_to(PACKAGE).as_posix(), path.read_bytes()) for path in paths]
    raw = hashlib.sha256(sys.version.encode())
    for name, content in files:
        raw.update(f"\n{name} {len(content)}\n".encode())
        raw.update(content)
    kept = cache_home() / "homeward" / "source" / raw.hexdigest()
    with contextlib.suppress(OSError, ValueError):
        said = kept.read_text("ascii")
        if re.fullmatch(r"[0-9a-f]{64}", said):
            return said
    whole = hashlib.sha256()
    for name, content in files:
        whole.update(f"{name}\0{digest_source_text(content.decode('utf-8'))}\n".encode())
    with contextlib.suppress(OSError, OutOfResources, BadInput):
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.iterdir():
            if time.time() - old.stat().st_mtime > KEEP_DAYS * 86400:
                old.unlink(missing_ok=True)
        atomic_write_text(kept, whole.hexdigest())
    return whole.hexdigest()


@cache
def lock_digest() -> str:
    """SHA-256 of the checkout's `requirements.lock`, or of the versions installed where there is none."""
    lock = PACKAGE.parent / "requirements.lock"
    if lock.is_file():
        return digest_file(lock)
    from importlib.metadata import distributions

    versions = sorted({f"{d.metadata['Name']}=={d.version}".lower() for d in distributions()})
    return digest_bytes("\n".join(versions).encode())


# --- one writer a folder -----------------------------------------------------------------


@contextlib.contextmanager
def folder_lock(folder: str | os.PathLike) -> Iterator[Path]:
    """Hold a folder for one process; FolderBusy when another holds it.

    The lock is the operating system's and goes with the process, however it ends. Where there
    are no such locks, a file made exclusively stands in, and must be removed by hand after a
    crash.
    """
    path = Path(folder) / ".lock"
    handle = _take_lock(path, FolderBusy(f"{folder}: another process is writing here; wait, or choose another folder"))
    try:
        yield path
    finally:
        if fcntl is None:  # an open file cannot be removed there
            os.close(handle)
            handle = -1
        with contextlib.suppress(OSError):
            os.unlink(path)
        if handle >= 0:
            os.close(handle)


def _take_lock(path: Path, busy: FolderBusy) -> int:
    if fcntl is None:
        try:
            return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR)
        except FileExistsError:
            raise FolderBusy(f"{busy} (after a crash, delete {path})") from None
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.exists(path) and os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
            os.close(handle)  # the last holder removed it between our opening and our locking
        except OSError:
            os.close(handle)
            raise busy from None
