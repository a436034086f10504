"""How numbers travel to the browser: one block of bytes with a JSON head and plain little-endian arrays behind it.

Layout: 4 bytes length of the head (uint32), the head padded with spaces so that what follows lies on a
multiple of 8, then each array padded likewise. The head's `arrays` is a list of
`[name, dtype, shape, offset, bytes]`, offsets counted from the first array.
"""

from __future__ import annotations

import json

import numpy as np

DTYPES = {"float32", "float64", "uint8", "uint16", "int32"}


def _padded(data: bytes, fill: bytes = b"\0", before: int = 0) -> bytes:
    return data + fill * (-(len(data) + before) % 8)


def pack(head: dict, arrays: dict[str, np.ndarray]) -> bytes:
    """One block of bytes; NaN travels in the arrays, never in the head."""
    rows, body, offset = [], [], 0
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        if array.dtype.name not in DTYPES:
            raise TypeError(f"{name} is {array.dtype}; allowed {sorted(DTYPES)}")
        data = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        rows.append([name, array.dtype.name, list(array.shape), offset, len(data)])
        body.append(_padded(data))
        offset += len(body[-1])
    text = json.dumps(head | {"arrays": rows}, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    text = _padded(text, b" ", 4)
    return len(text).to_bytes(4, "little") + text + b"".join(body)


def unpack(block: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """What `pack` was given."""
    size = int.from_bytes(block[:4], "little")
    head = json.loads(block[4 : 4 + size])
    arrays = {}
    for name, dtype, shape, offset, length in head.pop("arrays"):
        begin = 4 + size + offset
        arrays[name] = np.frombuffer(block[begin : begin + length], dtype=np.dtype(dtype).newbyteorder("<")).reshape(shape)
    return head, arrays
