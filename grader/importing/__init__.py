"""Assignments of other tools become assignments of ours; what they come from is only read."""
