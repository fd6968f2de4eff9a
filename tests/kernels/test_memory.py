"""The state a notebook left comes back, aliases and random generators included."""

import array
import collections
import importlib
import io
import os
import random
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from sklearn.preprocessing import StandardScaler

from grader.config import SPAWNED, Limits
from grader.kernels import Kernel
from grader.kernels.inside import memory as memory_module
from grader.kernels.inside.describe import describe, parameters
from grader.kernels.inside.memory import Memory, put
from grader.probe import Student


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder without modules."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def remembered(**names):
    """Return names, and a function that restores them."""
    memory = Memory()
    memory.remember(names, list(names))
    return names, lambda: memory.restore(names, list(names))


def test_contents_come_back_in_the_same_objects():
    array, table, numbers, unique = np.zeros(3), {"a": [1]}, [1, 2], {1}
    names, restore = remembered(array=array, table=table, numbers=numbers, unique=unique)
    array += 1
    table["b"] = 2
    table["a"].append(5)
    numbers[:] = []
    unique.add(2)

    restore()

    assert {"a": [1]} == table
    assert ([1, 2], {1}) == (numbers, unique)
    np.testing.assert_array_equal(np.zeros(3), array)
    assert names["array"] is array


def test_aliases_stay_aliases():
    first = np.zeros(2)
    names, restore = remembered(weights=[first], w=first)
    names["weights"][0] = np.ones(2)

    restore()

    assert names["weights"][0] is names["w"] is first


def test_new_names_go_and_old_ones_return():
    names, restore = remembered(a=1, b=2)
    del names["a"]
    names["b"], names["c"] = 5, 6

    restore()

    assert {"a": 1, "b": 2} == names


def test_objects_of_the_notebooks_own_classes_come_back():
    kind = type("Network", (), {"__module__": "__main__"})
    net = kind()
    net.w, net.layers = np.zeros(2), [1]
    _, restore = remembered(net=net)
    net.w += 3
    net.layers.append(2)
    net.extra = 1

    restore()

    assert {"w", "layers"} == set(vars(net))
    assert [1] == net.layers
    np.testing.assert_array_equal(np.zeros(2), net.w)


def test_generators_go_back_to_where_they_were():
    rng, old = np.random.default_rng(1), np.random.RandomState(1)
    _, restore = remembered(rng=rng, old=old)
    first = (rng.random(), old.rand())

    restore()

    assert first == (rng.random(), old.rand())


def test_a_cycle_is_no_trouble():
    loop = []
    loop.append(loop)
    _, restore = remembered(loop=loop)
    loop.append(1)

    restore()

    assert len(loop) == 1


def test_arrays_in_tuples_and_object_arrays_come_back():
    inner, ragged = np.zeros(2), np.empty(1, dtype=object)
    ragged[0] = np.zeros(3)
    _, restore = remembered(pair=(inner, 1), ragged=ragged)
    inner += 1
    ragged[0] += 1

    restore()

    np.testing.assert_array_equal(np.zeros(2), inner)
    np.testing.assert_array_equal(np.zeros(3), ragged[0])


def test_one_large_global_takes_no_room_from_the_others(monkeypatch):
    monkeypatch.setattr(memory_module, "MAX_OBJECTS", 100)
    net = type("Network", (), {"__module__": "__main__"})()
    net.layers = [{"w": np.zeros(1)}]
    names = {"numbers": [0], "net": net, "large": [[each] for each in range(500)], "tail": [[0]]}
    memory = Memory()
    memory.remember(names, list(names))
    names["numbers"].append(1)
    net.layers[0]["w"] += 1
    names["tail"][0].append(1)
    names["large"].append(1)
    memory.restore(names, list(names))

    assert ([0], [[0]], 0) == (names["numbers"], names["tail"], net.layers[0]["w"][0])
    assert len(names["large"]) == 500
    assert ["large"] == list(memory.left_out)


def test_what_is_too_large_or_of_no_known_kind_is_left_out_by_name(monkeypatch):
    monkeypatch.setattr("grader.kernels.inside.keeping.MAX_ARRAY_BYTES", 100)
    names = {"large": np.zeros(100), "held": [iter([1])], "small": np.zeros(3), "text": "a", "function": len}
    memory = Memory()
    memory.remember(names, list(names))

    assert ["large", "held"] == list(memory.left_out)


class Slotted:
    __slots__ = ("__hidden", "v", "w")
    __module__ = "__main__"

    def __init__(self):
        self.v = self.__hidden = 0

    def change(self):
        self.v, self.w, self.__hidden = 1, 1, 1

    def seen(self):
        return self.v, hasattr(self, "w"), self.__hidden


class Tagged(list):
    __module__ = "__main__"


class Node:
    __module__ = "__main__"

    def __init__(self, x=0):
        self.x = x

    def grow(self, _=None):
        self.x += 1

    def start_again(self):
        self.__dict__ = {"x": 5, "y": 6}


class Spectrum(np.ndarray):
    __module__ = "__main__"


def grow_inside(nodes):
    next(iter(nodes)).grow()


def seen_inside(nodes):
    return next(iter(nodes)).x


def change_names(frame):
    frame.index.name = "place"
    frame.columns.name = "part"


def names_of(frame):
    return [list(axis.names) for axis in frame.axes]


def change_buffer(buffer):
    buffer.seek(1)
    buffer.write(buffer.read())


def change_frame(frame):
    frame.loc[0, "a"] += 1
    frame["b"] = 2


def change_tag(tagged):
    tagged.append(2)
    tagged.tag = 5


KINDS = {
    "deque": (collections.deque([1], maxlen=2), lambda it: it.append(2), list),
    "ordered": (
        collections.OrderedDict(a=1, b=2),
        lambda it: (it.move_to_end("a"), it.update(c=3)),
        lambda it: list(it.items()),
    ),
    "counter": (collections.Counter("aab"), lambda it: it.update("b"), dict),
    "bytearray": (bytearray(b"ab"), lambda it: it.append(1), bytes),
    "array": (array.array("i", [1, 2]), lambda it: it.append(1), list),
    "text buffer": (io.StringIO("one\ntwo"), change_buffer, lambda it: (it.getvalue(), it.tell())),
    "byte buffer": (io.BytesIO(b"one"), change_buffer, lambda it: (it.getvalue(), it.tell())),
    "random": (random.Random(1), lambda it: it.random(), lambda it: it.getstate()),  # noqa: S311
    "slots": (Slotted(), Slotted.change, Slotted.seen),
    "attribute of a list": (Tagged([1]), change_tag, lambda it: (list(it), vars(it).copy())),
    "estimator": (StandardScaler(), lambda it: it.fit(np.ones((2, 2))), lambda it: sorted(vars(it))),
    "frame": (pd.DataFrame({"a": [1]}), change_frame, lambda it: it.to_dict()),
    "column": (pd.Series([1, 2]), lambda it: it.update(pd.Series([5])), list),
    "set": ({Node()}, grow_inside, seen_inside),
    "frozenset": (frozenset({Node()}), grow_inside, seen_inside),
    "key": ({Node(): 1}, grow_inside, seen_inside),
    "replaced attributes": (Node(), Node.start_again, lambda it: dict(vars(it))),
    "mask": (np.ma.array([1.0, 2.0]), lambda it: it.__setitem__(0, np.ma.masked), lambda it: (it.tolist(), it.mask)),
    "larger mask": (
        np.ma.array([1.0, 2.0], mask=[True, False]),
        lambda it: it.__setitem__(slice(None), np.ma.masked),
        lambda it: (it.tolist(), it.mask.tolist()),
    ),
    "own array": (np.zeros(2).view(Spectrum), lambda it: it.fill(5), lambda it: it.tolist()),
    "list in a frame": (pd.DataFrame({"a": [[1]]}), lambda it: it.loc[0, "a"].append(2), lambda it: str(it.to_dict())),
    "list in a column": (pd.Series([[1]]), lambda it: it[0].append(2), lambda it: str(it.to_dict())),
    "names of a frame": (pd.DataFrame({"a": [1]}), change_names, names_of),
    "names of levels": (
        pd.DataFrame({"a": [1], "b": [2], "c": [3]}).set_index(["a", "b"]),
        lambda it: setattr(it.index, "names", ["x", "y"]),
        names_of,
    ),
    "name of a column": (pd.Series([1], name="a"), lambda it: setattr(it, "name", "b"), lambda it: it.name),
    "shape": (np.zeros((2, 3)), lambda it: it.resize((3, 2), refcheck=False), lambda it: it.shape),
}


@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS.keys())
def test_each_kind_of_value_comes_back_again_and_again(case):
    value, change, seen = case
    before = seen(value)
    _, restore = remembered(value=value)
    for _ in range(2):
        change(value)
        assert before != seen(value)
        restore()

        assert before == seen(value)


def test_a_frame_that_was_not_changed_keeps_its_arrays():
    frame = pd.DataFrame({"a": [1.0]})
    inside = frame["a"].to_numpy(copy=False)
    _, restore = remembered(frame=frame)
    restore()

    assert np.shares_memory(inside, frame["a"].to_numpy(copy=False))


def test_modules_beside_the_notebook_come_back_and_installed_ones_are_not_touched(folder, monkeypatch):
    for name, file in {"helper": "helper.py", "installed": ".venv/lib/site-packages/installed.py"}.items():
        module = ModuleType(name)
        module.__file__ = str(folder / file)
        module.calls, module.count = [], 0
        monkeypatch.setitem(sys.modules, name, module)
    _, restore = remembered(numbers=[1])
    for module in (sys.modules["helper"], sys.modules["installed"]):
        module.calls.append(1)
        module.count = module.new = 1
    restore()

    assert ([], 0, False) == (
        sys.modules["helper"].calls,
        sys.modules["helper"].count,
        hasattr(sys.modules["helper"], "new"),
    )
    assert ([1], 1) == (sys.modules["installed"].calls, sys.modules["installed"].count)


def test_objects_come_back_that_are_reached_through_sets_alone():
    leaf = Node()
    root = Node()
    root.previous, root.seen = {leaf}, frozenset({leaf})
    _, restore = remembered(root=root)
    leaf.grow()
    root.previous.clear()
    restore()

    assert (0, {leaf}) == (leaf.x, root.previous)


def test_a_submodule_that_was_imported_meanwhile_stays(folder, monkeypatch):
    (folder / "helpers").mkdir()
    (folder / "helpers" / "__init__.py").write_text("calls = []")
    (folder / "helpers" / "extra.py").write_text("def f(): return 5")
    monkeypatch.syspath_prepend(folder)
    helpers = importlib.import_module("helpers")
    try:
        _, restore = remembered(numbers=[1])
        importlib.import_module("helpers.extra")
        helpers.calls.append(1)
        helpers.new = None
        restore()

        assert (5, [], False) == (helpers.extra.f(), helpers.calls, hasattr(helpers, "new"))
    finally:
        for name in ("helpers", "helpers.extra"):
            sys.modules.pop(name, None)


def test_pythons_own_modules_are_nobodys_where_it_lies_below_the_folder(folder, monkeypatch):
    here = Path(os.__file__).parents[1]
    for name in ("helper", "_msi"):
        module = ModuleType(name)
        module.__file__ = str(here / "DLLs" / f"{name}.py")
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.chdir(here)
    memory = Memory()
    memory.remember({}, [])

    assert "helper" in memory.own
    assert set() == memory.own & {"threading", "collections.abc", "os", "_msi"}


def test_modules_beside_the_notebook_are_known_after_it_changed_the_folder(folder, monkeypatch):
    helper = ModuleType("helper")
    helper.__file__, helper.calls = str(folder / "helper.py"), []
    monkeypatch.setitem(sys.modules, "helper", helper)
    memory = Memory()
    (folder / "data").mkdir()
    monkeypatch.chdir(folder / "data")
    memory.remember({}, [])
    helper.calls.append(1)
    memory.restore({}, [])

    assert [] == helper.calls


def test_what_cannot_be_put_back_is_named_and_the_others_come_back():
    buffer, numbers = io.StringIO("a"), [1]
    names = {"buffer": buffer, "numbers": numbers}
    memory = Memory()
    memory.remember(names, list(names))
    buffer.close()
    numbers.append(2)
    memory.restore(names, list(names))

    assert {"buffer"} == memory.failed
    assert [1] == numbers


def test_a_value_that_cannot_be_looked_at_is_left_out():
    class Shy(type):
        def __hash__(cls):
            raise RuntimeError

        def __getattribute__(cls, name):
            raise RuntimeError(name)

    names = {"shy": Shy("Shyer", (), {})(), "numbers": [1]}
    memory = Memory()
    memory.remember(names, list(names))
    names["numbers"].append(2)
    memory.restore(names, list(names))

    assert [1] == names["numbers"]
    assert ["shy"] == list(memory.left_out)


CELL = """
import helper
from collections import deque
class Node:
    __slots__ = ("calls",)
    def __init__(self):
        self.calls = 0
node, past, weights, table = Node(), deque(), {"w": [0]}, [[each] for each in range(250_000)]
def step():
    node.calls += 1
    past.append(1)
    weights["w"][0] += 1
    helper.calls.append(1)
    return [node.calls, len(past), weights["w"][0], len(helper.calls)]
"""


@pytest.mark.slow
def test_in_a_kernel_every_check_meets_what_the_notebook_left(folder):
    (folder / "helper.py").write_text("calls = []")
    said = []
    with Kernel(Limits(), seed=1, provisioner=SPAWNED, sealed=False, files=(folder / "helper.py",)) as kernel:
        kernel.run(new_notebook(cells=[new_code_cell(CELL)]))
        student = Student(kernel, Limits())
        for seed in range(2):
            student.begin(seed)
            said.append((student.step(), student.step()))

    assert [([1, 1, 1, 1], [2, 2, 2, 2])] * 2 == said


def test_putting_fills_the_present_array_where_it_fits():
    kept = np.zeros(2)
    parent = {"w": kept}
    put(parent, ("item", "w"), np.ones(2))

    assert parent["w"] is kept
    np.testing.assert_array_equal(np.ones(2), kept)


def test_putting_replaces_what_does_not_fit():
    parent = {"w": np.zeros(2, dtype=int), "b": 0}
    put(parent, ("item", "w"), np.full(2, 0.5))
    put(parent, ("item", "b"), np.ones(3))

    np.testing.assert_array_equal(np.full(2, 0.5), parent["w"])
    np.testing.assert_array_equal(np.ones(3), parent["b"])


def test_a_description_has_shapes_and_no_data():
    table = dict(describe({"w": [np.zeros((2, 3)), 4], "f": lambda x, y=1: x, "text": "secret"}))

    assert ["list", "function", "text"] == [node["kind"] for node in table.values()]
    assert [2, 3] == table["w"]["items"][0][1]["shape"]
    assert "secret" not in str(table)


def test_a_description_of_endless_things_ends():
    loop = []
    loop.append(loop)

    assert len(str(describe({f"x{i}": [loop] * 100 for i in range(500)}))) < 2_000_000


def test_a_function_without_a_signature_has_no_parameters():
    class Strange:
        @property
        def __signature__(self):
            raise RuntimeError

        def __call__(self):
            """Be callable."""

    assert parameters(Strange()) is None
    assert parameters(3) is None
