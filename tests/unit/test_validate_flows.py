"""A user's own flows: read strictly, fitted with a known exponent, compared by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from experiments.validation.flows import (
    Flows,
    common_part,
    compare_flows,
    gravity,
    log_r2,
    radiation,
    read_flows,
    slope_with_effects,
)
from simulator.cli import main
from simulator.foundations.errors import BadInput


def gravity_world(n: int = 20, exponent: float = -1.5) -> Flows:
    luck = np.random.default_rng(3)
    x, mass = luck.uniform(0, 1000, (n, 2)), np.exp(luck.normal(13, 1, n))
    a, b = (part.ravel() for part in np.nonzero(~np.eye(n, dtype=bool)))
    km = np.maximum(np.hypot(*(x[a] - x[b]).T), 1.0)
    flow = 1e-9 * mass[a] * mass[b] * km**exponent
    return Flows([str(k) for k in range(n)], a, b, flow, km, mass[a], mass[b])


def test_the_exponent_a_gravity_world_was_made_with_is_found_again():
    world = gravity_world()
    drawn, slope, _ = gravity(world)
    assert slope == pytest.approx(-1.5, abs=1e-6)
    assert slope_with_effects(world)[0] == pytest.approx(-1.5, abs=1e-4)
    assert common_part(world.flow, drawn) == pytest.approx(1.0, abs=1e-6)
    fit = compare_flows(world)["fit"]
    assert fit["gravity, fitted here"]["CPC"] > fit["radiation, no parameter"]["CPC"] > 0.1


def test_radiation_by_hand():
    """On a line 1 -- 2 -- 3 with 10, 20, 30 people, 6 leave place 1. To 2, s = 0: 10*20/(10*30) = 2/3. To 3, s = 20: 10*30/(30*60) = 1/6."""
    a, b = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 0, 2, 0, 1])
    mass, km = np.array([10.0, 20, 30]), np.array([1.0, 2, 1, 1, 2, 1])
    flow = np.array([4.0, 2, 0, 0, 0, 0])
    found = radiation(Flows(["1", "2", "3"], a, b, flow, km, mass[a], mass[b]))
    assert found[:2] == pytest.approx([6 * (2 / 3) / (5 / 6), 6 * (1 / 6) / (5 / 6)])
    assert found[2:].sum() == 0


def test_statistics_by_hand():
    """min(3, 1) + min(1, 3) = 2 of 8: CPC = 2 * 2 / 8; logs of 1, 10, 100 against 2, 20, 200 lie on a line."""
    assert common_part(np.array([3.0, 1]), np.array([1.0, 3])) == 0.5
    assert log_r2(np.array([1.0, 10, 100, 0]), np.array([2.0, 20, 200, 5])) == pytest.approx(1.0)


def test_a_table_is_read_strictly_and_its_faults_have_their_lines(tmp_path):
    path = tmp_path / "flows.csv"
    path.write_text("origin,destination,flow\na,b,1\na,b,2\nb,c,-1\nc,a\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        read_flows(str(path))
    assert [fault.line for fault in caught.value.faults] == [3, 4, 5]
    path.write_text("from,to,flow\n", "utf-8")
    with pytest.raises(BadInput, match="missing"):
        read_flows(str(path))


def test_the_command_compares_flows_between_provinces_and_names_unknown_ones(tmp_path, capsys):
    path = tmp_path / "flows.csv"
    names, luck = ["Beijing", "Hebei", "Henan", "Guangdong", "Sichuan"], np.random.default_rng(1)
    rows = [f"{a},{b},{luck.integers(1, 10**6)}" for a in names for b in names if a != b]
    path.write_text("\n".join(["origin,destination,flow", *rows]), "utf-8")
    assert main(["validate", "--flows", str(path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["places"] == 5 and report["pairs"] == 20 and 0 < report["fit"]["radiation, no parameter"]["CPC"] <= 1
    assert main(["validate", "--flows", str(path)]) == 0
    assert "slope of flow against distance" in capsys.readouterr().out
    path.write_text(path.read_text("utf-8").replace("Guangdong", "Guangdon"), "utf-8")
    assert main(["validate", "--flows", str(path)]) == 2
    assert "did you mean Guangdong" in capsys.readouterr().err
    assert main(["validate", "--run", "x"]) == 2


def test_the_quick_validation_holds_the_base_year_against_the_census(capsys):
    assert main(["validate", "--quick", "--json", "--quiet"]) == 0
    report = json.loads(capsys.readouterr().out)
    checks = {row["check"]: row for row in report["base_year"]}
    assert checks["residents by province"]["values"] == 31 and checks["urban share"]["largest_miss"] < 0.02
