"""Kernels: a student's notebook runs in one, and answers questions there."""

from grader.kernels.runner import Kernel

__all__ = ["Kernel"]
