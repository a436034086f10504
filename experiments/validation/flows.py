"""A user's own table of flows between places: how well gravity, radiation and the model reproduce it.

Statistics: the common part of commuters (CPC; Lenormand et al. 2016), R2 of logarithms over pairs where both are above nought,
and the slope of flow against distance by Poisson pseudo-maximum-likelihood (Santos Silva and Tenreyro 2006).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.foundations.errors import BadInput, Fault, choices, did_you_mean, show_value

NEEDED = ("origin", "destination", "flow")
OPTIONAL = ("distance_km", "origin_people", "destination_people")
MOST_ROWS, MOST_BYTES = 4_000_000, 512 << 20
FIXED_EFFECTS_UP_TO = 150
"""Places up to which the distance slope is also estimated with origin and destination effects."""


@dataclass(frozen=True)
class Flows:
    """Flows between places, pairs of different places only: one entry a pair."""

    places: list[str]
    origin: np.ndarray
    destination: np.ndarray
    flow: np.ndarray
    km: np.ndarray
    mass_from: np.ndarray
    mass_to: np.ndarray


def read_flows(path: str, world=None) -> Flows:
    """Read a CSV of flows; what it lacks of distances and people is looked up in the world. BadInput lists each fault with its line."""
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise ValueError(f"larger than {MOST_BYTES >> 20} MiB")
        rows = list(csv.reader(io.StringIO(Path(path).read_text("utf-8-sig")), strict=True))
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise BadInput(Fault(file=path, value=f"cannot be read: {why}", remedy="give a CSV file in UTF-8")) from None
    head = [cell.strip() for cell in rows[0]] if rows else []
    faults = [Fault(path, 1, name, "missing", ", ".join((*NEEDED, *OPTIONAL)), did_you_mean(name, head) or "add the column") for name in NEEDED if name not in head]
    if faults:
        raise BadInput(faults)
    kept: dict[tuple[str, str], list[float]] = {}
    numbers = [name for name in ("flow", *OPTIONAL) if name in head]
    for line, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(head):
            faults.append(Fault(path, line, f"line {line}", f"{len(cells)} cells", f"{len(head)} cells"))
        else:
            row = dict(zip(head, (cell.strip() for cell in cells), strict=True))
            values = [_number(row[name], path, line, name, faults) for name in numbers]
            pair = (row["origin"], row["destination"])
            if pair in kept:
                faults.append(Fault(path, line, "origin, destination", " to ".join(pair), "each pair once", "add them up"))
            kept[pair] = values
        if len(faults) >= 20 or line > MOST_ROWS:
            break
    if faults:
        raise BadInput(faults)
    return _complete(path, kept, numbers, world)


def _number(text: str, path: str, line: int, name: str, faults: list[Fault]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not (np.isfinite(value) and value >= 0 and not (name != "flow" and value == 0)):
        faults.append(Fault(path, line, name, show_value(text), "a number, 0 or more" if name == "flow" else "a number above 0"))
    return value


def _complete(path: str, kept: dict, numbers: list[str], world) -> Flows:
    """Pairs as arrays, with distances and people from the file or from the world."""
    places = sorted({place for pair in kept for place in pair})
    if len(places) < 3:
        raise BadInput(Fault(path, value=f"{len(places)} places", allowed="three places or more"))
    number = {place: k for k, place in enumerate(places)}
    pairs = [(number[a], number[b], *values) for (a, b), values in kept.items() if a != b]
    table = np.array(pairs, dtype=np.float64)
    origin, destination = table[:, 0].astype(int), table[:, 1].astype(int)
    column = {name: table[:, 2 + k] for k, name in enumerate(numbers)}
    known = None
    if not {"distance_km", "origin_people", "destination_people"} <= set(numbers):
        known = _of_world(path, places, world)
    km = column["distance_km"] if "distance_km" in column else known[1][origin, destination]
    mass_from = column["origin_people"] if "origin_people" in column else known[0][origin]
    mass_to = column["destination_people"] if "destination_people" in column else known[0][destination]
    return Flows(places, origin, destination, column["flow"], np.maximum(km, 1.0), mass_from, mass_to)


def names_of(world) -> dict[str, np.ndarray]:
    """What a user may call the places of a world: settlements by code, provinces by English or Chinese name or code."""
    found = {str(code): np.array([k]) for k, code in enumerate(world.code)}
    for p in range(len(world.province_code)):
        rows = np.flatnonzero(np.asarray(world.province) == p)
        for name in (world.province_en[p], world.province_zh[p], world.province_code[p]):
            found.setdefault(str(name), rows)
    return found


def _of_world(path: str, places: list[str], world) -> tuple[np.ndarray, np.ndarray]:
    """People of each place and kilometres between them, by the world's settlements (centres weighted by people)."""
    known = names_of(world)
    unknown = [place for place in places if place not in known]
    if unknown:
        remedy = did_you_mean(unknown[0], known) or f"give columns {choices(OPTIONAL)}, or names of provinces or settlements"
        raise BadInput(Fault(path, 0, "origin, destination", f"{show_value(unknown[0])} is no place of {world.name}", remedy=remedy))
    people = np.array([world.population[known[p]].sum() for p in places])
    lon = np.array([np.average(world.lon[known[p]], weights=world.population[known[p]]) for p in places])
    lat = np.array([np.average(world.lat[known[p]], weights=world.population[known[p]]) for p in places])
    a, b = np.radians(lat), np.radians(lon)
    half = np.sin((a[:, None] - a) / 2) ** 2 + np.cos(a[:, None]) * np.cos(a) * np.sin((b[:, None] - b) / 2) ** 2
    return people, 2 * 6371.0 * np.arcsin(np.sqrt(np.minimum(half, 1)))


# --- models and statistics ------------------------------------------------------------------------


def poisson_fit(y: np.ndarray, x: np.ndarray, steps: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and robust standard errors of a Poisson pseudo-maximum-likelihood fit, by reweighted least squares."""
    scale = max(float(y.mean()), 1e-12)
    target = y / scale
    mean = (target + target.mean()) / 2
    beta = np.zeros(x.shape[1])
    for _ in range(steps):
        index = np.log(mean)
        working = index + (target - mean) / mean
        heavy = x * mean[:, None]
        new = np.linalg.lstsq(x.T @ heavy, heavy.T @ working, rcond=None)[0]
        mean = np.exp(np.clip(x @ new, -60, 60))
        if np.abs(new - beta).max() < 1e-10:
            break
        beta = new
    bread = np.linalg.pinv((x * mean[:, None]).T @ x)
    residual = x * (target - mean)[:, None]
    errors = np.sqrt(np.maximum(np.diag(bread @ (residual.T @ residual) @ bread), 0))
    new[0] += np.log(scale)
    return new, errors


def gravity(flows: Flows) -> tuple[np.ndarray, float, float]:
    """Flows of a gravity model fitted to the table, and its slope against ln distance with its standard error."""
    x = np.column_stack([np.ones(len(flows.flow)), np.log(flows.mass_from), np.log(flows.mass_to), np.log(flows.km)])
    beta, errors = poisson_fit(flows.flow, x)
    return np.exp(x @ beta), float(beta[3]), float(errors[3])


def slope_with_effects(flows: Flows) -> tuple[float, float] | None:
    """Distance slope with an effect of every origin and destination; None for too many places."""
    n = len(flows.places)
    if n > FIXED_EFFECTS_UP_TO:
        return None
    rows = np.arange(len(flows.flow))
    x = np.zeros((len(rows), 2 * n))
    x[:, 0] = 1.0
    x[:, 1] = np.log(flows.km)
    x[rows[flows.origin > 0], 1 + flows.origin[flows.origin > 0]] = 1.0
    x[rows[flows.destination > 0], n + flows.destination[flows.destination > 0]] = 1.0
    beta, errors = poisson_fit(flows.flow, x)
    return float(beta[1]), float(errors[1])


def radiation(flows: Flows) -> np.ndarray:
    """T_ij = T_i m n / ((m + s)(m + n + s)): no parameter; s is the people nearer than the destination (Simini et al. 2012)."""
    n = len(flows.places)
    km = np.full((n, n), np.inf)
    km[flows.origin, flows.destination] = flows.km
    mass = np.zeros(n)
    mass[flows.destination] = flows.mass_to
    mass[flows.origin] = np.where(mass[flows.origin] > 0, mass[flows.origin], flows.mass_from)
    leaving = np.bincount(flows.origin, flows.flow, n)
    found = np.zeros(len(flows.flow))
    for i in range(n):
        pairs = np.flatnonzero(flows.origin == i)
        order = pairs[np.argsort(flows.km[pairs], kind="stable")]
        to = flows.destination[order]
        nearer = np.concatenate([[0.0], np.cumsum(mass[to])[:-1]])
        share = mass[i] * mass[to] / ((mass[i] + nearer) * (mass[i] + mass[to] + nearer))
        if share.sum() > 0:
            found[order] = leaving[i] * share / share.sum()
    return found


def common_part(a: np.ndarray, b: np.ndarray) -> float:
    """2 sum(min) / (sum + sum): 1 where both agree everywhere, 0 where nowhere."""
    return float(2 * np.minimum(a, b).sum() / max(a.sum() + b.sum(), 1e-300))


def log_r2(observed: np.ndarray, found: np.ndarray) -> float:
    """Squared correlation of logarithms over the pairs where both are above nought; NaN below three."""
    both = (observed > 0) & (found > 0)
    if both.sum() < 3:
        return float("nan")
    return float(np.corrcoef(np.log(observed[both]), np.log(found[both]))[0, 1] ** 2)


def compare_flows(flows: Flows, model: np.ndarray | None = None) -> dict:
    """Fit of gravity, radiation and, if given, the model's flows of the same pairs."""
    drawn, slope, error = gravity(flows)
    rivals = {"gravity, fitted here": drawn, "radiation, no parameter": radiation(flows)}
    if model is not None:
        rivals["the model"] = model
        rivals["the model, scaled to the same total"] = model * flows.flow.sum() / max(model.sum(), 1e-300)
    report: dict = {"places": len(flows.places), "pairs": len(flows.flow), "flow": float(flows.flow.sum())}
    report["distance slope"] = {"observed": [slope, error]}
    effects = slope_with_effects(flows)
    if effects is not None:
        report["distance slope"]["observed, with effects of places"] = list(effects)
    if model is not None and model.sum() > 0:
        mine = Flows(flows.places, flows.origin, flows.destination, model, flows.km, flows.mass_from, flows.mass_to)
        report["distance slope"]["the model"] = list(gravity(mine)[1:])
        effects = slope_with_effects(mine)
        if effects is not None:
            report["distance slope"]["the model, with effects of places"] = list(effects)
    report["fit"] = {name: {"CPC": common_part(flows.flow, found), "log-log R2": log_r2(flows.flow, found)} for name, found in rivals.items()}
    return report


def flows_of_run(flows: Flows, run, world) -> np.ndarray:
    """People who moved in a run between the places of a table, all its years together."""
    known = names_of(world)
    unknown = [place for place in flows.places if place not in known]
    if unknown:
        raise BadInput(Fault(field="origin, destination", value=f"{show_value(unknown[0])} is no place of {world.name}", remedy="name provinces or settlements of the run's world"))
    place = np.full(world.n, -1)
    for k, name in enumerate(flows.places):
        place[known[name]] = k
    table = run.arrow("flows")
    a, b = (place[table.column(name).to_numpy()] for name in ("origin_id", "destination_id"))
    people = table.column("people_moved").to_numpy().astype(np.float64)
    matrix = np.zeros((len(flows.places),) * 2)
    inside = (a >= 0) & (b >= 0)
    np.add.at(matrix, (a[inside], b[inside]), people[inside])
    return matrix[flows.origin, flows.destination]
