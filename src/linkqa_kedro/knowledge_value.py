"""The knowledge distribution value: what a visit to each knowledge point is worth now.

docs/method.md, section 3, defines the terms. Counts in, one value per vertex out.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

VertexWeights = npt.NDArray[np.float64]


def target_shares(
    popularity: npt.NDArray[np.int64],
    discipline_shares: Mapping[str, VertexWeights],
    discipline_targets: Mapping[str, float] | None,
    reachable: npt.NDArray[np.bool_],
    alpha: float,
) -> VertexWeights:
    """q(k): the share of all visits that each vertex should get, shape (n_vertices,), summing to 1.

    q(k) ∝ n(k)^alpha · Σ_d T(d)·share(d|k)/Z_d with Z_d the sum of n^alpha·share(d|·): the popularity exponent acts
    within a discipline, the target sets the disciplines. Without targets q(k) ∝ n(k)^alpha.

    Args:
        popularity: n(k), shape (n_vertices,).
        discipline_shares: share(d|k) by discipline, each of shape (n_vertices,).
        discipline_targets: T(d); None to keep the mix of the seeds.
        reachable: Which vertices a path can visit; the others get 0.
        alpha: Popularity exponent, 0 (uniform) to 1 (as found).

    Returns:
        All zeros if nothing that is wanted can be reached.
    """
    weights: VertexWeights = np.where(reachable, popularity.astype(np.float64) ** alpha, 0.0)
    if discipline_targets is not None:
        weights = _per_discipline(weights, discipline_shares, discipline_targets)
    total = weights.sum()
    return weights / total if total > 0 else weights


def _per_discipline(
    weights: VertexWeights, shares: Mapping[str, VertexWeights], targets: Mapping[str, float]
) -> VertexWeights:
    wanted = np.zeros_like(weights)
    for discipline, target in targets.items():
        held = weights * shares.get(discipline, np.zeros_like(weights))
        if held.sum() > 0:
            wanted += target * held / held.sum()
    return wanted


def knowledge_value(
    target: VertexWeights, visits: npt.NDArray[np.int64], beta: float, smoothing: float
) -> VertexWeights:
    """V(k): how much a further visit to each vertex is worth, shape (n_vertices,); 0 where q(k) is 0.

    V(k) = (q(k) / p(k))^beta, where p(k) = (c(k) + s·q(k)) / (Σ c + s) is the realised share, smoothed towards the
    target. A vertex is worth more the further its realised share falls short. Before the first visit V is 1.

    Args:
        target: q(k), summing to 1.
        visits: c(k), visits so far.
        beta: Correction exponent, at least 0; 0 gives the static walk.
        smoothing: s, in visits, above 0.
    """
    wanted = target > 0
    realised = (visits + smoothing * target) / (visits.sum() + smoothing)
    value = np.zeros_like(target)
    value[wanted] = (target[wanted] / realised[wanted]) ** beta
    return value
