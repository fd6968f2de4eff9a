"""The slip behind a wrong line is found, and named only where it is likely."""

from __future__ import annotations

import time

import pytest

from grader.arithmetic import equalities, likely, slips

CONTEXT = {"width": 28, "depth": 192, "kernel": 5, "filters": 32, "filters of the first layer": 16}


def found_in(line):
    (one,) = equalities(line)
    return slips(one, CONTEXT)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("(5*5*192+1)*32 = 153,623", "two digits are swapped: 153,632"),
        ("(5*5*192+1)*32 = 163,632", "one digit of the result is wrong: 153,632"),
        ("(5*5*192+1)*32 = 15,632", "a digit of the result is missing or doubled: 153,632"),
        ("(5*5*192+1)*32 = 153,600", "the result leaves out the + 1, the bias of each filter"),
        ("5*5*192*32 = 153,632", "the working lacks + 32 (filters), one bias for each"),
        ("(5*5*192+1)*32 = 55,328", "it is right for 3·3 instead of 5·5"),
        ("(5*5*192+1)*32 = 76,816", "it is right with 16 (filters of the first layer) instead of 32"),
        ("(5*5*192+1)*32 = 832", "the result leaves out × 192 (depth)"),
        ("28*28*32*25 = 120,422,400", "the working lacks × 192 (depth)"),
        ("28*28*32*25*192 = 627,200", "the result leaves out × 192 (depth)"),
        ("5*5*192 + 1*32 = 153,632", "it is right when the signs are taken from left to right: brackets are missing"),
        ("(5*5*192+1)*32 = 4,832", "it is right without the brackets"),
        ("(5+5*192+1)*32 = 153,632", "it is right with × instead of +"),
        ("28*28*192*16 = 24,084,480", "the result has a zero too many or too few: 2,408,448"),
        ("0.25 * 0.5 = 1.25", "the decimal point is in the wrong place: 0.125"),
        ("(5*5*192+1)*32 = 99,999", None),
        ("(28-5)/1 + 2 = 23", "the result leaves out + 2"),
    ],
)
def test_the_likely_slip(line, said):
    slip = likely(found_in(line))

    assert said == (slip.sentence if slip else None)


def test_what_holds_has_no_slip():
    assert () == found_in("(5*5*192+1)*32 = 153,632")


def test_the_search_takes_milliseconds():
    (one,) = equalities("+".join(f"{n}*{n + 1}" for n in range(2, 21)) + " = 12345")
    start = time.process_time()

    for _ in range(5):
        slips(one, CONTEXT)

    assert (time.process_time() - start) / 5 < 0.2
