"""`grade FOLDER`: a class, from the folders people have to reports, a gradebook and a page about all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from grader.batch import Grading, Outcome, Reports, Settings, Summary, require_writable, run_batch, write_summary
from grader.batch.cluster import cluster
from grader.batch.jobs import default_jobs
from grader.batch.pool import Pool
from grader.batch.work import Done, Task, work
from grader.cache import Cache
from grader.cli import show
from grader.cli.lookup import Lookup
from grader.cli.order import Order
from grader.cli.progress import Count, counting
from grader.cli.speak import STOPPED, Output, finish_in_peace
from grader.kernels.live import undisturbed
from grader.kernels.sandbox import require_sandbox
from grader.submissions import find_notebooks, named

AHEAD = 2  # tasks under way for each worker: one it does, one that is ready for it

Submit = Callable[[Task], Future[Done]]


def carry_out(order: Order) -> int:
    """Grade a class and return the exit code."""
    skipped: list[OSError] = []
    submissions = named(find_notebooks(order.paths, skipped.append))
    for error in skipped:
        show.skipped(error)
    if not order.quiet:
        show.renamed(submissions)
    output = Output()
    lookup = Lookup(order=order)
    lookup.require(submission.path for submission in submissions)
    require_writable(order.out)
    if order.options.sealed:
        require_sandbox()
    cache = Cache.of_user() if order.options.sealed else Cache(None)  # nobody else's code may have written there
    bar = counting(len(submissions), quiet=order.quiet, verbose=order.verbose)
    with _workers(order) as (submit, workers), bar as count:
        grading = Grading(
            settings=_settings(order),
            folder_of=lambda submission: lookup.assignment(submission.path).folder,
            submit=submit,
            ahead=AHEAD * workers,
            cache=cache,
        )
        reports = Reports(out=order.out, loads=order.as_json)
        tell = Teller(order, count, output)
        summary = run_batch(submissions, grading, reports.write, tell, on_stop=finish_in_peace, light=not order.as_json)
    cache.prune()
    code = _sum_up(summary, order, output)
    output.require_taken()
    return code or (1 if skipped else 0)


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


def _sum_up(summary: Summary, order: Order, output: Output) -> int:
    """Show how a batch ended, write its gradebook and return the exit code."""
    if order.as_json:
        show.json_list(summary.results, output)
    with undisturbed():
        write_summary(summary, order.out)
    if summary.stopped:
        show.stopped(summary, order.out)
        return STOPPED
    if not order.quiet:
        show.batch(summary, order.out)
    return summary.exit_code
