"""A notebook reaches no process but its own, and whatever it starts ends with it."""

from hostile_attack import INSIDE_ONLY, PASSED_BY_RIGHT, Attack, vandal

LIBC = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    ctypes.set_errno(0)
    done = getattr(libc, name)(*arguments)
    print(name, done, os.strerror(ctypes.get_errno()))
"""

ATTACKS = (
    vandal(
        name="kill_the_grader",
        what="sends signals to the grader, the warm server, the first process and everybody",
        cells=(
            INSIDE_ONLY
            + """
import signal
others = [int(name) for name in os.listdir('/proc') if name.isdecimal() and int(name) != os.getpid()]
for process in [{grader_pid}, {server_pid}, 1, *others]:
    for number in (signal.SIGSTOP, signal.SIGKILL):
        try:
            os.kill(process, number)
            print('sent to', process)
        except OSError as error:
            print(type(error).__name__)
os.kill(-1, signal.SIGKILL)
print('left', [number for number in others if not os.path.exists(f'/proc/{number}')])
""",
            INSIDE_ONLY + "os.kill(1, signal.SIGKILL)",
        ),
        inside=r"^((ProcessLookupError|PermissionError)\n){6,}left \[\]\n$",
        says="PermissionError: .*not permitted",
        status="errors",
    ),
    Attack(
        name="trace_processes",
        what="traces processes, reads and writes their memory, takes their descriptors",
        cells=(
            INSIDE_ONLY
            + LIBC
            + """
for process in (1, {grader_pid}, {server_pid}):
    call('ptrace', 0x4206, process, None, None)
    call('process_vm_readv', process, None, 0, None, 0, 0)
    call('syscall', 438, 3, process, 0)
    try:
        open(f'/proc/{process}/mem', 'r+b')
        print('opened')
    except OSError:
        print('closed')
call('ptrace', 0, 0, None, None)
""",
            "open('/proc/1/mem', 'r+b')",
        ),
        inside=r"^(((ptrace|process_vm_readv|syscall) -1 .*|closed)\n){12}ptrace -1 Operation not permitted\n$",
        says="PermissionError: .*(not permitted|denied)",
        status="errors",
    ),
    Attack(
        name="nested_namespaces",
        what="makes namespaces of its own, in which it would have every right, with unshare, clone and bubblewrap",
        cells=(
            LIBC
            + """
import subprocess
for flag in (0x10000000, 0x10020000, 0x00020000, 0x20000000, 0x40000000, 0x02000000):
    call('unshare', flag)
call('syscall', 56, 0x10000000 | 17, None, None, None, None)  # clone, with a user namespace
call('syscall', 435, None, 0)  # clone3
for command in (['unshare', '-r', 'id'], ['unshare', '-rn', 'id'], ['bwrap', '--ro-bind', '/', '/', 'id']):
    try:
        print('ended', subprocess.run(command, capture_output=True).returncode)
    except OSError as error:
        print(type(error).__name__)
""",
            "import os\nos.chroot('/scratch')",
        ),
        inside=r"^(unshare -1 .*not permitted\n){6}(syscall -1 .*\n){2}((ended [1-9]\d*|FileNotFoundError)\n){3}$",
        says="PermissionError: .*not permitted",
        status="errors",
    ),
    Attack(
        name="change_the_system",
        what="mounts, changes the root, the host's name and the clock, loads a kernel module, asks for huge rights",
        cells=(
            INSIDE_ONLY
            + LIBC
            + """
call('mount', b'none', b'/scratch/tmp', b'tmpfs', 0, None)
call('umount2', b'/scratch/data', 2)
call('syscall', 155, b'/scratch', b'/scratch')  # pivot_root
call('sethostname', os.uname().nodename.encode(), len(os.uname().nodename))
call('syscall', 227, 0, None)  # clock_settime
call('syscall', 313, -1, b'', 0)  # finit_module
call('syscall', 321, 0, None, 0)  # bpf
call('syscall', 298, None, 0, -1, -1, 0)  # perf_event_open
call('syscall', 323, 0)  # userfaultfd
call('syscall', 425, 8, None)  # io_uring_setup
call('syscall', 250, 0, 0, 0, 0, 0)  # keyctl
call('prctl', 8, 1, 0, 0, 0)
""",
            "import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (10_000, 10_000))",
        ),
        inside=r"^(\w+ -1 (Operation not permitted|Permission denied)\n){11}",
        says="ValueError: not allowed to raise maximum limit|PermissionError",
        status="errors",
    ),
    vandal(
        name="daemon",
        what="starts a process that leaves its session and its parent and ignores signals",
        cells=(
            INSIDE_ONLY
            + """
import ctypes, signal, time
if os.fork() == 0:
    try:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            ctypes.CDLL(None).prctl(15, b'{marker}', 0, 0, 0)
            time.sleep(600)
    finally:
        os._exit(0)
os.wait()
time.sleep(0.3)
names = [open(f'/proc/{number}/comm').read().strip() for number in os.listdir('/proc') if number.isdecimal()]
print('daemons', names.count('{marker}'))
import subprocess
subprocess.Popen(['setsid', 'sh', '-c', 'sleep 600; : {marker}'], stdout=subprocess.DEVNULL)
""",
        ),
        inside="daemons 1",
        says="",
    ),
    vandal(
        name="thread",
        what="starts a thread that outlives its cell, prints, and replaces functions later",
        cells=(
            """
import threading, time
def later():
    while True:
        print('x')
        time.sleep(0.01)
threading.Thread(target=later).start()
""",
            "import time\ntime.sleep(0.5)",
        ),
        says="",
    ),
    vandal(
        name="fork_bomb",
        what="starts 2,000 processes, each of which starts more",
        cells=(
            INSIDE_ONLY
            + """
import sys, time
print('begun', flush=True)
parent, refused = os.getpid(), None
for _ in range(2_000):
    try:
        child = os.fork()
    except OSError as error:
        refused = error
        break
    if child == 0:
        try:
            if os.fork() == 0:
                pass
            time.sleep(2)
        finally:
            os._exit(0)
raise refused
""",
        ),
        limits={"processes": 64},
        says="BlockingIOError: .*Resource temporarily unavailable",
        status="errors",
    ),
    vandal(
        name="thread_bomb",
        what="starts 5,000 threads",
        cells=(
            INSIDE_ONLY
            + """
import threading, time
for _ in range(5_000):
    threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
""",
        ),
        limits={"processes": 64},
        says="RuntimeError: can't start new thread",
        status="errors",
    ),
    vandal(
        name="stop_itself",
        what="stops its own process with SIGSTOP, which nothing in it can end",
        cells=(INSIDE_ONLY + "import signal\nos.kill(os.getpid(), signal.SIGSTOP)",),
        limits={"cell_s": 2},
        says="ran longer than 2 s and was stopped; it took no interrupt, so the kernel was ended",
        status="timed_out",
    ),
    vandal(
        name="stop_in_a_check",
        what="stops its own process while a check calls its function",
        cells=(
            INSIDE_ONLY
            + """
import signal
def difference(a, b):
    os.kill(os.getpid(), signal.SIGSTOP)
""",
        ),
        passes=PASSED_BY_RIGHT - {"test_difference"},
        limits={"call_s": 1},
        says="`difference` had not finished after 1 s and was stopped",
    ),
    vandal(
        name="fork_in_a_check",
        what="forks while a check calls its function: two processes hold the channels to the grader",
        cells=(
            INSIDE_ONLY
            + """
right = double
def double(x):
    os.fork()
    return right(x)
""",
        ),
        passes=PASSED_BY_RIGHT,
        says="",
    ),
)
