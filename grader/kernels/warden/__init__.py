"""Runs beside every kernel: starts it, seals it, watches what it uses, and ends all it started."""
