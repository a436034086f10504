"""Public services: what is built arrives late, wears out, and is shared by those who live there."""

from __future__ import annotations

import numpy as np

from simulator.kernels import building

WRITES = {"persons": (), "households": (), "settlements": ("service_stock", "service_pipeline", "service_supply", "network_pipeline", "transport", "digital"),
          "employers": ()}  # fmt: skip

CATCH_UP_MONTHS = 60
"""Months in which ordinary budgets close a gap between stock and residents (assumed)."""


def absorbed(order: np.ndarray, stock: np.ndarray, chi: float) -> np.ndarray:
    """What of an investment becomes stock: I (1 - exp(-chi I/K)) / (chi I/K), MODEL 4.5.

    A place cannot use in one month what a decade would need: a large order on a small base is
    partly lost. `order` and `stock` in the same unit; the annual order is compared with the stock.
    """
    x = chi * 12.0 * order / np.maximum(stock, 1e-9)
    return np.where(x > 1e-9, order * -np.expm1(-x) / np.maximum(x, 1e-300), order)


def build_and_run_services(model) -> dict[str, int]:
    """Stock = stock + arrivals - wear; supply = stock / residents^rho (spillover), base-year mean one.

    Ordinary budgets replace wear and close a gap between stock and residents over five years;
    orders beyond that come from governments and levers and arrive after `build_months`. A government
    that cannot pay its ordinary budget provides only a share of it.
    """
    value, s = model.scenario, model.settlements
    wear = value["services.depreciation"] / 12.0
    need = model.service_supply_base * s.residents[:, None]
    provision = model.governments.provision[model.ledger.government_of][:, None]
    ordinary = provision * np.maximum(0.0, wear * s.service_stock + (need - s.service_stock) / CATCH_UP_MONTHS)
    arrived = np.empty_like(s.service_stock)
    building.advance(s.service_pipeline, arrived)
    ordered = model.levers.service_investment + s.service_order
    if ordered.any():
        order = absorbed(ordered, s.service_stock, value["services.absorption"])
        s.service_pipeline[:, :, int(value["services.build_months"]) - 1] += order
    s.service_stock *= 1.0 - wear
    s.service_stock += ordinary + arrived
    crowd = np.maximum(s.residents, 1e-9)
    base_crowd = np.maximum(s.residents_base, 1e-9)
    # rho on residents relative to the base, so that splitting a settlement changes nothing
    relative = (crowd / base_crowd) ** value["services.crowding"] * base_crowd
    s.service_supply[...] = np.where(s.residents[:, None] > 0, s.service_stock / relative[:, None], 0.0)
    build_networks(model, provision[:, 0])
    return {}


def build_networks(model, provision: np.ndarray) -> None:
    """Transport and digital networks: what governments order arrives late; budgets keep the base year's standing.

        index = index + arrivals - wear (index - provision index_base)
    """
    value, s, world = model.scenario, model.settlements, model.world
    wear = value["finance.infrastructure_wear"] / 12.0
    pipeline, orders = s.network_pipeline, (model.levers.transport_orders, model.levers.digital_orders)
    arrived = np.empty(pipeline.shape[:2])
    building.advance(pipeline, arrived)
    for k, (index, base) in enumerate(((s.transport, world.transport), (s.digital, world.digital))):
        order = s.network_order[:, k] + orders[k]
        if order.any():
            pipeline[:, k, int(value["services.build_months"]) - 1] += absorbed(order, index, value["services.absorption"])
        index += arrived[:, k] - wear * (index - provision * base)
