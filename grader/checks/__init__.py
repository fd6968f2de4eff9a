"""Checks are pytest functions; this is what their authors import.

    @pytest.mark.check("q2", points=4, needs="softmax_jacobian", hint="Start from the quotient rule.")
    def test_jacobian_of_five_logits(check, rng):
        'softmax_jacobian gives the matrix of all ∂y_i/∂z_j'
        check.same("softmax_jacobian", rng.normal(size=5))

Fixtures: `check` (ask, compare, show, score), `student`, `reference`, `rng`, `notebook`, `score`; for Keras homeworks
`models` (found, described, measured), `figures` (what was shown, as data), `data` (the rows, hidden ones too) and
`trained` (the reference's own models).

Public checks also go to students, in a bundle where recorded answers stand in for the reference. So a check asks with
inputs of its own; one that asks about something out of the notebook, or needs hidden rows or trained models, says
`offline=False`. A check that compares large answers by itself calls `reference.compared(name, args, {})`, so that what
explains a wrong one is recorded too.
"""

from grader.checks.check import Check, Disagreement, NeedsReview, NotAttempted, PartialCredit
from grader.checks.data import Data
from grader.checks.ears import Ears, Heard
from grader.checks.networks import Measured, Models, Network
from grader.checks.placed import Guests
from grader.checks.plugin import Wanted
from grader.checks.record import Gap, Record, gaps
from grader.checks.recording import Recording
from grader.checks.reference import Live, Reference
from grader.checks.replay import Replay, reference_of
from grader.checks.run import require_points, run_checks
from grader.checks.view import NotebookView

__all__ = [
    "Check",
    "Data",
    "Disagreement",
    "Ears",
    "Gap",
    "Guests",
    "Heard",
    "Live",
    "Measured",
    "Models",
    "NeedsReview",
    "Network",
    "NotAttempted",
    "NotebookView",
    "PartialCredit",
    "Record",
    "Recording",
    "Reference",
    "Replay",
    "Wanted",
    "gaps",
    "reference_of",
    "require_points",
    "run_checks",
]
