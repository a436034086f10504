"""Thirty mistaken or hostile files through the command itself: exit code 2, a useful line, no traceback."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "a word": (b"hello\n", "not a scenario"),
    "a list": (b"- 1\n- 2\n", "not a scenario"),
    "an unknown field": (b"sed: 1\n", "did you mean seed?"),
    "an unknown parameter": (b"parameters: {labour: {seperation_rate: 0.1}}\n", "did you mean labour.separation_rate?"),
    "an unknown group": (b"parameters: {labor: {separation_rate: 0.1}}\n", "did you mean labour?"),
    "an unknown world": (b"world: china\n", "allowed china-prefectures"),
    "an unknown policy": (b"policies: [{policy: gold}]\n", "gold is no policy"),
    "a rate in percent": (b"parameters: {labour: {separation_rate: 1.7}}\n", "did you mean 0.017?"),
    "a decimal comma": (b"parameters: {labour: {separation_rate: '0,017'}}\n", "did you mean 0.017?"),
    "a percent sign": (b"parameters: {labour: {separation_rate: 1.7%}}\n", "write 0.017"),
    "a quoted number": (b"seed: '7'\n", "write 7 without quotation marks"),
    "true for a number": (b"seed: true\n", "write a number"),
    "not a number": (b"parameters: {labour: {separation_rate: .nan}}\n", "finite"),
    "infinity": (b"parameters: {labour: {separation_rate: .inf}}\n", "finite"),
    "a huge number": (b"seed: 99999999999999999999\n", "0 to 9223372036854775807"),
    "a month that is none": (b"start: 2020-13\n", "a month such as 2020-11"),
    "no months": (b"months: 0\n", "1 to 1200"),
    "a duplicate key": (b"seed: 1\nseed: 2\n", ":2: 'seed' is written twice"),
    "an alias bomb": (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias"),
    "a tag": (b"seed: !!python/object/apply:os.system ['true']\n", "tag"),
    "twenty thousand brackets": (b"[" * 20_000, ":1: "),
    "a tab": (b"drivers:\n\tvariant: low\n", ":2: "),
    "an open quotation": (b"world: 'china\n", "quot"),
    "an open bracket": (b"policies: [\nseed: 1\n", "x.yaml:"),
    "a byte-order mark": (b"\xef\xbb\xbfseed: 1\n", "byte-order mark"),
    "another encoding": ("title: {en: a, zh: 农村经济}\n".encode("gb18030"), "UTF-8"),
    "a null byte": (b"seed: 1\x00\n", "control character"),
    "two documents": (b"seed: 1\n---\nseed: 2\n", "second document"),
    "too large": (b"# words\n" * 200_000, "larger than"),
}


def check(path) -> subprocess.CompletedProcess:
    """`homeward check` on one file."""
    words = [sys.executable, "-m", "simulator", "check", str(path)]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What the command said to each case, two at a time."""
    folder = tmp_path_factory.mktemp("cases")
    paths = []
    for number, (data, _) in enumerate(CASES.values()):
        path = folder / str(number) / "x.yaml"
        path.parent.mkdir()
        path.write_bytes(data)
        paths.append(path)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(CASES, pool.map(check, paths), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_mistaken_file_ends_with_exit_2_and_a_useful_line(case, answers):
    answer, words = answers[case], CASES[case][1]
    assert answer.returncode == 2, answer.stderr
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr and "Error" not in answer.stderr
    lines = answer.stderr.splitlines()
    assert 1 <= len(lines) <= 3
    assert all("x.yaml:" in line for line in lines)
    assert words in answer.stderr, answer.stderr
