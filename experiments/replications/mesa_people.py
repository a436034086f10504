"""The month of people written the ordinary Mesa way: every person, household and employer is an object.

A model with three uses. It is the *oracle*: it calls the same scalar equations with the same keyed
draws as the columns of `simulator`, and must give the same people, person by person, month by month.
It is the *rival* of the columns in `homeward bench`. And it is the *guide* for readers who know Mesa:
`Person` is a `CellAgent`, `Employer` a `FixedAgent`, both live in the cells of a `Network`, and
`PeopleModel.step` lets them act in turn. Begin with `step` below, then read what a person does in
`mesa_agents` (kin, jobs, pay) and `mesa_movers` (migration), what comes once a year in `mesa_yearly`,
and how objects are counted and compared with the columns in `mesa_oracle`.

What is not about single people (drivers, levers, wages, rents, services, tables of places and ties) is
inherited from `MigrationModel`; its columns of people serve once, to copy the base year into objects.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np

from experiments.replications import mesa_firms, mesa_floor, mesa_money, mesa_ventures, mesa_yearly
from experiments.replications.mesa_agents import PLAIN, STREAMS, TIE_NAMES, Household, Person
from experiments.replications.mesa_oracle import count_everyone
from simulator.foundations import streams
from simulator.foundations.paths import grown, shifted
from simulator.foundations.units import (
    AGE_GROUP_START,
    CHILD,
    EMPLOYED,
    FARMING,
    FEMALE,
    FLEXIBLE,
    INACTIVE,
    RETIRED,
    STUDENT,
    UNEMPLOYED,
    month_of_year,
)
from simulator.kernels import caring, classes, labour, living, matching, posting, studying
from simulator.kernels.choosing import STAY
from simulator.kernels.elementary import exp_
from simulator.kernels.relocating import MOVE_PRIORITY, RETURN
from simulator.kernels.rng import draw4, hash64, uniform
from simulator.kernels.screening import UNITS, bound_of, screen_words
from simulator.mechanisms import (
    demography,
    earnings,
    education,
    employment,
    enterprise,
    floor,
    housing,
    migration,
    production,
    services,
    treasury,
)
from simulator.model import MigrationModel


class PeopleModel(MigrationModel):
    """The country of `MigrationModel` with objects for people, households and employers.

    `everyone` holds each person who ever lived, in the order of rows of the columns; `living` only those alive.
    """

    def __init__(self, scenario=None, **settings):
        super().__init__(scenario, **settings)
        world, persons, homes = self.world, self.persons, self.households
        self.kind, self.hours = world.kind.tolist(), world.hours.astype(np.float64).tolist()
        self.cells = {int(cell.coordinate): cell for cell in self.space.all_cells.cells}
        employment.labour_tables(self)
        self.firms, self.employers = mesa_firms.copy_firms(self)
        columns = {name: getattr(persons, name).tolist() for name in PLAIN}
        self.everyone = [Person(self, row, {name: columns[name][row] for name in PLAIN}) for row in range(len(persons))]
        names = ("root", "dwelling", "land_right", "guarantee", "guarantee_rest", "aided")
        home_columns = zip(*(getattr(homes, name).tolist() for name in names), strict=True)
        self.homes = [Household(self, row, *values) for row, values in enumerate(home_columns)]
        someone, home_of, job_of = [*self.everyone, None], [*self.homes, None], [*self.employers, None]
        for person in self.everyone:
            row = person.row
            person.employer, person.household = job_of[persons.employer[row]], home_of[persons.household[row]]
            person.mother, person.partner = someone[persons.mother[row]], someone[persons.partner[row]]
            person.guardian = someone[persons.guardian[row]]
            person.ties = [someone[getattr(persons, name)[row]] for name in TIE_NAMES]
            child = persons.first_child[row]
            while child >= 0:
                person.children.append(self.everyone[child])
                child = persons.next_sibling[child]
            if person.household is not None:
                person.household.members.append(person)
        for home in self.homes:
            home.head = someone[homes.head[home.row]]
        self.first_month, self.paid = self.month + 1, {}
        del self.persons, self.households, self.people  # from here on people are objects only

    @property
    def living(self):
        """Everyone alive, in the order in which they entered the world: Mesa's own list of agents."""
        return self.agents_by_type[Person]

    def step(self) -> None:
        """Live one month, in the order of the model's documentation."""
        self.month += 1
        self.levers.rest()
        self._open_tallies()
        self.ledger.open_month(0, 0)
        self.paid = {"removals": [0] * self.world.n}
        self.headless: list[Household] = []
        self.read_rules()
        self.open_the_month()
        self.left, self.got = np.zeros((2, self.world.n), dtype=np.int64)
        self.age_bear_and_die()
        demography.post_bequests(self, self.left, self.got)
        self.study_and_graduate()
        self.plan_production()
        self.search_and_match()
        mesa_money.pay_people(self)
        mesa_floor.support_people(self)
        mesa_firms.settle_firms(self)
        treasury.tax_and_spend(self)
        housing.set_rents(self)
        services.build_and_run_services(self)
        self.choose_where_to_live()
        mesa_ventures.found_firms(self)
        self.post("removals")
        self.keep_registers()
        count_everyone(self)
        self.datacollector.collect(self)

    def post(self, *flows: str) -> None:
        """Book what was noted person by person."""
        for flow in flows:
            self.ledger.post(flow, np.array(self.paid[flow], dtype=np.int64))

    def note(self, **counts: int) -> None:
        """Add to the tally of the month."""
        for name, count in counts.items():
            self.tally[name] = self.tally.get(name, 0) + count

    def read_rules(self) -> None:
        """The parameters that people act by this month, under short names."""
        labours = {name: employment.parameter(self, f"labour.{key}") for name, key in {
            "adjustment": "hiring_adjustment",
            "separation": "separation_rate", "migrant_separation": "migrant_separation_rate",
            "pay_sd": "pay_dispersion", "experience_return": "experience_return", "commute_hours": "commute_hours_max",
            "insured": "insured_share", "farm_entry": "farm_entry_rate", "flexible_entry": "flexible_entry_rate",
            "flexible_share": "flexible_pay_share",
        }.items()}  # fmt: skip
        lives = {name: demography.value(self, key) for name, key in {
            "disability": "demography.disability_at_birth", "severe": "demography.severe_share", "boys_per_girl": "demography.boys_per_girl",
            "attachment_mean": "migration.attachment_mean", "attachment_sd": "migration.attachment_sd",
            "spend_income": "household.consume_income", "spend_wealth": "household.consume_wealth",
            "target_months": "household.target_months", "works_to_65": "demography.works_to_65",
            "works_to_70": "demography.works_to_70", "single": "demography.birth_single_factor",
            "union_peak": "demography.union_hazard_peak", "union_age": "demography.union_peak_age",
            "men": "demography.retirement_age_men", "women": "demography.retirement_age_women",
        }.items()}  # fmt: skip
        rule = self.rule = SimpleNamespace(**labours, **lives)
        rule.separation, rule.migrant_separation = employment.ordinary_rates(self)
        rule.returns, rule.capital_answers = production.returns_to_size(self), production.capital_answers(self)
        rule.learning, rule.capital_speed = (production.parameter(self, f"firms.{name}")
                                             for name in ("demand_learning", "capital_speed"))  # fmt: skip
        rule.wear = production.parameter(self, "firms.capital_depreciation") / 12.0
        rule.leverage = production.parameter(self, "firms.leverage")
        rule.trend = exp_(float(self.driver("productivity_growth")) / 12.0)
        rule.men += shifted(self, "retirement_age_men")
        rule.women += shifted(self, "retirement_age_women")
        rule.paid, rule.learns = earnings.PAID.tolist(), earnings.EXPERIENCED.tolist()
        rule.long_profile = int(labour.LONGEST_PROFILE * 12)
        farm_share = employment.parameter(self, "labour.job_loser_farm_share")
        rule.loser_farm_share = self.settlements.labour_balance[4] * farm_share
        boost = max(0.0, employment.parameter(self, "migration.boost_job_loss") - 1.0)
        rule.loser_considers = min(1.0, boost * employment.parameter(self, "migration.consider_rate"))

    def open_the_month(self) -> None:
        """New-year tables, the class everyone is in, and the candidates of every rare event."""
        if month_of_year(self.month) == 1 or self.month == self.first_month:
            self._read_vital_tables()
        self.productivity *= float(np.exp(self.driver("productivity_growth") / 12.0))
        self.fertility_of = demography.place_fertility(self).tolist()
        bounds = (
            demography.death_bounds(self), self.birth_bounds(), employment.separation_bounds(self),
            employment.search_bounds(self), migration.bounds(self), enterprise.founding_bounds(self),
            floor.illness_bounds(self),
        )  # fmt: skip
        units = np.stack([bound_of(bound) for bound in bounds])
        self.bounds[list(STREAMS)] = units / UNITS
        units, self.candidates = units.T.tolist(), {stream: [] for stream in STREAMS}
        self.birthdays, self.unemployed = [], []
        for person in self.living:
            age = classes.age_in_months(person.birth_month, self.month)
            person.screen_class = classes.class_of(age, person.sex, person.state, person.education)
            if classes.BIRTHDAY_OF_MONTHS[age]:
                self.birthdays.append(person)
            if person.state == UNEMPLOYED:
                self.unemployed.append(person)
            for k, stream in enumerate(STREAMS):
                if k % 4 == 0:
                    word = screen_words(self.seed, self.month, person.uid, k // 4)
                if (word >> 16 * (k % 4)) & 65535 < units[person.screen_class][k]:
                    self.candidates[stream].append(person)

    def birth_weight(self, woman: Person) -> float:
        """How readily a woman bears a child, relative to others of her age."""
        has_partner = woman.partner is not None
        return living.birth_weight(self.fertility_of[woman.residence], has_partner, self.rule.single)

    def birth_bounds(self) -> np.ndarray:
        """Mean birth weights by age (kept), and the upper bound a month of bearing a child by class."""
        number, weight = [0.0] * 35, [0.0] * 35
        for person in self.living:
            age = person.age // 12 - living.YOUNGEST_MOTHER
            if person.sex == FEMALE and 0 <= age < 35:
                number[age] += 1.0
                weight[age] += self.birth_weight(person)
        self.mean_weight = [w / n if n and w else 1.0 for n, w in zip(number, weight, strict=True)]
        highest = max(self.fertility_of) * max(1.0, self.rule.single)
        bound = np.zeros((len(AGE_GROUP_START), 2))
        for k, mean in enumerate(self.mean_weight):
            age = living.YOUNGEST_MOTHER + k
            group = sum(start <= age for start in AGE_GROUP_START) - 1
            rate = living.monthly_birth_rate(float(self.fertility[age]), highest, mean)
            bound[group, FEMALE] = max(bound[group, FEMALE], rate)
        return np.repeat(bound.reshape(-1), classes.N_CLASSES // bound.size)

    # -- demography ----------------------------------------------------------------------------

    def age_bear_and_die(self) -> None:
        """Deaths, then births, then retirements, and in October new couples."""
        seed, month, rule = self.seed, self.month, self.rule
        shape = self.world.mortality_shape.astype(np.float64)

        def happens(person: Person, stream: int, rate: float) -> bool:
            return person.draw(stream) * self.bounds[stream, person.screen_class] < rate

        dead = []
        for person in self.candidates[streams.DEATH]:
            q = self.mortality[person.sex, living.years_old(person.birth_month, month)]
            if happens(person, streams.DEATH, living.monthly_death_rate(q, shape[person.residence])):
                dead.append(person)
        for person in dead:
            person.die()
        self.seat_heads()
        mothers = []
        for woman in self.candidates[streams.BIRTH]:
            age = living.years_old(woman.birth_month, month)
            if woman.alive and woman.sex == FEMALE and living.YOUNGEST_MOTHER <= age <= living.OLDEST_MOTHER:
                mean = self.mean_weight[age - living.YOUNGEST_MOTHER]
                rate = living.monthly_birth_rate(self.fertility[age], self.birth_weight(woman), mean)
                if happens(woman, streams.BIRTH, rate):
                    mothers.append(woman)
        for woman in mothers:
            woman.bear_child()
        for person in self.birthdays:
            if not person.alive or person.state in (CHILD, STUDENT, RETIRED):
                continue
            w0, w1, _, _ = draw4(seed, streams.RETIRE, 0, person.uid, 0)
            planned = living.planned_retirement(
                person.state, person.hukou_kind, rule.women if person.sex == FEMALE else rule.men, rule.works_to_65,
                rule.works_to_70, uniform(w0), uniform(w1),
            )  # fmt: skip
            if living.years_old(person.birth_month, month) >= planned:
                person.leave_work(RETIRED)
                self.note(retired=1)
        self.note(deaths=len(dead), births=len(mothers))
        if month_of_year(month) == demography.UNION_MONTH:
            mesa_yearly.form_couples(self)

    def seat_heads(self) -> None:
        """The eldest member heads each household whose kin gave it no head."""
        for home in self.headless:
            if home.members and home.head is None:
                home.head = min(home.members, key=lambda person: (person.birth_month, person.row))
        self.headless.clear()

    # -- education -----------------------------------------------------------------------------

    def study_and_graduate(self) -> None:
        """Birthdays at school; in July graduation and adult degrees; in September admission."""
        month, calendar = self.month, month_of_year(self.month)
        enrolment = min(1.0, float(self.scenario["education.senior_enrolment"]) * grown(self, "senior_share"))
        for person in self.birthdays:
            if person.alive and person.age >= studying.SCHOOL_LEAVING and person.state == CHILD:
                person.education = max(person.education, studying.JUNIOR)
                if person.age < studying.SENIOR_LEAVING and studying.goes_on(person.uid, self.seed, enrolment):
                    person.state, person.study_since = STUDENT, month
                else:
                    person.state, person.left_study = UNEMPLOYED, month
            elif person.alive and person.age >= studying.SENIOR_LEAVING and person.state == STUDENT:
                person.education = max(person.education, studying.SENIOR)
        if calendar == education.GRADUATION_MONTH:
            mesa_yearly.release_graduates(self)
        if calendar == education.ADMISSION_MONTH:
            mesa_yearly.admit_students(self)

    # -- work ----------------------------------------------------------------------------------

    def plan_production(self) -> None:
        """Firms want jobs by demand, wages and productivity, and post vacancies."""
        production.let_places_catch_up(self)
        for firm in self.firms:
            if firm.founder is not None and not firm.founder.alive:
                firm.founder = None
        now = self.conditions = production.conditions_now(self)
        offers = self.levers.job_offers * production.outside(self, "job_offers")
        now = SimpleNamespace(**vars(now), offers=offers)
        for firm in self.firms:
            if firm.alive:
                firm.plan(now, self.rule)
        self.settlements.posted[...] = self.by_market("vacancies")
        self.note(vacancies=sum(e.vacancies for e in self.employers))

    def by_market(self, name: str) -> np.ndarray:
        """Sum of an attribute of employers by settlement and skill."""
        total = np.zeros((self.world.n, 2))
        for e in self.employers:
            total[e.place, e.skill] += getattr(e, name)
        return total

    def open_market(self) -> SimpleNamespace:
        """What searchers see: places within reach, their pay and pull, and the line of vacancies."""
        tables, s, get = self.labour_tables, self.settlements, employment.parameter
        hours_max, cost = self.rule.commute_hours, get(self, "labour.commute_cost_per_hour")
        reach = matching.empty_reach(tables.reach_start, tables.reach_place)
        matching.weigh_places(
            tables.reach_start, tables.reach_place, tables.reach_hours, self.levers.travel_time, s.wage,
            np.ascontiguousarray(s.posted), s.flexible_pay, s.farm_income, s.labour_balance, hours_max, cost,
            get(self, "labour.search_wage_weight"), get(self, "labour.tightness_weight"), *reach[2:],
        )  # fmt: skip
        line = {(place, skill): [] for place in range(self.world.n) for skill in range(2)}
        for employer in self.employers:
            line[employer.place, employer.skill] += [(employer, k) for k in range(employer.vacancies)]
        start, place, share, net, leave = (getattr(reach, name).tolist() for name in
                                           ("start", "place", "share", "net", "leave"))  # fmt: skip

        def position(home: int, destination: int) -> int:
            for at in range(start[home], start[home + 1]):
                if place[at] == destination:
                    return at if share[at] > 0.0 else -1
            return -1

        return SimpleNamespace(
            start=start, place=place, share=share, net=net, leave=leave, pull=reach.pull, reach=position, line=line,
            hours_max=hours_max, cost=cost, referral_share=get(self, "labour.referral_share"),
            applications=np.zeros((self.world.n, 2), dtype=np.int64), care=employment.rules_of_care(self),
        )  # fmt: skip

    def search_and_match(self) -> None:
        """Some lose their jobs; searchers apply near home; each vacancy takes one; rates and wages answer."""
        s, n, rule = self.settlements, self.world.n, self.rule
        lost, found, jobless = (np.zeros((n, 2), dtype=np.int64) for _ in range(3))
        for person in self.candidates[streams.SEPARATE]:
            person.may_lose_job(lost, rule)
        without = [p for p in self.unemployed if p.alive and p.state == UNEMPLOYED]
        capacity = employment.rules_of_care(self)[2]
        beside = []
        for p in self.candidates[streams.SEARCH]:
            work = (p.screen_class // 2) % 4
            if p.alive and work == 3 and p.state == INACTIVE and 16 <= p.age // 12 < 55:
                if caring.looks_again(p.disability, capacity, self.seed, self.month, p.uid):
                    without.append(p)
            elif p.alive and work < 3 and p.state == (EMPLOYED, FLEXIBLE, FARMING)[work]:
                beside.append(p)
        market = self.open_market()
        for person in without + beside:
            person.apply_for_job(market)
        working = self.by_market("headcount")
        for employer in self.employers:
            for person in employer.takers:
                if person is None:
                    continue
                if person.state == UNEMPLOYED:
                    found[person.residence, employer.skill] += 1
                employer.hire(person)
                if employer.formal and (person.hukou_kind == 1 or person.draw(streams.SEARCH_VACANCY) < rule.insured):
                    person.insurance = 2
                self.note(hired=1)
        balance = s.labour_balance.tolist()
        for person in without:
            if person.state == INACTIVE:
                person.state = UNEMPLOYED
            elif person.state == UNEMPLOYED:
                jobless[person.residence, person.skill] += 1
                person.make_do(s, balance, rule)
        s.searchers[...] = market.applications
        posting.update_markets(
            s.posted, s.searchers, found, jobless, lost, working, s.tightness_base,
            self.levers.wage_floor, employment.wage_drift(self), *(employment.parameter(self, f"labour.{name}")
            for name in ("wage_adjustment", "wage_step_max", "rate_smoothing")), s.tightness, s.finding_rate,
            s.separation_rate, s.finding_national, s.separation_national, s.wage, s.wage_growth,
        )  # fmt: skip
        self.note(searchers=len(without) + len(beside), applications=int(market.applications.sum()))

    # -- migration and registration ------------------------------------------------------------

    def choose_where_to_live(self) -> None:
        """Everyone who considers a move chooses; then those who go are moved, in keyed order."""
        seed, month = self.seed, self.month
        rates, boosts = migration.base_rates(self).tolist(), migration.boosts_of(self.scenario)
        considerers = {p for p in self.candidates[streams.CONSIDER] if p.considers(rates, boosts)}
        for person in self.forced_considerers:
            if person.alive and person.state > STUDENT and person not in considerers:
                person.offered_by = person.offer()
                considerers.add(person)
        w = migration.weights_of(self)
        migration.hear_news(self)
        t = SimpleNamespace(**{name: table.tolist() for name, table in migration.places_now(self)._asdict().items()})
        tables = self.migration_tables
        t.county_start, t.county_list, t.county_weight = tables.county_start, tables.county_list, tables.county_weight
        answers = {person: person.choose_place(t, w) for person in considerers}
        before = len(self.month_moves)
        first = np.uint64(hash64(np.uint64(int(seed) + MOVE_PRIORITY), month))
        for person in sorted(considerers, key=lambda p: (hash64(first, p.uid), p.row)):
            place, way = answers[person]
            if way != STAY:
                person.move_out(place, way, t, w)
        moves = self.month_moves[before:]
        for person, *_ in moves:
            if person.household is not None and person.household.head is person:
                person.household.dwelling = person.residence
        self.note(considerers=len(considerers), moves=len(moves), returns=sum(move[3] == RETURN for move in moves))

    def keep_registers(self) -> None:
        """Novembers are remembered; each January villages become town and registrations follow stays."""
        if month_of_year(self.month) == 11:
            for p in self.living:
                p.november4, p.november3, p.november2, p.november1 = p.november3, p.november2, p.november1, p.november0
                p.november0 = p.residence
        if month_of_year(self.month) == 1:
            mesa_yearly.relabel_villages(self)
            mesa_yearly.convert_registration(self)

    # -- counts --------------------------------------------------------------------------------


def run_mesa_people(scenario="teaching", months: int = 12) -> float:
    """Nanoseconds a person-month of the objects: a year to compile and warm up, then `months` timed."""
    model = PeopleModel(scenario)
    for _ in range(12):
        model.step()
    lived, began = 0, time.perf_counter()
    for _ in range(months):
        lived += len(model.living)
        model.step()
    return (time.perf_counter() - began) / lived * 1e9
