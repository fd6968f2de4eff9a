"""What was made harmless, cell by cell, for the student to read."""

from __future__ import annotations

MAX_NOTES = 500


class Journal:
    """Collects sentences; each is kept once per cell."""

    def __init__(self) -> None:
        self.cell: int | None = None
        self._notes: list[dict[str, object]] = []
        self._seen: set[tuple[int | None, str]] = set()

    def note(self, sentence: str) -> None:
        """Keep a sentence about the cell that is running."""
        key = (self.cell, sentence[:300])
        if key not in self._seen and len(self._seen) < MAX_NOTES:
            self._seen.add(key)
            self._notes.append({"cell": self.cell, "text": key[1]})

    def take(self) -> list[dict[str, object]]:
        """Return what was noted since the last time."""
        notes, self._notes = self._notes, []
        return notes
