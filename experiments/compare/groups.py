"""The groups of places and people for which effects are told: kinds, regions, schooling, the targeted, everyone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.foundations.units import EDUCATIONS, KINDS, RURAL_CLASSES

NORTH_EAST = ("Liaoning", "Jilin", "Heilongjiang")
"""The north-east by the usual division of China's regions; its coast counts as north-east, not as coast."""

LABELS = {
    "total": ("All places", "全国"),
    "targeted": ("Targeted places", "政策目标地区"),
    "elsewhere": ("All other places", "其他地区"),
    "kind:core": ("Cores", "核心区"),
    "kind:inner_ring": ("Inner rings", "近郊"),
    "kind:outer_ring": ("Outer rings", "远郊"),
    "kind:county_town": ("County towns", "县城"),
    "kind:rural": ("Rural places", "乡村"),
    "class:cluster_upgrade": ("Villages to cluster and upgrade", "集聚提升类村庄"),
    "class:suburban_integration": ("Suburban villages", "城郊融合类村庄"),
    "class:characteristic_protection": ("Villages of special character", "特色保护类村庄"),
    "class:relocation_merger": ("Villages to relocate or merge", "搬迁撤并类村庄"),
    "region:coast": ("Coast", "沿海"),
    "region:inland": ("Inland", "内陆"),
    "region:north-east": ("North-east", "东北"),
    "education:primary": ("Primary school or less", "小学及以下"),
    "education:junior": ("Junior secondary", "初中"),
    "education:senior": ("Senior secondary", "高中"),
    "education:college": ("College", "大学"),
    "government:local": ("Local governments", "地方政府"),
    "government:central": ("Central government", "中央政府"),
    **{f"decile:{k}": (f"Decile {k} of income", f"收入第{k}十分位") for k in range(1, 11)},
}


def label_of(group: str, lang: str = "en") -> str:
    """A group's name for readers."""
    if group in LABELS:
        return LABELS[group][lang == "zh"]
    kind, _, name = group.partition(":")
    words = {"place": ("", ""), "policy": ("Policy ", "政策：")}.get(kind, ("", ""))
    return f"{words[lang == 'zh']}{name or kind}"


def regions(places: pd.DataFrame) -> np.ndarray:
    """coast, inland or north-east of every settlement of a run's table `settlements`."""
    coast = np.where(places.coastal, "coast", "inland")
    return np.where(places.province.isin(NORTH_EAST), "north-east", coast)


def place_groups(places: pd.DataFrame, targeted: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Every group of places as a mask over settlements, in the order of the report; empty groups are left out.

    targeted: mask of the places a policy's `where` names; None, or all places, gives no such group.
    """
    found = {"total": np.ones(len(places), dtype=bool)}
    if targeted is not None and targeted.any() and not targeted.all():
        found |= {"targeted": targeted.copy(), "elsewhere": ~targeted}
    found |= {f"kind:{kind}": (places.kind == kind).to_numpy() for kind in KINDS}
    found |= {f"class:{name}": (places.rural_class == name).to_numpy() for name in RURAL_CLASSES[1:]}
    region = regions(places)
    found |= {f"region:{name}": region == name for name in ("coast", "inland", "north-east")}
    return {name: mask for name, mask in found.items() if mask.any()}


def education_groups() -> dict[str, str]:
    """Groups by schooling, and the word the tables use for each."""
    return {f"education:{word}": word for word in EDUCATIONS}
