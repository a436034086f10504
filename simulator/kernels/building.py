"""Building: what governments order for money they have, and what is under construction moves a month nearer to its end."""

from __future__ import annotations

from numba import njit


@njit(nogil=True, cache=True)
def advance(pipeline, arrived):
    """Take what is done out of `pipeline` f8[n, kinds, months] into `arrived` f8[n, kinds]; all the rest is a month nearer."""
    for j in range(pipeline.shape[0]):
        for k in range(pipeline.shape[1]):
            line = pipeline[j, k]
            arrived[j, k] = line[0]
            for m in range(len(line) - 1):
                line[m] = line[m + 1]
            line[len(line) - 1] = 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def order_works(built, function, share, infrastructure, service_cost, network_cost, costs, of, residents, people,
                service_order, network_order):  # fmt: skip
    """What governments spend on works, fen `built` [G, functions], as stock ordered in their settlements, by residents.

    Service k takes `share[k]` of the works of `function[k]`; networks take half of those of `infrastructure` each. Costs at the
    base year, times `costs` now.
    """
    for j in range(len(of)):
        g = of[j]
        part = residents[j] / people[g]
        for k in range(service_order.shape[1]):
            price = service_cost[g, k] * costs
            units = share[k] * built[g, function[k]] / price if price > 0 else 0.0
            service_order[j, k] = units * part
        for k in range(network_order.shape[1]):
            price = network_cost[g, k] * costs * people[g]
            points = 0.5 * built[g, infrastructure] / price if price > 0 else 0.0
            network_order[j, k] = points if part > 0 else 0.0
