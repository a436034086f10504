"""What one attribute of an agent is: name, storage, unit, meaning, range and "none".

A table of agents is declared once, as a tuple of `Column`. Storage, checkpoints, the range
guard and the data dictionary in the documents all come from that declaration.
"""

from __future__ import annotations

import hashlib
from collections import namedtuple
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Column:
    """One declared attribute.

    `low` and `high` bound the values a row may hold (None: the whole dtype); `none` is the one
    value outside the bounds that means "has none" (None: there is always a value); `start` is
    what a new row holds before anyone writes it. Columns of one `block` (of one dtype) lie side by side, row by
    row, so that whoever looks up a person finds them all at once; the block's name gives them as [rows, columns].
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    none: float | None = None
    start: float = 0
    block: str | None = None


class ColumnTable:
    """A growing table of agents, one array a column; the row is the agent, rows never move.

    `n` rows are in use; arrays have spare capacity behind them. `table.residence` is a view of
    the rows in use; writing through it writes the state.
    """

    def __init__(self, columns: tuple[Column, ...], capacity: int = 0):
        self.columns = {column.name: column for column in columns}
        self.n = 0
        self._capacity = 0
        self._blocks: dict[str, list[str]] = {}
        for column in columns:
            if column.block is not None:
                self._blocks.setdefault(column.block, []).append(column.name)
        self._arrays = {c.name: np.full(0, c.start, dtype=c.dtype) for c in columns}
        self._arrays |= {block: np.empty((0, len(names))) for block, names in self._blocks.items()}
        self._tuples: dict[type, tuple] = {}
        self._views: list[str] = []
        self._limits: dict[str, tuple] = {}
        self._groups = [[c.name] for c in columns if c.block is None] + list(self._blocks.values())
        self.restored = 0
        """How often the table was taken from a checkpoint."""
        self.reserve(capacity)

    def reserve(self, capacity: int) -> None:
        """Make room for `capacity` rows in all; rows in use keep their values."""
        if capacity <= self._capacity:
            return
        for name, column in self.columns.items():
            if column.block is None:
                grown = np.full(capacity, column.start, dtype=column.dtype)
                grown[: self.n] = self._arrays[name][: self.n]
                self._arrays[name] = grown
        for block, names in self._blocks.items():
            columns = [self.columns[name] for name in names]
            grown = aligned((capacity, len(names)), columns[0].dtype)
            grown[: self.n] = self._arrays[block][: self.n]
            grown[self.n :] = [column.start for column in columns]
            self._arrays[block] = grown
            self._arrays |= {name: grown[:, k] for k, name in enumerate(names)}
        self._capacity = capacity
        self._forget_views()

    def _forget_views(self) -> None:
        """After rows were added or arrays replaced: views and tuples of them are made anew when next asked for."""
        for name in self._views:
            self.__dict__.pop(name, None)
        self._views.clear()
        self._tuples.clear()

    def append(self, count: int) -> int:
        """Add `count` rows holding each column's start value; return the first new row."""
        first = self.n
        if first + count > self._capacity:
            self.reserve(max(first + count, self._capacity + self._capacity // 8 + 1024))
        if count:
            self.n = first + count
            self._forget_views()
        return first

    def __getattr__(self, name: str) -> np.ndarray:
        kept = self.__dict__
        try:
            view = kept["_arrays"][name][: kept["n"]]
        except KeyError:
            raise AttributeError(f"no column named {name!r}") from None
        kept[name] = view  # found without this function until rows are added
        kept["_views"].append(name)
        return view

    def __len__(self) -> int:
        return self.n

    def bundle(self, tuple_type: type) -> tuple:
        """The columns a kernel asks for, as its NamedTuple of arrays (views of rows in use)."""
        found = self._tuples.get(tuple_type)
        if found is None:
            found = self._tuples[tuple_type] = tuple_type(*[getattr(self, name) for name in tuple_type._fields])
        return found

    def digest(self, name: str) -> str:
        """SHA-256 of one column's rows in use."""
        return hashlib.sha256(np.ascontiguousarray(getattr(self, name)).tobytes()).hexdigest()

    def digests(self) -> dict[str, str]:
        """SHA-256 of every column."""
        return {name: self.digest(name) for name in self.columns}

    def bytes_per_row(self) -> int:
        """Bytes of storage one agent takes."""
        return sum(self._arrays[name].itemsize for name in self.columns)

    def out_of_range(self, name: str) -> np.ndarray:
        """Rows of one column that break its declared range (or hold NaN)."""
        column, values = self.columns[name], getattr(self, name)
        bad = np.zeros(len(values), dtype=bool)
        if column.low is not None:
            bad |= values < column.low
        if column.high is not None:
            bad |= values > column.high
        if values.dtype.kind == "f":
            bad |= ~np.isfinite(values)
        if column.none is not None:
            bad &= values != column.none
        return np.flatnonzero(bad)

    def groups(self) -> list[list[str]]:
        """The names of the columns; those of a block together, for whoever looks at whole columns."""
        return self._groups

    def bounds(self, group: list[str]) -> list[tuple]:
        """What must hold of a group of `groups`: (values, least, most, what stands for "none"), in the type of the values.

        Empty where the type alone proves it; several where the columns of a block have not the same range.
        """
        limits = self._limits.get(group[0])
        if limits is None:
            kinds = {(c.low, c.high, c.none) for c in map(self.columns.get, group)}
            names = group if len(kinds) > 1 else [self.columns[group[0]].block or group[0]]
            limits = self._limits[group[0]] = [(n, _limits_of(self.columns[c])) for n, c in zip(names, group, strict=False)]
        return [(np.ascontiguousarray(getattr(self, name)).reshape(-1), *known) for name, known in limits if known]

    def arrays(self) -> dict[str, np.ndarray]:
        """Every column's rows in use, for checkpoints."""
        return {name: getattr(self, name) for name in self.columns}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take every column from a checkpoint; KeyError names a missing one."""
        n = len(next(iter(arrays.values())))
        self.n = 0
        self.reserve(n + n // 16 + 1024)
        self.n = n
        for name, column in self.columns.items():
            self._arrays[name][:n] = arrays[name].astype(column.dtype, copy=False)
            self._arrays[name][n:] = column.start
        self.restored += 1
        self._forget_views()


def _limits_of(column: Column) -> tuple | None:
    """Least and greatest value allowed and the one that means "none" (else the least again); None where the type allows no other."""
    kind = np.dtype(column.dtype)
    whole = kind.kind in "iu"
    info = np.iinfo(kind) if whole else np.finfo(kind)
    low, high = info.min if column.low is None else column.low, info.max if column.high is None else column.high
    none = low if column.none is None else column.none
    free = [low, none] if none == low - 1 else [high, none] if none == high + 1 else []
    if whole and min([low, *free]) <= info.min and max([high, *free]) >= info.max:
        return None
    return kind.type(max(low, info.min)), kind.type(min(high, info.max)), kind.type(none)


def aligned(shape: tuple[int, ...], dtype) -> np.ndarray:
    """An array, not yet filled, that begins with a line of the processor's memory (64 bytes)."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.empty(size + 64, dtype=np.uint8)
    first = -room.ctypes.data % 64
    return room[first : first + size].view(dtype).reshape(shape)


def bundle_type(type_name: str, *names: str) -> type:
    """A NamedTuple type of columns for one kernel family; call at module level, once."""
    return namedtuple(type_name, names)
