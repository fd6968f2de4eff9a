"""Named wrong variants of `reference.backprop`: VARIANTS[function] is what to try, in this order."""

from reference.backprop_variants import boxes, epochs, functions, initial, losses, network, training
from reference.variants import merged

__all__ = ["VARIANTS"]

PARTS = (boxes, functions, losses, initial, network, training, epochs)

VARIANTS = merged(part.VARIANTS for part in PARTS)
