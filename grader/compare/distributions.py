"""Probabilities of the χ², t and binomial distributions from the incomplete gamma and beta functions.

Only `math` is needed. Series and continued fractions are those of the NIST Digital Library of Mathematical Functions
(DLMF), the latter evaluated by Lentz's method as modified by Thompson and Barnett (J. Comput. Phys. 64, 1986).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

TINY = 1e-300
EPS = 1e-16
MAX_TERMS = 2_000_000


def chi_square_tails(x: float, freedom: float) -> tuple[float, float]:
    """Return P(X ≤ x) and P(X > x) of a χ² variable; each is accurate where it is the small one."""
    return _gamma_tails(freedom / 2, x / 2)


def chi_square_quantile(p: float, freedom: float) -> float:
    """Return the x with P(X ≤ x) = p, found by bisection."""
    guess = freedom + 10 * math.sqrt(2 * freedom) + 10
    while chi_square_tails(guess, freedom)[0] < p and guess < 1e300:
        guess *= 2
    if p <= 0.5:
        return _bisect(lambda x: chi_square_tails(x, freedom)[0] < p, 0.0, guess)
    return _bisect(lambda x: chi_square_tails(x, freedom)[1] > 1 - p, 0.0, guess)


def student_t_two_sided(t: float, freedom: float) -> float:
    """Return P(|T| ≥ |t|) of Student's t: I of x = ν / (ν + t²) with parameters ν/2 and 1/2."""
    if math.isinf(t):
        return 0.0
    return beta_tails(freedom / (freedom + t * t), freedom / 2, 0.5)[0]


def binomial_at_most(k: int, n: int, p: float) -> float:
    """Return P(X ≤ k) of n draws with chance p: I of 1 − p with parameters n − k and k + 1 (DLMF 8.17.5)."""
    if k >= n or p <= 0:
        return 1.0
    return 0.0 if k < 0 or p >= 1 else beta_tails(p, k + 1, n - k)[1]


def binomial_at_least(k: int, n: int, p: float) -> float:
    """Return P(X ≥ k) of n draws with chance p."""
    if k <= 0 or p >= 1:
        return 1.0
    return 0.0 if k > n or p <= 0 else beta_tails(p, k, n - k + 1)[0]


def beta_tails(x: float, a: float, b: float) -> tuple[float, float]:
    """Return I_x(a, b) and its complement for 0 ≤ x ≤ 1; each is accurate where it is the small one."""
    if x <= 0 or x >= 1:
        return (0.0, 1.0) if x <= 0 else (1.0, 0.0)
    if x > (a + 1) / (a + b + 2):  # there the other fraction converges quickly
        return beta_tails(1 - x, b, a)[::-1]
    log_front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    lower = min(math.exp(log_front) / a / _lentz(_beta_terms(x, a, b)), 1.0)
    return lower, 1 - lower


def bisect_probability(is_below: Callable[[float], bool]) -> float:
    """Return the p in 0..1 up to which `is_below` holds."""
    return _bisect(is_below, 0.0, 1.0)


def _gamma_tails(a: float, x: float) -> tuple[float, float]:
    """Return the regularised incomplete gamma functions P(a, x) and Q(a, x) for a > 0."""
    if x <= 0:
        return 0.0, 1.0
    if math.isinf(x):
        return 1.0, 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        lower = min(front * _gamma_series(a, x), 1.0)
        return lower, 1 - lower
    upper = min(front / _lentz(_gamma_terms(a, x)), 1.0)
    return 1 - upper, upper


def _gamma_series(a: float, x: float) -> float:
    """Return Σ xⁿ / (a (a + 1) … (a + n)) (DLMF 8.7.1)."""
    term = total = 1 / a
    for n in range(1, MAX_TERMS):
        term *= x / (a + n)
        total += term
        if term < total * EPS:
            break
    return total


def _gamma_terms(a: float, x: float) -> Iterator[tuple[float, float]]:
    """Yield numerators and denominators of the even part of DLMF 8.9.2."""
    yield 0.0, x + 1 - a
    for n in range(1, MAX_TERMS):
        yield -n * (n - a), x + 2 * n + 1 - a


def _beta_terms(x: float, a: float, b: float) -> Iterator[tuple[float, float]]:
    """Yield numerators and denominators of DLMF 8.17.22."""
    yield 0.0, 1.0
    for m in range(MAX_TERMS):
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
        yield (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2)), 1.0


def _lentz(terms: Iterable[tuple[float, float]]) -> float:
    """Return b₀ + a₁ / (b₁ + a₂ / (b₂ + …)), given (·, b₀), (a₁, b₁), …"""
    iterator = iter(terms)
    value = next(iterator)[1] or TINY
    c, d = value, 0.0
    for a, b in iterator:
        d = 1 / ((b + a * d) or TINY)
        c = (b + a / c) or TINY
        value *= c * d
        if abs(c * d - 1) < 4 * EPS:
            break
    return value


def _bisect(is_below: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2
