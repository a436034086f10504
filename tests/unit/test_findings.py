"""The page of findings: a row for every claim, and every table on it is that of the evidence kept beside it."""

from __future__ import annotations

import json
import re

import pytest

from experiments import findings
from experiments.questions import QUESTIONS
from simulator.scenario import load_scenario

PAGE = findings.PAGE.read_text("utf-8")
ANSWERED = {4, 6, 7, 8, 9, 11, 15, 16, 25}


def test_the_page_has_a_row_for_each_of_the_27_claims_and_says_which_are_answered():
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (answered|partly answered|open) \|", PAGE, flags=re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 28))
    assert {int(number) for number, status in rows if status != "open"} <= ANSWERED
    for number, status in rows:
        section = f"## Claim {number}:" in PAGE
        assert section or status == "open", f"claim {number} is called {status}, and the page has no section on it"


def test_every_table_on_the_page_is_that_of_the_evidence():
    evidence = json.loads(findings.EVIDENCE.read_text("utf-8"))
    assert findings.fill(PAGE, evidence) == PAGE, "run: python -m experiments.findings page"
    shown = set(findings.MARK.findall(PAGE))
    assert shown - {"pairing", "digests", *findings.JOINED} == {question.name for question in QUESTIONS}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_every_comparison_of_the_page_is_one_that_pairs(question):
    from experiments.compare.pairing import pair_up

    pairing = pair_up(load_scenario(findings.found(question.base)), load_scenario(findings.found(question.other)), 1)
    assert pairing.in_force


def test_a_table_marks_what_excludes_zero_and_keeps_what_does_not():
    row = {"outcome": "residents", "group": "targeted", "month": "2030-12", "base": 1e6, "mean": 2000.0, "lo": 1000.0, "hi": 3000.0, "se": 1.0, "se_unpaired": 4.0}
    kept = {
        "command": "homeward compare a b", "n_pairs": 8, "persons_per_agent": 20_000, "interval": "i", "uncertainty": "u", "costs": [],
        "rows": [row, row | {"lo": -1.0}],
    }  # fmt: skip
    lines = findings.table_of(kept).splitlines()
    assert "**+2.00 k**" in lines[-2] and "**" not in lines[-1] and "-1 to +3.00 k" in lines[-1]
    assert "| 0.25 |" in findings.pairing_table({"comparisons": {"x": kept}})
