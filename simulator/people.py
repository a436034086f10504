"""A Mesa-like face on the people: select, group, aggregate, and look at one person by name.

Persons are columns, not objects; this face gives users of Mesa's AgentSet the verbs they know.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.foundations.units import EDUCATIONS, NOWHERE, SEXES, STATES, month_text


class People:
    """The living people of a model; selections share the model's columns."""

    def __init__(self, model, rows: np.ndarray | None = None):
        self._model = model
        self._rows = rows

    @property
    def rows(self) -> np.ndarray:
        """Rows of the selected people, ascending."""
        if self._rows is None:
            return np.flatnonzero(self._model.persons.alive == 1)
        return self._rows

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, column: str) -> np.ndarray:
        """A column of the selected people; `age` is in whole years."""
        if column == "age":
            return (self._model.month - self._model.persons.birth_month[self.rows].astype(np.int64)) // 12
        return getattr(self._model.persons, column)[self.rows]

    def select(self, condition: Callable[[People], np.ndarray] | None = None, **equal) -> People:
        """People for whom the condition (a function of this selection giving True or False each) and all equalities hold."""
        keep = np.ones(len(self), dtype=bool)
        if condition is not None:
            keep &= np.asarray(condition(self), dtype=bool)
        for column, value in equal.items():
            keep &= self.get(column) == value
        return People(self._model, self.rows[keep])

    def groupby(self, column: str) -> dict[int, People]:
        """Selections by the value of a column."""
        values = self.get(column)
        return {int(v): People(self._model, self.rows[values == v]) for v in np.unique(values)}

    def agg(self, column: str, function: Callable[[np.ndarray], float]) -> float:
        """One number from a column: `people.agg("wage", np.mean)`."""
        return function(self.get(column))

    def person(self, uid: int) -> dict:
        """What is known of one person, by uid, in words; KeyError when there is no such person."""
        found = np.flatnonzero(self._model.persons.uid == np.uint64(uid))
        if len(found) == 0:
            raise KeyError(f"no person with uid {uid}")
        row, persons, world = int(found[0]), self._model.persons, self._model.world

        def place(name: str) -> str | None:
            settlement = int(getattr(persons, name)[row])
            return None if settlement == NOWHERE else str(world.name_en[settlement])

        return {
            "uid": int(persons.uid[row]),
            "alive": bool(persons.alive[row]),
            "born": month_text(int(persons.birth_month[row])),
            "age": (self._model.month - int(persons.birth_month[row])) // 12,
            "sex": SEXES[persons.sex[row]],
            "education": EDUCATIONS[persons.education[row]],
            "state": STATES[persons.state[row]],
            "residence": place("residence"),
            "root": place("root"),
            "hukou_place": place("hukou_place"),
            "birthplace": place("birthplace"),
            "workplace": place("workplace"),
            "wage_yuan": int(persons.wage[row]) / 100,
            "savings_yuan": int(persons.savings[row]) / 100,
            "months_away": int(persons.months_away[row]),
        }
