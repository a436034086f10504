"""What an analysis says: effects by hand, seeds needed by hand, exact indices found again, a known corner found, a report that stands alone."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.analysis.cube import Cube, Series
from experiments.analysis.effects import convergence_table, effect_table, seeds_needed, spread_between_seeds, units_of
from experiments.analysis.robust import robust_table, undominated
from experiments.commands.analyse import parse_preferences
from experiments.known import ishigami_indices
from experiments.runner import sweep
from simulator.cli import main
from simulator.foundations.errors import BadInput
from tests.sweep_world import plan, trouble, workers


class _Paper:
    """A sweep on paper."""

    folder = "paper"

    def __init__(self, **info):
        self.info = {"draws": 1, "seeds": 2, "method": "latin_hypercube", "paired": True} | info


def cube(values, treatments, better="more", **info) -> Cube:
    values = np.asarray(values, dtype=float)
    info |= {"draws": values.shape[0], "seeds": values.shape[2]}
    series = Series("y", "y", "all", "people", "Y", values, "", better)
    return Cube(_Paper(**info), treatments, 0, pd.DataFrame(index=range(values.shape[0])), pd.DataFrame(), [], [series])


def test_an_effect_is_the_mean_of_pairs_of_equal_luck():
    """Seeds 10, 20, 30 and with the policy 11, 22, 33: differences 1, 2, 3; s = 1, t(2) = 4.303: 2 +- 2.484."""
    row = effect_table(cube([[[10, 20, 30], [11, 22, 33]]], ["baseline", "a"])).iloc[0]
    assert (row["mean"], row.n_pairs, row.uncertainty, row.reference) == (2.0, 3, "seeds", "baseline")
    assert row.hi - row["mean"] == pytest.approx(4.3027 / math.sqrt(3), abs=1e-3)
    assert row.relative == pytest.approx(0.1)


def test_seeds_of_one_draw_are_no_independent_evidence_about_other_draws():
    """Two draws with effects 1, 1 and 3, 3: the interval counts 2 draws, not 4 runs: 2 +- 12.7 * 1."""
    row = effect_table(cube([[[0, 0], [1, 1]], [[0, 0], [3, 3]]], ["baseline", "a"])).iloc[0]
    assert (row.n_pairs, row.uncertainty) == (2, "draws")
    assert row.hi - row["mean"] == pytest.approx(stats.t.ppf(0.975, 1) * math.sqrt(2) / math.sqrt(2))


def test_runs_set_aside_leave_their_pair_out():
    values = np.array([[[10.0, 20, np.nan], [11, 22, 33]]])
    assert effect_table(cube(values, ["baseline", "a"])).n_pairs.iloc[0] == 2
    assert np.isnan(units_of(np.full((2, 1, 3), np.nan))).all()


def test_seeds_needed_for_a_half_width():
    """s = 1, half-width 1: t(n-1) / sqrt(n) <= 1 first at n = 7 (2.447 / 2.646 = .925; n = 6: 2.571 / 2.449 = 1.05)."""
    assert seeds_needed(1.0, 1.0) == 7
    assert seeds_needed(0.0, 0.5) == 2
    assert seeds_needed(1.0, 0.0) == 100_000
    table = convergence_table(cube([[[9.0, 11.0], [10, 14]]], ["baseline", "a"]))
    assert table.spread.iloc[0] == pytest.approx(math.sqrt(2))
    assert set(table.what) == {"level", "effect"}
    assert spread_between_seeds(np.array([[[1.0, 3.0]], [[5.0, 7.0]]])) == pytest.approx(math.sqrt(2))


def test_regret_is_the_distance_to_the_best_in_the_same_future():
    """Futures 1 and 2: a gives 10, 0; b gives 6, 5. Regret of a 0, 5; of b 4, 0."""
    found = robust_table(cube([[[10.0], [6]], [[0], [5]]], ["a", "b"])).set_index("treatment")
    assert found.mean_regret.tolist() == [2.5, 2.0] and found.max_regret.tolist() == [5.0, 4.0]
    assert found.bad_tail.tolist() == [0.0, 5.0] and found.best_share.tolist() == [0.5, 0.5]
    less = robust_table(cube([[[10.0], [6]], [[0], [5]]], ["a", "b"], better="less")).set_index("treatment")
    assert less.bad_tail.tolist() == [10.0, 6.0]
    made = cube([[[1.0], [2]]], ["a", "b"])
    assert undominated(made, robust_table(made), made.series) == ["b"]


def test_prim_finds_the_corner_where_the_cases_were_put():
    from experiments.analysis.discovery import run_prim

    draws = pd.DataFrame(np.random.default_rng(5).random((400, 3)), columns=["a", "b", "c"])
    coverage, density, limits = run_prim(draws, ((draws.a > 0.6) & (draws.b < 0.4)).to_numpy())
    assert coverage > 0.9 and density > 0.85
    limits = limits.set_index("uncertainty")
    assert limits.low["a"] == pytest.approx(0.6, abs=0.05) and limits.high["b"] == pytest.approx(0.4, abs=0.05)
    assert "c" not in limits.index or limits.chance["c"] > 0.01
    nowhere = run_prim(draws, np.random.default_rng(6).random(400) < 0.3)
    assert nowhere is None or not (nowhere[2].chance < 1e-4).any()


@pytest.fixture(scope="module")
def known_function(tmp_path_factory):
    """The Ishigami function through the whole way: design, sweep by workers, tables, analysis by the command."""
    folder = tmp_path_factory.mktemp("known") / "ishigami"
    spans = {key: [-math.pi, math.pi] for key in ("x1", "x2", "x3")}
    title = {"en": "A <script>alert(1)</script> & $known$ function", "zh": "已知函数"}
    design = {"title": title, "model": "ishigami", "uncertainties": spans, "method": "sobol", "draws": 256}
    sweep(plan(design, "ishigami"), folder, workers(1))
    assert main(["analyse", str(folder), "--quiet"]) == 0
    return folder


def test_sobol_indices_of_the_ishigami_function_match_the_published_values(known_function):
    """Exact values: S 0.314, 0.442, 0; ST 0.558, 0.442, 0.244. Each interval holds its value, and each estimate is near."""
    found = pd.read_csv(known_function / "analysis" / "tables" / "sobol.csv").set_index("uncertainty")
    exact = ishigami_indices()
    assert exact["first"]["x1"] == pytest.approx(0.3139, abs=1e-4) and exact["total"]["x3"] == pytest.approx(0.2437, abs=1e-4)
    for part in ("first", "total"):
        for name, value in exact[part].items():
            assert found[f"{part}_lo"][name] <= value <= found[f"{part}_hi"][name]
            assert found[part][name] == pytest.approx(value, abs=0.09)


def test_the_report_stands_alone_and_a_title_is_text(known_function):
    page = (known_function / "analysis" / "report.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page
    assert not re.search(r"(?:src|href)=['\"](?!data:)", page) and "url(" not in page
    assert page.count("data:image/png;base64,") >= 1
    for name in ("sobol",):
        for ending in ("pdf", "png"):
            assert (known_function / "analysis" / "figures" / f"{name}.{ending}").stat().st_size > 5000


def test_an_analysis_in_chinese_and_a_condition_of_ones_own(known_function, tmp_path, capsys):
    out = tmp_path / "zh"
    assert main(["analyse", str(known_function), "--out", str(out), "--lang", "zh", "--interest", "y>8", "--no-figures"]) == 0
    page = (out / "report.html").read_text("utf-8")
    assert "在什么条件下" in page and "已知函数" in page and "y &gt; 8" in page
    limits = pd.read_csv(out / "tables" / "discovery_1.csv").set_index("uncertainty")
    assert "x3" in limits.index or "x1" in limits.index
    capsys.readouterr()
    assert main(["analyse", str(known_function), "--interest", "z>8"]) == 2
    assert main(["analyse", str(known_function), "--prefer", "y=most"]) == 2
    assert main(["analyse", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_what_is_missing_is_said(tmp_path):
    from simulator.foundations.errors import SomeRunsSetAside

    with pytest.raises(SomeRunsSetAside):
        sweep(plan(trouble(-0.2, 1.0, 12)), tmp_path / "out", workers(1))
    assert main(["analyse", str(tmp_path / "out"), "--quiet", "--no-figures"]) == 0
    assert "2 runs are missing" in (tmp_path / "out" / "analysis" / "report.html").read_text("utf-8")


def test_preferences_are_read_strictly():
    assert parse_preferences(["a=more", "b=less"], ["a", "b"]) == {"a": "more", "b": "less"}
    with pytest.raises(BadInput) as caught:
        parse_preferences(["a", "c=more"], ["a", "b"])
    assert len(caught.value.faults) == 2


def test_morris_finds_what_moves_the_function_and_what_bends_it(tmp_path):
    """In the Ishigami function every input moves y; x1 and x3 act together, so their sigma is large."""
    spans = {key: [-math.pi, math.pi] for key in ("x1", "x2", "x3")}
    design = {"title": {"en": "a", "zh": "b"}, "model": "ishigami", "uncertainties": spans, "method": "morris", "draws": 40, "levels": 4}
    sweep(plan(design), tmp_path / "out", workers(1))
    assert main(["analyse", str(tmp_path / "out"), "--quiet", "--no-figures"]) == 0
    found = pd.read_csv(tmp_path / "out" / "analysis" / "tables" / "morris.csv").set_index("uncertainty")
    assert (found.mu_star > 1).all() and found.sigma["x3"] > 1
    assert (found.mu_star_lo <= found.mu_star).all() and (found.mu_star_lo >= 0).all()
    assert not list((tmp_path / "out" / "analysis" / "tables").glob("discovery*"))  # draws along a path gather by themselves
    page = (tmp_path / "out" / "analysis" / "report.html").read_text("utf-8")
    assert "what moves it most over its plausible span is x" in page


def test_numbers_are_written_as_people_write_them():
    from experiments.analysis.short import number

    assert [number(v) for v in (1234567.0, -0.00007627, 12.5, 0.0, 3, True, None, float("nan"), 9999.6, -280000.0)] == [
        "1,235,000", "\u22120.00007627", "12.5", "0", "3", "yes", "\u2013", "\u2013", "10,000", "\u2212280,000",
    ]  # fmt: skip
    assert number(0.0123456, 3) == "0.0123" and number(1234567) == "1,234,567"


def test_the_findings_are_told_in_a_sentence_an_outcome():
    """Differences 6, 7, 8 (7 +- 2.48) and nought, nought, nought: the first is told apart, as is that the second is not."""
    from experiments.analysis.short import in_short

    made = cube([[[10, 20, 30], [16, 27, 38], [10, 20, 30]]], ["baseline", "a", "b"])
    said = in_short(made, {"effects": effect_table(made)})
    assert said == ["Y: higher under \u201ca\u201d (7; 4.52 to 9.48); no difference told under \u201cb\u201d"]
    same = cube([[[10, 20, 30], [10, 20, 30], [10, 20, 30]]], ["baseline", "a", "b"])
    assert in_short(same, {"effects": effect_table(same)}) == ["Y: no choice makes a difference that these runs can tell"]
