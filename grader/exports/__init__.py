"""Exports: results in the formats other programs read."""
