"""People, their households and their employers as Mesa agents: kin, jobs, pay, and being born and dying."""

from __future__ import annotations

import numpy as np
from mesa import Agent
from mesa.discrete_space import CellAgent

from experiments.replications.mesa_movers import Mover
from simulator.foundations import streams
from simulator.foundations.units import (
    CHILD,
    COLLEGE,
    EMPLOYED,
    FARMING,
    FLEXIBLE,
    INACTIVE,
    NOWHERE,
    RURAL,
    UNEMPLOYED,
)
from simulator.kernels import caring, choosing, labour, living, moving, searching
from simulator.kernels.living import ADULT_MONTHS
from simulator.kernels.relocating import JOIN_FAMILY
from simulator.kernels.rng import draw1, draw4, hash64, uniform
from simulator.state.books import ESTATES_AT
from simulator.state.persons import PERSON_COLUMNS, TIES

TIE_NAMES = tuple(f"tie{k}" for k in range(TIES))
NOVEMBERS = tuple(f"november{k}" for k in range(5))
LINKS = ("household", "mother", "partner", "guardian", "first_child", "next_sibling", "employer", *TIE_NAMES)
"""Columns that are rows of others; as attributes they are the others themselves."""
PLAIN = tuple(c.name for c in PERSON_COLUMNS if c.name not in LINKS)
STARTS = {c.name: c.start for c in PERSON_COLUMNS if c.name not in LINKS}
STREAMS = (
    streams.DEATH, streams.BIRTH, streams.SEPARATE, streams.SEARCH, streams.CONSIDER, streams.FOUND_FIRM, streams.HEALTH_SHOCK,
)  # fmt: skip
"""Rare events in the order of their screening words, four to a word."""


class Household(Agent):
    """People who share a dwelling and, when they have rural registration, land."""

    def __init__(self, model, row: int, root: int, dwelling: int, land_right: int, guarantee: int = 0, guarantee_rest: int = 0, aided: int = 0):
        super().__init__(model)
        self.row, self.root, self.dwelling, self.land_right = row, root, dwelling, land_right
        self.guarantee, self.guarantee_rest, self.aided = guarantee, guarantee_rest, aided
        self.head: Person | None = None
        self.members: list[Person] = []


class Person(Mover, CellAgent):
    """One person: attributes are the columns of `simulator.state.persons`, links to others are objects."""

    def __init__(self, model, row: int, values: dict):
        super().__init__(model)
        self.__dict__.update(values)
        self.row, self.uid = row, np.uint64(values["uid"])
        self.household = self.mother = self.partner = self.guardian = self.employer = None
        self.children: list[Person] = []
        self.ties: list[Person | None] = [None] * TIES
        self.cell = model.cells[self.residence]

    # -- what one is ---------------------------------------------------------------------------

    @property
    def age(self) -> int:
        """Completed months of life."""
        return self.model.month - self.birth_month

    @property
    def skill(self) -> int:
        """Skill group in the labour market."""
        return 1 if self.education == COLLEGE else 0

    def draw(self, stream: int, number: int = 0) -> float:
        """This month's luck of this person in one thing: uniform between 0 and 1."""
        return draw1(self.model.seed, stream, self.model.month, self.uid, number)

    def words(self, stream: int, number: int = 0) -> tuple[int, int, int, int]:
        """The same luck as four words of 32 bits."""
        return draw4(self.model.seed, stream, self.model.month, self.uid, number)

    def pay_factor(self) -> float:
        """Pay relative to the market's."""
        rule = self.model.rule
        return choosing.individual_pay(self.uid, self.model.seed, self.experience, rule.pay_sd, rule.experience_return)

    def may_farm(self) -> bool:
        """Whether the family's land is within reach: rural registration, at a rural root, with a land right."""
        at_root = self.hukou_kind == 0 and self.residence == self.root and self.model.kind[self.root] == RURAL
        return at_root and self.household is not None and self.household.land_right == 1

    def live_in(self, place: int, county: int) -> None:
        """Change residence: the cell one stands in, and what follows from it alone."""
        self.residence, self.county_residence = place, county
        self.move_to(self.model.cells[place])
        self.township_apart = int(county == self.county_hukou and place != self.hukou_place)
        self.last_move = self.model.month

    def county_at(self, place: int) -> int:
        """The county where one comes to live for study or to kin: home, else drawn by its people."""
        if place == self.hukou_place:
            return self.county_hukou
        world, model = self.model.world, self.model
        tables = world.county_cell_start, world.county_cell_list, world.county_cell_weight
        return moving.drawn_county(place, self.uid, model.month, model.seed, *tables)

    # -- households and kin --------------------------------------------------------------------

    def leave_work(self, state: int) -> None:
        """Take up another state; a job held is vacated."""
        if self.employer is not None:
            self.employer.part_with(self)
        self.state, self.workplace = state, NOWHERE

    def leave_household(self) -> None:
        """Leave the household; kin take its head, or the eldest at the end of the step."""
        home, self.household = self.household, None
        if home is None:
            return
        home.members.remove(self)
        if home.head is self:
            home.head = self.successor(home)
            if home.members and home.head is None:
                self.model.headless.append(home)

    def successor(self, home: Household) -> Person | None:
        """Who heads a household after this person: partner, eldest adult child, elders, eldest child."""
        mate = self.partner
        if mate is not None and mate.alive and mate.household is home:
            return mate
        here = [c for c in self.children if c.alive and c.household is home and c is not self]
        eldest = min(here, key=lambda c: c.birth_month, default=None)
        if eldest is not None and eldest.age >= ADULT_MONTHS:
            return eldest
        for elder in (self.mother, self.guardian, mate.mother if mate is not None else self.mother):
            if elder is not None and elder is not self and elder.alive and elder.household is home:
                return elder
        return eldest

    def join_household(self, home: Household | None) -> None:
        """Become a member of a household."""
        self.household = home
        if home is not None:
            home.members.append(self)
            if home.head is None:
                home.head = self

    def hand_over(self, to: Person | None) -> None:
        """Leave one adult's list of children and head another's."""
        if self.guardian is not None:
            self.guardian.children.remove(self)
        self.guardian = to
        if to is not None:
            to.children.insert(0, self)

    def next_guardian(self, dead: Person, mate: Person | None) -> Person | None:
        """The adult who takes this child: other parent, grandmothers and their partners, head of the household."""

        def fit(adult: Person | None) -> bool:
            return adult is not None and adult is not dead and adult.alive and adult.age >= ADULT_MONTHS

        asked = [mate, self.mother]
        for parent in (self.mother, dead, mate):
            if parent is not None and parent.mother is not None:
                asked += [parent.mother, parent.mother.partner]
        if self.household is not None:
            asked.append(self.household.head)
        return next((adult for adult in asked if fit(adult)), None)

    def kind_neighbour(self) -> Person | None:
        """An adult of the settlement and root, else of the settlement: the first after a keyed one."""
        everyone = self.model.everyone
        start, second = hash64(self.uid, self.model.month) % len(everyone), None
        for other in everyone[start:] + everyone[:start]:
            grown_up = living.KIN_YOUNGEST <= other.age < living.KIN_OLDEST
            if other.alive and other.residence == self.residence and grown_up:
                if other.root == self.root:
                    return other
                second = second or other
        return second

    def join_kin(self, to: Person) -> None:
        """A child joins an adult's household and place."""
        if self.household is not to.household:
            self.leave_household()
            self.join_household(to.household)
        here, there = self.residence, to.residence
        if here != there:
            if EMPLOYED <= self.state < UNEMPLOYED:
                self.leave_work(UNEMPLOYED)
            self.live_in(there, self.county_at(there))
            self.model.month_moves.append((self, here, there, JOIN_FAMILY))

    def die(self) -> None:
        """Leave work, household, partner, children and savings behind."""
        model = self.model
        self.alive = 0
        self.leave_work(INACTIVE)
        self.leave_household()
        mate, self.partner = self.partner, None
        if mate is not None:
            mate.partner = None
        eldest = min((c for c in self.children if c.alive), key=lambda c: c.birth_month, default=None)
        for child in list(self.children):
            if child.alive and child.age < ADULT_MONTHS:
                to = child.next_guardian(self, mate) or child.kind_neighbour()
                child.hand_over(to)
                if to is not None:
                    child.join_kin(to)
                model.note(orphans=1)
        heir = mate if mate is not None and mate.alive else eldest
        model.left[self.residence] += self.savings
        if heir is not None:
            heir.savings += self.savings
            model.got[heir.residence] += self.savings
        else:
            model.estates_fen += self.savings
            model.got[ESTATES_AT] += self.savings
        self.savings = 0
        self.remove()

    def bear_child(self) -> Person:
        """Bear a child, who takes registration, root and place from the mother."""
        model, rule = self.model, self.model.rule
        order = sum(child.mother is self for child in self.children)
        uid = np.uint64(living.newborn_uid(self.uid, order))
        disabled = caring.disability_of(draw1(model.seed, streams.DISABILITY, model.month, uid, 0), rule.disability, rule.severe)
        attachment = living.newborn_attachment(uid, model.month, model.seed, rule.attachment_mean, rule.attachment_sd)
        same = ("hukou_kind", "township_apart", "hukou_place", "root", "residence", "county_hukou", "county_residence")
        values = STARTS | {name: getattr(self, name) for name in same} | {
            "uid": uid, "alive": 1, "sex": living.newborn_sex(uid, model.month, model.seed, rule.boys_per_girl),
            "state": CHILD, "disability": int(disabled), "insurance": living.RESIDENT_INSURANCE,
            "birth_month": model.month, "birthplace": self.residence, "attachment": float(np.float32(attachment)),
            "months_away": int(self.residence != self.hukou_place),
        }  # fmt: skip
        child = Person(model, len(model.everyone), values)
        model.everyone.append(child)
        child.mother = self
        child.hand_over(self)
        child.join_household(self.household)
        return child

    def move_together_with(self, woman: Person, home: Household | None) -> None:
        """Share a household with a new partner: a new one, or the man's own."""
        self.partner, woman.partner = woman, self
        if home is not None:
            self.leave_household()
            self.join_household(home)
        home = self.household
        joining = [woman]
        for parent in (self, woman):
            joining += [child for child in parent.children if child.alive and child.age < ADULT_MONTHS]
        for person in joining:
            if person.household is not home:
                person.leave_household()
                person.join_household(home)

    # -- work ----------------------------------------------------------------------------------

    def may_lose_job(self, lost, rule) -> None:
        """A candidate of the month loses the job with the true rate over the bound."""
        if not self.alive or self.state != EMPLOYED or (self.screen_class // 2) % 4 != 0:
            return
        w0, w1, _, _ = self.words(streams.SEPARATE)
        away, settled = self.residence != self.hukou_place, self.model.month - self.last_move
        rate = labour.separation_rate_of(
            away, settled, self.employer.separation_factor, rule.separation, rule.migrant_separation
        )
        if uniform(w0) * self.model.bounds[streams.SEPARATE, self.screen_class] >= rate:
            return
        lost[self.employer.place, self.employer.skill] += 1
        self.employer.part_with(self)
        self.state = FARMING if uniform(w1) < rule.loser_farm_share and self.may_farm() else UNEMPLOYED
        if self.draw(streams.CONSIDER, searching.JOB_LOSS_CONSIDER) < rule.loser_considers:
            self.model.forced_considerers.append(self)

    def apply_for_job(self, market) -> None:
        """Choose a place within reach and one vacancy there; a referral by a working tie goes first."""
        home, skill, model = self.residence, self.skill, self.model
        needed, luck, line = 0.0, 0.0, 0 if self.state == FLEXIBLE else 1
        if self.state == EMPLOYED:
            at = market.reach(home, self.workplace)
            left = market.share[at] if at >= 0 else labour.commuting_share(market.hours_max, market.cost)
            needed = labour.BETTER_PAY * model.settlements.wage[self.workplace, self.employer.skill] * left
        elif self.state in (FLEXIBLE, FARMING):
            luck = self.draw(streams.SEARCH, 1)
        w0, w1, w2, w3 = self.words(streams.MATCH_PRIORITY)
        at, pool = -1, None
        if uniform(w2) < market.referral_share:
            pool = self.find_referral(labour.pick(np.uint32(self.words(streams.REFERRAL)[0]), TIES))
            if pool is not None and pool.vacancies > 0:
                at = market.reach(home, pool.place)
        if at < 0:
            pool = None
            at = labour.choose_place(
                model.seed, model.month, self.uid, market.pull, market.start[home], market.start[home + 1], skill
            )
        if at < 0 or (self.state == EMPLOYED and market.net[at][skill] <= needed):
            return
        if self.state in (FLEXIBLE, FARMING) and luck >= market.leave[at][skill][line]:
            return
        place = market.place[at]
        market.applications[place, skill] += 1
        posted = market.line[place, skill] if pool is None else [(pool, k) for k in range(pool.vacancies)]
        if posted:
            employer, k = posted[labour.pick(np.uint32(w3), len(posted))]
            able, first = True, w0 << 32 | w1
            if self.disability > 0:
                firm, (quota, least, capacity) = employer.firm, market.care
                short = caring.is_short(firm.disabled, firm.heads, quota, least)
                able, first = caring.chance_of(short, np.uint64(first), capacity, model.seed, model.month, self.uid)
            if not able:
                return
            self.priority = (int(first), int(self.uid))
            if employer.takers[k] is None or self.priority < employer.takers[k].priority:
                employer.takers[k] = self

    def find_referral(self, first_slot: int):
        """Employer of the first living, employed tie of the same skill from a random slot on."""
        for tie in self.ties[first_slot:] + self.ties[:first_slot]:
            if tie is not None and tie.alive and tie.state == EMPLOYED and tie.employer.skill == self.skill:
                return tie.employer
        return None

    def make_do(self, s, balance, rule) -> None:
        """A searcher without work turns to the land, to flexible work, gives up, or searches on."""
        u = self.draw(streams.FALLBACK)
        farm = balance[4] * rule.farm_entry if self.may_farm() else 0.0
        pay, wage = float(s.flexible_pay[self.residence]), float(s.wage[self.residence, 0])
        flexible = labour.flexible_entry_rate(balance[3] * rule.flexible_entry, pay, wage, rule.flexible_share)
        if u < farm:
            self.state = FARMING
        elif u < farm + flexible:
            self.state = FLEXIBLE
        elif u < farm + flexible + balance[2]:
            self.state = INACTIVE
