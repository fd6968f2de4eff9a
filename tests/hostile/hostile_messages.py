"""The notebook holds the key that signs the kernel's messages; whatever it sends in their place is only a wrong answer.

A forged message can neither give points nor break the grader: what is not well-formed is dropped or named, what is too
much is cut or ends the kernel, and what comes before it was asked for is not an answer.
"""

from hostile_attack import Attack, vandal

UNREADABLE = "What came back from your notebook could not be read"

# How messages are made up: `forge` sends one as an answer to message number `ahead` after the one that runs, `raw` any
# frames; `answer` makes a `double` of three answers, one for each time it is asked.
FORGE = """
import json, sys, numpy as np
kernel = get_ipython().kernel
session = kernel.session
def frames():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back
def stream():
    return next(frame.f_locals['stream'] for frame in frames() if frame.f_code.co_name == 'dispatch_shell')
def parent(ahead):
    asked = kernel.get_parent('shell')['header']
    name, _, number = asked['msg_id'].rpartition('_')
    return {'header': {**asked, 'msg_id': f'{name}_{int(number) + ahead}'}}
def forge(kind, content, ahead=0, buffers=()):
    ident = kernel._parent_ident['shell']
    session.send(stream(), kind, content, parent(ahead), ident=ident, buffers=list(buffers))
def publish(kind, content, ahead=0):
    session.send(kernel.iopub_socket, kind, content, parent(ahead), ident=b'stream')
def raw(*frames):
    stream().send_multipart([*kernel._parent_ident['shell'], *frames])
def signed(*frames):
    return [b'<IDS|MSG>', session.sign(list(frames)), *frames]
def answer(*contents):
    def double(x):
        content, *buffers = contents[0 if np.ndim(x) else 1 if x < 0 else 2]
        forge('grader_reply', content, buffers=buffers)
    return double
"""


def answers(name: str, what: str, *contents: str, says: str, **options) -> Attack:
    """Return an attack whose `double` answers with three forged replies, each written as content and buffers."""
    cells = (FORGE + f"double = answer({', '.join(f'({content},)' for content in contents)})",)
    return Attack(name=name, what=what, cells=cells, says=says, **options)


def value(node: str) -> str:
    """Return the content of a forged reply with this value."""
    return f"{{'ok': True, 'value': {node}}}"


def array(dtype: str, shape: str) -> str:
    """Return the content of a forged reply with an array that claims to be this, and eight bytes for it."""
    return value(f"{{'t': 'array', 'dtype': {dtype!r}, 'shape': {shape}, 'b': 0}}") + ", bytes(8)"


ATTACKS = (
    answers(
        "forged_verdict",
        "answers by itself, with a reply that says the check has passed",
        *["{'ok': True, 'value': None, 'passed': True, 'status': 'passed', 'score': 4, 'max_score': 4, 'fraction': 1}"]
        * 3,
        says="Nothing came back",
    ),
    Attack(
        name="answers_ahead",
        what="answers hundreds of questions before they are asked, since their numbers can be predicted",
        cells=(
            FORGE + "for n in range(1, 200):\n"
            "    forge('grader_reply', {'ok': True, 'value': 2.0, 'passed': True}, n)\n"
            "    forge('execute_reply', {'status': 'ok'}, n)",
        ),
        says="differs from the right one",
    ),
    Attack(
        name="answers_ahead_in_a_check",
        what="when it is first asked, answers that question and hundreds after it",
        cells=(
            FORGE + "def double(x):\n    for n in range(500):\n"
            "        forge('grader_reply', {'ok': True, 'value': True, 'passed': True}, n)",
        ),
        passes=frozenset({"test_text"}),
        says="shape|True",
    ),
    vandal(
        name="cells_done_at_once",
        what="says of every cell that it is done before it has begun, and of itself that it raised nothing",
        first=True,
        cells=(
            FORGE + "import time\n"
            "for n in range(0, 8, 2):\n"
            "    forge('execute_reply', {'status': 'ok', 'execution_count': 1}, n)\n"
            "    publish('status', {'execution_state': 'idle'}, n)\n"
            "    forge('grader_reply', {'events': []}, n + 1)\n"
            "time.sleep(0.5)\nraise ValueError",
        ),
        says="",
    ),
    vandal(
        name="reply_without_a_status",
        what="ends a cell with a reply that has no status, and one whose parts are of the wrong types",
        cells=(
            FORGE + "forge('execute_reply', {})",
            FORGE + "forge('execute_reply', {'status': ['error'], 'ename': {}, 'payload': 3})",
            FORGE + "forge('execute_reply', {'status': 'error', 'ename': [1], 'evalue': {}, 'traceback': [[]] * 9})",
        ),
        says=r"\[1\]|1: \{\}|^: ",
        status="errors",
    ),
    vandal(
        name="malformed_messages",
        what="sends hundreds of malformed messages on both channels: unsigned, cut, nested, of wrong types",
        cells=(
            FORGE
            + """
header = {**parent(0)['header'], 'date': '2020-01-01T00:00:00Z'}
deep = '[' * 100_000
def as_json(value):
    return json.dumps(value).encode()
heads = [header, {}, [], 3, None, 'x', {**header, 'msg_type': 5}, {**header, 'msg_id': []}, {**header, 'date': 'x'},
         {**header, 'version': {}}, {'msg_type': 'status', 'msg_id': 'x'}, {**header, 'msg_type': 'stream'}]
contents = [{}, [], 3, None, {'execution_state': {}}, {'name': [], 'text': 5}, {'name': 'stdout', 'text': [5, {}]},
            {'data': 5}, {'data': {'text/plain': 5, 'image/png': [[]]}, 'metadata': 4, 'transient': 5},
            {'ename': 5, 'evalue': [], 'traceback': 7}, {'execution_count': 'x'}, {'wait': 'x'}]
kinds = ['stream', 'display_data', 'execute_result', 'error', 'update_display_data', 'clear_output', 'status',
         'comm_open', 'comm_msg', 'execute_input', 'input_request', 'shutdown_reply', 'iopub_welcome', 'x', '']
sent = 0
for head in heads:
    for body in contents[:4]:
        raw(*signed(as_json(head), as_json(header), b'{}', as_json(body)))
        sent += 1
for kind in kinds:
    for body in contents:
        kind_header = as_json({**header, 'msg_type': kind})
        parts = signed(kind_header, as_json({'msg_id': header['msg_id']}), b'{}', as_json(body))
        kernel.iopub_socket.send_multipart([b'x', *parts])
        sent += 1
for parts in ([], [b''], [b'<IDS|MSG>'], [b'<IDS|MSG>'] * 7, signed(b'{', b'{', b'{', b'{'), signed(b'\\xff' * 9),
               signed(*[deep.encode()] * 4), [b'<IDS|MSG>', b'wrong', b'{}', b'{}', b'{}', b'{}'],
               signed(as_json(header), as_json(header), b'{}', b'{"a": ' + b'9' * 9_999 + b'}')):
    raw(*parts)
    kernel.iopub_socket.send_multipart([b'x', *parts])
    sent += 1
print('sent', sent)
""",
        ),
        inside="sent 237",
        says="",
    ),
    answers(
        "malformed_answers",
        "answers with replies that lack what they need: no content, no value, an error of the wrong type",
        "{}",
        "{'ok': True, 'seconds': 'x', 'stdout': [], 'value': {'v': 1}}",
        "{'ok': False, 'error': [1], 'raised': 'x'}",
        says=rf"(?s)\A(?!.*our fault).*{UNREADABLE}: a node without a type",
    ),
    answers(
        "malformed_errors",
        "answers with errors whose type, message and lines are not what they should be",
        "{'raised': {'type': [1] * 99, 'message': {'x': 'y' * 99_999}, 'frames': [{'cell': [], 'line': {}}, 3, None]}}",
        "{'ok': False, 'error': {'kind': 'missing', 'names': [['x'] * 99, 5, None], 'functions': 'double'}}",
        "{'raised': {'type': 'Passed', 'frames': [{'cell': '<cell ' + '9' * 5000 + '>', 'line': 9**999}]}}",
        says=r"(?s)\A(?!.*our fault).*stopped with \[1, 1, .*stopped with Passed",
    ),
    answers(
        "malformed_values",
        "answers with values of unknown types, members that are none, and keys that cannot be looked up",
        value("{'t': 'dict', 'v': [[{'t': 'list', 'v': []}, 1], [1, 2, 3]]}"),
        value("{'t': 'handle', 'id': 'x', 'type': {}}"),
        value("{'t': 'objects', 'shape': [2, 3], 'v': [{'t': 'complex', 'v': ['1', None]}]}"),
        says=rf"(?s)({UNREADABLE}.*){{3}}",
    ),
    answers(
        "malformed_numbers",
        "answers with numbers in words, expressions in the place of numbers, and integers of a million digits",
        value("{'t': 'float', 'v': '__import__(\"os\")._exit(1)'}"),
        value("{'t': 'int', 'v': '0x' + 'f' * 1_000_000}"),
        value("{'t': 'code', 'v': '__import__(\"os\")._exit(1)'}"),
        says=rf"(?s){UNREADABLE}: a float that is none.*an integer that is too long.*a node of unknown type",
    ),
    answers(
        "forged_shapes",
        "answers with arrays that claim 10¹² elements, negative lengths, and a hundred axes",
        array("<f8", "[10**12]"),
        array("<f8", "[-1, -8]"),
        array("<f8", "[1] * 100"),
        says=rf"(?s)({UNREADABLE}: an impossible shape.*){{3}}",
    ),
    answers(
        "forged_empty_shapes",
        "answers with arrays of no elements but endless axes, and buffers that are not there or used twice",
        array("<f8", "[0, 2**27, 2**27]"),
        value("{'t': 'objects', 'shape': [0, 10**6, 10**6], 'v': []}"),
        value("{'t': 'list', 'v': [{'t': 'array', 'dtype': '<f8', 'shape': [1], 'b': 0}] * 2}") + ", bytes(8)",
        says=rf"(?s)({UNREADABLE}: a shape that is too large.*){{2}}a buffer that did not arrive, or is used twice",
    ),
    answers(
        "forged_types",
        "answers with arrays of objects, of structures and of texts, whose bytes would be taken for addresses",
        array("|O", "[1]"),
        array("<U2", "[1]"),
        array("O8,i4", "[1]"),
        says=rf"(?s)({UNREADABLE}: an array of a type that is not numeric.*){{3}}",
    ),
    answers(
        "deep_answer",
        "answers with lists nested as deep as a reader of JSON can follow",
        value("json.loads('[' * 900 + ']' * 900)"),
        "{'failed': json.loads('[' * 900 + ']' * 900)}",
        "{'ok': False, 'error': {'message': json.loads('[' * 900 + ']' * 900), 'type': {}}}",
        says=r"(?s)\A(?!.*our fault)",
    ),
    answers(
        "slow_keys",
        "answers with a dictionary of a hundred thousand keys that share one hash",
        value("{'t': 'dict', 'v': [[{'t': 'complex', 'v': [-1000003 * k, k]}, 0] for k in range(100_000)]}"),
        value("{'t': 'set', 'v': [{'t': 'int', 'v': hex(k * (2**61 - 1))} for k in range(100_000)]}"),
        value(
            "{'t': 'set', 'v': [{'t': 'tuple', 'v': [k, {'t': 'float', 'v': 'nan'}]} for k in range(100_000)]}",
        ),
        says=rf"{UNREADABLE}: .*keys",
        within_s=40,
    ),
    vandal(
        name="flood_of_strangers",
        what="sends hundreds of thousands of well-formed replies to questions nobody asked, to put off its time limit",
        cells=(
            FORGE
            + """
import signal, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)
header = session.msg_header('execute_reply')
parts = [json.dumps(part, default=str).encode() for part in (header, {'msg_id': 'nobody'}, {}, {'status': 'ok'})]
for _ in range(300_000):
    raw(*signed(*parts))
""",
        ),
        limits={"cell_s": 2},
        says="Cell 6 ran longer than 2 s and was stopped",
        status="timed_out",
        within_s=15,
    ),
    vandal(
        name="endless_aliases",
        what="says of each name asked for that it is not there, but nearly, under another spelling",
        cells=(
            FORGE
            + """
import itertools
asked = itertools.count()
def respell(name):
    return 'd_ouble' if next(asked) % 2 else 'do_uble'
def double(x):
    agent = next(frame.f_locals['self'] for frame in frames() if frame.f_code.co_name == '_call')
    def lie(content, buffers):
        name = str(content['path'][0][1]) if content.get('path') else ''
        if 'ble' not in name:
            return honest(content, buffers)
        other = respell(name)
        error = {'kind': 'missing', 'type': 'x', 'message': 'x', 'names': [other], 'functions': [other], 'frames': []}
        return {'ok': False, 'error': error}, []
    honest, agent.handle = agent.handle, lie
    return 2 * x
""",
        ),
        passes=frozenset(
            {"test_plain_state", "test_state_again", "test_text", "test_difference", "test_steps"}
            | {"test_random_inputs", "test_double"}
        ),
        says=r"(?s)\A(?!.*our fault).*does not define `d_?o_?uble`",
        within_s=10,
    ),
    vandal(
        name="endless_events",
        what="reports a hundred thousand things that were made harmless, in cells that cannot be numbered",
        cells=(
            FORGE
            + """
events = [{'cell': n, 'text': f'<b>{n}</b>' * 99} for n in range(20_000)] + [{'cell': 10**4300 - 1, 'text': 'x'}] * 9
events = [{'cell': 10**4299, 'text': 'x'}, *[3, None, {}, {'text': []}] * 99, *events]
forge('execute_reply', {'status': 'ok'})
publish('status', {'execution_state': 'idle'})
import sys
sys.set_int_max_str_digits(0)
forge('grader_reply', {'events': events}, 1)
""",
        ),
        says="cell",
    ),
    vandal(
        name="rewritten_output",
        what="changes what earlier cells showed, after they were looked at",
        cells=(
            "shown = display('as it was', display_id='d')",
            "shown.update('rewritten')",
            FORGE + "publish('update_display_data', {'data': {'text/plain': 'rewritten'}, 'metadata': {}, "
            "'transient': {'display_id': 'd'}})\n"
            "publish('stream', {'name': 'stdout', 'text': 'rewritten'}, -1)\n"
            "publish('clear_output', {'wait': False}, -2)",
        ),
        inside=r"\A(?!.*rewritten).*as it was",
        says="",
    ),
    vandal(
        name="one_endless_line",
        what="prints a line of 20 MB, one of 60 MB, and millions of long ones to both streams",
        cells=(
            "print('x' * 20_000_000)",
            "print('x' * 60_000_000)",
            "import sys\nwhile True:\n    print('x' * 99)\n    print('x' * 99, file=sys.stderr)",
        ),
        limits={"cell_s": 2},
        inside=r"(?s)\A.{0,4000000}\Z",
        says=r"(?s)(cell \d printed more than \S+ MB; the rest was cut.*){3}",
        status="timed_out",
    ),
    vandal(
        name="million_displays",
        what="shows a million outputs",
        cells=("for n in range(1_000_000):\n    display(n)",),
        limits={"cell_s": 2},
        inside=r"(?s)\A.{0,100000}\Z",
        says="cell 6 showed more than 200 outputs; the rest was cut",
        status="timed_out",
    ),
    vandal(
        name="flood_behind_clear_output",
        what="fills a hundred outputs with two megabytes each, and announces each time that all will be cleared",
        cells=(
            """
from IPython.display import clear_output
shown = [display(n, display_id=True) for n in range(100)]
for output in shown:
    clear_output(wait=True)
    output.update('x' * 1_900_000)
""",
        ),
        inside=r"(?s)\A.{0,4000000}\Z",
        limits={"cell_s": 20},
        says="",
    ),
    vandal(
        name="million_statuses",
        what="says half a million times that it is busy, which is not output",
        cells=(
            FORGE + "state = {'execution_state': 'busy'}\n"
            "for _ in range(500_000):\n    publish('status', state)\n    publish('comm_msg', state)",
        ),
        limits={"cell_s": 2},
        says="Cell 6 ran longer than 2 s and was stopped",
        status="timed_out",
    ),
    vandal(
        name="message_of_a_million_parts",
        what="sends messages of a million empty frames each",
        cells=(FORGE + "while True:\n    raw(*[b''] * 1_000_000)\n    raw(b'<IDS|MSG>', *[b'x'] * 1_000_000)",),
        limits={"cell_s": 2},
        says="Cell 6 ran longer than 2 s and was stopped",
        status="timed_out",
    ),
    vandal(
        name="frame_behind_a_forged_reply",
        what="says that its cell is done and breaks the connection, so that no more is taken by it",
        cells=(
            FORGE
            + "import time\nforge('execute_reply', {'status': 'ok', 'execution_count': 1})\ntime.sleep(0.2)\n"
            + "raw(bytes(600_000_000))\ntime.sleep(1)",
        ),
        limits={"cell_s": 3},
        says="Cell 6 left something running that kept the kernel busy; it took no interrupt, so the kernel was ended",
        status="timed_out",
    ),
    vandal(
        name="display_of_many_types",
        what="shows one thing as two hundred thousand types of data, each of them empty",
        cells=(FORGE + "publish('display_data', {'data': {f'a/{n}': '' for n in range(200_000)}, 'metadata': {}})",),
        limits={"cell_s": 4},
        says="",
    ),
    vandal(
        name="header_of_dates",
        what="forges a reply with half a million dates in its header, which take long to read",
        cells=(
            FORGE
            + """
head = {**session.msg_header('execute_reply'), 'date': 'x', 'more': ['2020-01-01T00:00:00Z'] * 500_000}
parts = [head, {'msg_id': parent(0)['header']['msg_id']}, {}, {'status': 'error', 'ename': 'x', 'evalue': 'forged'}]
raw(*signed(*(json.dumps(part).encode() for part in parts)))
""",
        ),
        inside="^(?!.*forged)",
        says="",
    ),
    vandal(
        name="names_of_megabytes",
        what="shows exceptions with names of three megabytes",
        cells=(
            FORGE
            + "for n in range(20):\n    publish('error', {'ename': 'x' * 3_000_000, 'evalue': '', 'traceback': []})",
        ),
        says="cell 6 printed more than",
    ),
    vandal(
        name="message_of_gigabytes",
        what="sends one message of three gigabytes, in frames that are each allowed",
        cells=(FORGE + "part = bytes(2 * 10**8)\nraw(*[part] * 16)\nimport time\ntime.sleep(30)",),
        limits={"cell_s": 20},
        says="Cell 6 ended the kernel: it sent more than 2 GB at once and was stopped",
        status="died",
    ),
    Attack(
        name="frame_of_a_gigabyte",
        what="answers with one frame larger than any value may be",
        cells=(FORGE + "def double(x):\n    np.ndim(x) and raw(bytes(600_000_000))\n    return 3 * x",),
        limits={"call_s": 2},
        says="`double` had not finished after 2 s and was stopped",
    ),
    Attack(
        name="flood_of_buffers",
        what="answers with more buffers than a value may have",
        cells=(FORGE + "part = bytes(30_000_000)\ndouble = answer(*[({'ok': True, 'value': 2.0}, *[part] * 10)] * 3)",),
        limits={"call_s": 5},
        says=rf"({UNREADABLE}: the answer has more than 256,000,000 bytes\.(.|\n)*){{3}}",
    ),
    vandal(
        name="words_of_others",
        what="prints and shows, from a thread, in the name of the cells that come later, and while it is asked",
        first=True,
        cells=(
            FORGE
            + """
import threading, time
asked = parent(0)['header']
name, _, number = asked['msg_id'].rpartition('_')
def talk():
    for n in range(600):
        head = {'header': {**asked, 'msg_id': f'{name}_{int(number) + n % 30}'}}
        session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'forged '}, head, ident=b'stream')
        session.send(kernel.iopub_socket, 'error', {'ename': 'X', 'evalue': 'forged', 'traceback': []}, head)
        session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, head)
        time.sleep(0.001)
threading.Thread(target=talk).start()
""",
        ),
        says="",
    ),
)
