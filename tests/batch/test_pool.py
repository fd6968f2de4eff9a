"""Workers: what dies, hangs or leaks takes nothing with it."""

import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest
from pool_work import die, die_once, double, fail, hold_memory, ignore_everything, lambda_of, leave, pid, sleep
from pool_work import time_out as raise_time_out

from grader.batch.pool import Pool
from grader.errors import HarnessError, SubmissionError

pytestmark = pytest.mark.slow
LIMIT_S = 60


@pytest.fixture
def pool():
    with Pool(2) as pool:
        yield pool


def outcome(pool, work, task, limit_s=LIMIT_S):
    return pool.submit(work, task, limit_s=limit_s).result()


def appears(path):
    deadline = time.monotonic() + 30
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(path.read_text())


def gone(number):
    deadline = time.monotonic() + 15
    while psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_tasks_are_done_and_what_they_raise_comes_back(pool):
    answers = [pool.submit(double, number, limit_s=LIMIT_S) for number in range(8)]

    assert [answer.result() for answer in answers] == [0, 2, 4, 6, 8, 10, 12, 14]
    with pytest.raises(SubmissionError, match="Not a notebook"):
        outcome(pool, fail, "Not a notebook.")
    with pytest.raises(TimeoutError, match="of its own"):
        outcome(pool, raise_time_out, "of its own")
    with pytest.raises(HarnessError, match="cannot be sent"):
        outcome(pool, lambda_of, None)


ENDINGS = {
    "killed": (die, signal.SIGKILL, "killed by SIGKILL"),
    "a fault in memory": (die, signal.SIGSEGV, "killed by SIGSEGV"),
    "left": (leave, 3, "exit code 3"),
}


@pytest.mark.parametrize(("work", "task", "how"), ENDINGS.values(), ids=ENDINGS.keys())
def test_a_worker_that_dies_fails_its_task_and_no_other(pool, work, task, how):
    doomed = pool.submit(work, task, limit_s=LIMIT_S)
    others = [pool.submit(double, number, limit_s=LIMIT_S) for number in range(6)]

    assert [other.result() for other in others] == [0, 2, 4, 6, 8, 10]
    with pytest.raises(HarnessError, match=f"The process that graded it ended, 2 times: {how}"):
        doomed.result()
    assert outcome(pool, double, 21) == 42


def test_a_task_whose_worker_was_killed_is_tried_once_more(pool, tmp_path):
    assert outcome(pool, die_once, str(tmp_path / "mark")) == "done"


def test_a_task_that_hangs_is_ended_and_the_next_one_done(tmp_path):
    with Pool(1) as pool:
        with pytest.raises(HarnessError, match="longer than 1 s"):
            outcome(pool, sleep, str(tmp_path / "mark"), limit_s=1)
        assert outcome(pool, double, 21) == 42


def test_a_worker_is_replaced_after_some_tasks_and_with_it_what_leaked():
    with Pool(1, max_tasks=3) as pool:
        leaked = [outcome(pool, hold_memory, 5) for _ in range(7)]
        processes = {outcome(pool, pid, None) for _ in range(6)}

    assert leaked == [5, 10, 15, 5, 10, 15, 5]
    assert len(processes) == 3


def test_stopping_ends_what_is_under_way_kindly_and_drops_what_waits(tmp_path):
    with Pool(1) as pool:
        busy = pool.submit(sleep, str(tmp_path / "mark"), limit_s=LIMIT_S)
        waiting = pool.submit(double, 1, limit_s=LIMIT_S)
        worker = appears(tmp_path / "mark")

    assert waiting.cancelled()
    assert isinstance(busy.exception(), HarnessError)
    assert gone(worker)
    assert (tmp_path / "mark.ended").exists()


def test_stopping_closes_a_pipe_that_is_listened_to_once(tmp_path, monkeypatch):
    def close_slowly(line, _close=os.close):
        _close(line._handle)
        time.sleep(0.3)  # in which another thread could close the same number, by then perhaps another's

    monkeypatch.setattr(Connection, "_close", close_slowly)
    with Pool(1) as pool:
        busy = pool.submit(sleep, str(tmp_path / "mark"), limit_s=LIMIT_S)
        appears(tmp_path / "mark")

    assert isinstance(busy.exception(), HarnessError)


def test_a_worker_that_does_not_listen_is_killed(tmp_path):
    with Pool(1) as pool:
        pool.submit(ignore_everything, str(tmp_path / "mark"), limit_s=LIMIT_S)
        worker = appears(tmp_path / "mark")

    assert gone(worker)


def test_ctrl_c_in_a_terminal_does_not_reach_workers(tmp_path):
    with Pool(1) as pool:
        busy = pool.submit(sleep, str(tmp_path / "mark"), limit_s=LIMIT_S)
        psutil.Process(appears(tmp_path / "mark")).send_signal(signal.SIGINT)
        time.sleep(0.3)
        alive = not busy.done()

    assert alive


def test_many_threads_can_hand_in_tasks(pool):
    answers = {}

    def ask(number):
        answers[number] = outcome(pool, double, number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {number: 2 * number for number in range(8)}


def test_workers_end_when_whoever_asked_is_killed(tmp_path):
    program = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pool_work import child\n"
        "from grader.batch.pool import Pool\n"
        "if __name__ == '__main__':\n"
        "    with Pool(1) as pool: pool.submit(child, sys.argv[1], limit_s=300).result()\n"
    )
    script = tmp_path / "asker.py"
    script.write_text(program)
    with subprocess.Popen([sys.executable, script, tmp_path / "mark", Path(__file__).parent]) as asker:
        grandchild = psutil.Process(appears(tmp_path / "mark"))
        worker = grandchild.ppid()
        asker.kill()
        asker.wait()

    assert gone(worker)
    grandchild.kill()  # it is what it started: kernels have a warden who sees to that
