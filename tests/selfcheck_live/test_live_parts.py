"""The parts of `%grade` by themselves: the line, the alarm, the memory, the notebook's place, what is shown."""

import re
import signal
import sys
import time
from itertools import count
from types import ModuleType, SimpleNamespace
from zoneinfo import ZoneInfo

import nbformat
import numpy as np
import pandas as pd
import pytest
from live_bundle import CELLS, make, save

from grader.assignment import load
from grader.checks.plugin import NotReached
from grader.errors import UsageError
from grader.notebook import Attempt
from grader.results import CheckResult, Derivation, Diagnosis, LineMark, ProofLine, Status, Table, Text, Visibility
from grader.selfcheck.live import sources
from grader.selfcheck.live.alarm import Stop, TooLong
from grader.selfcheck.live.diary import Diary, Ran
from grader.selfcheck.live.magic import Line, place_of, read
from grader.selfcheck.live.shown import Asked, Shown
from grader.selfcheck.live.state import Kept

# --- the line -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("", {}),
        ("q4", {"questions": ("q4",)}),
        ("q1 q2,q3", {"questions": ("q1", "q2", "q3")}),
        ("--help", {"help": True}),
    ],
)
def test_a_line_is_read(typed, line):
    assert Line(**line) == read(typed)


def test_paths_may_hold_spaces(tmp_path):
    line = read(f'--bundle "{tmp_path}/my homework" q1 --notebook ~/x.ipynb')

    assert str(line.bundle) == f"{tmp_path}/my homework"
    assert line.questions == ("q1",)
    assert "~" not in str(line.notebook)


@pytest.mark.parametrize("typed", ["--notebook", "-x", "--bundel=3", "--bundle 'a b"])
def test_what_a_line_cannot_say_is_said(typed):
    with pytest.raises(UsageError, match=r"comes a path|has no option|mark is missing"):
        read(typed)


def test_a_bundle_is_the_folder_itself_one_above_or_the_one_that_is_named(tmp_path, monkeypatch):
    bundle = make(tmp_path / "hw")
    (bundle / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(bundle / "deep" / "er")

    assert place_of(None, tmp_path) == bundle
    assert place_of(bundle, tmp_path) == place_of(bundle / "selfcheck", tmp_path) == bundle
    with pytest.raises(UsageError, match="holds no bundle"):
        place_of(bundle / "deep", tmp_path)


def test_a_folder_that_is_not_there_is_said_in_a_line(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="holds no bundle"):
        place_of(tmp_path / "nowhere" / "hw", tmp_path)
    with pytest.raises(UsageError, match="There is no bundle here"):
        place_of(None, tmp_path / "removed")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(UsageError, match="is not there any more"):
        place_of(None, tmp_path / "gone")


# --- the alarm ------------------------------------------------------------------------------------------------------


def loop():
    while True:
        pass


def sleep():
    time.sleep(30)


def catch_all():
    while True:
        try:
            [n for n in range(1000)]
        except BaseException:  # noqa: BLE001, S112 - as students write it
            continue


@pytest.mark.parametrize("endless", [loop, sleep, catch_all])
def test_a_call_is_ended_when_its_time_is_over(endless):
    stop, before = Stop(), signal.getsignal(signal.SIGINT)
    started = time.monotonic()
    with stop.listening(), pytest.raises(TooLong), stop.after(0.1):
        endless()

    assert stop.over
    assert not stop.asked()
    assert time.monotonic() - started < 5
    assert (signal.getsignal(signal.SIGINT), signal.getitimer(signal.ITIMER_REAL)) == (before, (0.0, 0.0))


def test_where_there_are_no_timers_a_thread_waits(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    stop = Stop()
    with stop.listening(), pytest.raises(TooLong), stop.after(0.1):
        loop()
    with stop.listening(), stop.after(5):
        quick = True

    assert quick
    assert not stop.asked()
    assert not stop.over


def test_the_stop_button_does_not_disturb_what_is_put_back():
    stop = Stop()
    with stop.listening():
        with stop.heeding():
            pass
        signal.raise_signal(signal.SIGINT)

    assert stop.asked()


def test_a_call_in_time_is_not_ended():
    stop = Stop()
    with stop.listening(), stop.after(0.05):
        pass
    time.sleep(0.1)

    assert not stop.over


def test_the_stop_button_is_told_from_the_alarm():
    stop = Stop()
    with stop.listening(), pytest.raises(KeyboardInterrupt), stop.heeding(), stop.after(5):
        signal.raise_signal(signal.SIGINT)

    assert stop.asked()
    assert not stop.over


# --- the memory -----------------------------------------------------------------------------------------------------

CELL = """
from itertools import count
counter = count()
def remembers(x, seen=[]):
    seen.append(x)
    remembers.calls = getattr(remembers, "calls", 0) + 1
    return len(seen)
def make():
    total = 0
    def add(n):
        nonlocal total
        total += n
        return total
    return add
add = make()
class Net:
    layers, n = [], 0
net = Net()
net.w = [1]
_private = [1]
"""


def test_what_functions_classes_and_private_names_keep_comes_back():
    names = {"__name__": "__main__"}
    exec(CELL, names)  # noqa: S102 - a student's cell
    kept, before = Kept(names), dict(names)
    names["remembers"](1)
    names["add"](5)
    names["Net"].n, names["Net"].new = 3, 4
    names["Net"].layers.append(1)
    names["net"].w.append(2)
    names["_private"].append(2)
    names["fresh"] = 1
    del names["make"]
    kept.restore()

    assert (list(names), [id(value) for value in names.values()]) == (list(before), [id(v) for v in before.values()])
    assert (names["remembers"](1), names["remembers"].calls, names["add"](5)) == (1, 1, 5)
    assert (names["Net"].n, names["Net"].layers, hasattr(names["Net"], "new")) == (0, [], False)
    assert (names["net"].w, names["_private"]) == ([1], [1])


def test_a_value_that_cannot_be_looked_at_is_left_alone_and_the_others_come_back():
    class Shy:
        @property
        def __class__(self):
            raise RuntimeError

    names = {"shy": Shy(), "numbers": [1], "modules": sys.modules}
    kept = Kept(names)
    names["numbers"].append(2)
    sys.modules["live_made_up"] = ModuleType("live_made_up")
    kept.restore()
    there = sys.modules.pop("live_made_up", None)

    assert names["numbers"] == [1]
    assert there is not None


def test_generators_of_the_notebook_go_back():
    names = {"rng": np.random.default_rng(0), "old": np.random.RandomState(0)}
    kept = Kept(names)
    first = names["rng"].random(), names["old"].rand()
    kept.restore()

    assert first == (names["rng"].random(), names["old"].rand())


GRAPH = """
class Value:
    def __init__(self, children=()):
        self.grad, self._prev = 0, set(children)
    def back(self):
        self.grad += 1
        for child in self._prev:
            child.back()
loss = Value([Value()])
def x():
    return next(iter(loss._prev))
"""


ITERATORS = """
from itertools import count, cycle
def endless():
    while True:
        yield 1
def counted():
    for i in range(9):
        yield i
gen, listed, counter, turns, mapped = counted(), iter([1, 2]), count(), cycle([1, 2]), map(str, [1, 2])
deep = {"a": [counted()]}
def closed():
    inner = iter([1, 2])
    return lambda: next(inner)
closure = closed()
_private = iter([1, 2])
"""
USED = {
    "gen": "next(gen)",
    "listed": "next(listed)",
    "counter": "next(counter)",
    "turns": "next(turns)",
    "mapped": "next(mapped)",
    "deep": "next(deep['a'][0])",
    "closure": "closure()",
    "_private": "next(_private)",
}


@pytest.mark.parametrize("name", USED)
def test_what_was_used_up_is_named_and_nothing_else(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    exec(ITERATORS, names)  # noqa: S102 - a student's cell
    next(names["gen"])
    kept = Kept(names)
    before = kept.changed()
    exec(USED[name], names)  # noqa: S102 - another
    kept.restore()

    assert ([], [name]) == (before, kept.changed())


def test_what_there_was_no_room_for_is_named_where_it_was_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.kernels.inside.memory.MAX_OBJECTS", 50)
    node = type("Node", (), {"__module__": "__main__"})
    names = {"many": [[each] for each in range(500)], "nodes": [node() for _ in range(500)], "tail": [0]}
    kept = Kept(names)
    before = kept.changed()
    names["many"][-1].append(1)
    names["nodes"][-1].value = 5
    names["tail"].append(1)
    kept.restore()

    assert ([], ["many", "nodes"], [0]) == (before, kept.changed(), names["tail"])


def test_what_is_too_large_for_a_fingerprint_is_named_as_such(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.selfcheck.live.fingerprint.ROOM", 1_000_000)
    monkeypatch.setattr("grader.kernels.inside.keeping.MAX_ARRAY_BYTES", 1_000_000)
    kept = Kept({"larger": np.zeros(200_000), "small": np.zeros(3)})

    assert (["larger"], []) == (kept.unknown(), kept.changed())


def test_what_is_too_large_of_an_own_class_is_named_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.kernels.inside.keeping.MAX_ARRAY_BYTES", 100)
    kind = type("Spectrum", (np.ndarray,), {"__module__": "__main__"})
    table = type("Table", (pd.DataFrame,), {"__module__": "__main__", "_constructor": property(type)})
    held = iter([table({"a": [1]})])
    kept = Kept({"own": np.zeros(100).view(kind), "small": np.zeros(3).view(kind), "held": held})

    assert (["held", "own"], []) == (kept.unknown(), kept.changed())


def test_moments_of_a_time_zone_are_not_taken_for_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"moment": pd.Timestamp("2026-01-01", tz="Europe/Berlin"), "zone": ZoneInfo("Europe/Berlin")}
    kept = Kept({**names, "days": pd.date_range("2026-01-01", periods=3, tz="Europe/Berlin")})
    between = pd.Timestamp("2026-01-01", tz="Asia/Tokyo")

    assert ([], "Asia/Tokyo") == (kept.changed(), str(between.tz))


def test_what_pandas_keeps_for_later_is_no_change_and_a_changed_large_frame_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"a": [1, 1, 2], "b": [1.0, 2.0, 3.0]})
    names = {"groups": frame.groupby("a"), "window": frame.rolling(2), "held": iter([frame.groupby("a")])}
    monkeypatch.setattr("grader.kernels.inside.keeping.MAX_ARRAY_BYTES", 1)
    names["frame"] = frame
    kept = Kept(names)
    names["groups"].mean(), names["groups"]["b"].sum(), names["window"].mean()
    cached = kept.changed()
    frame.loc[0, "b"] = 5

    assert ([], ["frame"]) == (cached, kept.changed())


def test_what_is_reached_through_sets_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    exec(GRAPH, names)  # noqa: S102 - a student's cell
    kept = Kept(names)
    names["loss"].back()
    kept.restore()

    assert (0, 0, [], []) == (names["loss"].grad, names["x"]().grad, kept.changed(), kept.unknown())


def test_modules_below_the_folder_of_the_session_come_back_after_it_was_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    helper = ModuleType("live_helper")
    helper.__file__ = str(tmp_path / "hw" / "live_helper.py")
    exec("def note(x, seen=[]):\n    seen.append(x)\n    return len(seen)", vars(helper))  # noqa: S102
    monkeypatch.setitem(sys.modules, "live_helper", helper)
    monkeypatch.chdir("/")
    kept = Kept({"note": helper.note}, tmp_path / "hw")
    helper.note(1)
    kept.restore()

    assert helper.note(1) == 1


def test_what_ipython_names_itself_is_not_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gone, shown = iter([1, 2]), iter([3, 4])
    names = {"_": shown, "_3": gone, "Out": {3: gone}, "shown": shown}
    kept = Kept(names)
    next(gone), next(shown)
    kept.restore()

    assert kept.changed() == ["shown"]


# --- the notebook's place -------------------------------------------------------------------------------------------


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    monkeypatch.delenv(sources.JUPYTER, raising=False)
    folder = make(tmp_path / "hw")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def assignment(bundle):
    return load(bundle / "selfcheck")


def test_the_file_is_where_vs_code_and_jupyter_say_else_as_it_was_handed_out(bundle, assignment, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    other = save(tmp_path / "mine", "x = 1").rename(tmp_path / "mine" / "other.ipynb")
    monkeypatch.setenv(sources.JUPYTER, str(other))

    assert sources.find({}, assignment, bundle).path == other
    monkeypatch.setenv(sources.JUPYTER, "/gone/live.ipynb")
    assert sources.find({}, assignment, bundle).path == bundle / "live.ipynb"
    assert sources.find({sources.VSCODE: str(other)}, assignment, bundle).path == other
    assert sources.find({sources.VSCODE: 3}, assignment, bundle, other).path == other
    assert "There is no notebook" in sources.find({}, assignment, bundle, tmp_path / "none.ipynb").why


def test_in_colab_the_notebook_is_what_is_on_the_screen(bundle, assignment, monkeypatch):
    screen = nbformat.read(bundle / "live.ipynb", as_version=4)
    screen.cells[0].source = "on_the_screen = 1"
    message = ModuleType("google.colab._message")
    message.blocking_request = lambda kind, timeout_sec: {"ipynb": screen} if kind == "get_ipynb" else None
    for name, module in {"google.colab": ModuleType("google.colab"), "google.colab._message": message}.items():
        monkeypatch.setitem(sys.modules, name, module)

    assert sources.find({}, assignment, bundle).node.cells[0].source == "on_the_screen = 1"


def test_a_file_that_cannot_be_read_is_said(bundle, assignment):
    (bundle / "live.ipynb").write_text("{", encoding="utf-8")
    found = sources.find({}, assignment, bundle)

    assert found.node is None
    assert re.search(r"could not be read: .*Save it and check again", found.why)


class Shell:
    """What a diary and a view need of one."""

    def __init__(self, *ran):
        self.user_ns, self.execution_count = {}, len(ran)
        self.history_manager = SimpleNamespace(input_hist_raw=["", *ran])
        self.events = SimpleNamespace(register=lambda *_: None, unregister=lambda *_: None)


def view_of(bundle, assignment, *ran):
    shell = Shell(*ran)
    return sources.look(shell, Diary(shell), assignment, bundle, None)[0]


def test_a_name_is_judged_by_what_was_run_then_by_the_file(bundle, assignment):
    save(bundle, "def double(x):\n    return 1\ndef draw(n):\n    return 2", *CELLS[1:3])
    view = view_of(bundle, assignment, CELLS[0], "%grade q1")

    assert view.attempt("double") is Attempt.UNTOUCHED
    assert view.attempt("draw") is Attempt.WRITTEN
    assert view.attempt("nothing") is Attempt.MISSING


def test_without_a_file_text_is_not_read(bundle, assignment):
    (bundle / "live.ipynb").unlink()
    view = view_of(bundle, assignment, "start = 3")

    assert view.statements(["start"]) == "start = 3"
    with pytest.raises(NotReached, match="could not be found"):
        view.cells("q2")


def test_of_a_cell_that_was_run_twice_the_last_run_counts():
    shell = Shell("a = 1", "b = 2", "a = 1", "%load_ext grader\n# ours\n%grade", "%grade q1\nx = 1")

    assert ["b = 2", "a = 1", "%grade q1\nx = 1"] == [ran.source for ran in Diary(shell).latest()]
    assert Ran(number=1, source="%grade").is_ours


# --- what is shown --------------------------------------------------------------------------------------------------


TITLE = "`f(x)` is <right>"
NUMBERS = count()


def verdict(status, message="", **more):
    known = {"id": f"c{next(NUMBERS)}", "question": "q1", "title": TITLE, "score": 0.0, "max_score": 2.0}
    return CheckResult(**known | {"visibility": Visibility.PUBLIC, "status": status, "message": message} | more)


ASKED = Asked(id="q1", title="A <question>", public=4, total=10)
EVERY = (
    verdict(Status.PASSED, score=2.0),
    verdict(Status.FAILED, "It is <script>x()</script> & \x1b[31mred", hint="Use $x^2$", remarks=("read <so>",)),
    verdict(Status.FAILED, "half", score=1.0, diagnosis=Diagnosis(name="", title="a <slip>", explanation="why")),
    verdict(Status.NOT_REACHED, "save first"),
    verdict(Status.NOT_ATTEMPTED, "save first"),
    verdict(Status.NEEDS_REVIEW, "a picture"),
    verdict(Status.ERROR, "ours", detail="Traceback (most recent call last)"),
    verdict(
        Status.FAILED,
        "evidence",
        evidence=(
            Text(title="What <came>", text="<img src=x onerror=y>" + "9" * 5_000),
            Table(title="rows", columns=("<a>",), rows=(("<b>",),) * 100),
            Derivation(title="lines", lines=(ProofLine(place="cell 1", latex="<x>", mark=LineMark.FAILS, why="<w>"),)),
            Text(title="Where it happened", text="In [1], line 1, in f\n    a\nIn [2], line 3, in g\n    <b> = 1"),
        ),
    ),
)


HARMLESS = ("div", "span", "code", "details", "summary", "table", "tr", "td", "math", "mrow", "msup", "mi", "mn", "mo")


def test_nothing_a_student_wrote_is_html_and_staffs_detail_is_not_there():
    html = Shown([ASKED], EVERY)._repr_html_()
    tags = set(re.findall(r"<(/?[a-z]+)", html))

    assert {tag.removeprefix("/") for tag in tags} <= set(HARMLESS)
    assert "Traceback" not in html
    assert "\x1b" not in html
    assert len(html) < 20_000
    assert "In [2], line 3, in g: &lt;b&gt; = 1" in html


def test_the_first_line_is_the_sum_and_what_waits_for_the_same_is_said_once():
    text = repr(Shown([ASKED], EVERY, ["a note"]))

    assert text.startswith("q1: 1 of 8 checks pass, 3 of 16 public points\n")
    assert text.count("save first") == 1
    assert "◐ partly right: `f(x)` is <right> (1/2)" in text
    assert "… a person decides" in text
    assert text.endswith("a note")


def test_a_question_without_checks_says_so():
    text = repr(Shown([ASKED], []))

    assert "q1: no check can be made here" in text
    assert "10 more points are for what is looked at only when the homework is graded." in text
