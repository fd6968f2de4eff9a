"""Named wrong variants of `reference.dl_foundations`: VARIANTS[function] is what to try, in this order."""

from reference.dl_foundations_variants import (
    activations,
    architectures,
    batch_norm,
    depth,
    initialisation,
    losses,
    network341,
    optimizers,
    perceptron,
    schedules,
)
from reference.variants import merged

__all__ = ["VARIANTS"]

FUNCTIONS = (perceptron, activations, losses, optimizers, schedules)
NETWORKS = (architectures, network341, initialisation, batch_norm, depth)

VARIANTS = merged(part.VARIANTS for part in (*FUNCTIONS, *NETWORKS))
