"""The proxy against a real notebook in a real kernel."""

import numpy as np
import pytest
from notebooks import notebook

from grader.config import Limits
from grader.errors import CallTimedOut, KernelDied, NotDefined, StudentError
from grader.kernels import Kernel
from grader.probe import Code, Missing, Place, Student, is_handle, parameters_of

LIMITS = Limits(call_s=2, value_bytes=1_000_000)

CELLS = (
    """
import numpy as np
import os

def soft_max(z):
    print("softening")
    e = np.exp(z - z.max())
    return e / e.sum()

def scaled(x, by=2):
    return x * by
""",
    """
class Net:
    def __init__(self, n):
        self.w = np.zeros(n)

    def fit(self, x):
        self.w += x
        return self

def make_table():
    return {"a": [1, 2.5], "b": (np.eye(2), "text", None)}
""",
    """
weights = [np.zeros((2, 3)), np.ones((3, 2))]
W1 = weights[0]
counter = 0

def train(step=1):
    global counter
    counter += step
    weights[0] += step
    weights[1] = weights[1] * 2
""",
    """
def raises(x):
    return undefined_name + x

def loops():
    while True:
        pass

def stubborn():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

def exits():
    raise SystemExit("bye")

def ends():
    os._exit(3)

def too_much():
    return np.zeros(1_000_000)

def generator():
    yield 1

def draws():
    return np.random.normal(size=2)

def lies():
    class Equal(float):
        def __eq__(self, other):
            return True
    return Equal(3.0)

def in_place(a):
    a += 1
""",
)


@pytest.fixture(scope="module")
def kernel():
    with Kernel(LIMITS, seed=5) as kernel:
        kernel.run(notebook(*CELLS))
        yield kernel


@pytest.fixture
def student(kernel):
    student = Student(kernel, LIMITS)
    student.begin(7)
    return student


def test_a_function_is_called_by_value(student):
    z = np.array([1.0, 2.0, 3.0])

    np.testing.assert_allclose(student.soft_max(z), np.exp(z) / np.exp(z).sum())


def test_keywords_reach_the_function(student):
    assert student.scaled(3, by=5) == 15


def test_printed_text_and_seconds_come_with_a_call(student):
    call = student.call("soft_max", np.zeros(2))

    assert call.stdout == "softening\n"
    assert 0 <= call.seconds < 2


def test_a_name_that_differs_in_case_and_underscores_is_taken(student):
    student.softmax(np.zeros(2))

    assert student.remarks == ["your `soft_max` was taken as `softmax`"]


def test_a_function_named_almost_like_the_wanted_one_is_taken(student):
    np.testing.assert_allclose([0.5, 0.5], student.softmaxx(np.zeros(2)))
    assert ["your `soft_max` was taken as `softmaxx`"] == student.remarks


def test_a_missing_name_is_false_and_offers_near_ones(kernel):
    student = Student(kernel, LIMITS, reserved=["soft_max"])
    missing = student.softmaxx

    assert isinstance(missing, Missing)
    assert not missing
    assert "softmaxx" not in student
    with pytest.raises(NotDefined, match="You defined `soft_max`"):
        missing(1)


def test_further_names_are_tried(student):
    assert is_handle(student.get("rescaled", "scaled"))
    assert student.remarks == ["your `scaled` was taken as `rescaled`"]


def test_values_travel_by_value(student):
    table = student.make_table()

    assert [1, 2.5] == table["a"]
    assert ("text", None) == table["b"][1:]
    np.testing.assert_array_equal(np.eye(2), table["b"][0])


def test_an_object_stays_in_the_kernel_and_is_used_there(student):
    net = student.Net(3)
    net.fit(np.ones(3))

    assert is_handle(net)
    np.testing.assert_array_equal(np.ones(3), net.w)


def test_a_method_that_is_missing_is_said(student):
    with pytest.raises(NotDefined, match="predict"):
        student.Net(3).predict(1)


def test_setting_writes_into_the_same_array(student):
    student.set(W1=np.full((2, 3), 5.0))

    np.testing.assert_array_equal(np.full((2, 3), 5.0), student.weights[0])


def test_a_path_is_written_and_read(student):
    path = (("item", "weights"), ("item", 1))
    student.put([(path, np.full((3, 2), 4.0))])

    np.testing.assert_array_equal(np.full((3, 2), 4.0), student.read(path))


def test_several_paths_are_read_at_once_and_one_that_is_missing_is_told_from_the_others(student):
    paths = [(("item", "counter"),), (("item", "weights"), ("item", 0))]
    counter, weight = student.read_all(paths)
    missing = student.read_all([*paths, (("item", "nothing_like_it"),)])

    assert counter == missing[0] == 0
    np.testing.assert_array_equal(np.zeros((2, 3)), weight)
    assert isinstance(missing[2], Missing)


def test_every_check_meets_the_state_the_notebook_left(student):
    student.train(step=9)
    student.set(counter=99, extra=1)

    student.begin(7)

    assert student.counter == 0
    assert not student.extra
    np.testing.assert_array_equal(np.zeros((2, 3)), student.W1)
    np.testing.assert_array_equal(np.ones((3, 2)), student.weights[1])


def test_random_numbers_repeat_with_the_seed(student):
    first = student.draws()
    student.begin(7)
    again = student.draws()
    student.begin(8)

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, student.draws())


def test_an_exception_brings_the_lines_of_the_notebook(student):
    with pytest.raises(StudentError, match="`raises` stopped with NameError") as caught:
        student.raises(1)

    assert caught.value.traceback == "cell 4, line 3, in raises\n    return undefined_name + x"


def test_leaving_python_is_an_answer(student):
    with pytest.raises(StudentError, match="SystemExit: bye"):
        student.exits()


def test_a_loop_is_stopped_and_the_kernel_lives_on(student):
    with pytest.raises(CallTimedOut, match="`loops` had not finished after 2 s"):
        student.loops()

    assert student.counter == 0


def test_a_value_that_is_too_large_is_refused(student):
    with pytest.raises(StudentError, match="larger than the limit"):
        student.too_much()


def test_what_is_no_data_stays_in_the_kernel(student):
    assert is_handle(student.generator())


def test_a_lying_number_is_read_as_the_number_it_is(student):
    assert student.lies() == 3.0
    assert student.lies() != 4.0


def test_arguments_are_copies(student):
    mine = np.zeros(2)
    student.in_place(mine)

    np.testing.assert_array_equal(np.zeros(2), mine)


def test_an_expression_can_be_passed(student):
    assert student.scaled(Code("np.array([1, 2])"), by=3).tolist() == [3, 6]


def test_an_object_of_the_kernel_can_be_passed(student):
    np.testing.assert_array_equal(np.zeros((2, 3)), student.scaled(Place((("item", "W1"),))))


def test_parameters_are_known(student):
    assert parameters_of(student.scaled) == (
        ("x", "POSITIONAL_OR_KEYWORD", False),
        ("by", "POSITIONAL_OR_KEYWORD", True),
    )


def test_statements_run_again_and_leave_no_trace(student):
    again = student.rerun("counter = 41\ncounter += 1", ["counter", "nothing"])

    assert again == {"counter": 42}
    assert student.counter == 0


def test_what_the_notebook_defined_is_described(student):
    things = {thing.label: thing for top in student.things() for thing in top.walk()}

    assert (2, 3) == things["weights[0]"].shape
    assert things["counter"].kind == "number"
    assert things["Net"].kind == "function"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "error"), [("ends", KernelDied), ("stubborn", CallTimedOut)])
def test_a_kernel_that_ends_comes_back_for_the_next_check(name, error):
    with Kernel(LIMITS, seed=5) as kernel:
        kernel.run(notebook(*CELLS))
        student = Student(kernel, LIMITS)
        student.begin(1)
        with pytest.raises(error):
            getattr(student, name)()

        student.begin(1)

        assert student.scaled(2) == 4


HOSTILE = """
import builtins, json, numpy as np
def answer():
    return np.arange(3.0)
print = len = isinstance = getattr = lambda *a, **k: 0
np.allclose = np.testing.assert_allclose = lambda *a, **k: True
np.ndarray.__eq__ if False else None
json.dumps = lambda *a, **k: "{}"
json.loads = lambda *a, **k: {}
builtins.len = lambda x: 0
builtins.isinstance = lambda *a: True
np.array = np.asarray = lambda *a, **k: 7
import inspect, linecache
inspect.signature = linecache.getline = None
"""


def test_redefining_what_the_asking_code_uses_changes_nothing():
    with Kernel(LIMITS, seed=5) as kernel:
        kernel.run(notebook(HOSTILE, "x = 1"))
        student = Student(kernel, LIMITS)
        student.begin(1)

        np.testing.assert_array_equal(np.arange(3.0), student.answer())
        assert student.x == 1


TENSORFLOW = """Graph execution error:

Detected at node sequential_1/dense_1/MatMul defined at (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
  File "/somewhere/grader/kernels/warden/__main__.py", line 20, in <module>

Matrix size-incompatible: In[0]: [32,784], In[1]: [100,10]
\t [[{{node sequential_1/dense_1/MatMul}}]] [Op:__inference_one_step_on_data_1]
"""


class Answers:
    """A kernel that gives one answer, whatever it is asked."""

    def __init__(self, content):
        self.content = content

    def ask(self, content, buffers=(), *, timeout_s):
        return self.content, []


def test_what_tensorflow_says_of_its_own_files_is_left_out():
    says = {"ok": False, "error": {"kind": "raised", "type": "InvalidArgumentError", "message": TENSORFLOW}}

    with pytest.raises(StudentError) as raised:
        Student(Answers(says), Limits()).get("x")

    assert str(raised.value) == (
        "`x` stopped with InvalidArgumentError: Matrix size-incompatible: In[0]: [32,784], In[1]: [100,10]"
    )
