"""`grade FOLDER`: a class, from the folders people have to reports, a gradebook and a page about all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path

from grader.batch import Grading, Outcome, Reports, Settings, Summary, failed, require_writable, run_batch
from grader.batch.cluster import cluster
from grader.batch.jobs import default_jobs
from grader.batch.pool import Pool
from grader.batch.work import Done, Task, work
from grader.cache import Cache
from grader.cli import show
from grader.cli.closing import add_similar, require_book, write_down
from grader.cli.lookup import Lookup
from grader.cli.order import Order
from grader.cli.progress import Count, counting
from grader.cli.speak import STOPPED, Output, finish_in_peace
from grader.errors import SubmissionError
from grader.kernels.live import undisturbed
from grader.kernels.sandbox import require_sandbox
from grader.submissions import Collection, Refused, Roster, Submission, collect

AHEAD = 2  # tasks under way for each worker: one it does, one that is ready for it

Submit = Callable[[Task], Future[Done]]


def carry_out(order: Order) -> int:
    """Grade a class and return the exit code."""
    roster = Roster.read(order.roster) if order.roster is not None else None
    with tempfile.TemporaryDirectory(prefix="grader-class-") as scratch:
        collection = collect(order.paths, Path(scratch), roster, order.assignment or "")
        show.collected(collection, quiet=order.quiet)
        output = Output()
        cache = Cache.of_user() if order.options.sealed else Cache(None)  # else a notebook may have written there
        lookup = Lookup(order=order, cache=cache)
        summary = _graded(order, collection, lookup, output)
        code = _sum_up(summary, order, collection, lookup, output)
    output.require_taken()
    return code or (1 if collection.unreadable else 0)


def _graded(order: Order, collection: Collection, lookup: Lookup, output: Output) -> Summary:
    """Grade everybody and write the reports."""
    lookup.require(submission.path for submission in collection.submissions)
    require_writable(order.out)
    require_book(order)
    if order.options.sealed:
        require_sandbox()
    refused = {one.name: one.reason for one in collection.refused}
    everybody = [*collection.submissions, *map(_named, collection.refused)]
    reports = Reports(out=order.out, loads=order.as_json)
    bar = counting(len(everybody), quiet=order.quiet, verbose=order.verbose)
    with _workers(order) as (submit, workers), bar as count:
        grading = Grading(
            settings=_settings(order),
            folder_of=lambda submission: lookup.assignment(submission.path).folder,
            submit=submit,
            ahead=AHEAD * workers,
            cache=lookup.cache,
            is_reported=reports.are_there,
        )
        summary = run_batch(
            everybody,
            lambda submissions: _attempts(submissions, refused, grading),
            reports.write,
            Teller(order, count, output),
            on_stop=finish_in_peace,
            light=not order.as_json,
        )
    return summary


def _attempts(submissions: Iterable[Submission], refused: dict[str, str], grading: Grading) -> Iterator[Outcome]:
    """Yield the outcomes: of what could not even be opened first."""
    everybody = list(submissions)
    for submission in everybody:
        if submission.name in refused:
            yield failed(submission, SubmissionError(refused[submission.name]))
    with closing(grading(one for one in everybody if one.name not in refused)) as coming:
        yield from coming


def _named(refused: Refused) -> Submission:
    return Submission(path=refused.path, name=refused.name, student=refused.student, identity=refused.identity)


@contextmanager
def _workers(order: Order) -> Iterator[tuple[Submit, int]]:
    """Give a function that hands a task to a worker, and the number of workers."""
    if order.cluster is not None:
        with cluster(order.cluster) as (submit, workers):
            yield submit, workers
        return
    jobs = order.jobs or default_jobs()
    with Pool(jobs) as pool:
        yield lambda task: pool.submit(work, task, limit_s=task.limit_s), jobs


def _settings(order: Order) -> Settings:
    return Settings(options=order.options, audience=order.reader, full_data=order.full_data, fresh=order.fresh)


class Teller:
    """Says how each submission of a batch ended."""

    def __init__(self, order: Order, count: Count, output: Output) -> None:
        self._order, self._count, self._output = order, count, output

    def __call__(self, outcome: Outcome) -> None:
        """Show it on the screen, as far as that is wanted."""
        order, result = self._order, outcome.result
        self._count.end(outcome.submission.name, graded=outcome.graded)
        if result is not None and order.verbose:
            show.details(outcome.submission.path, result)
        if result is not None and not order.self_check:
            show.broken(outcome.submission.path, result, order.reader)
        show.failure(outcome, verbose=order.verbose)
        if order.as_text:
            show.line(outcome, order.out, self._output)


def _sum_up(summary: Summary, order: Order, collection: Collection, lookup: Lookup, output: Output) -> int:
    """Show how a batch ended, write its gradebook and return the exit code."""
    if order.as_json:
        show.json_list(summary.results, output)
    with undisturbed():
        entries = write_down(summary, order, collection, lookup)
    if summary.stopped:
        show.stopped(summary, order.out)
        return STOPPED
    show.several(entries, quiet=order.quiet)
    if order.similar and entries:
        add_similar(entries, order, collection, lookup)
    lookup.cache.prune()
    if not order.quiet:
        show.batch(summary, order.out)
    return summary.exit_code
