"""However a notebook tries not to end, or to end badly, it is ended, blamed, and the rest of it is graded."""

from hostile_attack import INSIDE_ONLY, vandal

REVIVED = "The kernel was started again and the other cells were run without it"
STOPPED = "Cell 6 ran longer than 2 s and was stopped"
ENDED = f"{STOPPED}; it took no interrupt, so the kernel was ended. {REVIVED}"
SHORT = {"cell_s": 2}

SOCKETS = """
import os
folder = os.path.dirname(os.environ['HOME']) + '/ipc'
names = [f'{folder}/{name}' for name in os.listdir(folder) if name.startswith('k-')]
print('sockets', len(names) > 1)
"""
# Ends the connections that stand, so that the grader has to connect anew.
DISCONNECT = """
import socket, time
time.sleep(0.5)  # for what was printed
for number in map(int, os.listdir('/proc/self/fd')):
    try:
        end = socket.socket(fileno=os.dup(number))
        if any('/ipc/' in str(name) for name in (end.getsockname(), end.getpeername())):
            end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
time.sleep(30)
"""

ATTACKS = (
    vandal(
        name="exit_at_once",
        what="ends its process with os._exit",
        cells=("import os\nos._exit(3)",),
        says=f"Cell 6 ended the kernel: it left with exit code 3. {REVIVED}",
        status="died",
    ),
    vandal(
        name="exit_amid_messages",
        what="leaves while the grader reads messages of a thousand frames each",
        cells=(
            """
import os, time
for _ in range(300):
    get_ipython().kernel.iopub_socket.send_multipart([b'x'] * 1000)
time.sleep(0.3)
os._exit(3)
""",
        ),
        says=f"Cell 6 ended the kernel: it left with exit code 3. {REVIVED}",
        status="died",
    ),
    vandal(
        name="exit_as_if_right",
        what="ends its process with os._exit(0) before any other cell has run",
        cells=("import os\nos._exit(0)",),
        first=True,
        says=f"Cell 1 ended the kernel: it left with exit code 0. {REVIVED}",
        status="died",
    ),
    vandal(
        name="sys_exit",
        what="leaves with sys.exit, quit and SystemExit",
        cells=("import sys\nsys.exit(1)", "quit()", "raise SystemExit"),
        says="SystemExit",
        status="errors",
    ),
    vandal(
        name="segmentation_fault",
        what="reads memory at address 0",
        cells=("import ctypes\nctypes.string_at(0)",),
        says=f"Cell 6 ended the kernel: a segmentation fault. {REVIVED}",
        status="died",
    ),
    vandal(
        name="abort",
        what="aborts its process",
        cells=("import os\nos.abort()",),
        says=f"Cell 6 ended the kernel: it aborted. {REVIVED}",
        status="died",
    ),
    vandal(
        name="stack_overflow",
        what="overflows the stack of C, with Python's own guard taken away",
        cells=("import faulthandler\nfaulthandler._stack_overflow()",),
        says=f"Cell 6 ended the kernel: a segmentation fault. {REVIVED}",
        status="died",
    ),
    vandal(
        name="end_three_times",
        what="ends its process in more cells than the kernel is started again for",
        cells=("import os\nos._exit(1)",) * 3,
        passes=frozenset({"test_text"}),
        says="Cell 8 ended the kernel.*The kernel was not started any more",
        status="died",
    ),
    vandal(
        name="endless_loop",
        what="loops for ever in Python",
        cells=("while True:\n    pass",),
        limits=SHORT,
        says=rf"{STOPPED}\.",
        status="timed_out",
    ),
    vandal(
        name="endless_loop_in_c",
        what="loops for ever in C, where no interrupt is seen",
        cells=("import itertools\nany(itertools.repeat(0))",),
        limits=SHORT,
        says=ENDED,
        status="timed_out",
    ),
    vandal(
        name="deaf_to_interrupts",
        what="ignores the interrupt, and blocks every signal that can be blocked",
        cells=(
            """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    pass
""",
        ),
        limits=SHORT,
        says=ENDED,
        status="timed_out",
    ),
    vandal(
        name="catches_interrupts",
        what="catches every exception and goes on",
        cells=(
            """
import time
while True:
    try:
        time.sleep(60)
    except BaseException:
        pass
""",
        ),
        limits=SHORT,
        says=ENDED,
        status="timed_out",
    ),
    vandal(
        name="endless_handlers",
        what="registers handlers that never return for the end of the process and of threads, then leaves",
        cells=(
            """
import atexit, signal, sys, threading, time
atexit.register(time.sleep, 600)
threading._register_atexit(time.sleep, 600)
signal.signal(signal.SIGTERM, lambda *_: time.sleep(600))
class Endless:
    def __del__(self):
        time.sleep(600)
kept = Endless()
sys.exit()
""",
        ),
        says="SystemExit",
        status="errors",
    ),
    vandal(
        name="endless_handler_at_the_end",
        what="ends Python's own way, behind a handler that never returns",
        cells=(
            """
import atexit, signal, time
from ctypes import pythonapi
signal.signal(signal.SIGINT, signal.SIG_IGN)
atexit.register(time.sleep, 600)
pythonapi.Py_FinalizeEx()
""",
        ),
        limits=SHORT,
        says=ENDED,
        status="timed_out",
    ),
    vandal(
        name="endless_after_the_cells",
        what="leaves a function that never returns where IPython runs it after each cell",
        cells=(
            """
import time
def later(*_):
    time.sleep(600)
get_ipython().events.register('post_run_cell', later)
""",
        ),
        limits=SHORT,
        says=STOPPED,
        status="timed_out",
    ),
    vandal(
        name="closed_descriptors",
        what="closes every file and socket the kernel has open",
        cells=(INSIDE_ONLY + "os.closerange(3, 4096)",),
        limits=SHORT,
        says=REVIVED,
        status="died",
    ),
    vandal(
        name="end_of_the_first_thread",
        what="ends the thread that answers the grader, and leaves the others running",
        cells=("import ctypes\nctypes.CDLL(None).syscall(60, 0)",),
        limits=SHORT,
        says=ENDED,
        status="timed_out",
    ),
    vandal(
        name="system_calls_of_32_bits",
        what="calls the system as a program of 32 bits does, whose numbers mean other calls",
        cells=(
            INSIDE_ONLY
            + """
import ctypes, mmap
page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex('53 b8 36 01 00 00 bb 00 00 00 10 cd 80 5b c3'))  # unshare(CLONE_NEWUSER)
print('done', ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
""",
        ),
        limits=SHORT,
        inside="^(?!done)",
        says="it called the system in a way that is not allowed here",
        status="died",
    ),
    vandal(
        name="removed_sockets",
        what="removes the sockets the grader is connected to",
        cells=(SOCKETS + "for name in names:\n    os.remove(name)",),
        inside="sockets True",
        says="",
    ),
    vandal(
        name="swapped_sockets",
        what="puts sockets of its own in the place of the kernel's, and makes the grader connect to them",
        cells=(
            INSIDE_ONLY
            + SOCKETS
            + """
import socket, threading
def serve(listener):
    while True:
        end, _ = listener.accept()
        end.sendall(b'\\xff\\0\\0\\0\\0\\0\\0\\0\\1\\x7f' + b'\\3\\0NULL' + bytes(48))
for name in names:
    os.remove(name)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(name)
    listener.listen()
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
"""
            + DISCONNECT,
        ),
        limits=SHORT,
        inside="sockets True",
        says=REVIVED,
        status="timed_out",
    ),
    vandal(
        name="sockets_that_lead_outside",
        what="puts links to a socket of the host in the place of the kernel's, and makes the grader connect to them",
        cells=(
            INSIDE_ONLY
            + SOCKETS
            + """
for name in names:
    os.remove(name)
    os.symlink('{unix_socket}', name)
"""
            + DISCONNECT,
        ),
        limits=SHORT,
        inside="sockets True",
        says=REVIVED,
        status="timed_out",
    ),
    vandal(
        name="folder_of_sockets_that_leads_outside",
        what="puts a link to a folder of the host in the place of the folder of sockets",
        cells=(
            INSIDE_ONLY
            + SOCKETS
            + """
os.rename(folder, folder + '-mine')
os.symlink(os.path.dirname('{unix_socket}'), folder)
"""
            + DISCONNECT,
        ),
        limits=SHORT,
        inside="sockets True",
        says=REVIVED,
        status="timed_out",
    ),
)
