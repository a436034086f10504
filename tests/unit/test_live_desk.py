"""Histories computed for the page are those of batch runs, shared, cancelled and given out again."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

pytest.importorskip("solara")

from simulator.measures.observer import Observer
from simulator.model import MigrationModel
from simulator.results import tables_of
from simulator.runs import run_id
from simulator.scenario import load_scenario, scenario_from_dict
from viz import keeping
from viz.live import GOVERNMENT_COLUMNS, NATION_COLUMNS, PLACE_COLUMNS, people_columns
from viz.packing import pack, unpack
from viz.runs_desk import RunsDesk
from viz.visitor import WAITING, Visitor

SMALL = {"persons_per_agent": 10, "months": 26}


class Ear:
    """A listener that waits for the end."""

    def __init__(self):
        self.events, self.ended, self.begun = [], threading.Event(), threading.Event()

    def __call__(self, event, record, block):
        self.events.append((event, record.filled, block))
        self.begun.set()
        if event == "end" or record.status == "done":
            self.ended.set()


@pytest.fixture(scope="module")
def desk():
    desk = RunsDesk()
    yield desk
    desk.close()


def batch_tables(scenario):
    model = MigrationModel(scenario)
    observer = Observer(model.world)
    observer.open(model)
    model.observers.append(observer)
    while not model.done:
        model.step()
    observer.close_year(model.month // 12)
    tables = tables_of(observer, model.world, model.persons_per_agent)
    model.close()
    return tables


GRANT = {"policy": "graduate_retention", "monthly": 5000, "when": {"start": "2022-03"}, "where": {"kinds": ["county_town", "rural"]}}
HOMES = {"policy": "talent_housing", "when": {"start": "2022-06"}, "budget": 1_000_000}


@pytest.mark.parametrize("settings, policies", [({}, []), ({"migration.moving_cost": 2.0}, []), ({}, [GRANT]), ({}, [HOMES, GRANT])])
def test_a_live_history_equals_the_batch_run_of_the_same_scenario_and_seed_in_every_number(desk, settings, policies):
    plain = load_scenario("teaching", SMALL | settings)
    scenario = scenario_from_dict(plain.resolved() | {"policies": policies}, plain.name)
    base, ear = None, Ear()
    if policies:
        heard = Ear()
        base = desk.ask(plain, "draft", heard)
        assert heard.ended.wait(120)
    record = desk.ask(scenario, "draft", ear, base)
    assert ear.ended.wait(120)
    assert record.status == "done", record.why
    last, whole = unpack(ear.events[-1][2])
    assert [event for event, _, _ in ear.events].count("end") == 1 and ear.events[-1][0] == "end"
    assert (last["status"], last["first"] + len(whole["places"])) == ("done", 27), "the last months say that nothing more will come"
    if policies:  # it started from the year's end before, not from the census
        first_lived = unpack(next(block for event, _, block in ear.events if event == "chunk"))[0]["first"]
        assert first_lived == 14, "January 2022 is the fourteenth month after November 2020"
    tables, n = batch_tables(scenario), record.places.shape[2]
    frame = tables["settlement_month"].to_pandas()
    people = set(people_columns())
    for k, name in enumerate(PLACE_COLUMNS):
        if name not in frame:
            continue
        factor = scenario.persons_per_agent if name in people else 1
        published = frame[name].to_numpy(dtype=float).reshape(-1, n)
        np.testing.assert_array_equal(record.places[:, k], (published / factor).astype(np.float32), err_msg=name)
    nation = tables["national"].to_pandas().query("circle_id == 0")
    for k, name in enumerate(NATION_COLUMNS):
        factor = scenario.persons_per_agent if name in people else 1
        np.testing.assert_array_equal(record.nation[:, k] * factor, nation[name].to_numpy(dtype=float), err_msg=name)
    budgets = tables["government_month"].to_pandas()
    for k, name in enumerate(GOVERNMENT_COLUMNS):
        published = budgets[name].to_numpy(dtype=float).reshape(len(record.governments), -1)
        np.testing.assert_array_equal(record.governments[:, k], published.astype(np.float32), err_msg=name)
    spent = tables["policy_month"].to_pandas()
    np.testing.assert_allclose(record.policies[:, :, 0].sum(), spent["spent_yuan"].sum(), rtol=1e-12)
    assert not policies or spent["spent_yuan"].sum() > 0
    flows = tables["flows"].to_pandas()
    for year in flows["year"].unique():
        if f"flows/{year}" not in record.yearly:
            continue
        rows = flows[flows["year"] == year]
        live = record.yearly[f"flows/{year}"]
        assert live[0].tolist() == rows["origin_id"].tolist()
        assert (live[4].astype(int) * scenario.persons_per_agent).tolist() == rows["moves"].tolist()


def test_equal_requests_are_computed_once_and_shared(desk):
    scenario = load_scenario("teaching", SMALL | {"migration.moving_cost": 2.1})
    first, second = Ear(), Ear()
    one = desk.ask(scenario, "draft", first)
    assert first.ended.wait(120)
    other = desk.ask(load_scenario("teaching", SMALL | {"migration.moving_cost": 2.1}), "draft", second)
    assert other is one
    assert [event for event, _, _ in second.events] == ["history"]
    head, arrays = unpack(second.events[0][2])
    assert head["filled"] == 27
    np.testing.assert_array_equal(arrays["places"], one.places)


def test_what_is_told_again_while_a_history_is_lived_does_not_stand_in_for_the_whole(desk):
    scenario = load_scenario("teaching", {"persons_per_agent": 5, "months": 60, "migration.moving_cost": 2.5})
    ear = Ear()
    record = desk.ask(scenario, "draft", ear)
    assert ear.begun.wait(120)
    with desk.lock:
        part = unpack(record.packed())[0]
    assert ear.ended.wait(240)
    whole = unpack(record.packed())[0]
    assert part["filled"] < whole["filled"] == 61
    assert (part["status"], whole["status"]) == ("running", "done")


def test_a_request_nobody_waits_for_is_given_up_and_can_be_asked_again(desk):
    scenario = load_scenario("teaching", {"persons_per_agent": 1, "months": 181, "migration.moving_cost": 2.2})
    ear = Ear()
    record = desk.ask(scenario, "draft", ear)
    assert ear.begun.wait(120)
    desk.leave(record, ear)
    after = Ear()
    quick = desk.ask(load_scenario("teaching", SMALL | {"migration.moving_cost": 2.3}), "draft", after)
    assert after.ended.wait(120)
    assert quick.status == "done"
    assert record.filled < 182
    assert record.status in ("cancelled", "running")
    end = time.monotonic() + 60
    while record.status == "running" and time.monotonic() < end:
        time.sleep(0.05)
    assert record.status == "cancelled" and record.id not in desk.records, "what was given up is not held"
    again = Ear()
    assert desk.ask(scenario, "draft", again) is not record
    assert again.begun.wait(120)
    desk.leave(desk.records[record.id], again)


class Shown:
    """An exhibit that knows nothing."""

    readonly, desk, scales = False, None, ()

    def meta(self):
        return {}


def test_a_visitor_whose_line_takes_nothing_is_answered_no_more_and_one_who_has_left_not_at_all():
    visitor = Visitor(Shown(), None)
    for _ in range(3 * WAITING):
        visitor.hear({"type": "hello"})
    assert visitor.outbox.qsize() == 2 * WAITING + 1
    gone = Visitor(Shown(), None)
    gone.leave()
    gone.hear({"type": "hello"})
    assert gone.outbox.get_nowait() is None and gone.outbox.empty()


def test_a_worker_that_is_killed_is_replaced_and_its_history_finished(desk):
    scenario = load_scenario("teaching", {"persons_per_agent": 2, "months": 60, "migration.moving_cost": 2.4})
    ear = Ear()
    record = desk.ask(scenario, "draft", ear)
    assert ear.begun.wait(120)
    busy = [hand for hand in desk.hands if hand.job is not None and hand.job[1] is record]
    assert busy, "the history was finished before the worker could be killed"
    os.kill(busy[0].process.pid, signal.SIGKILL)
    assert ear.ended.wait(240)
    assert record.status == "done", record.why
    assert record.filled == 61


def test_a_baseline_is_lived_once_and_taken_from_disk_by_the_next_start(tmp_path):
    """The second desk has no worker at all until a policy is asked for, and its policy run starts from a state on disk."""
    plain = load_scenario("teaching", SMALL)
    policy = scenario_from_dict(plain.resolved() | {"policies": [GRANT]}, plain.name)
    seen = []
    for _ in range(2):
        desk, ear, other = RunsDesk(folder=tmp_path), Ear(), Ear()
        try:
            base = desk.ask(plain, "draft", ear)
            started = any(hand.process is not None for hand in desk.hands)
            assert ear.ended.wait(120)
            record = desk.ask(policy, "draft", other, base)
            assert other.ended.wait(120)
            assert record.status == "done", record.why
            first = unpack(next(block for event, _, block in other.events if event == "chunk"))[0]["first"]
            seen.append((started, first, base, record))
            keepers = [thread for thread in threading.enumerate() if thread.name == "keeps"]
            for thread in keepers:
                thread.join(20)
        finally:
            desk.close()
    (fresh, first, base, record), (again, first_again, base_again, record_again) = seen
    assert fresh and not again
    assert first == first_again == 14
    for name in ("places", "nation", "policies", "governments"):
        np.testing.assert_array_equal(getattr(base, name), getattr(base_again, name))
        np.testing.assert_array_equal(getattr(record, name), getattr(record_again, name))
    assert base.yearly.keys() == base_again.yearly.keys()


def test_what_is_kept_on_disk_and_damaged_is_lived_again(tmp_path):
    plain = load_scenario("teaching", SMALL)
    parts = {"persons": {"age": np.arange(5, dtype=np.int16)}, "scalars": {"month": np.array(7), "productivity": np.array(1.25)}}
    keeping.write_state(tmp_path, "ground", 7, parts)
    back = keeping.read_state(tmp_path, "ground", 7)
    np.testing.assert_array_equal(back["persons"]["age"], parts["persons"]["age"])
    assert (back["scalars"]["month"].item(), back["scalars"]["productivity"].item()) == (7, 1.25)
    path = keeping.state_path(tmp_path, "ground", 7)
    path.write_bytes(path.read_bytes()[:-10])
    assert keeping.read_state(tmp_path, "ground", 7) is None
    assert not path.exists()
    desk, ear = RunsDesk(folder=tmp_path), Ear()
    try:
        (tmp_path / f"{run_id(plain)[:40]}.history").write_bytes(b"\x10\0\0\0 not a history")
        record = desk.ask(plain, "draft", ear)
        assert ear.ended.wait(120)
        assert record.status == "done" and record.filled == 27
    finally:
        desk.close()


def test_a_block_of_numbers_is_read_as_it_was_written():
    arrays = {"a": np.arange(5, dtype=np.uint16), "b": np.array([[1.5, np.nan]], dtype=np.float32)}
    head, back = unpack(pack({"title": "汉字 \"<script>\""}, arrays))
    assert head == {"title": "汉字 \"<script>\""}
    np.testing.assert_array_equal(back["a"], arrays["a"])
    np.testing.assert_array_equal(back["b"], arrays["b"])
    with pytest.raises(TypeError, match="allowed"):
        pack({}, {"c": np.zeros(2, dtype=np.int64)})
