"""The documentation: it builds without a warning, fetches nothing from elsewhere, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
REMOTE = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(?:https?:)?//[^\"]*\"|(?:url\(|@import )['\"]?(?:https?:)?//")


def test_the_pages_build_without_a_warning_and_fetch_nothing_from_elsewhere(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", tmp_path / "trees", ROOT / "docs", tmp_path / "html"],
        check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    fetched = []
    for path in (tmp_path / "html").rglob("*"):
        if path.suffix in {".html", ".css"}:
            fetched += [f"{path.name}: {found}" for found in REMOTE.findall(path.read_text("utf-8"))]
    assert not fetched


def test_every_link_to_a_file_leads_to_one():
    broken = []
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in LINK.findall(page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


def test_commands_in_the_readme_are_known_to_the_program():
    from simulator.cli import VERBS

    for page in ("README.md", "docs/quickstart.md"):
        text = (ROOT / page).read_text("utf-8")
        used = set(re.findall(r"^homeward ([a-z]+)", text, flags=re.MULTILINE))
        assert used <= VERBS.keys()
        assert used
