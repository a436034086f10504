"""The benchmark measures ratios and names every mechanism; nothing here asserts a time."""

from __future__ import annotations

from simulator.benchmark import AIMS, Plan, against_aims, live_in_turns, memory_of, ratio_of_scales
from simulator.commands.bench import in_words
from simulator.model import MigrationModel


def small_report() -> dict:
    plan = Plan(scenario="baseline", scales=(400_000,), years=1)
    months, memory = live_in_turns(plan, lambda text: None)
    row = {"persons_per_agent": 400_000, "ns_per_person_month": months[0], "start": {"ready": 1.0}, **memory[0]}
    report = {
        "machine": {"processor": "any", "cores": 2, "load_average_before": None, "load_average_after": None},
        "repeats": 1, "scales": [row], "ns_per_person_month": months[0], "bytes_per_person": row["bytes_per_person"],
        "warm_start_s": 1.0, "compile_s": None, "time_ratio_10x": ratio_of_scales([row]),
        "mesa": {"ratio": None, "note": "no rival here"},
    }  # fmt: skip
    report["aims"] = against_aims(report)
    return report


def test_a_person_of_the_country_takes_no_more_bytes_than_aimed_at():
    """At 28,000 agents; a coarser country has more and smaller households for its people, a finer one fewer."""
    model = MigrationModel("baseline", persons_per_agent=50_000)
    assert 100 < memory_of(model)["bytes_per_person"] <= AIMS["bytes_per_person"]


def test_every_verb_of_the_month_is_measured_with_one_and_two_threads():
    from simulator.model import MECHANISMS

    report = small_report()
    by = report["ns_per_person_month"]["by_mechanism"]
    for threads in ("threads_1", "threads_2"):
        assert set(MECHANISMS) <= set(by[threads])
        total = report["ns_per_person_month"]["total"][threads]
        assert abs(sum(by[threads].values()) - total) < 1e-6 * total
    words = in_words(report)
    assert "choose_where_to_live" in words and "not measured" in words and "no rival here" in words
