"""The reference part of the handbook of policies, in English and Chinese, made from the declarations.

`python -m simulator.commands.handbook` writes it anew into docs/policies.md, between two marks.
"""

from __future__ import annotations

from pathlib import Path

from simulator import governing, policies
from simulator.foundations.errors import number_text
from simulator.foundations.files import atomic_write_text
from simulator.policies.base import FAMILIES, POLICY
from simulator.state.levers import BY_NAME

BEGIN, END = "<!-- made from the declarations: begin -->", "<!-- made from the declarations: end -->"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "policies.md"
_PAYERS = {"local_government": "local governments 地方政府", "central_government": "the central government 中央政府"}


def overview() -> list[str]:
    """One row a policy: name, family, titles, levers, who pays."""
    rows = ["| policy | family | title | 名称 | levers | who pays |", "|---|---|---|---|---|---|"]
    for name, policy in policies.registry().items():
        payer = _PAYERS[policy.payer] if policy.kind == POLICY else "nobody (shock)"
        levers = ", ".join(f"`{lever}`" for lever in policy.levers)
        rows.append(
            f"| `{name}` | {FAMILIES[policy.family].en} {FAMILIES[policy.family].zh} | {policy.title.en} | {policy.title.zh} | {levers} | {payer} |"
        )
    return rows


def chapter(name: str) -> list[str]:
    """Everything declared of one policy."""
    policy = policies.registry()[name]
    lines = [f"### `{name}`: {policy.title.en} {policy.title.zh}", ""]
    lines += [policy.description.en, "", policy.description.zh, ""]
    lines += [f"**How it acts.** {policy.mechanism.en}", "", policy.mechanism.zh, ""]
    lines += [f"**What is known.** {policy.evidence.en}", "", policy.evidence.zh, ""]
    if policy.target is not None:
        way = "up" if policy.target.sign > 0 else "down"
        note = f" ({policy.target.note})" if policy.target.note else ""
        lines += [f"**First moves** `{policy.target.table}.{policy.target.column}` {way}{note}.", ""]
    flows = [governing.flow_name(policy, policy.payer, payee) for payee in governing.payees_of(policy)]
    if flows:
        lines += [f"**Flows in the books:** {', '.join(f'`{flow}`' for flow in flows)}.", ""]
    lines += ["| number | default | unit | range | meaning | 含义 | source |", "|---|---|---|---|---|---|---|"]
    for short, p in policy.parameters.items():
        span = f"{number_text(p.low)} to {number_text(p.high)}"
        lines.append(f"| `{short}` | {number_text(p.default)} | {p.unit} | {span} | {p.meaning.en} | {p.meaning.zh} | {p.source} |")
    return [*lines, ""]


def lever_table() -> list[str]:
    """Every lever: what it is, and the value at which it does nothing."""
    used: dict[str, list[str]] = {}
    for name, policy in policies.registry().items():
        for lever in policy.levers:
            used.setdefault(lever, []).append(name)
    rows = ["| lever | rests at | unit | meaning | set by |", "|---|---|---|---|---|"]
    for lever in BY_NAME.values():
        by = ", ".join(f"`{name}`" for name in used.get(lever.name, []))
        rows.append(f"| `{lever.name}` | {number_text(lever.rest)} | {lever.unit} | {lever.meaning} | {by} |")
    return rows


def reference() -> str:
    """The whole part between the marks."""
    lines = [BEGIN, "", *overview(), "", "### Levers", "", *lever_table(), ""]
    for name in policies.registry():
        lines += chapter(name)
    return "\n".join([*lines, END])


def write() -> Path:
    """Renew the part between the marks of docs/policies.md."""
    text = PAGE.read_text("utf-8")
    head, rest = text.split(BEGIN)
    atomic_write_text(PAGE, head + reference() + rest.split(END)[1])
    return PAGE


if __name__ == "__main__":
    print(f"{write()} is written")
