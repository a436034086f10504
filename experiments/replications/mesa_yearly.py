"""What happens to people once a year in the Mesa version: couples, degrees, college, registers."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from experiments.replications.mesa_agents import NOVEMBERS, Household, Person
from simulator.foundations import streams
from simulator.foundations.paths import grown
from simulator.foundations.units import COLLEGE, FARMING, FEMALE, NOWHERE, RURAL, STUDENT, UNEMPLOYED
from simulator.kernels import pairing, registering, studying
from simulator.kernels.living import ADULT_MONTHS
from simulator.kernels.relocating import STUDY
from simulator.kernels.rng import draw1, hash_name
from simulator.kernels.sampling import round_controlled
from simulator.mechanisms import education
from simulator.mechanisms.registration import FRINGE, fringe_means, relabel_shares
from simulator.state.firms import PUBLIC


def form_couples(model) -> None:
    """The yearly ranking: like with like in place, age band and education, then in place and age band."""
    seed, month, singles = model.seed, model.month, []
    for person in model.living:
        least = pairing.WOMEN_LEAST if person.sex == FEMALE else pairing.MEN_LEAST
        if person.partner is None and person.state != STUDENT and least <= person.age < pairing.MOST:
            hazard = pairing.union_hazard(float(person.age), person.sex, model.rule.union_peak, model.rule.union_age)
            if person.draw(streams.UNION) < pairing.yearly_chance(hazard):
                singles.append(person)
    couples: list[tuple[Person, Person]] = []
    taken: set[Person] = set()

    def coarse(person: Person) -> tuple:
        return person.residence, pairing.age_band(person.age, person.sex)

    def fine(person: Person) -> tuple:
        return *coarse(person), max(person.education, 1)

    for cell in (fine, coarse):
        rank = {p: (cell(p), p.sex, pairing.ranking_priority(p.uid, month, seed), int(p.uid)) for p in singles}
        for _, group in groupby(sorted(singles, key=rank.get), key=cell):
            group = [person for person in group if person not in taken]
            men, women = ([p for p in group if (p.sex == FEMALE) == side] for side in (False, True))
            for man, woman in zip(men, women, strict=False):
                siblings = man.mother is not None and man.mother is woman.mother
                if not siblings and man.mother is not woman and woman.mother is not man:
                    taken |= {man, woman}
                    couples.append((man, woman))
    founders = {man for man, _ in couples if man.household is None or man.household.head is not man}
    for man, woman in couples:
        home = None
        if man in founders:
            home = Household(model, len(model.homes), man.root, man.residence, int(man.hukou_kind == 0))
            model.homes.append(home)
        man.move_together_with(woman, home)
    model.seat_heads()
    model.note(unions=len(couples))


def release_graduates(model) -> None:
    """Who has studied long enough gets a degree and chooses a place; adults take degrees beside work."""
    month, years, adults = model.month, int(model.scenario["education.college_years"]), []
    for p in model.living:
        if studying.finishes(p.state, p.education, p.study_place, p.study_since, month, years):
            p.education, p.state, p.left_study = COLLEGE, UNEMPLOYED, month
            if p.study_place != p.root:
                looser = np.float32(p.attachment) - np.float32(model.scenario["migration.study_loosens_ties"])
                p.attachment = max(float(looser), -20.0)
            model.forced_considerers.append(p)
            model.note(graduates=1)
        elif studying.may_study_beside_work(p.alive, p.state, p.education, p.age):
            adults.append(p)
    wanted = float(model.scenario["education.adult_degrees_per_year"]) * grown(model, "adult_degrees")
    chance = min(education.MOST_ADULT_DEGREES, wanted / model.persons_per_agent / max(len(adults), 1))
    for person in adults:
        if person.draw(streams.ADULT_STUDY) < chance:
            person.education, person.left_study = COLLEGE, month


def admit_students(model) -> None:
    """Applicants by merit take the places of their province, then those left anywhere."""
    seed, month, province = model.seed, model.month, model.world.province.tolist()
    applicants = [p for p in model.living if studying.applies(p.state, p.education, p.study_place)]
    by_merit = sorted(applicants, key=lambda p: (studying.merit(p.uid, month, seed), int(p.uid)))
    places = education.college_places(model)
    in_province = np.bincount(province, weights=places, minlength=len(model.world.province_code))
    held = round_controlled(in_province * float(model.scenario["education.home_province_share"])).tolist()
    slots = [(studying.slot_key(s, k, month, seed), s) for s in range(model.world.n) for k in range(places[s])]
    free = [s for _, s in sorted(slots, key=lambda slot: slot[0])]
    given: dict[Person, int] = {}
    for person in by_merit:
        home = province[person.hukou_place]
        slot = next((k for k, s in enumerate(free) if province[s] == home), None) if held[home] > 0 else None
        if slot is not None:
            held[home] -= 1
            given[person] = free.pop(slot)
    for person, place in zip([p for p in by_merit if p not in given], free, strict=False):
        given[person] = place
    for person in applicants:
        if person not in given:
            person.state, person.left_study = UNEMPLOYED, month
            continue
        here, to = person.residence, given[person]
        person.study_place, person.study_since = to, month
        if here != to:
            person.workplace = NOWHERE
            person.live_in(to, person.county_at(to))
            if person.household is not None and person.household.head is person:
                person.household.dwelling = to
            model.month_moves.append((person, here, to, STUDY))
    model.note(applicants=len(applicants), admitted=len(given))


def relabel_villages(model) -> None:
    """A share of each village with many jobs off the farm takes the name of the town of its circle."""
    world, s, seed, month = model.world, model.settlements, model.seed, model.month
    first, second, split = model.relabel_targets
    share = relabel_shares(model)
    if not share.any():
        return
    shares = share.tolist()
    key_of = [h.head.uid if h.head is not None else np.uint64(h.row + hash_name("household")) for h in model.homes]

    farms = np.array([h.head is not None and h.head.state == FARMING for h in model.homes], dtype=bool)
    at = np.minimum(np.array([h.dwelling for h in model.homes], dtype=np.int64), world.n)
    mean = fringe_means(*(np.bincount(at[farms == which], minlength=world.n + 1) for which in (False, True)))
    fringe, firms_ready = np.where(farms, 1.0, FRINGE) * mean[at], FRINGE * mean[: world.n]
    public = {f.settlement: f for f in model.firms if f.sector == PUBLIC and f.alive}
    renamed_firms = set()
    for f in model.firms:
        c = f.settlement
        if f.alive and shares[c] > 0.0 and public[c] is not f and registering.becomes_town(
            seed, month, f.uid, shares[c] * firms_ready[c]
        ):
            f.settlement = int(first[c] if draw1(seed, streams.RELABEL, month, f.uid, 1) < split[c] else second[c])
            for line in f.lines:
                line.place = f.settlement
            renamed_firms.add(f)
    passed_on = {}

    def new_name(key: np.uint64, ready: float, places: tuple[int, ...]) -> tuple[int, int] | None:
        """(village, town) when the household's corner of one of these villages becomes town this year."""
        for c in places:
            if c != NOWHERE and shares[c] > 0.0 and registering.becomes_town(seed, month, key, shares[c] * ready):
                joins_first = draw1(seed, streams.RELABEL, month, key, 1) < split[c]
                return c, int(first[c] if joins_first else second[c])
        return None

    for p in model.living:
        home = p.household
        if p.employer is not None and p.employer.firm in renamed_firms:
            p.workplace = p.employer.place
        key, ready = (p.uid, 1.0) if home is None else (key_of[home.row], float(fringe[home.row]))
        renamed = new_name(key, ready, (p.root, p.hukou_place, p.residence))
        if renamed is None:
            continue
        old, new = renamed
        if p.residence == old:
            model.note(relabelled=1)
            if p.employer is not None and p.employer.firm is public[old]:
                p.workplace = new
                for line, change in ((p.employer, -1), (public[new].lines[p.employer.skill], 1)):
                    line.headcount += change
                    passed_on[line] = passed_on.get(line, 0) + change
                p.employer = line
            p.move_to(model.cells[new])
        for name in ("residence", "hukou_place", "root", "study_place", *NOVEMBERS):
            if getattr(p, name) == old:
                setattr(p, name, new)
    for home in model.homes:
        old, new = new_name(key_of[home.row], float(fringe[home.row]), (home.root, home.dwelling)) or (None, None)
        home.root = new if home.root == old else home.root
        home.dwelling = new if home.dwelling == old else home.dwelling
    stocks = (s.dwellings, s.farmers_base, s.service_stock, s.service_pipeline, s.residents_base, s.flexible_base)
    for line, change in passed_on.items():
        setattr(line.firm, f"offset{line.skill}", getattr(line.firm, f"offset{line.skill}") + change)
    for c in np.flatnonzero(share > 0):
        for to, part in ((first[c], share[c] * split[c]), (second[c], share[c] * (1.0 - split[c]))):
            if part <= 0.0 or to == c:
                continue
            people = s.residents_base[c] * part
            talent = s.talent_share_base[to] * s.residents_base[to] + s.talent_share_base[c] * people
            s.talent_share_base[to] = talent / max(s.residents_base[to] + people, 1e-9)
            for stock in stocks:
                stock[to] += stock[c] * part
        for stock in stocks:
            stock[c] *= 1.0 - share[c]
    model.resize_places(s.residents_base)


def convert_registration(model) -> None:
    """People with rural registration who live in towns may convert; minors with the luck of their guardian."""
    value, strictness = model.scenario, model.world.strictness.astype(np.float64)
    rate = float(value["hukou.conversion_rate"]) * model.conversion_scale * model.driver("hukou_reform")
    w = registering.Conversion(*(float(value[f"hukou.{name}"]) for name in registering.Conversion._fields))
    converts = []
    for p in model.living:
        j = p.residence
        if p.hukou_kind == 0 and model.kind[j] != RURAL:
            asked = p.guardian if p.age < ADULT_MONTHS and p.guardian is not None else p
            stay = w.long_stay_months if p.hukou_place == j else float(p.months_away)
            land = p.root != j and p.household is not None and p.household.land_right == 1
            weight = registering.conversion_weight(stay, land, strictness[j], w)
            chance = registering.conversion_chance(rate * weight * model.levers.hukou_ease[j])
            if asked.draw(streams.HUKOU) < chance:
                converts.append(p)
    for p in converts:
        p.hukou_kind, p.hukou_place, p.county_hukou = 1, p.residence, p.county_residence
        p.township_apart = p.months_away = 0
    model.note(converted=len(converts))
