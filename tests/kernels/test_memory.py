"""The state a notebook left comes back, aliases and random generators included."""

import numpy as np

from grader.kernels.inside.describe import describe, parameters
from grader.kernels.inside.memory import Memory, put


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
