"""How a policy is declared, found, resolved and paid: one file is enough, and who is first in the queue is luck with a key."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from simulator import cli, governing, policies, runs
from simulator.commands import handbook
from simulator.foundations.errors import BadInput
from simulator.model import MigrationModel
from simulator.policies.base import even_payment
from simulator.scenario import scenario_from_dict
from simulator.scenario.editor import scenario_json_schema
from simulator.scenario.schema import Where
from simulator.state.offers import Offer
from tests.policy_worlds import columns, differing, live, teaching

DUMMY = '''
from simulator.foundations.parameter import Text
from simulator.policies.base import LOCAL, MARKET, PEOPLE, Policy, Target, number

class CommuterPass(Policy):
    """Every month somebody pays for passes."""
    name = "commuter_pass"
    family = "circle"
    title = Text("Commuter pass", "通勤票")
    description = Text("Passes for commuters.", "为通勤者提供通勤票。")
    mechanism = Text("A cost: hours.", "作用于成本。")
    evidence = Text("None.", "暂无。")
    payer = LOCAL
    payees = (PEOPLE, MARKET)
    levers = ("travel_time", "rent_relief")
    parameters = {"fare": number(30, "yuan a resident a month", 0, 1000, "Price of a pass", "票价", "assumed")}
    nothing = {"fare": 0.0}
    target = Target("settlement_month", "employed", 1)

    def apply(self, levers, params, where, strength):
        """Cheaper trips."""
        levers.travel_time[where] *= 1.0 - 0.0001 * strength * params.fare
        levers.offer("rent_relief", where, strength * params.fare)
        levers.spend(levers.places.residents * where * strength * params.fare * 100, people=levers.places.residents * where)
'''


@pytest.fixture
def dummy(tmp_path):
    """A policy of one file, known while the test lasts."""
    path = tmp_path / "commuter_pass.py"
    path.write_text(DUMMY)
    policies.load_plugin(path)
    yield path
    policies.forget_plugins()


# --- one file is enough -------------------------------------------------------------------------


def test_one_file_gives_schema_lever_documentation_flow_and_fuzz(dummy, capsys):
    # the schema of scenarios knows its number and its range
    schema = json.dumps(scenario_json_schema()["properties"]["policies"])
    assert '"const": "commuter_pass"' in schema and '"maximum": 1000' in schema
    # the page's lever is made from `list policies --json`
    assert cli.main(["list", "policies", "--json", "--plugin", str(dummy)]) == 0
    (row,) = [r for r in json.loads(capsys.readouterr().out) if r["name"] == "commuter_pass"]
    assert (row["kind"], row["title_zh"], row["parameters"][0]["high"]) == ("policy", "通勤票", 1000)
    policies.load_plugin(dummy)
    # the documentation has its row, in two languages
    assert "| `commuter_pass` |" in handbook.reference() and "为通勤者提供通勤票。" in handbook.reference()
    # the books have its flows
    scenario = scenario_from_dict({"world": "city-circle", "months": 6, "policies": [{"policy": "commuter_pass"}]})
    assert {f.name for f in governing.flows_of(scenario)} == {"commuter_pass", "commuter_pass_works"}
    model = live(MigrationModel(scenario))
    assert model.ledger.total("commuter_pass_works") > 0
    # random settings are drawn for it as for every other
    from tests.hostile import test_fuzzed_policies as fuzz

    drawn = {str(fuzz.some_policy(np.random.default_rng(k))["policy"]) for k in range(300)}
    assert drawn >= set(policies.registry()) and "commuter_pass" in drawn
    # and the property tests hold for it
    nothing = teaching([{"policy": "commuter_pass", "fare": 0}], 6)
    assert differing(columns(live(nothing)), columns(live(teaching(months=6)))) == []


def test_every_policy_of_the_folder_is_found_without_being_registered(tmp_path):
    code = (
        "import simulator.policies as p, pathlib; names = set(p.registry());"
        "files = {f.stem for f in pathlib.Path(p.__file__).parent.glob('*.py')} - {'__init__', 'base'};"
        "assert names == files and len(names) == 14, (names, files)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


def test_the_handbook_in_the_documents_is_the_one_the_declarations_give():
    text = handbook.PAGE.read_text("utf-8")
    kept = text[text.index(handbook.BEGIN) : text.index(handbook.END) + len(handbook.END)]
    assert kept == handbook.reference(), "run python -m simulator.commands.handbook"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "commuter_pass"', 'name = "Commuter"', "lower-case word"),
        ('name = "commuter_pass"', 'name = "hukou_relaxation"', "no other policy"),
        ('family = "circle"', 'family = "none"', "must be one of"),
        ('"票价", "assumed"', '"", "assumed"', "both meanings"),
        ('{"fare": number(30,', '{"budget": number(30,', "already means something"),
        ("number(30,", "number(3000,", "outside its range"),
        ("class CommuterPass(Policy)", "class CommuterPass", "no policy is declared"),
        ("levers.travel", "levers travel", "invalid syntax"),
        ("from simulator.foundations", "from simulator.nowhere", "nowhere"),
    ],
)
def test_a_plugin_that_is_not_sound_is_refused_with_its_reason(old, new, words, tmp_path):
    path = tmp_path / "p.py"
    path.write_text(DUMMY.replace(old, new))
    before = dict(policies.registry())
    with pytest.raises(BadInput) as bad:
        policies.load_plugin(path)
    assert words in str(bad.value.faults[0]) and str(path) in str(bad.value.faults[0])
    assert policies.registry() == before


def test_a_plugin_is_part_of_the_run_and_of_its_identifier(dummy, tmp_path):
    use = {"world": "city-circle", "months": 3, "policies": [{"policy": "commuter_pass"}]}
    first = runs.run(scenario_from_dict(use), out=tmp_path, pictures=False)
    policies.forget_plugins()
    again = runs.open_run(first.folder)
    assert again.scenario.policies[0].policy == "commuter_pass"  # read from the run's own folder
    policies.forget_plugins()
    dummy.write_text(DUMMY + "\n# another version\n")
    policies.load_plugin(dummy)
    assert runs.run_id(scenario_from_dict(use)) != first.info["id"]


def test_a_template_is_a_policy_that_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "policy", "my-own"]) == 0
    (tmp_path / "s.yaml").write_text("world: city-circle\nmonths: 3\npolicies:\n  - {policy: my_own, relief: 900}\n")
    assert cli.main(["check", "./s.yaml"]) == 2
    assert "my_own is no policy" in capsys.readouterr().err
    assert cli.main(["run", "./s.yaml", "--plugin", "my-own.py", "--no-pictures", "--quiet"]) == 0
    assert cli.main(["run", "./s.yaml", "--plugin", "nothing.py"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert "my_own" not in policies.registry()


@pytest.mark.parametrize("name", sorted(policies.registry()))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_policy_is_explained_in_both_languages(name, language, capsys):
    assert cli.main(["explain", name, "--lang", language]) == 0
    text = capsys.readouterr().out
    policy = policies.registry()[name]
    assert policy.mechanism[language] in text and policy.evidence[language] in text
    assert all(short in text and p.source in text for short, p in policy.parameters.items())


# --- where, when, how much ------------------------------------------------------------------------


def meant(**conditions) -> np.ndarray:
    return governing.places_meant(MODEL, Where(**conditions))


MODEL = SimpleNamespace(
    world=SimpleNamespace(
        name="four places", n=4, kind=np.array([0, 3, 4, 4]), rural_class=np.array([0, 0, 1, 4]), province=np.array([0, 0, 0, 1]),
        coastal=np.array([1, 1, 0, 0]), population=np.array([50.0, 20.0, 20.0, 10.0]), province_code=np.array([440000, 360000]),
        province_en=np.array(["Guangdong", "Jiangxi"]), province_zh=np.array(["广东", "江西"]),
        income_urban=np.array([50_000.0, 38_000.0]), income_rural=np.array([20_000.0, 17_000.0]),
    ),
    settlements=SimpleNamespace(wage_base=np.array([[6000.0, 0], [3000.0, 0], [1.0, 0], [1.0, 0]])),
)  # fmt: skip


def test_a_selector_means_the_places_that_fit_every_condition():
    assert meant().all()
    assert meant(kinds=["rural"]).tolist() == [False, False, True, True]
    assert meant(kinds=["rural"], provinces=["Guangdong"]).tolist() == [False, False, True, False]
    assert meant(provinces=["江西"]).tolist() == meant(provinces=["36"]).tolist() == [False, False, False, True]
    assert meant(coastal=False, rural_classes=["relocation_merger"]).tolist() == [False, False, False, True]


def test_the_poorest_places_are_the_poorest_that_hold_the_share():
    # incomes a head: towns 6000 and 3000 of mean (50*6000+20*3000)/70 = 5142.9 give 58,333 and 29,167; villages 20,000 and 17,000
    assert governing.income_of_places(MODEL) == pytest.approx([58_333.3, 29_166.7, 20_000, 17_000], rel=1e-5)
    assert meant(poorest_share=0.05).tolist() == [False, False, False, True]  # 10 of 100 people, the first always
    assert meant(poorest_share=0.3).tolist() == [False, False, True, True]  # 10 + 20
    assert meant(poorest_share=0.31).tolist() == [False, True, True, True]
    assert meant(poorest_share=1.0).all()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"provinces": ["Guangdung"]}, "did you mean Guangdong"),
        ({"provinces": ["Atlantis"]}, "allowed Guangdong"),
        ({"kinds": ["core"], "coastal": False}, "no settlement of four places"),
    ],
)
def test_a_selector_that_means_no_place_is_refused(where, words):
    with pytest.raises(BadInput) as bad:
        meant(**where)
    assert words in str(bad.value.faults[0])


def test_steady_and_mega_have_the_same_present_value():
    def present_value(spent, first: int, rate: float) -> float:
        return sum(amount / (1 + rate) ** k for k, amount in enumerate(spent[first:]))

    where, when = {"kinds": ["county_town", "rural"]}, {"start": "2021-01"}
    values = []
    for name, fields in (
        ("steady_base_investment", {"months": 20}), ("golden_mega_project", {"build_months": 7, "overrun": 0.4}),
    ):  # fmt: skip
        use = {"policy": name, "where": where, "when": when, "total": 3000, **fields}
        model = teaching([use], 24)
        spent = []
        while not model.done:
            model.step()
            spent.append(int(model.programmes.spent.sum()) / 100)
        values.append(present_value(spent, 1, 0.003))
        people = float(model.place_facts.residents_base[model.programmes.rows[0].where].sum())
    assert values == pytest.approx([3000 * people] * 2, rel=1e-6)
    # by hand: 2 payments at 10 % a month: x + x / 1.1 = 100, x = 52.38
    assert even_payment(100, 2, 0.1) == pytest.approx(100 / (1 + 1 / 1.1))
    assert even_payment(100, 4, 0.0) == 25


# --- claims -----------------------------------------------------------------------------------------


def payday(amounts, cap_yuan=None, delivery: float = 1.0, take_up: float = 1.0, months: int = 1):
    """A model whose first people, one for each amount in yuan, claim a start-up grant in their place; not yet granted."""
    use = {"policy": "talent_housing", "relief": 0, "dwellings": 0, "delivery": delivery}
    model = teaching([use | ({} if cap_yuan is None else {"budget": cap_yuan})], 2)
    model.step()
    rows = np.flatnonzero(model.persons.alive == 1)[: len(amounts)]
    model.month += 1
    model.ledger.open_month(*_money(model))
    offer = Offer("startup_grant", 0, np.full(model.world.n, 1, dtype=np.int64), months, take_up)
    model.programmes.offers = [offer]
    model.programmes.write(offer, rows, model.persons.residence[rows], times=np.array(amounts) * 100)
    return model, rows


def _money(model):
    from simulator.invariants import money_held

    return money_held(model)


def grant(model):
    from simulator.mechanisms.claims import grant_claims

    before = model.persons.savings.copy()
    model.programmes.asked[...] = model.programmes.spent[...] = model.programmes.delivered[...] = model.programmes.reached[...] = 0
    grant_claims(model)
    return (model.persons.savings - before) // 100


def test_claims_are_granted_until_the_budget_no_longer_holds_the_next():
    model, rows = payday([300] * 10, cap_yuan=1000)
    got = grant(model)
    assert got.sum() == 900 and set(got[rows]) == {0, 300}  # three of ten: the fourth would make 1,200
    assert (model.programmes.asked.sum(), model.programmes.spent.sum()) == (300_000, 90_000)
    assert not any(model.ledger.imbalances(*_money(model)).values())
    assert len(model.programmes.claims) == 0  # what was refused lapses


def test_who_is_served_first_is_keyed_and_does_not_follow_the_rows():
    first = np.flatnonzero(grant(payday([300] * 40, cap_yuan=3000)[0]))
    again = np.flatnonzero(grant(payday([300] * 40, cap_yuan=3000)[0]))
    assert len(first) == 10 and first.tolist() == again.tolist()
    assert first.tolist() != sorted(first)[:0] + list(range(first[0], first[0] + 10))


def test_a_claim_paid_by_the_month_is_served_before_new_ones_and_ends():
    model, rows = payday([300] * 4, cap_yuan=1200, months=2)
    assert grant(model)[rows].tolist() == [300] * 4
    model.month += 12
    model.programmes.spent_year[...] = 0  # another year
    offer = model.programmes.offers[0]
    others = np.flatnonzero(model.persons.alive == 1)[10:14]
    model.programmes.write(offer, others, model.persons.residence[others], times=np.full(4, 30_000))
    got = grant(model)
    assert got[rows].tolist() == [300] * 4 and got[others].sum() == 0
    assert len(model.programmes.claims) == 0  # two payments made; the new ones found no money


def test_what_is_lost_on_the_way_is_paid_but_does_not_arrive():
    model, rows = payday([100] * 400, delivery=0.5)
    got = grant(model)
    assert 150 < np.count_nonzero(got[rows]) < 250
    programmes = model.programmes
    assert programmes.spent.sum() == 400 * 100 * 100 and programmes.delivered.sum() == got.sum() * 100
    assert programmes.reached.sum() == np.count_nonzero(got)
    assert model.ledger.total("talent_housing_works") == (400 - np.count_nonzero(got)) * 100 * 100
    assert not any(model.ledger.imbalances(*_money(model)).values())


def test_only_a_share_of_those_entitled_asks_and_it_is_the_same_people_every_month():
    model, rows = payday([100] * 400, take_up=0.25)
    got = grant(model)
    assert 60 < np.count_nonzero(got[rows]) < 140
    other, _ = payday([100] * 400, take_up=0.25)
    other.month += 1
    assert np.array_equal(grant(other) > 0, got > 0)


def test_what_a_lever_cost_is_shared_among_the_policies_that_pulled_it():
    programmes = teaching([{"policy": "welfare_jobs"}, {"policy": "welfare_jobs"}]).programmes
    n = programmes.n
    programmes.pulls = {"welfare_posts": [(0, np.full(n, 1.0)), (1, np.full(n, 3.0))]}
    fen = np.zeros(n, dtype=np.int64)
    fen[2] = 101
    programmes.report("welfare_posts", fen)
    assert programmes.spent[:, 2].tolist() == [25, 76]  # 101 / 4 = 25.25, the rest to the last
    programmes.report("welfare_pay", fen)  # nobody pulled it: nobody's money
    assert programmes.spent.sum() == 101


def test_a_retention_grant_goes_to_those_who_work_where_they_studied_or_come_from():
    model = teaching([{"policy": "graduate_retention", "monthly": 3000, "months": 5}], 14)
    p, paid = model.persons, set()
    while not model.done:
        model.step()
        claims = model.programmes.claims
        new = claims[(claims["granted"] == 1) & ~np.isin(claims["row"], sorted(paid))]
        rows = new["row"]
        at = new["place"]
        assert ((at == p.study_place[rows]) | (at == p.root[rows])).all()
        assert (p.left_study[rows] > model.month - 12).all() and (p.education[rows] == 3).all()
        paid |= set(rows.tolist())
    assert paid
