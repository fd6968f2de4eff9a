"""Named wrong variants of `reference.mlp_numpy`: VARIANTS[function] is what to try, in this order."""

from reference.mlp_numpy_variants import answers, counting, divergence, steps
from reference.variants import merged

__all__ = ["VARIANTS"]

VARIANTS = merged(part.VARIANTS for part in (steps, answers, divergence, counting))
