"""Which two scenarios may be compared: the same country at the same time, apart from what governments do in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.foundations.errors import BadInput, Fault, show_value
from simulator.foundations.units import month_text, parse_month
from simulator.runs import folder_name
from simulator.scenario import Scenario, change_scenario
from simulator.scenario.schema import PolicyUse

MUST_AGREE = ("world", "base_year", "start", "months", "persons_per_agent", "drivers", "parameters")
"""Fields in which two scenarios must agree to be compared; seeds and draws are laid over both."""

LUCK, BOTH = "luck of the seeds", "parameters and luck"
"""Which uncertainty an interval holds."""


@dataclass(frozen=True)
class Pair:
    """One baseline and one counterfactual with the same seed and, where draws are given, the same parameters."""

    base: Scenario
    other: Scenario
    seed: int
    draw: int | None = None


@dataclass(frozen=True)
class Pairing:
    """Every pair of a comparison, and what its intervals hold."""

    base: Scenario
    other: Scenario
    pairs: tuple[Pair, ...]
    uncertainty: str
    changed: tuple[PolicyUse, ...] = ()
    in_force: tuple[PolicyUse, ...] = ()
    notes: tuple[str, ...] = field(default=())


def pair_up(base: Scenario, other: Scenario, seeds: int | list[int] = 8, draws: list[dict[str, float]] | None = None) -> Pairing:
    """Pair two scenarios over seeds 1..N (or those listed), or over draws of parameters.

    With draws, pair k has draw k and seed k, so that its interval holds parameters and luck.
    BadInput names every field in which the two do not agree, with both values.
    """
    check_agreement(base, other)
    wanted = list(range(1, seeds + 1)) if isinstance(seeds, int) else list(seeds)
    if not wanted:
        raise BadInput(Fault(field="--seeds", value="0", allowed="at least 1"))
    if len(set(wanted)) < len(wanted):
        raise BadInput(Fault(field="--seeds", value=", ".join(map(str, wanted)), allowed="each seed once"))
    if draws is None:
        pairs = [Pair(_with(base, {"seed": s}), _with(other, {"seed": s}), s) for s in wanted]
    else:
        pairs = []
        for k, draw in enumerate(draws, start=1):
            values = {"seed": k} | {f"parameters.{name}": value for name, value in draw.items()}
            pairs.append(Pair(_with(base, values), _with(other, values), k, k))
    changed = changed_policies(base, other)
    active = tuple(use for use in changed if is_in_force(use, base))
    uncertainty = LUCK if draws is None else BOTH
    return Pairing(base, other, tuple(pairs), uncertainty, changed, active, tuple(_notes(base, other, changed, active)))


def _with(scenario: Scenario, values: dict) -> Scenario:
    same = values.keys() == {"seed"} and scenario.seed == values["seed"]
    return scenario if same else change_scenario(scenario, values)


def check_agreement(base: Scenario, other: Scenario) -> None:
    """Stop unless the two scenarios agree in everything but their policies, seeds, names and outputs."""
    faults = []
    for name in MUST_AGREE:
        a, b = getattr(base, name), getattr(other, name)
        if name == "parameters":
            differing = [key for key in sorted({*a, *b}) if a.get(key) != b.get(key)]
            faults += [_fault(base, other, f"parameters.{key}", a.get(key), b.get(key)) for key in differing[:20]]
        elif name == "drivers":
            for key in type(a).model_fields:
                if getattr(a, key) != getattr(b, key):
                    faults.append(_fault(base, other, f"drivers.{key}", getattr(a, key), getattr(b, key)))
        elif a != b:
            faults.append(_fault(base, other, name, a, b))
    if faults:
        raise BadInput(faults)


def _fault(base: Scenario, other: Scenario, name: str, a: object, b: object) -> Fault:
    return Fault(
        field=f"{name} of the two scenarios",
        value=f"{show_value(a)} in {base.name} and {show_value(b)} in {other.name}",
        allowed="the same value in both",
        remedy="give both the same; only policies may differ between the two",
    )


def changed_policies(base: Scenario, other: Scenario) -> tuple[PolicyUse, ...]:
    """Uses of policies that stand in one of the two scenarios and not in the other."""
    return (
        *(use for use in other.policies if use not in base.policies),
        *(use for use in base.policies if use not in other.policies),
    )


def months_in_force(use: PolicyUse, scenario: Scenario) -> tuple[int, int]:
    """(first, last) month in which a use of a policy acts within a scenario, delay included; last < first for none."""
    start = parse_month(use.when.start) if use.when.start else scenario.start_month + 1
    last = parse_month(use.when.end) if use.when.end else scenario.end_month
    return max(start + use.delay_months, scenario.start_month + 1), min(last, scenario.end_month)


def is_in_force(use: PolicyUse, scenario: Scenario) -> bool:
    """Whether a use of a policy acts in some month that the scenario lives (at all: even if nothing of it arrives)."""
    first, last = months_in_force(use, scenario)
    return use.strength > 0 and use.budget != 0 and first <= last


def _notes(base: Scenario, other: Scenario, changed, active) -> list[str]:
    first, last = month_text(base.start_month + 1), month_text(base.end_month)
    if not changed:
        return [f"{base.name} and {other.name} have the same policies: there is nothing to compare, and every effect is zero"]
    if not active:
        return [f"no policy in which they differ is in force from {first} to {last}: every effect is zero"]
    idle = [use.policy for use in changed if use not in active]
    return [f"not in force from {first} to {last}: {', '.join(idle)}"] if idle else []


def name_of(pair: Pair, which: str) -> str:
    """The name of the run folder of one side of a pair, `base` or `other`."""
    return folder_name(getattr(pair, which))
