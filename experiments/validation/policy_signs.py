"""Does every policy first move what it is meant to move? `python -m experiments.validation.policy_signs`.

Each policy acts alone on places that hold at least twenty million people; the run is paired with the
baseline of the same seed, which shares its luck person by person. The effect on the policy's declared first
target, in the places chosen, is the mean over the last twelve months; its interval is Student's over the
seeds. What came out goes to `docs/evidence/policy_signs.json`, and as a table into `docs/policies.md`.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import numpy as np

from experiments.statistics import paired_effect
from simulator import policies
from simulator.foundations.files import atomic_write_text, source_digest
from simulator.measures.observer import Observer
from simulator.model import MigrationModel
from simulator.results import is_people
from simulator.scenario import load_scenario

SEEDS, MONTHS, PERSONS_PER_AGENT, START, LAST = 20, 61, 20_000, "2021-01", 12
INLAND_TOWNS = {"coastal": False, "kinds": ["core", "inner_ring", "outer_ring", "county_town"]}
INLAND_HOME = {"coastal": False, "kinds": ["county_town", "rural"]}
POOREST = {"poorest_share": 0.4}
SETTINGS = {
    "graduate_retention": {"where": INLAND_TOWNS},
    "return_home_package": {"where": INLAND_HOME},
    "talent_housing": {"where": INLAND_TOWNS},
    "equalising_transfers": {"where": POOREST},
    "industrial_transfer": {"where": {"coastal": False, "kinds": ["outer_ring", "county_town", "rural"]}},
    "hukou_relaxation": {},
    "transit_links": {"where": {"kinds": ["outer_ring", "county_town", "rural"]}, "build_months": 12},
    "golden_mega_project": {"where": POOREST, "build_months": 24},
    "steady_base_investment": {"where": POOREST, "months": 60},
    "minimum_guarantee": {},
    "welfare_jobs": {"where": INLAND_HOME},
    "public_services": {"where": POOREST},
    "export_slump": {"where": {"coastal": True}},
    "pandemic_return_wave": {},
}
"""Where each acts; numbers that are not named stand at their defaults."""
LOOKED_AT = ("settlement_month", "services", "national", "policy_month")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "policies.md"
EVIDENCE = PAGE.parent / "evidence" / "policy_signs.json"
BEGIN, END = "<!-- policy signs: begin -->", "<!-- policy signs: end -->"


def live(name: str | None, seed: int, months: int, persons_per_agent: int) -> tuple[MigrationModel, Observer]:
    """The baseline, or one policy alone, lived and observed."""
    uses = [] if name is None else [{"policy": name, "when": {"start": START}} | SETTINGS.get(name, {})]
    changes = {"policies": uses, "seed": seed, "months": months, "persons_per_agent": persons_per_agent}
    model = MigrationModel(load_scenario("baseline", changes))
    observer = Observer(model.world)
    observer.open(model)
    model.observers.append(observer)
    while not model.done:
        model.step()
    model.close()
    for table in [name for name in observer.tables if name not in LOOKED_AT]:
        del observer.tables[table]  # twenty baselines stay in memory
    return model, observer


def measure(observer: Observer, target, where: np.ndarray, people: np.ndarray) -> float:
    """The target over the last months, in agents or its own unit: sums of people, else means weighted by residents."""
    rows = observer.tables[target.table].columns()
    values, months = rows[target.column].astype(np.float64), rows["month"]
    late = months > months.max() - LAST
    if target.table == "national":
        return float(np.nanmean(values[late & (rows["circle_id"] == 0)]))
    here = late & where[rows["settlement_id"]]
    if target.table == "services":
        return float(np.average(values[here], weights=people[rows["settlement_id"][here]]))
    if target.column in ("wage_mean", "rent", "job_finding_rate", "income_median_pc"):
        known = here & ~np.isnan(values)
        return float(np.average(values[known], weights=people[rows["settlement_id"][known]]))
    return float(np.nansum(values[here]) / LAST)


def try_policy(name: str, bases: dict, seeds: int, months: int, persons_per_agent: int) -> dict:
    """The paired effect of one policy on its first target."""
    policy = policies.registry()[name]
    target = policy.target
    base, other, spent = [], [], []
    for seed in range(1, seeds + 1):
        model, observer = live(name, seed, months, persons_per_agent)
        programme = model.programmes.rows[0]
        people = model.world.population
        where = programme.where
        if name == "golden_mega_project":  # the one place of the project
            site = np.argmax(model.place_facts.residents_base * where)
            where = np.arange(len(where)) == site
        base.append(measure(bases[seed], target, where, people))
        other.append(measure(observer, target, where, people))
        money = observer.tables["policy_month"].columns()
        spent.append(float(money["spent_yuan"].sum()) if money else 0.0)
    effect = paired_effect(np.array(base), np.array(other))
    scale = persons_per_agent if is_people(target.table, target.column) else 1
    lo, hi = sorted((float(effect.lo) * scale, float(effect.hi) * scale))
    settled = np.sign(lo) == np.sign(hi) == np.sign(target.sign)
    return {
        "policy": name, "table": target.table, "target": target.column, "expected": target.sign, "seeds": seeds, "months": months,
        "persons_per_agent": persons_per_agent, "people_targeted": float(model.world.population[programme.where].sum()),
        "baseline": float(np.mean(base)) * scale, "effect": float(effect.mean) * scale, "lo": lo, "hi": hi,
        "se": float(effect.se) * scale, "se_unpaired": float(effect.se_unpaired) * scale,
        "spent_yuan_a_year": float(np.mean(spent)) * 12 / (months - 1), "as_expected": bool(settled), "source_digest": source_digest()[:12],
    }  # fmt: skip


def tell(rows: list[dict]) -> str:
    """The table of the page."""
    lines = [
        "| policy | first target | places hold, million | baseline | effect (95 % interval) | expected | came out | spent, bn yuan a year | standard error, paired / unpaired |",
        "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for r in rows:
        unit, scale = ("million", 1e-6) if abs(r["baseline"]) > 1e6 else ("thousand", 1e-3) if abs(r["baseline"]) > 1e4 else ("", 1.0)
        shown = [f"{r[k] * scale:.3g}" for k in ("baseline", "effect", "lo", "hi")]
        came = "yes" if r["as_expected"] else "no"
        ratio = r["se"] / r["se_unpaired"] if r["se_unpaired"] > 0 else float("nan")
        lines.append(
            f"| `{r['policy']}` | {r['target']} {unit} | {r['people_targeted'] / 1e6:.0f} | {shown[0]} | {shown[1]} ({shown[2]} to {shown[3]}) | "
            f"{'up' if r['expected'] > 0 else 'down'} | {came} | {r['spent_yuan_a_year'] / 1e9:.1f} | {ratio:.2f} |"
        )
    made = {}
    for r in rows:
        key = (r["seeds"], r["months"] - 1, f"{r['persons_per_agent']:,}", r.get("source_digest", "not noted"))
        made.setdefault(key, []).append(f"`{r['policy']}`")
    for (seeds, months, scale, digest), names in made.items():
        which = "All rows" if len(names) == len(rows) else ", ".join(names)
        lines += ["", f"{which}: {seeds} pairs, {months} months from January 2021, one agent for {scale} people, source digest {digest}."]
    return "\n".join(lines)


def write(rows: list[dict]) -> None:
    """Renew the evidence file and the table in the page."""
    atomic_write_text(EVIDENCE, json.dumps(rows, indent=1) + "\n")
    text = PAGE.read_text("utf-8")
    block = f"{BEGIN}\n\n{tell(rows)}\n\n{END}"
    atomic_write_text(PAGE, re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: block, text, flags=re.DOTALL))


def main() -> None:
    """Try every policy, or those named, and write what came out beside what was known of the others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="policies (default: all)")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--months", type=int, default=MONTHS)
    parser.add_argument("--persons-per-agent", type=int, default=PERSONS_PER_AGENT)
    parser.add_argument("--look", action="store_true", help="print only, write nothing")
    args = parser.parse_args()
    names = args.names or list(policies.registry())
    size = (args.seeds, args.months, args.persons_per_agent)
    bases = {seed: live(None, seed, *size[1:])[1] for seed in range(1, args.seeds + 1)}
    rows = []
    for name in names:
        began = time.process_time()
        rows.append(try_policy(name, bases, *size))
        r = rows[-1]
        print(f"{name}: {r['target']} {r['effect']:.4g} ({r['lo']:.4g} to {r['hi']:.4g}) of {r['baseline']:.4g}; "
              f"{'as expected' if r['as_expected'] else 'NOT as expected'}; {r['spent_yuan_a_year'] / 1e9:.1f} bn yuan a year; "
              f"{time.process_time() - began:.0f} s", flush=True)  # fmt: skip
        if not args.look:  # after each, so that nothing measured is lost
            kept = json.loads(EVIDENCE.read_text("utf-8")) if EVIDENCE.is_file() else []
            found = {row["policy"]: row for row in [*kept, rows[-1]]}
            write([found[name] for name in policies.registry() if name in found])


if __name__ == "__main__":
    main()
