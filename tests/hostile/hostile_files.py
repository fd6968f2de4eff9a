"""What is not the notebook's own is not there: files of the host, the checks, the solution, other students' work.

What is there besides the scratch folder (the system, Python, the data sets) cannot be written.
"""

from hostile_attack import FAILED, INSIDE_ONLY, Attack, Markdown

TRY_ALL = """
def attempt_all(work, things):
    for thing in things:
        try:
            print(thing, '->', work(thing))
        except Exception as error:
            print(thing, '->', type(error).__name__, error)
"""

# What a folder holds besides the ways to Python and its packages, which a notebook needs.
BESIDES = """
import os, sys
ways = [sys.prefix, sys.base_prefix, '{packages}']
def besides(folder):
    entries = [os.path.join(folder, name) for name in os.listdir(folder)]
    return [entry for entry in entries if not any(f'{way}/'.startswith(f'{entry}/') for way in ways)]
"""

ATTACKS = (
    Attack(
        name="read_secrets",
        what="reads the grader's home, the assignment, its checks, its solution and another student's notebook",
        cells=(
            """
for path in ["{secret_home}", "{secret_assignment}", "{checks}", "{reference}", "{other_submission}"]:
    try:
        print(open(path).read())
    except OSError as error:
        print(type(error).__name__)
""",
            "open('{reference}').read()",
        ),
        inside=r"^(FileNotFoundError\n){5}",
        says="FileNotFoundError: .*No such file",
        status="errors",
    ),
    Attack(
        name="search_everything",
        what="walks the whole file system for files that speak of secrets, points or solutions",
        cells=(
            """
import os, re, sys
secret = re.compile(r'secret-(home|variable|assignment|checks|reference|other)-|mark\\.check\\(|assignment\\.toml')
system = ('/proc', '/dev', '/usr', '/scratch', '{packages}', sys.prefix, sys.base_prefix)
found, seen = [], 0
for folder, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in system]
    for name in files:
        try:
            with open(os.path.join(folder, name), errors='replace') as file:
                text = file.read(200_000)
        except OSError:
            continue
        seen += 1
        if secret.search(text):
            found.append((folder, name, text[:1000]))
print('looked at some:', seen > 3)
print('found', found)
""",
            BESIDES + "print(sorted(besides('/')))",
        ),
        inside=r"looked at some: True\nfound \[\]\n+(?!.*'/(home|root|srv|opt|mnt|media|boot|run|sys|var|work)')\[",
        says=FAILED,
    ),
    Attack(
        name="import_the_grader",
        what="imports the grader, the solution and the checks",
        cells=(
            TRY_ALL,
            """
import importlib, sys
sys.path += ['{project}', '{reference_folder}', '{assignment_folder}/checks', '{project}/tests']
attempt_all(lambda name: vars(importlib.import_module(name)), ['grader', 'reference', 'guarded_reference', 'test_tiny',
            'hostile_attack'])
""",
            "import guarded_reference",
        ),
        inside=r"(?m)(^\w+ -> ModuleNotFoundError .*\n?){5}",
        says="ModuleNotFoundError: No module named 'guarded_reference'",
        status="errors",
    ),
    Attack(
        name="read_the_host",
        what="reads /etc/passwd, /etc/shadow, the home folders and the system's logs",
        cells=(
            TRY_ALL + BESIDES,
            """
print(open('/etc/passwd').read())
attempt_all(lambda path: open(path).read(50), ['/etc/shadow', '/etc/ssh/sshd_config', '/etc/machine-id', '/etc/fstab'])
attempt_all(os.listdir, ['{home}', '/var', '/run', '/sys', '{project}/grader', '{project}/submissions'])
for folder in ['{real_home}', '{project}', '/root', '/home']:
    print('in', folder, besides(folder) if os.path.exists(folder) else 'nothing')
""",
            "open('/etc/shadow').read()",
        ),
        inside=r"^student:x:1000:.*\nnobody:.*\n\n(/\S+ -> FileNotFoundError .*\n){10}(in \S+ (nothing|\[\])\n){4}",
        says="FileNotFoundError: .*'/etc/shadow'",
        status="errors",
    ),
    Attack(
        name="read_environments",
        what="reads the environment, memory and folders of every process it can see, the grader's first",
        cells=(
            TRY_ALL,
            """
import os
processes = sorted(int(name) for name in os.listdir('/proc') if name.isdecimal())
print('few', len(processes) < 8)
attempt_all(lambda number: open(f'/proc/{number}/environ').read().split('\\0'), processes)
for part in ('cwd', 'root', 'exe', 'fd'):
    attempt_all(lambda number: os.listdir(f'/proc/{number}/{part}'), [1, {grader_pid}, {server_pid}])
attempt_all(lambda number: open(f'/proc/{number}/mem', 'rb').read(1), [1, {grader_pid}, {server_pid}])
attempt_all(lambda name: open(f'/proc/{name}', 'rb').read(100), ['kcore', 'kmsg', 'kallsyms'])
print(os.environ)
""",
            "open('/proc/1/environ').read()",
        ),
        inside=r"^few True\n1 -> (PermissionError|\[''\]|\['PATH=[^']*', ''\])(?s:.)*\n1 -> (PermissionError|OSError)",
        says="PermissionError|FileNotFoundError|ProcessLookupError",
        status="errors",
    ),
    Attack(
        name="inherited_descriptors",
        what="looks for open files, folders and sockets that the grader left to it",
        cells=(
            TRY_ALL,
            """
import os
foreign = []
for number in map(int, os.listdir('/proc/self/fd')):
    try:
        target = os.readlink(f'/proc/self/fd/{number}')
    except OSError:
        continue
    if target.startswith('/') and not target.startswith(('/dev/', '/scratch/', '/proc/')):
        foreign.append((number, target))
    for path in ('..', '../..', '../../work/main', '../../root', '../grader'):
        try:
            foreign.append((number, target, os.listdir(os.open(path, os.O_RDONLY, dir_fd=number))))
        except OSError:
            pass
print('foreign', [entry for entry in foreign if 'pipe:' not in entry[1] and not entry[1].startswith('/proc/')])
import socket
words = []
for number in map(int, os.listdir('/proc/self/fd')):
    try:
        end = socket.socket(fileno=os.dup(number))
        words.append((end.family.name, end.getsockname(), end.getpeername()))
    except OSError:
        pass
print('ends', [end for end in words if not any('/scratch/ipc/' in str(name) for name in end[1:]) and any(end[1:])])
""",
        ),
        inside=r"^foreign \[\]\nends \[\]",
        says=FAILED,
    ),
    Attack(
        name="write_outside",
        what="writes into Python's packages, the data sets, the system, the project and /proc/sys",
        cells=(
            INSIDE_ONLY + TRY_ALL,
            """
def write(folder):
    with open(f'{folder}/{marker}', 'w') as file:
        file.write('import os')
attempt_all(write, ['{packages}', '{packages}/numpy', '/scratch/data', '/usr', '/usr/bin', '/etc', '/', '{project}',
                    '{home}', '/var', '/proc', '/proc/sys/kernel'])
attempt_all(os.utime, ['/scratch/data/mnist.npz', '{packages}/numpy/__init__.py', '/etc/passwd'])
attempt_all(lambda path: open(path, 'r+'), ['/scratch/data/mnist.npz', '{packages}/numpy/__init__.py', '/etc/passwd',
            '/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname', '/proc/sysrq-trigger', '/proc/1/comm'])
attempt_all(lambda path: os.chmod(path, os.stat(path).st_mode & 0o7777), ['/scratch/data', '{packages}', '/usr', '/'])
""",
            INSIDE_ONLY + "open('{packages}/numpy/{marker}.py', 'w')",
        ),
        inside=r"^(/\S* -> (PermissionError|FileNotFoundError|OSError|NotADirectoryError) .*\n?){26}$",
        says="PermissionError|Read-only file system",
        status="errors",
    ),
    Attack(
        name="files_in_common_places",
        what="leaves files in /tmp, /dev/shm, the home folder and the working folder for those who come after",
        cells=(
            INSIDE_ONLY
            + """
written = 0
for folder in ['/tmp', '/dev/shm', os.path.expanduser('~'), '.', os.environ['TMPDIR']]:
    for name in ('{marker}', 'sitecustomize.py', 'numpy.py'):
        with open(f'{folder}/{name}', 'w') as file:
            file.write('# {marker}')
            written += 1
print('written', written)
""",
        ),
        inside="written 15",
        says=FAILED,
    ),
    Attack(
        name="links_and_devices",
        what="makes symbolic and hard links out of the scratch folder, device files and set-user-id programs",
        cells=(
            TRY_ALL,
            """
import os, shutil, stat, subprocess
for name, target in {'a': '/etc/shadow', 'b': '{home}', 'c': '{secret_home}', 'd': '{project}/grader'}.items():
    os.symlink(target, name)
attempt_all(lambda name: open(name).read(), ['a', 'c'])
attempt_all(lambda name: os.listdir(name), ['b', 'd'])
attempt_all(lambda path: os.link(path, 'hard'), ['/etc/passwd', '{python}', '/proc/1/environ'])
attempt_all(lambda kind: os.mknod('device', kind | 0o666, os.makedev(8, 0)), [stat.S_IFBLK, stat.S_IFCHR])
attempt_all(lambda path: open(path, 'rb').read(1), ['/dev/sda', '/dev/vda', '/dev/mem', '/dev/kmsg', '/dev/tty'])
shutil.copy('/usr/bin/id', 'id')
os.chmod('id', 0o6755)
print('user', subprocess.run(['./id', '-u'], capture_output=True, text=True).stdout)
""",
            "open('a').read()",
        ),
        inside=r"^([^\n]* -> (FileNotFoundError|PermissionError|OSError) .*\n){14}user (1000)?\n",
        says="FileNotFoundError: .*'a'",
        status="errors",
    ),
    Attack(
        name="setuid_programs",
        what="becomes somebody else with su, mount, sudo, newgrp, passwd and setuid(0)",
        cells=(
            INSIDE_ONLY + TRY_ALL,
            """
import subprocess
def run(command):
    done = subprocess.run(command, shell=True, input='', capture_output=True, text=True, timeout=10)
    assert done.returncode, f'it worked: {done.stdout}'
    return 'refused'
attempt_all(run, ['su -c id', 'sudo -n id', 'mount -t tmpfs none /scratch/tmp', 'umount /data', 'passwd -S root',
                  'newgrp root -c id', 'chroot / id', 'mount --bind /scratch/tmp /scratch/home'])
attempt_all(lambda name: getattr(os, name)(0), ['setuid', 'setgid', 'seteuid', 'setegid'])
print('user', os.getuid(), os.geteuid(), os.getgid(), open('/proc/self/status').read().partition('CapEff:')[2][:17])
""",
            "import os\nos.setuid(0)",
        ),
        inside=r"^([^\n]* -> refused\n){8}(set\w+ -> (PermissionError|OSError) .*\n){4}user( 1000){3} \s*0{16}\n",
        says="PermissionError: .*not permitted|OSError: .*Invalid argument",
        status="errors",
    ),
    Attack(
        name="look_in_the_data",
        what="searches the data sets for anything beside the files an assignment names",
        cells=(
            Markdown("The data."),
            BESIDES + "print('data', sorted(os.listdir('/scratch/data')))",
        ),
        inside=r"data \['mnist.npz'\]",
        says=FAILED,
    ),
)
