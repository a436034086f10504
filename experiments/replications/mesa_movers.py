"""How one person, as a Mesa agent, thinks of moving, weighs places, and goes."""

from __future__ import annotations

from simulator.foundations import streams
from simulator.foundations.units import EMPLOYED, FARMING, FLEXIBLE, STUDENT, UNEMPLOYED, WELFARE_JOB
from simulator.kernels import choosing, moving
from simulator.kernels.choosing import ALONE, FAMILY, OTHER_COUNTY, STAY
from simulator.kernels.considering import chance_of, left_alone, reaches_school, schooling_at_opening
from simulator.kernels.elementary import log_
from simulator.kernels.living import ADULT_MONTHS
from simulator.kernels.relocating import JOIN_FAMILY, RETURN, WORK
from simulator.kernels.rng import draw2, uniform


class Mover:
    """The migration behaviour of `mesa_agents.Person`: considering, choosing, moving out."""

    def offer(self) -> Mover | None:
        """The tie who can offer a job elsewhere this month."""
        tie = self.ties[self.words(streams.CONSIDER)[1] & 7]
        if tie is None or not tie.alive or tie.state != EMPLOYED or tie.residence == self.residence:
            return None
        pool = tie.employer
        return tie if pool.skill == self.skill and pool.vacancies > pool.filled else None

    def considers(self, base_rate, boosts) -> bool:
        """Whether a candidate of the month thinks of moving; notes the offer held."""
        model, self.offered_by = self.model, None
        if not self.alive or self.state <= STUDENT or self.age < 192:
            return False
        schooling = schooling_at_opening(self.education, self.screen_class)
        rate = base_rate[min(self.age // 12, 110)][schooling] * model.levers.mobility[self.residence]
        self.offered_by = self.offer()
        if self.offered_by is not None:
            rate *= boosts.tie_offer
        if any(child.alive and reaches_school(child.age) for child in self.children):
            rate *= boosts.school_child
        mother = self.mother
        if mother is not None and mother.alive and mother.residence == self.root and self.residence != self.root:
            alone = left_alone(mother.age, -1 if mother.partner is None else mother.partner.row)
            rate *= boosts.parent_alone if alone else 1.0
        bound = model.bounds[streams.CONSIDER, self.screen_class]
        return uniform(self.words(streams.CONSIDER)[0]) * bound < chance_of(rate)

    def places_to_weigh(self, partner_place: int | None, t, w) -> list[tuple[int, float]]:
        """Here, the root, the partner's place and the draws of the sampling law, each with its correction."""
        here, root, n = self.residence, self.root, len(t.wage)
        if w.full == 1:
            return [(here, 0.0)] + [(j, 0.0) for j in range(n) if j != here]
        always = dict.fromkeys((here, root) if partner_place is None else (here, root, partner_place))
        by_ties, drawn = w.m // 2, {}
        for k in range(w.m):
            slot, u2 = choosing.place_and_luck(self.words(streams.CHOICE_SET, k // 4)[k % 4], n)
            if k < by_ties:
                j = slot if u2 < t.tie_prob[root][slot] else t.tie_alias[root][slot]
            else:
                j = slot if u2 < t.gravity_prob[here][slot] else t.gravity_alias[here][slot]
            if j not in always:
                drawn[j] = drawn.get(j, 0) + 1
        places = [(j, 0.0) for j in always]
        for j, times in drawn.items():
            places.append((j, log_(times / (by_ties * t.tie_p[root][j] + (w.m - by_ties) * t.gravity_p[here][j]))))
        return places

    def utility_of(self, j: int, here: int, apart: int | None, school: bool, pay: float, known: set, t, w) -> float:
        """What a place is worth to this person, given where the family lives."""
        home, skill, log_income = self.root, self.skill, 0.0
        if choosing.in_work_force(self.state):
            chance = choosing.believed_chance(t.chance[j][skill], t.chance_national[skill], t.ties_known[home][j])
            income = choosing.expected_income_of(
                self.state, j == here, float(self.wage), t.finding[j][skill], t.separation[j][skill], chance,
                t.wage[j][skill] * pay, t.flexible_pay[j], t.farm_income[j], home == j and self.hukou_kind == 0,
                w.search_farming, w.search_flexible,
            )  # fmt: skip
            log_income = log_(max(income + t.other_income[j], w.income_floor))
        at_root = j == home and (j != here or self.county_residence == self.county_hukou or self.hukou_place != home)
        value = t.value[j][choosing.life_stage(self.age, school)][0 if self.hukou_place == j else 1]
        return choosing.destination_utility(
            value, log_income, t.ties_utility[home][j], 1.0 if j in known else 0.0, 0.0 if j == here else 1.0,
            t.log_hours[here][j], 0.0 if j == home else t.log_hours[home][j],
            0.0 if apart is None or apart == j else t.log_hours[apart][j], self.attachment if at_root else 0.0, w,
        )  # fmt: skip

    def choose_place(self, t, w) -> tuple[int, int]:
        """Weigh the places and choose one: (place, way of going)."""
        here, partner = self.residence, self.partner
        mate = partner if partner is not None and partner.residence == here else None
        kids, school, kids_elsewhere = 0, False, None
        for parent in (self,) if partner is None else (self, partner):
            for child in parent.children:
                if child.alive and child.age < ADULT_MONTHS:
                    if child.residence == here:
                        kids += parent is self or mate is not None
                        school = school or child.age >= 72
                    elif kids_elsewhere is None:
                        kids_elsewhere = child.residence
        partner_place = partner.residence if partner is not None and mate is None else None
        apart = partner_place if partner_place is not None else kids_elsewhere
        with_family = mate is not None or kids > 0
        mine, funds, heads = 1.0, float(self.savings), 1.0 + (0.5 if mate is not None else 0.0) + 0.25 * kids
        members = (self,) if mate is None else (self, mate)
        if mate is not None:
            funds += mate.savings
            a, b = max(float(self.wage), w.income_floor), max(float(mate.wage), w.income_floor)
            mine = a / (a + b)
        pay = [member.pay_factor() for member in members]
        known = [{tie.residence for tie in member.ties if tie is not None and tie.alive} for member in members]

        options: list[tuple[int, int, float]] = []
        for j, correction in self.places_to_weigh(partner_place, t, w):
            cost = 0.0
            if j != here:
                cost = t.move_pay[here] + w.cost_per_km * t.km[here][j] - t.cost_relief[j]
                if funds < cost:
                    continue
            both = mate is not None and (j == here or funds >= cost * heads)
            own = theirs = self.utility_of(j, here, apart, school, pay[0], known[0], t, w)
            if j == here and choosing.leaves_college(self.left_study, self.study_place, self.model.month, here):
                own -= w.leaving_college
            if both:
                theirs = mate.utility_of(j, here, apart, school, pay[1], known[1], t, w)
            together = mine * own + (1.0 - mine) * theirs if both else own
            if j == here:
                options.append((here, STAY, together))
                if t.other_county_log[here] > -90.0 and funds >= t.move_pay[here] * heads:
                    pull = 0.0
                    if here == self.root and here == self.hukou_place:
                        pull = -self.attachment if self.county_residence == self.county_hukou else self.attachment
                    burden = together + t.other_county_log[here] - w.moving_cost - w.distance * t.log_hours[here][here]
                    if choosing.leaves_college(self.left_study, self.study_place, self.model.month, here):
                        burden += mine * w.leaving_college
                    options.append((here, OTHER_COUNTY, burden + pull))
                continue
            half_odds = -0.6931471805599453 if with_family else 0.0
            alone = own + correction + half_odds
            if with_family:
                alone -= w.family * t.log_hours[here][j]
                if apart is not None and apart != j:
                    alone += w.family * t.log_hours[apart][j]
            options.append((j, ALONE, alone))
            if with_family and funds >= cost * heads:
                options.append((j, FAMILY, together + correction + half_odds))

        def arrival(option: tuple[int, int, float]) -> float:
            place, way, utility = option
            word = self.words(streams.CHOICE, place)[1 if way in (FAMILY, OTHER_COUNTY) else 0]
            return choosing.race_time(word, utility - options[0][2])

        place, way, _ = min(options, key=arrival)
        return place, way

    def settle_county(self, j: int, way: int, t, w) -> int:
        """The county one settles in: home, often the own county, else by people; or another of the same place."""
        model = self.model
        seed, month, uid = model.seed, model.month, self.uid
        counties = t.county_start, t.county_list, t.county_weight
        if j == self.hukou_place and (way != OTHER_COUNTY or self.county_residence != self.county_hukou):
            return self.county_hukou
        if way == OTHER_COUNTY:
            for number in range(1, 17):
                u = draw2(seed, streams.COUNTY, month, uid, number)[1]
                county = moving.county_by_people(j, *counties, u)
                if county != self.county_residence:
                    return county
            return self.county_residence
        u0, u1 = draw2(seed, streams.COUNTY, month, uid, 0)
        if u0 < w.own_county_share and self.county_hukou in t.county_list[t.county_start[j] : t.county_start[j + 1]]:
            return self.county_hukou
        return moving.county_by_people(j, *counties, u1)

    def relocate(self, j: int, county: int) -> None:
        """Live in another place from now on; a job out of commuting reach is given up."""
        model, here = self.model, self.residence
        if self.state == EMPLOYED:
            if model.hours[j][self.workplace] > model.rule.commute_hours:
                self.leave_work(UNEMPLOYED)
        elif self.state in (FARMING, FLEXIBLE, WELFARE_JOB) and j != here:
            self.state = UNEMPLOYED
        if j == self.root and here != j:
            self.last_return, self.returned_from = model.month, here
        self.live_in(j, county)

    def move_out(self, j: int, way: int, t, w) -> None:
        """Carry out a move, with whom one takes along, pay for it, and take up an offered job."""
        model, here, mate = self.model, self.residence, self.partner
        if not self.alive or self.last_move == model.month:
            return
        county = self.settle_county(j, way, t, w)
        if way == OTHER_COUNTY and county == self.county_residence:
            return
        together = way != ALONE and mate is not None and mate.residence == here and mate.last_move != model.month
        reunites = mate is not None and not together and mate.residence == j
        movers = [self]
        self.relocate(j, county)
        if way != ALONE:
            for parent in (self, mate) if together else (self,):
                if parent is mate:
                    mate.relocate(j, county)
                    movers.append(mate)
                for child in parent.children:
                    if child.alive and child.age < ADULT_MONTHS and child.residence == here:
                        child.relocate(j, county)
                        movers.append(child)
        for mover in movers:
            reason = WORK if mover is self and not reunites else JOIN_FAMILY
            back = j == mover.root and (
                j != here or (mover is self and county == mover.county_hukou and j == mover.hukou_place)
            )
            model.month_moves.append((mover, here, j, RETURN if back else reason))
        heads = 1.0 + (0.5 if together else 0.0) + 0.25 * (len(movers) - (2 if together else 1))
        distance = 0.0 if j == here else t.km[here][j]
        cost = int(max(0.0, (t.move_pay[here] + w.cost_per_km * distance) * heads - t.cost_relief[j]))
        for payer in (self, mate):
            if payer is not None:
                paid = min(cost, max(payer.savings, 0))
                payer.savings -= paid
                cost -= paid
                model.paid["removals"][payer.residence] += paid
        tie = self.offered_by
        if tie is not None and self.state == UNEMPLOYED and tie.alive and tie.state == EMPLOYED:
            pool = tie.employer
            if pool.vacancies > pool.filled and model.hours[self.residence][pool.place] <= model.rule.commute_hours:
                pool.hire(self)
