"""The largest chance of success that some tries leave possible.

Source: C. J. Clopper, E. S. Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the
binomial", Biometrika 26, one-sided.
"""


def success_bound(n_successes: int, n_tries: int, confidence: float = 0.95) -> float:
    """Upper confidence bound of the probability of success, 0 to 1; 1 without tries.

    Args:
        n_successes: Tries that came off, at most all.
        n_tries: All of them, independent of one another.
        confidence: How sure the bound is, between 0 and 1.
    """
    if n_successes >= n_tries:
        return 1.0
    from scipy.stats import beta

    return float(beta.ppf(confidence, n_successes + 1, n_tries - n_successes))
