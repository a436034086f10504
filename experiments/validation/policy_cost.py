"""What policies cost in computing time: `python -m experiments.validation.policy_cost`.

The baseline, all policies and shocks at once, and the policies without the shocks live side by side, a month each
in turn, with the tables of results; the time is the processor's, so that a busy neighbour matters little. The first
year after the start is not counted.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from experiments.validation.policy_signs import SETTINGS, START
from simulator import policies
from simulator.measures.observer import Observer
from simulator.model import MigrationModel
from simulator.policies.base import POLICY
from simulator.scenario import load_scenario

WARM = 14


def ready(names: list[str], months: int, persons_per_agent: int) -> MigrationModel:
    """A model under these policies, observed."""
    uses = [{"policy": name, "when": {"start": START}} | SETTINGS.get(name, {}) for name in names]
    model = MigrationModel(load_scenario("baseline", {"policies": uses, "months": months, "persons_per_agent": persons_per_agent}))
    observer = Observer(model.world)
    observer.open(model)
    model.observers.append(observer)
    return model


def measure(months: int, persons_per_agent: int) -> dict[str, np.ndarray]:
    """Processor seconds of every month counted, by what is in force."""
    known = policies.registry()
    sets = {"baseline": [], "all fourteen": list(known), "without shocks": [name for name, policy in known.items() if policy.kind == POLICY]}
    models = {name: ready(names, months + WARM, persons_per_agent) for name, names in sets.items()}
    spent: dict[str, list[float]] = {name: [] for name in models}
    for month in range(months + WARM):
        turns = list(models) if month % 2 == 0 else list(models)[::-1]
        for name in turns:
            began = time.process_time()
            models[name].step()
            spent[name].append(time.process_time() - began)
    for model in models.values():
        model.close()
    return {name: np.array(times[WARM:]) for name, times in spent.items()}


def main() -> None:
    """Measure and print milliseconds a month and ratios to the baseline."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--months", type=int, default=60)
    parser.add_argument("--persons-per-agent", type=int, default=10_000)
    args = parser.parse_args()
    found = measure(args.months, args.persons_per_agent)
    base = found["baseline"]
    for name, times in found.items():
        print(f"{name}: {1e3 * times.mean():.1f} ms of processor time a month, {times.mean() / base.mean():.3f} of the baseline (median month {np.median(times / base):.3f})")


if __name__ == "__main__":
    main()
