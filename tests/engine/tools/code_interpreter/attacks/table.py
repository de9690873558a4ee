"""The attacks, one line each: what is tried, and the code that tries it.

`reach` prints REACHED when its action succeeds. `poke` only says what was answered, for calls that may answer success
without doing anything: whether they did something is judged outside. Names such as `server` come from the prelude.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.engine.tools.code_interpreter.jail import system
from app.engine.tools.code_interpreter.jail.syscalls import NUMBERS
from app.engine.tools.code_interpreter.port import Outcome

ENDED: Final[frozenset[Outcome]] = frozenset({"ok", "error"})
DIED: Final[frozenset[Outcome]] = frozenset({"reset"})
STOPPED: Final[frozenset[Outcome]] = frozenset({"error", "timeout", "reset"})
ANY: Final[frozenset[Outcome]] = frozenset({"ok", "error", "timeout", "reset"})


@dataclass(frozen=True)
class Attack:
    """One attack; `outcomes` are the ways in which its cell may end."""

    group: str
    what: str
    code: str
    outcomes: frozenset[Outcome] = ENDED


PRELUDE: Final = """
import asyncio, contextlib, ctypes, fcntl, glob, mmap, os, pathlib, resource, shutil, signal, socket, struct, subprocess
import sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def reach(action):
    try:
        result = action()
    except BaseException as error:
        print(type(error).__name__, getattr(error, "errno", "") or "", str(error)[:60])
    else:
        print("REACHED", repr(result)[:200])
def poke(action):
    try:
        print("answered", repr(action())[:60])
    except BaseException as error:
        print(type(error).__name__, getattr(error, "errno", "") or "", str(error)[:60])
def call(result):
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
def send(body):
    os.write(3, struct.pack("!I", len(body)) + body)
"""


def _reach(group: str, actions: dict[str, str]) -> list[Attack]:
    return [Attack(group, what, f"reach(lambda: {action})") for what, action in actions.items()]


def _poke(group: str, actions: dict[str, str]) -> list[Attack]:
    return [Attack(group, what, f"poke(lambda: {action})", ANY) for what, action in actions.items()]


def _number(name: str) -> int:
    number = NUMBERS[name][system.is_arm()]
    assert number is not None
    return number


FILES: Final = [
    *_reach(
        "files",
        {
            "read /etc/shadow": "open('/etc/shadow').read()",
            "read root's line of /etc/passwd": "[line for line in open('/etc/passwd') if line.startswith('root:')][0]",
            "read the server's database": "open(database).read()",
            "read the server's settings": "open(settings).read()",
            "read it through /proc/self/root": "open('/proc/self/root' + database).read()",
            "read it through its folder's descriptor": "os.open(os.path.relpath(database, os.getcwd()), 0, dir_fd=200)",
            "list the server's folder": "os.listdir(os.path.dirname(database))",
            "list all sessions": "os.listdir(sessions)",
            "read another session's file": "open(neighbour).read()",
            "write into another session": "open(os.path.dirname(neighbour) + '/x', 'w')",
            "write to /usr": "open('/usr/x', 'w')",
            "write to /etc": "open('/etc/x', 'w')",
            "write to the library": "open(os.path.dirname(os.__file__) + '/x.py', 'w')",
            "write to the sandbox's packages": "open(sys.prefix + '/x.py', 'w')",
            "write to /tmp of the server": "open(os.path.dirname(database) + '/x', 'w')",
            "overwrite the server's database": "open(database, 'r+').write('x')",
            "truncate it": "os.truncate(database, 0)",
            "delete it": "os.unlink(database)",
            "move it here": "os.rename(database, '/mnt/data/moved')",
            "give it a second name here": "os.link(database, '/mnt/data/hard')",
            "make a symbolic link to /etc/shadow": "os.symlink('/etc/shadow', '/mnt/data/link')",
            "make a fifo": "os.mkfifo('/mnt/data/fifo')",
            "make a device": "os.mknod('/mnt/data/device', 0o20600, os.makedev(1, 1))",
            "open the raw disk": "open('/dev/vda', 'rb').read(1)",
            "read the kernel's log": "open('/dev/kmsg').read(1)",
            "write a kernel setting": "open('/proc/sys/kernel/core_pattern', 'w').write('x')",
        },
    ),
    *_poke(
        "files",
        {
            "open the database to all": "os.chmod(database, 0o777)",
            "change its times": "os.utime(database, (1, 1))",
            "give it an attribute": "os.setxattr(database, 'user.x', b'x')",
            "take its ownership": "os.chown(database, os.getuid(), -1)",
        },
    ),
]

INFORMATION: Final = [
    *_reach(
        "information",
        {
            "read the server's environment": "open(f'/proc/{server}/environ').read()",
            "read its memory map": "open(f'/proc/{server}/maps').read()",
            "read its memory": "open(f'/proc/{server}/mem', 'rb').read(1)",
            "follow its working folder": "os.readlink(f'/proc/{server}/cwd')",
            "list its descriptors": "os.listdir(f'/proc/{server}/fd')",
            "look into the root of process 1": "os.listdir('/proc/1/root')",
            "read the fork server's environment": "open(f'/proc/{zygote}/environ').read()",
        },
    ),
    Attack(
        "information",
        "search every environment",
        """
for path in glob.glob("/proc/*/environ"):
    with contextlib.suppress(OSError):
        print(open(path).read())
""",
    ),
    Attack("information", "search its own environment", "print(dict(os.environ))"),
    Attack(
        "information",
        "look for inherited descriptors",
        """
here = [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
ends = {name: os.readlink(f"/proc/self/fd/{name}") for name in here}
odd = [end for name, end in ends.items() if name not in {"0", "1", "2", "3", "200", "201"}]
print("REACHED" if odd or not ends["3"].startswith("socket") else "own only", odd)
""",
    ),
]

PROCESSES: Final = [
    *_reach(
        "processes",
        {
            "trace the server": "call(libc.ptrace(16, server, 0, 0))",
            "trace the fork server": "call(libc.ptrace(16, zygote, 0, 0))",
            "read memory across processes": f"call(libc.syscall({_number('process_vm_readv')}, server, 0, 0, 0, 0, 0))",
            "kill the server": "os.kill(server, 9)",
            "stop the fork server": "os.kill(zygote, 19)",
            "kill the server by descriptor": "signal.pidfd_send_signal(os.pidfd_open(server), 9)",
            "have a pipe's signals sent to it": "fcntl.fcntl(os.pipe()[0], 8, server)",
            "limit the server's open files": "resource.prlimit(server, resource.RLIMIT_NOFILE, (8, 8))",
            "make the server slow": "os.setpriority(os.PRIO_PROCESS, server, 19)",
            "raise its own limit": "resource.setrlimit(resource.RLIMIT_NPROC, (99999, 99999))",
            "lower its place in the memory killer's list": "open('/proc/self/oom_score_adj', 'w').write('-1000')",
            "become root": "os.setuid(0)",
            "hide from the watchdog": "call(libc.prctl(4, 0, 0, 0, 0))",
        },
    ),
    *_poke(
        "processes",
        {
            "bind the server to one processor": "os.sched_setaffinity(server, {0})",
            "kill its keeper": "os.kill(os.getppid(), 9)",
            "kill everything": "os.kill(-1, 9)",
        },
    ),
]

NETWORK: Final = [
    *_reach(
        "network",
        {
            "connect to the server's port": "socket.create_connection(('127.0.0.1', port), 1)",
            "send a datagram to it": (
                "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))"
            ),
            "listen": "socket.create_server(('127.0.0.1', 0))",
            "ask for a name": "socket.getaddrinfo('example.com', 80)",
            "make a datagram pair": "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
            "send to an abstract socket": (
                "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', abstract)"
            ),
            "connect a stream pair to an abstract socket": "socket.socketpair()[0].connect(abstract)",
            "set up an io_uring": (
                f"call(libc.syscall({_number('io_uring_setup')}, 8, ctypes.create_string_buffer(120)))"
            ),
        },
    ),
    Attack(
        "network",
        "open a socket of any family",
        """
opened = []
for family in range(46):
    for kind in (1, 2, 3, 5):
        with contextlib.suppress(OSError):
            opened.append(socket.socket(family, kind))
print("REACHED" if opened else "none opened", opened)
""",
    ),
]

KERNEL: Final = [
    *_reach(
        "kernel",
        {
            "make namespaces": "call(libc.unshare(0x10000000))",
            "clone into a namespace": f"call(libc.syscall({_number('clone')}, 0x10000011, 0, 0, 0, 0))",
            "clone3": "call(libc.syscall(435, ctypes.create_string_buffer(88), 88))",
            "enter a namespace": f"call(libc.syscall({_number('setns')}, 3, 0))",
            "mount": "call(libc.mount(b'none', b'/mnt', b'tmpfs', 0, None))",
            "unmount /proc": "call(libc.umount2(b'/proc', 2))",
            "change its root": "os.chroot('/mnt/data')",
            "load a BPF program": f"call(libc.syscall({_number('bpf')}, 0, 0, 0))",
            "use the key ring": f"call(libc.syscall({_number('keyctl')}, 0, -3, 0))",
            "userfaultfd": f"call(libc.syscall({_number('userfaultfd')}, 1))",
            "perf events": (
                f"call(libc.syscall({_number('perf_event_open')}, ctypes.create_string_buffer(128), 0, -1, -1, 0))"
            ),
            "a file in memory": "os.memfd_create('x')",
            "shared memory that outlives it": "call(libc.shmget(0, 4096, 0o1777))",
            "another personality": "call(libc.personality(0x400000))",
            "a set-user-id program": "subprocess.run(['su', '-c', 'id'], check=True, capture_output=True, timeout=5)",
            "run a program it has written": (
                "(shutil.copy('/bin/echo', '/mnt/data/echo'), os.chmod('/mnt/data/echo', 0o755),"
                " subprocess.run(['/mnt/data/echo'], check=True))"
            ),
            "run one from its scratch space": (
                "(shutil.copy('/bin/echo', os.environ['TMPDIR'] + '/echo'),"
                " os.chmod(os.environ['TMPDIR'] + '/echo', 0o755),"
                " subprocess.run([os.environ['TMPDIR'] + '/echo'], check=True))"
            ),
        },
    ),
]

_X86: Final = [
    Attack("kernel", "call through the x32 table", "print('REACHED', libc.syscall(0x40000000 + 39))", DIED),
    Attack(
        "kernel",
        "call through int 0x80",
        """
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))
print("REACHED", ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
""",
        DIED,
    ),
]

PROTOCOL: Final = [
    Attack("protocol", "claim a frame of 4 GB", "os.write(3, b'\\xff' * 4); time.sleep(9)", DIED),
    Attack("protocol", "send what is not JSON", "send(b'hello'); time.sleep(9)", DIED),
    Attack("protocol", "send JSON nested 100,000 deep", "send(b'[' * 100_000); time.sleep(9)", DIED),
    Attack("protocol", "end another cell", 'send(b\'{"id":99,"event":"done","outcome":"ok"}\'); time.sleep(9)', DIED),
    Attack(
        "protocol",
        "send a figure that is none",
        'send(b\'{"id":1,"event":"figure","png":"aGk="}\'); time.sleep(9)',
        DIED,
    ),
    Attack(
        "protocol",
        "forge the end of its own cell",
        'for n in range(500): send(b\'{"id":%d,"event":"done","outcome":"ok"}\' % n)\ntime.sleep(1)',
        ANY,
    ),
    Attack("protocol", "close every descriptor", "os.closerange(0, 1000); time.sleep(9)", DIED),
    Attack("protocol", "end without a word", "os._exit(0)", DIED),
    Attack("protocol", "crash", "ctypes.string_at(0)", DIED),
    Attack("protocol", "call sys.exit", "sys.exit(3)"),
    Attack("protocol", "let a forked child answer", "pid = os.fork()\nif pid: os.waitpid(pid, 0)", ANY),
]

SIZES: Final = [
    Attack("resources", "a sparse file of 10 GB", "f = open('big', 'wb'); f.seek(10**10); f.write(b'x'); f.flush()"),
]

RESOURCES: Final = [
    Attack("resources", "loop without end", "while True: pass", STOPPED),
    Attack("resources", "ignore the interrupt", "signal.signal(2, signal.SIG_IGN)\nwhile True: pass", STOPPED),
    Attack(
        "resources", "a long call in C", "__import__('hashlib').pbkdf2_hmac('sha256', b'x', b'y', 2**31 - 1)", STOPPED
    ),
    Attack("resources", "ask for 10 GB of memory", "bytearray(10 ** 10)", STOPPED),
    Attack(
        "resources",
        "8 children with 100 MB each",
        """
for _ in range(8):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20)) * 100
        time.sleep(30)
time.sleep(30)
""",
        STOPPED,
    ),
    Attack("resources", "a fork bomb", "while True:\n    try: os.fork()\n    except OSError: pass", STOPPED),
    Attack(
        "resources",
        "a thread bomb",
        "stop = threading.Event()\nwhile True: threading.Thread(target=stop.wait, daemon=True).start()",
        STOPPED,
    ),
    Attack("resources", "a file of 10 GB", "open('/mnt/data/big', 'wb').truncate(10 ** 10)", STOPPED),
    Attack(
        "resources",
        "20 MB of files",
        "for n in range(10): open(f'/mnt/data/{n}', 'wb').write(bytes(2_000_000))\ntime.sleep(30)",
        STOPPED,
    ),
    Attack(
        "resources",
        "20 MB in deleted files that stay open",
        """
held = []
for _ in range(10):
    file = open("/mnt/data/x", "wb"); file.write(bytes(2_000_000)); file.flush(); os.unlink("/mnt/data/x")
    held.append(file)
time.sleep(30)
""",
        STOPPED,
    ),
    Attack(
        "resources",
        "20,000 small files",
        "for n in range(20_000): open(f'/mnt/data/{n}', 'w').close()\ntime.sleep(30)",
        STOPPED,
    ),
    Attack(
        "resources",
        "scratch space without end",
        "for n in range(60): open(os.environ['TMPDIR'] + f'/{n}', 'wb').write(bytes(3_000_000))\ntime.sleep(30)",
        STOPPED,
    ),
    Attack("resources", "5,000 open files", "held = [open('/dev/null') for _ in range(5000)]", STOPPED),
    Attack("resources", "300 MB of output", "for _ in range(300): os.write(1, b'x' * (1 << 20))", ANY),
    Attack("resources", "a value of 200 MB shown", "'x' * 200_000_000", ANY),
    Attack("resources", "a million lines", "for n in range(1_000_000): print(n)", ANY),
    Attack(
        "resources",
        "leave daemons behind",
        "for _ in range(3): subprocess.Popen(['sleep', '77'], start_new_session=True)",
        ANY,
    ),
]


QUICK: Final = [
    *FILES, *INFORMATION, *PROCESSES, *NETWORK, *KERNEL, *([] if system.is_arm() else _X86), *PROTOCOL, *SIZES,
]  # fmt: skip
"""What ends by itself, or is ended at once; only what this machine's processor knows."""
