"""Turning the assignments of other tools into ours."""
