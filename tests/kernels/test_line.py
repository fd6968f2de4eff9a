"""The line between the grader and a warden."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.kernels.warden.line import Line

MESSAGES = st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers(), max_size=3), min_size=1, max_size=5)


@given(MESSAGES)
def test_messages_that_arrive_together_are_all_heard_in_order(messages):
    here, there = map(Line, socket.socketpair())
    with here.end, there.end:
        for message in messages:
            here.say(message)
        first = there.next()
        there.end.setblocking(False)  # noqa: FBT003

        assert [first, *there.heard()] == messages
        assert there.heard() == []
        assert not there.closed


def test_a_descriptor_comes_along():
    here, there = map(Line, socket.socketpair())
    with here.end, there.end:
        opened = os.open(os.devnull, os.O_RDONLY)
        here.say({"do": "look"}, opened)
        os.close(opened)
        (message,), (descriptor,) = there.heard_with_descriptors()

        assert message == {"do": "look"}
        assert os.fstat(descriptor).st_rdev == Path(os.devnull).stat().st_rdev
        os.close(descriptor)


def test_whoever_is_gone_is_not_waited_for():
    here, there = map(Line, socket.socketpair())
    there.end.close()
    with here.end:
        here.say({"do": "end"})
        assert here.closed
        with pytest.raises(EOFError):
            here.next()
