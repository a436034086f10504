"""The printed ledger finds what does not add up: in a row, in a sector, in all."""

from __future__ import annotations

import pandas as pd

from simulator.commands.ledger import SECTORS, matrix


def month(gift_received: int = 5, closing_of_firms: int = 100) -> pd.DataFrame:
    """Firms with 105 fen give households 5; everyone else holds nothing, the rest of the world minus all."""
    opening = dict.fromkeys(SECTORS, 0) | {"firms": 105, "rest_of_world": -105}
    closing = opening | {"firms": closing_of_firms, "households": 5}
    rows = [("gift", "firms", "households", 5, gift_received)]
    rows += [("money_held", sector, sector, opening[sector], closing[sector]) for sector in SECTORS]
    return pd.DataFrame(rows, columns=["flow", "payer_sector", "payee_sector", "fen", "fen_received"])


def test_a_month_that_adds_up_has_no_imbalance():
    flows, held, worst = matrix(month())
    assert flows["gift"].tolist() == [5, -5, 0, 0, 0, 0]
    assert held["closing"].tolist() == [5, 100, 0, 0, 0, -105]
    assert worst == 0


def test_a_fen_lost_on_the_way_is_the_imbalance():
    assert matrix(month(gift_received=4))[2] == 1


def test_money_of_a_sector_that_no_flow_explains_is_the_imbalance():
    assert matrix(month(closing_of_firms=97))[2] == 3
