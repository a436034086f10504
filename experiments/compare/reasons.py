"""The reasons in a comparison: a few pairs are lived once more in step, and considerers are asked what decided them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.compare.groups import place_groups
from experiments.compare.instep import live_in_step
from experiments.compare.living import in_processes, workers_for
from experiments.compare.pairing import Pair, months_in_force
from experiments.compare.sentences import tell_reasons
from experiments.compare.why import Reasons, considerers_now, reasons_of
from experiments.statistics import t_interval
from simulator.foundations.units import month_text
from simulator.mechanisms import migration
from simulator.scenario import Scenario

PAIRS = 3
"""Pairs lived once more in step (the first seeds), unless there are fewer."""
MOST = 60_000
"""Considerers asked in one pair, over all months."""

PLACE_WORDS = {
    "targeted": ("the targeted places", "政策目标地区"), "elsewhere": ("all other places", "其他地区"), "kind:core": ("core", "core"),
    "kind:inner_ring": ("inner_ring", "inner_ring"), "kind:outer_ring": ("outer_ring", "outer_ring"), "kind:county_town": ("county_town", "county_town"),
    "kind:rural": ("rural", "rural"), "region:coast": ("the coast", "沿海"), "region:inland": ("inland places", "内陆"),
    "region:north-east": ("the north-east", "东北"),
}  # fmt: skip


def reasons_of_pair(base: Scenario, other: Scenario, first: int, most: int = MOST, threads: int = 1) -> Reasons:
    """The reasons of one pair, people a year on average from the month `first` to the end."""
    months = base.end_month - max(first, base.start_month + 1) + 1
    share = max(50, most // max(2 * months, 1))
    parts: list[Reasons] = []

    def ask(a, b) -> None:
        if a.month < first:
            return
        migration.hear_news(a)
        migration.hear_news(b)
        found = reasons_of(a, b, (considerers_now(a, b, share), considerers_now(b, a, share)))
        parts[:] = [parts[0] + found] if parts else [found]

    live_in_step(base, other, at_choice=ask, threads=threads)
    return parts[0].times(12.0 / months)


def first_month_in_force(found) -> int:
    """The first month in which a policy that differs is in force."""
    scenario = found.pairing.base
    starts = [months_in_force(use, scenario)[0] for use in found.pairing.in_force]
    return max(min(starts, default=scenario.start_month + 1), scenario.start_month + 1)


def add_reasons(found, workers: int | None = None, progress=None, pairs: int = PAIRS) -> None:
    """Put the table of terms and the sentences into a comparison.

    Columns of `terms`: place (group of places), education (`all` or `college`), term (`all` or one of the lines), mean, lo,
    hi (people a year, interval over the pairs lived in step), n_pairs, first_month, last_month, uncertainty.
    """
    first = first_month_in_force(found)
    some = found.pairing.pairs[:pairs]
    jobs = [(pair.base, pair.other, first) for pair in some]
    if progress is not None:
        progress(0, len(jobs))
    each: dict[int, Reasons] = {}
    for done, (k, reasons) in enumerate(in_processes(_one, list(enumerate(jobs)), workers_for(workers, len(jobs))), start=1):
        each[k] = reasons
        if progress is not None:
            progress(done, len(jobs))
    found.terms = terms_table([each[k] for k in sorted(each)], found, some, first)
    found.sentences = sentences_of(found.terms)


def _one(k: int, job: tuple) -> tuple[int, Reasons]:
    return k, reasons_of_pair(*job)


def terms_table(each: list[Reasons], found, pairs: tuple[Pair, ...], first: int) -> pd.DataFrame:
    """The lines of every group of places over the pairs."""
    run = found.runs[0][0]
    groups = place_groups(run.table("settlements"), found.targeted)
    rows = []
    for group, mask in groups.items():
        if mask.all() or group.startswith("class:"):
            continue
        for education in ("all", "college"):
            lines = [r.lines(mask, None if education == "all" else education) for r in each]
            for term in lines[0]:
                value = t_interval(np.array([line[term] for line in lines]))
                rows.append((group, education, term, float(value.mean), float(value.lo), float(value.hi), len(each)))
    table = pd.DataFrame(rows, columns=["place", "education", "term", "mean", "lo", "hi", "n_pairs"])
    table["first_month"], table["last_month"] = month_text(first), month_text(found.pairing.base.end_month)
    table["uncertainty"] = found.pairing.uncertainty
    return table


def sentences_of(terms: pd.DataFrame, most: int = 3) -> list[dict]:
    """For the targeted places, or for each kind where all are targeted: the whole and its largest reasons."""
    groups = list(dict.fromkeys(terms.place))
    shown = [g for g in groups if g == "targeted"] or [g for g in groups if g.startswith("kind:")]
    told = []
    for group in shown:
        for education in ("all", "college") if group == "targeted" else ("all",):
            rows = terms[(terms.place == group) & (terms.education == education)]
            lines = dict(zip(rows.term, rows["mean"], strict=True))
            names = PLACE_WORDS.get(group, (group, group))
            told += [{"place": group, "education": education, **line} for line in tell_reasons(lines, names, None if education == "all" else education)[: most + 1]]
    return told
