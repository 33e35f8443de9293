"""Effects that are believed only as far as the numbers carry them: averaged over how large they may be.

y = X f + chance (variance 1), f normal with the variance scale^2 * shape. Neither the shape nor the scale is
known: every shape is tried at every scale, zero among them, and the answers are averaged by how likely they
make what was seen (C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", ch. 2 and
5; J. A. Hoeting et al., "Bayesian Model Averaging", 1999). With little to go on the answer is: no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from niva.numbers.chance import Array

SCALES: Final = (0.04, 0.08, 0.15, 0.3, 0.6)
"""Sizes of effects, as logarithms: of 4 to 80 per cent."""
NOTHING: Final = 0.1
"""What is believed of "no effect at all" beforehand."""


@dataclass(frozen=True, slots=True)
class Believed:
    """`mean`, `covariance` of the effects; how far "no effect" is believed (`nothing`), and each shape."""

    mean: Array
    covariance: Array
    nothing: float
    shapes: dict[str, float]

    def of(self, contrasts: Array) -> tuple[Array, Array]:
        """Mean and standard deviation of sums of effects, one a row of `contrasts`."""
        spread = np.einsum("ij,jk,ik->i", contrasts, self.covariance, contrasts)
        return np.asarray(contrasts @ self.mean), np.asarray(np.sqrt(np.maximum(spread, 0.0)))


def shrunk(gram: Array, sums: Array, shapes: Mapping[str, Array], chance: float) -> Believed:
    """`gram` = X'X, `sums` = X'y; `shapes`: name -> L with shape = L L'; `chance`: the variance of what is
    left to chance, in the units of y (1 when y was measured by its own spread)."""
    size = len(sums)
    logs, means, squares, names = [np.log(NOTHING)], [np.zeros(size)], [np.zeros((size, size))], [""]
    prior = np.log((1 - NOTHING) / (len(shapes) * len(SCALES)))
    for name, root in shapes.items():
        values, vectors = np.linalg.eigh(root.T @ gram @ root / chance)
        values = np.maximum(values, 0.0)
        turned = vectors.T @ (root.T @ sums) / chance
        back = root @ vectors
        for scale in SCALES:
            inverse = scale**2 / (1 + scale**2 * values)
            logs.append(prior + 0.5 * float((inverse * turned**2).sum() - np.log1p(scale**2 * values).sum()))
            means.append(back @ (inverse * turned))
            squares.append((back * inverse) @ back.T)
            names.append(name)
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    mean = np.einsum("m,mi->i", weights, np.array(means))
    gaps = np.array(means) - mean
    covariance = np.einsum("m,mij->ij", weights, np.array(squares)) + (gaps.T * weights) @ gaps
    believed = {name: float(weights[[one == name for one in names]].sum()) for name in shapes}
    return Believed(mean, covariance, float(weights[0]), believed)
