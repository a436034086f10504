"""What is under construction moves a month nearer to its end."""

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
