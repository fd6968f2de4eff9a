"""Named wrong variants of `reference.dl_foundations`: VARIANTS[function] is what to try, in this order."""

from reference.dl_foundations_variants import (
    activations,
    architectures,
    batch_norm,
    depth,
    losses,
    network341,
    optimizers,
    perceptron,
    schedules,
)
from reference.variants import merged

__all__ = ["VARIANTS"]

PARTS = (perceptron, architectures, activations, losses, optimizers, schedules, network341, batch_norm, depth)

VARIANTS = merged(part.VARIANTS for part in PARTS)
