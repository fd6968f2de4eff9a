"""Memory, disk, files, processes and processor time are bounded, also where the system counts them for nobody.

Every bomb goes off inside a sandbox only, and stops by itself at a size that this machine survives.
"""

from hostile_attack import INSIDE_ONLY, PASSED_BY_RIGHT, vandal

MEMORY = {"memory_bytes": 1_610_612_736, "cell_s": 15}
TOO_MUCH_MEMORY = r"Cell 6 ended the kernel: it used more than 1\.5 GB of memory and was stopped"
TOO_LONG = r"Cell 6 ended the kernel: it used more than 1 s of processor time"

ATTACKS = (
    vandal(
        name="memory_list",
        what="fills a list without end",
        cells=(
            INSIDE_ONLY + "kept = []\nwhile len(kept) < 6_000:\n    kept.append(bytearray(b'x' * 1_000_000))",
            "kept = None",
        ),
        limits=MEMORY,
        says="MemoryError",
        status="errors",
    ),
    vandal(
        name="memory_numpy",
        what="asks NumPy for more than there is",
        cells=(INSIDE_ONLY + "import numpy as np\nnp.ones((6_000, 1_000, 125))",),
        limits=MEMORY,
        says="MemoryError: Unable to allocate 5.59 GiB",
        status="errors",
    ),
    vandal(
        name="memory_mmap",
        what="maps memory of its own piece by piece",
        cells=(
            INSIDE_ONLY
            + """
import mmap
kept = []
for _ in range(60):
    kept.append(mmap.mmap(-1, 100_000_000, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    kept[-1].write(b'x' * 100_000_000)
""",
            "kept = None",
        ),
        limits=MEMORY,
        says="OSError: .*Cannot allocate memory|MemoryError",
        status="errors",
    ),
    vandal(
        name="memory_shared",
        what="maps shared memory, which no limit of a process counts",
        cells=(
            INSIDE_ONLY
            + """
import mmap
kept = []
for _ in range(60):
    kept.append(mmap.mmap(-1, 100_000_000))
    for _ in range(10):
        kept[-1].write(bytes(10_000_000))
""",
        ),
        limits=MEMORY,
        says="PermissionError: .*Operation not permitted",
        status="errors",
    ),
    vandal(
        name="memory_unmapped",
        what="fills /dev/shm and the scratch folder, whose files are memory too",
        cells=(
            INSIDE_ONLY
            + """
written = 0
try:
    for number in range(60):
        with open(f'/dev/shm/{number}', 'wb') as file:
            for _ in range(100):
                written += file.write(bytes(1_000_000))
finally:
    print('written', written < 310_000_000, flush=True)
""",
        ),
        limits={"memory_bytes": 1_610_612_736, "scratch_bytes": 300_000_000},
        inside="written True",
        says="OSError: .*No space left on device",
        status="errors",
    ),
    vandal(
        name="memory_segments",
        what="makes segments of shared memory with multiprocessing",
        cells=(
            INSIDE_ONLY
            + """
from multiprocessing import shared_memory
kept = []
for _ in range(60):
    segment = shared_memory.SharedMemory(create=True, size=100_000_000)
    kept.append(segment)
    segment.buf[:] = bytes(100_000_000)
""",
        ),
        limits={"memory_bytes": 1_610_612_736, "scratch_bytes": 300_000_000},
        says="Cell 6 ended the kernel: (a bus error|it used more|.*(memory|disk|space|room|full))",
        status="died",
    ),
    vandal(
        name="memory_memfd",
        what="makes files that exist only in memory",
        cells=(
            INSIDE_ONLY
            + """
for number in range(60):
    descriptor = os.memfd_create(str(number))
    os.write(descriptor, bytes(100_000_000))
""",
        ),
        limits=MEMORY,
        says="PermissionError: .*Operation not permitted",
        status="errors",
    ),
    vandal(
        name="memory_in_sockets",
        what="keeps data in the buffers of sockets that nobody reads, which count for no process",
        cells=(
            INSIDE_ONLY
            + """
import socket, time
def fill(bytes_left):
    kept = []
    try:
        while bytes_left > 0:
            ends = socket.socketpair()
            kept.append(ends)
            ends[0].setblocking(False)
            ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**30)
            try:
                while bytes_left > 0:
                    bytes_left -= ends[0].send(bytes(100_000))
            except BlockingIOError:
                pass
    except OSError:
        pass
    return kept
children = []
for _ in range(5):
    children.append(os.fork())
    if children[-1] == 0:
        try:
            kept = fill(400_000_000)
            time.sleep(4)
        finally:
            os._exit(0)
for child in children:
    os.waitpid(child, 0)
""",
        ),
        limits=MEMORY,
        says="it opened more than 1,000 sockets and was stopped",
        status="died",
    ),
    vandal(
        name="memory_of_children",
        what="has 16 children, each of which stays below the limit",
        cells=(
            INSIDE_ONLY
            + """
import time
children = []
for _ in range(16):
    child = os.fork()
    if child == 0:
        try:
            kept = bytearray(b'x' * 200_000_000)
            time.sleep(10)
        finally:
            os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
""",
        ),
        limits=MEMORY,
        says=TOO_MUCH_MEMORY,
        status="died",
    ),
    vandal(
        name="memory_behind_a_dead_thread",
        what="ends the first thread of a child, without which the system shows no memory of it, and fills the others",
        cells=(
            INSIDE_ONLY
            + """
import ctypes, threading, time
kept = []
def fill():
    try:
        time.sleep(0.3)
        for _ in range(8):
            kept.append(b'x' * 100_000_000)
        time.sleep(3)
    finally:
        os._exit(0)
children = []
for _ in range(3):
    children.append(os.fork())
    if children[-1] == 0:
        threading.Thread(target=fill).start()
        ctypes.CDLL(None).syscall(60, 0)
for child in children:
    os.waitpid(child, 0)
""",
        ),
        limits=MEMORY,
        says=TOO_MUCH_MEMORY,
        status="died",
    ),
    vandal(
        name="memory_while_checked",
        what="takes too much memory only when a check calls its function",
        cells=(
            INSIDE_ONLY
            + """
import time
def difference(a, b):
    for _ in range(3):
        if os.fork() == 0:
            kept = b'x' * 800_000_000
            time.sleep(10)
            os._exit(0)
    time.sleep(10)
""",
        ),
        limits={"memory_bytes": 1_610_612_736, "call_s": 15},
        passes=PASSED_BY_RIGHT - {"test_difference"},
        says=r"kernel ended while your code was called: it used more than 1\.5 GB of memory and was stopped",
    ),
    vandal(
        name="disk_one_file",
        what="writes one file without end",
        cells=(
            INSIDE_ONLY
            + "with open('big', 'wb') as file:\n    for _ in range(3_000):\n        file.write(bytes(1_000_000))",
        ),
        limits={"file_bytes": 50_000_000},
        says="OSError: .*File too large",
        status="errors",
    ),
    vandal(
        name="disk_many_files",
        what="writes files until the disk is full",
        cells=(
            INSIDE_ONLY
            + """
for number in range(300):
    with open(f'big{number}', 'wb') as file:
        file.write(bytes(10_000_000))
""",
            "open('another', 'w').write('x' * 100_000)",
        ),
        limits={"scratch_bytes": 200_000_000},
        says="OSError: .*No space left on device",
        status="errors",
    ),
    vandal(
        name="disk_hole",
        what="makes a sparse file of a terabyte",
        cells=(INSIDE_ONLY + "with open('hole', 'wb') as file:\n    file.truncate(10**12)",),
        says="OSError: .*File too large",
        status="errors",
    ),
    vandal(
        name="empty_files",
        what="makes 150,000 empty files, which take no room but all that a disk can number",
        cells=(INSIDE_ONLY + "for number in range(150_000):\n    open(f'{number}', 'w').close()",),
        limits={"scratch_files": 5_000, "cell_s": 15},
        says="Cell 6 ended the kernel: it (used|made) more than 5,000 files",
        status="died",
    ),
    vandal(
        name="open_files",
        what="opens files and sockets without closing them, and keeps them",
        cells=(
            INSIDE_ONLY + "kept = []\nfor _ in range(100_000):\n    kept.append(open('/dev/null'))",
            "import socket\nfor _ in range(100_000):\n    kept.append(socket.socket())",
        ),
        says="OSError: .*Too many open files",
        status="errors",
    ),
    vandal(
        name="processor_time",
        what="computes on every core at once in threads of C",
        cells=(
            INSIDE_ONLY
            + """
import hashlib, threading
def burn():
    for _ in range(100):
        hashlib.pbkdf2_hmac('sha256', b'x', b'y', 1_000_000)
threads = [threading.Thread(target=burn, daemon=True) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
""",
        ),
        limits={"cell_cpu_s": 1, "cell_s": 10},
        says=TOO_LONG,
        status="died",
    ),
    vandal(
        name="processor_time_of_children",
        what="burns processor time in many short children",
        cells=(
            INSIDE_ONLY
            + """
import time
ends = time.monotonic() + 20
while time.monotonic() < ends:
    child = os.fork()
    if child == 0:
        while time.process_time() < 0.05:
            pass
        os._exit(0)
    os.waitpid(child, 0)
""",
        ),
        limits={"cell_cpu_s": 1, "cell_s": 10},
        says=TOO_LONG,
        status="died",
    ),
    vandal(
        name="processor_time_of_nobody",
        what="burns processor time in many short children whose end nobody waits for",
        cells=(
            INSIDE_ONLY
            + """
import signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
ends = time.monotonic() + 20
while time.monotonic() < ends:
    child = os.fork()
    if child == 0:
        while time.process_time() < 0.03:
            pass
        os._exit(0)
    time.sleep(0.02)
""",
        ),
        limits={"cell_cpu_s": 1, "cell_s": 10},
        says=TOO_LONG,
        status="died",
    ),
    vandal(
        name="processor_time_in_the_background",
        what="computes in the background while other cells run",
        cells=(
            INSIDE_ONLY
            + """
for _ in range(2):
    if os.fork() == 0:
        while True:
            pass
""",
            "import time\ntime.sleep(15)",
        ),
        limits={"cpu_s": 3, "cell_cpu_s": 10, "cell_s": 20},
        says="Cell 7 ended the kernel: it used more than 3 s of processor time",
        status="died",
    ),
)
