from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from grader.notebook import split_questions

FOUR = ("q1", "q2", "q3", "q4")


def text(source, **metadata):
    return v4.new_markdown_cell(source, metadata=metadata)


def code(source="x = 1", **metadata):
    return v4.new_code_cell(source, metadata=metadata)


def split(*cells, ids=FOUR):
    """Return the non-empty places only; that every id is there is tested on its own."""
    found = split_questions(v4.new_notebook(cells=list(cells)), ids)
    return {key: cells for key, cells in found.items() if cells}


@pytest.mark.parametrize(
    "heading",
    [
        "Q4", "q4", "Q4.", "Q4:", "Q.4", "Q-4", "Q 4 -", "Q 4 - Backpropagation", "(Q4)", "Q#4", "[Q4]",
        "Question 4", "Question 4.", "QUESTION 4:", "Question4", "Question no. 4", "Question #4",
        "Question Four",
        "question four: backpropagation", "Question IV", "Part IV", "Ques 4", "Qn 4",
        "4)", "4.", "4:", "(4)", "4) Backpropagation", "4. Backpropagation from scratch",
        "4 - Backpropagation",
        "## 4", "## 4 Backpropagation", "### Q4.", "# 4. backpropagation", "#### 4) backprop ####",
        "## 4.2 Loss",
        "4.2 Forward pass", "4.2", "Q4.2", "Question 4.2.1", "Q4a", "Q4 a)", "Question 4 (b)",
        "Question 4b: Loss", "4a)",
        "**Question 4**", "**Question 4:** write it", "__Q4__", "**4. Backpropagation**",
        "***Question 4***", "*Q4*",
        "> ## Question 4", "- Question 4", "`Q4`", "<h2>Question 4</h2>",
        '<h1 style="color:red">4. Loss</h1>',
        "<center><b>Question 4</b></center>", '<a id="q4"></a>\n## Question 4', "Question 4\n==========",
        "4. Loss\n---",
        "Part 4", "Exercise 4", "Ex. 4", "Ex 4:", "Task 4", "Problem 4 (20 points)", "Frage 4", "Aufgabe 4",
        "Übung 4",
        "Aufgabe Vier", "Answer 4", "Answer to Question 4", "## Solution for Q4", "Homework 2 - Question 4",
        "\n\n## Question 4\n\nText that mentions Question 2.", "[Question 4](#q4)", "✏️ Question 4",
        "Question\u00a04",
        "Some words first\n\n## Question 4",
    ],
)  # fmt: skip
def test_a_heading_starts_a_question(heading):
    assert split(code(), text(heading), code()) == {"": (0,), "q4": (1, 2)}


@pytest.mark.parametrize(
    "words",
    [
        "1. first install numpy", "1. First\n2. Second\n3. Third", "Steps:\n\n1. First\n2. Second",
        "Here is 4)",
        "Text\n\nQuestion 4 comes later", "In Question 4 we saw", "4 layers are enough",
        "3.5 million weights",
        "## 3 epochs", "10 epochs", "2-layer networks", "Question 7", "## 7. Outlook", "Q45", "Question",
        "Quarter 4",
        "## Part of it", "Part 2 of the data is loaded", "part I trained", "Examples 4",
        "```\n# Question 4\n```",
        "1 + 1 = 2", "$4$ neurons", "2024 was good", "", "   \n", "# Homework 2", "4th layer", "x4", "Q4ab",
        "See [the paper](http://x.y/4)", "1.\ta\n2.\tb",
    ],
)  # fmt: skip
def test_ordinary_text_starts_none(words):
    assert split(text(words), code()) == {"": (0, 1)}


@pytest.mark.parametrize(
    "source",
    [
        "# Q4\nx = 1", "# Question 4: backpropagation\nx = 1", "#4)\nx", "## 4\nx", "#%% Question 4",
        "# ---- Q4 ----\nx",
        "###########\n# Question 4 #\n###########\nx = 1", "# by me\n# Question 4\nx", "%%time\n# Q4\nx",
        "\n\n# Ex. 4\nx",
        '"""Question 4"""\nx = 1', '"""\nQuestion 4\n"""\nx = 1'.replace("\n", "", 1),
        "# 4. Backpropagation\nx",
    ],
)  # fmt: skip
def test_comments_at_the_top_of_a_cell_start_a_question(source):
    assert split(code(), code(source), code()) == {"": (0,), "q4": (1, 2)}


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n# Question 4", "# 1. first load it\nx", "# 1. Load\n# 2. Train\nx", "# part 2 of 3\nx",
        "x = 'Question 4'",
        "print('Question 4')", "# 4 layers", "# 2 hidden layers of 32", "#4f2a1c", "Question 4 I do not know",
    ],
)  # fmt: skip
def test_other_code_starts_none(source):
    assert split(code(source), code()) == {"": (0, 1)}


def test_a_whole_assignment_in_one_cell_is_before_all_questions():
    assert split(code("import numpy\n\ndef f():\n    pass\n\n# Question 2\n")) == {"": (0,)}


def test_questions_out_of_order_that_come_back():
    cells = [text("# Q3"), code(), text("# Q1"), code(), text("# Q3 again"), code()]

    assert split(*cells) == {"q1": (2, 3), "q3": (0, 1, 4, 5)}


def test_every_question_is_a_key():
    assert split_questions(v4.new_notebook(), FOUR) == {"": (), "q1": (), "q2": (), "q3": (), "q4": ()}


def test_styles_may_be_mixed():
    cells = [
        text("## Question 1"),
        code(),
        text("### Q2"),
        code(),
        text("3. Fashion"),
        code(),
        text("4)"),
        code(),
    ]

    assert split(*cells) == {"q1": (0, 1), "q2": (2, 3), "q3": (4, 5), "q4": (6, 7)}


@pytest.mark.parametrize("part", ["## 1. Initialise", "## Part 1", "1. Initialise", "**Step 1**", "### 1.1 Weights"])
def test_parts_counted_under_a_question_start_none(part):
    second = part.replace("1", "2", 1)
    cells = [
        text("# Question 4"),
        text(part),
        code(),
        text(second),
        code("# 3. Train\nx"),
        text("# Question 2"),
    ]

    assert split(*cells) == {"q4": (0, 1, 2, 3, 4), "q2": (5,)}


def test_a_cell_with_two_headings_belongs_to_the_first_and_leads_on_with_the_last():
    assert split(text("# Question 1\nMine.\n# Question 2"), code()) == {"q1": (0,), "q2": (1,)}


@pytest.mark.parametrize(
    "metadata",
    [
        {"grader": {"question": "q4"}},
        {"grader": {"question": "4"}},
        {"tags": ["hide", "q4"]},
        {"tags": ["Q4"]},
        {"tags": ["question-4"]},
        {"tags": ["question:q4"]},
        {"nbgrader": {"grade_id": "q4", "grade": True}},
        {"nbgrader": {"grade_id": "cell-q4_part2"}},
        {"nbgrader": {"grade_id": "question_4"}},
    ],
    ids=str,
)
def test_metadata_win_over_headings(metadata):
    assert split(text("# Question 1"), text("# Question 2", **metadata), code()) == {"q1": (0,), "q4": (1, 2)}


@pytest.mark.parametrize(
    "metadata",
    [
        {"grader": {"question": "q7"}}, {"grader": {"question": 4}}, {"grader": 4}, {"tags": ["q45", "easy"]},
        {"nbgrader": {"grade_id": "q45"}}, {"nbgrader": {"grade_id": None}}, {"nbgrader": "q4"},
        {"tags": "q4"},
    ],
    ids=str,
)  # fmt: skip
def test_metadata_that_name_no_question_leave_it_to_headings(metadata):
    node = v4.new_notebook(cells=[text("# Question 1"), text("# Question 2")])
    node.cells[1].metadata.update(metadata)

    assert split_questions(node, ("q1", "q2", "q3", "q4"))["q2"] == (1,)


def test_headings_count_after_marked_cells():
    cells = [
        text("", grader={"question": "q4"}),
        text("# Question 1"),
        code(),
        text("2. x", tags=["q3"]),
        code(),
    ]

    assert split(*cells) == {"q4": (0,), "q1": (1, 2), "q3": (3, 4)}


def test_ids_with_letters_are_found_by_their_letter():
    cells = [text("# Q1b"), code(), text("# Question 1 (a)"), code(), text("# Question 2c")]

    assert split(*cells, ids=("q1a", "q1b", "q2")) == {"q1b": (0, 1), "q1a": (2, 3), "q2": (4,)}


LINES = st.sampled_from(["# Q1", "## 2. Loss", "4)", "Question 9", "1. a\n2. b", "```\n# Q1", "text", "", "#", "**3**"])


@settings(max_examples=100, deadline=None)
@given(sources=st.lists(st.tuples(st.booleans(), LINES | st.text(max_size=30)), max_size=8))
def test_every_cell_is_in_exactly_one_place(sources):
    cells = [(code if is_code else text)(source) for is_code, source in sources]

    found = split_questions(v4.new_notebook(cells=cells), FOUR)

    assert sorted(index for places in found.values() for index in places) == list(range(len(cells)))
    assert list(found) == ["", *FOUR]


@pytest.mark.parametrize("word", ["the ", "answer ", "my the to ", "a", "<", "[", "_", "(", "Q.", "q-"])
def test_long_lines_take_no_time(word):
    assert split(text("# " + word * 50_000), code("#" + word * 50_000)) == {"": (0, 1)}
