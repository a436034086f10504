"""Comparisons: which scenarios pair, effects with a known size, costs, draws, and a page on which nothing executes."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from experiments.compare import report
from experiments.compare.costs import cost_per_unit, costs_table
from experiments.compare.draws import plausible_spans, read_draws, write_draws
from experiments.compare.effects import effects_table, pick
from experiments.compare.measuring import _survival, measure, months_to_tell
from experiments.compare.pairing import BOTH, LUCK, pair_up
from simulator.cli import main
from simulator.foundations.errors import BadInput
from simulator.runs import run
from simulator.scenario import load_scenario

DECEMBER = pd.Timestamp("2021-12-01")


def teaching(**changes):
    return load_scenario("teaching", {name.replace("__", "."): value for name, value in changes.items()})


# --- pairing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "values"),
    [
        ({"months": 25}, "months", ("24", "25")),
        ({"persons_per_agent": 2}, "persons_per_agent", ("1", "2")),
        ({"base_year": 2010, "start": "2010-11"}, "start", ("'2020-11'", "'2010-11'")),
        ({"drivers.variant": "low"}, "drivers.variant", ("'middle'", "'low'")),
        ({"migration.moving_cost": 2.5}, "parameters.migration.moving_cost", ("2.5",)),
        ({"world": "china-provinces", "persons_per_agent": 50000}, "world", ("'city-circle'", "'china-provinces'")),
    ],
)
def test_scenarios_that_differ_in_more_than_policies_are_refused_with_the_field_and_both_values(change, field, values):
    with pytest.raises(BadInput) as bad:
        pair_up(teaching(), load_scenario("teaching", change))
    told = [str(fault) for fault in bad.value.faults if fault.field.startswith(field)]
    assert told and all(value in told[0] for value in values), bad.value


def test_the_command_refuses_an_unequal_pair_with_exit_two_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = main(["compare", "teaching", "baseline", "--seeds", "1"])
    said = capsys.readouterr().err.splitlines()
    assert code == 2 and len(said) >= 3 and any(line.startswith("months of the two scenarios is 24 in teaching") for line in said)
    assert not list(tmp_path.iterdir())


def test_seeds_are_one_to_n_and_both_sides_share_them():
    pairing = pair_up(teaching(seed=77), teaching(), 3)
    assert [(p.base.seed, p.other.seed) for p in pairing.pairs] == [(1, 1), (2, 2), (3, 3)]
    assert pairing.uncertainty == LUCK


def test_draws_are_laid_over_both_sides_and_named_in_the_uncertainty():
    pairing = pair_up(teaching(), teaching(), draws=[{"migration.moving_cost": 2.0}, {"migration.moving_cost": 3.0}])
    assert [p.other["migration.moving_cost"] for p in pairing.pairs] == [2.0, 3.0] and pairing.uncertainty == BOTH
    assert all(p.base.parameters == p.other.parameters and p.base.seed == p.other.seed for p in pairing.pairs)


def test_a_comparison_without_a_differing_policy_says_so():
    assert "nothing to compare" in pair_up(teaching(), teaching(), 1).notes[0]


# --- effects ---------------------------------------------------------------------------------


def toy(values: dict[str, float], agents: float = 1000.0) -> pd.DataFrame:
    rows = [(name, "total", DECEMBER, value, agents) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["outcome", "group", "month", "value", "agents"])


def test_an_effect_of_known_size_is_found_with_its_interval():
    """Luck 100, 110, 120; effects 4, 5, 6: mean 5, s = 1, t(2) = 4.303, half width 4.303 / sqrt(3) = 2.484."""
    pairs = [(toy({"residents": luck}), toy({"residents": luck + gain})) for luck, gain in ((100, 4), (110, 5), (120, 6))]
    row = pick(effects_table(pairs, LUCK), "residents")
    assert (row["mean"], row.base, row.other, row.n_pairs) == (5.0, 110.0, 115.0, 3)
    assert row.lo == pytest.approx(5 - 2.484, abs=1e-3) and row.hi == pytest.approx(5 + 2.484, abs=1e-3)
    assert row.se / row.se_unpaired == pytest.approx(np.sqrt(1 / (100 + 121)), rel=1e-6)
    assert row.uncertainty == LUCK and row.unit == "people"


def test_too_few_agents_are_not_told_and_one_pair_has_no_interval():
    few = effects_table([(toy({"residents": 29.0}, 29.0), toy({"residents": 28.0}, 28.0))], LUCK).iloc[0]
    assert few.too_few and np.isnan(few["mean"])
    enough = effects_table([(toy({"residents": 30.0}, 30.0), toy({"residents": 28.0}, 28.0))], LUCK).iloc[0]
    assert enough["mean"] == -2.0 and np.isnan(enough.lo) and not enough.too_few


def test_what_the_groups_say_adds_up_to_what_the_tables_say(tmp_path):
    """Kinds of settlement add up to the whole, and net migration of all kinds cancels."""
    done = run("teaching", months=14, out=tmp_path, pictures=False)
    found = measure(done, months_to_tell(done)).set_index(["outcome", "group", "month"]).value
    last = done.table("settlement_month")
    last = last[last.month == last.month.max()]
    month = last.month.iloc[0]
    kinds = [group for group in found.index.get_level_values("group").unique() if group.startswith("kind:")]
    assert len(kinds) == 5
    for name in ("residents", "talent_pool", "employed"):
        assert found[name, "total", month] == last[name].sum() == sum(found[name, kind, month] for kind in kinds)
    assert sum(found["net_migration", kind, month] for kind in kinds) == 0
    assert sum(abs(found["net_migration", kind, month]) for kind in kinds) > 0
    flows = done.table("flows")
    places = done.table("settlements")
    rural = (places.kind == "rural").to_numpy()
    by_hand = flows.moves[rural[flows.destination_id]].sum() - flows.moves[rural[flows.origin_id]].sum()
    assert found["net_migration", "kind:rural", month] == by_hand


def test_survival_is_what_is_open_of_what_was_founded_three_years_ago_or_more():
    months = pd.date_range("2021-01-01", periods=40, freq="MS")
    born, lasting = (pd.DataFrame(0.0, index=months, columns=[0, 1]) for _ in range(2))
    born.iloc[0, 0], born.iloc[3, 1], born.iloc[30, 0] = 4, 4, 100  # the last are too young to count
    lasting.iloc[36:, 0], lasting.iloc[39:, 1] = 3, 1
    rows = list(_survival(lasting, born, "survival_local", [months[35], months[36], months[39]], {"total": np.array([True, True])}, 1.0))
    assert [(row[2], row[3], row[4]) for row in rows] == [(months[36], 0.75, 4.0), (months[39], 0.5, 8.0)]


# --- costs -----------------------------------------------------------------------------------


def test_the_cost_of_a_unit_of_effect_is_a_ratio_with_an_interval_or_nothing():
    """Spent 100, 110, 120 for effects 10, 11, 12 is 10 yuan each, without error; effects around zero have no cost."""
    assert cost_per_unit(np.array([100.0, 110, 120]), np.array([10.0, 11, 12])) == pytest.approx((10.0, 10.0, 10.0))
    assert cost_per_unit(np.array([100.0, 110, 120]), np.array([-1.0, 0.0, 1.0])) is None
    assert cost_per_unit(np.array([100.0]), np.array([10.0])) is None
    assert cost_per_unit(np.array([100.0, 110, 120]), np.array([-10.0, -11, -12])) is None


def test_a_policy_that_only_one_side_has_costs_its_spending():
    pairs = [(toy({"employed": 50.0}), toy({"employed": 60.0 + k, "spent_yuan": 1000.0})) for k in range(3)]
    table = costs_table(pairs)
    assert table.spent_yuan.iloc[0] == 1000.0
    unit = table[table.outcome == "employed"].iloc[0]
    assert unit.effect == 11.0 and unit.yuan_per_unit == pytest.approx(1000 / 11)


# --- draws -----------------------------------------------------------------------------------


def test_draws_are_written_within_the_plausible_ranges_and_read_back(tmp_path):
    names = [name for name in plausible_spans()][:3]
    path = write_draws(tmp_path / "draws.csv", 12, names, seed=4)
    draws = read_draws(path)
    assert len(draws) == 12 and all(list(draw) == names for draw in draws)
    for name, (low, high) in plausible_spans(names).items():
        assert all(low <= draw[name] <= high for draw in draws) and len({draw[name] for draw in draws}) > 1


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("migration.moving_cst\n2\n", 1, "did you mean migration.moving_cost?"),
        ("migration.moving_cost\nnan\n", 2, "migration.moving_cost is nan"),
        ("migration.moving_cost\n2\n2,3\n", 3, "2 values"),
        ("migration.moving_cost\n", 1, "no draws"),
        ("migration.moving_cost\n-1e9\n", 2, "allowed"),
    ],
)
def test_a_bad_file_of_draws_is_refused_with_its_line(tmp_path, text, line, part):
    path = tmp_path / "draws.csv"
    path.write_text(text)
    with pytest.raises(BadInput) as bad:
        read_draws(path)
    assert f"draws.csv:{line}: " in str(bad.value) and part in str(bad.value)


# --- the page --------------------------------------------------------------------------------

HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>&amp;'


def hostile_page(lang: str) -> str:
    effects = effects_table([(toy({"employed": 50.0, HOSTILE: 1.0}), toy({"employed": 60.0, HOSTILE: 2.0}))] * 2, HOSTILE)
    about = {name: HOSTILE for name in ("title_base", "title_other", "against", "command")}
    about |= {name: [HOSTILE] for name in ("facts", "notes", "sentences", "certainty", "ids")} | {"policies": [[HOSTILE] * 5]}
    places = pd.DataFrame({
        "settlement_id": [0], "name_en": [HOSTILE], "name_zh": [HOSTILE], "kind": ["rural"], "outcome": ["residents"], "month": [DECEMBER],
        "base": [10.0], "mean": [1.0], "lo": [0.5], "hi": [1.5], "n_pairs": [2],
    })  # fmt: skip
    costs = pd.DataFrame({"policy": [HOSTILE], "spent_yuan": [1.0], "spent_lo": [1.0], "spent_hi": [1.0], "outcome": [None]})
    return report.write_page(about, effects, None, places, costs, None, {"why": b"png"}, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_a_user_writes_becomes_part_of_the_page_and_nothing_is_fetched(lang):
    page = hostile_page(lang)
    assert "<script" not in page and "<img src=x" not in page and page.count("&lt;script&gt;") >= 8
    tags = re.findall(r"<[a-z][^<>]*>", page)
    assert not [tag for tag in tags if re.search(r"\b(?:src|href|on\w+)=(?!\"data:image/png;base64,)", tag.split(" alt=")[0])]
    assert not [tag for tag in tags if "onerror" in tag]
    assert "url(" not in page and "@import" not in page


def test_compare_writes_its_folder_goes_on_from_what_is_there_and_prints_json(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["compare", "teaching", "teaching", "--seeds", "2", "--months", "3", "--workers", "1", "--csv", "--out", "c", "--json", "--quiet"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["n_pairs"] == 2 and told["notes"] and all(row["mean"] == 0 for row in told["effects"])
    assert {p.name for p in (tmp_path / "c").iterdir()} >= {"effects.parquet", "effects.csv", "places.parquet", "costs.parquet", "report.html", "compare.json"}
    runs = {p: p.stat().st_mtime_ns for p in (tmp_path / "c" / "runs").glob("*/run.json")}
    assert len(runs) == 2  # both sides are the same scenario: lived once a seed
    assert main(words) == 0
    assert runs == {p: p.stat().st_mtime_ns for p in (tmp_path / "c" / "runs").glob("*/run.json")}


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_word_on_the_pictures_is_in_the_readers_language(lang, monkeypatch):
    """What is written on the charts is collected; the Chinese ones hold no English words but names of the world."""
    from matplotlib.text import Text

    from experiments.compare import chart_words, charts

    if lang == "zh" and not chart_words.chinese_font():
        pytest.skip("no font for Chinese on this machine")
    said = set()
    usual = Text.set_text
    monkeypatch.setattr(Text, "set_text", lambda self, text: (said.add(text or ""), usual(self, text))[1])
    pairs = [(toy({"talent_pool": 1e6 + k, "income_pc": 1e4}), toy({"talent_pool": 1.1e6, "income_pc": 1.1e4})) for k in range(3)]
    effects = effects_table(pairs, LUCK)
    tenths = effects[effects.outcome == "income_pc"].assign(group="decile:1")
    effects = effects[effects.outcome != "income_pc"]
    later = effects.assign(month=effects.month + pd.DateOffset(years=1))
    face = charts.Face("基准" if lang == "zh" else "Baseline", "返乡" if lang == "zh" else "Return", "2020-11", 3, "", LUCK, lang)
    pictures = charts.draw_all(pd.concat([effects, later, tenths]), face)
    assert {"effects_over_time", "effects_by_group", "deciles"} <= set(pictures)
    assert all(data.startswith(b"\x89PNG") for data in pictures.values())
    words = " ".join(said)
    wanted = {"en": ("What changes, year by year", "Talent pool", "luck of the seeds"), "zh": ("逐年变化", "人才存量", "仅随机种子")}[lang]
    assert all(word in words for word in wanted), words
    if lang == "zh":
        assert not re.search(r"[A-Za-z]{4,}", words), words
