"""The distributions against scipy's, far into the tails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from grader.compare.distributions import (
    beta_tails,
    binomial_at_least,
    binomial_at_most,
    chi_square_quantile,
    chi_square_tails,
    student_t_two_sided,
)

CHANCES = (1e-8, 5e-7, 1e-3, 0.3, 0.5, 0.9, 1 - 1e-3, 1 - 5e-7)


@pytest.mark.parametrize("freedom", [1, 2, 9, 319, 25087, 1_000_000])
@pytest.mark.parametrize("chance", CHANCES)
def test_chi_square(freedom, chance):
    x = stats.chi2.ppf(chance, freedom)

    np.testing.assert_allclose(
        chi_square_tails(x, freedom), (stats.chi2.cdf(x, freedom), stats.chi2.sf(x, freedom)), rtol=1e-6
    )
    np.testing.assert_allclose(chi_square_quantile(chance, freedom), x, rtol=1e-9)


@pytest.mark.parametrize(
    ("x", "tails"), [(0.0, (0.0, 1.0)), (-1.0, (0.0, 1.0)), (float("inf"), (1.0, 0.0)), (1e6, (1.0, 0.0))]
)
def test_chi_square_at_its_ends(x, tails):
    assert tails == chi_square_tails(x, 3)


@pytest.mark.parametrize("a", [0.5, 1, 7.5, 400, 60_000])
@pytest.mark.parametrize("b", [0.5, 3, 900, 20_000])
@pytest.mark.parametrize("z", [-5.5, -3, -1, 0, 1, 3, 5.5])
def test_beta(a, b, z):
    x = np.clip(stats.beta.mean(a, b) + z * stats.beta.std(a, b), 1e-9, 1 - 1e-9)

    np.testing.assert_allclose(beta_tails(x, a, b), (stats.beta.cdf(x, a, b), stats.beta.sf(x, a, b)), rtol=1e-6)


@pytest.mark.parametrize("t", [0.0, 0.5, -3.0, 40.0, 1e9])
@pytest.mark.parametrize("freedom", [1, 5, 5000])
def test_student_t(t, freedom):
    np.testing.assert_allclose(student_t_two_sided(t, freedom), 2 * stats.t.sf(abs(t), freedom), rtol=1e-8, atol=1e-300)


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (30, 0.02), (1597, 0.8), (10_000, 0.93)])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.78, 0.9, 0.95, 1.0])
def test_binomial(n, p, share):
    k = round(share * n)

    np.testing.assert_allclose(binomial_at_most(k, n, p), stats.binom.cdf(k, n, p), rtol=1e-7, atol=1e-290)
    np.testing.assert_allclose(binomial_at_least(k, n, p), stats.binom.sf(k - 1, n, p), rtol=1e-7, atol=1e-290)
