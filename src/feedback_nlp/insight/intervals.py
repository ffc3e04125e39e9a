"""How sure a share or a count is. Levels are two-sided; a level of 0.95 leaves 0.025 on each side."""

from __future__ import annotations

import math

from scipy import stats


def wilson(hits: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Give Wilson's interval of a share, 0 to 1; (0, 1) when nothing was counted.

    >>> [round(bound, 6) for bound in wilson(37, 50)]
    [0.604468, 0.841285]
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
    if n == 0:
        return 0.0, 1.0
    z = float(stats.norm.ppf(0.5 + level / 2))
    share, spread = hits / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    # At 0 and n the bound is exact; rounding would leave 1e-17.
    return (0.0 if hits == 0 else centre - half), (1.0 if hits == n else centre + half)


def poisson(count: int, *, level: float = 0.95) -> tuple[float, float]:
    """Give the exact interval (Garwood) of the expected count behind an observed one.

    >>> [round(bound, 3) for bound in poisson(10)]
    [4.795, 18.39]
    """
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else float(stats.chi2.ppf(tail, 2 * count)) / 2
    return low, float(stats.chi2.ppf(1 - tail, 2 * count + 2)) / 2


def poisson_tail(count: int, *, expected: float) -> float:
    """Give the probability of at least this count where `expected` is the mean.

    >>> round(poisson_tail(20, expected=10), 8)
    0.00345434
    """
    return float(stats.poisson.sf(count - 1, expected))


def higher_rate(count: int, exposure: float, *, other: int, other_exposure: float) -> float:
    """Give the exact one-sided p that the first rate is no higher than the other (conditional binomial).

    >>> round(higher_rate(30, 1300, other=94, other_exposure=7300), 8)
    0.00534788
    """
    share = exposure / (exposure + other_exposure)
    return float(stats.binom.sf(count - 1, count + other, share))
