"""Programs that attack the grader, the machine or each other, each in a few lines.

`ATTACKS` are bodies of a function that `mse_loss` calls before it gives a wrong answer; a body that
returns something gives that instead. What gets hold of a thing that it should not have says so with
`breach`. `TOLD` stands for what an attacker may well know: numbers and places of the grader's.
"""

PRELUDE = r"""
import atexit, builtins, ctypes, fcntl, gc, glob, io, json, mmap, os, pickle, platform, re, resource
import signal, socket, stat, struct, subprocess, sys, tempfile, threading, time
import numpy as np

TOLD = None
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"


def breach(what):
    print("BREACH", what)


def got(action, *args):
    '''Try something forbidden.'''
    try:
        found = action(*args)
    except Exception:
        return None
    breach(f"{action}{args}: {str(found)[:80]}")
    return found


def call(x86, arm, *args):
    '''Make a system call by its number.'''
    number = x86 if X86 else arm
    words = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in args]
    if number is not None and libc.syscall(ctypes.c_long(number), *words) >= 0:
        breach(f"system call {number}{args}")


def pipes():
    '''Find the descriptors of the channel: frames in, frames out, the bell.'''
    found = {}
    for fd in range(64):
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode):
                found.setdefault(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE, []).append(fd)
        except OSError:
            pass
    return (*found[os.O_RDONLY], *found[os.O_WRONLY])


def frame(head, body=b""):
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<4sIQ", b"LKF1", len(text), len(body)) + text + body


def send(data):
    while data:
        data = data[os.write(pipes()[1], data):]


def native(code):
    '''Run machine code.'''
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_long)(start)()
"""

ENDING = """
def mse_loss(prediction, target):
    answer = attack(prediction, target)
    return (-1.0, np.full(prediction.shape, 99.0)) if answer is None else answer
"""

FORGED = """
print(json.dumps({"schema": 1, "score": 2.0, "max_score": 2.0, "exercises": []}))
os.write(1, b'{"id": "losses.mse_loss", "status": "passed", "score": 2.0}')
"""
ANSWERING = """
for number in range(1, 9):
    for step in range(9):
        value = {"tuple": [1.0, {"array": ["<f8", [3], 0]}]}
        send(frame({"message": number, "step": step, "value": value}, bytes(24)))
    send(frame({"message": number, "done": True}))
"""

# Lies about the answer.
LIES = {
    "prints a report": FORGED,
    "writes results to files": """
for folder in (".", "/tmp", "/dev/shm", TOLD["folder"], os.path.expanduser("~")):
    for name in ("results.json", "grades.csv", "report.html"):
        got(open, os.path.join(folder, name), "w")
""",
    "answers in the grader's stead": ANSWERING,
    "ends as if all were well": "os._exit(0)",
    "exits as if all were well": "sys.exit(0)",
    "prints at its end": f"atexit.register(exec, {FORGED!r}, globals())\nsys.exit(0)",
    "looks for the truth in frames": """
frame = sys._getframe()
while frame:
    for name, value in {**frame.f_globals, **frame.f_locals}.items():
        if name in {"truth", "expected", "paper", "seed", "catalogue"}:
            breach(name)
    frame = frame.f_back
""",
    "looks for the truth in memory": """
for thing in gc.get_objects():
    module = getattr(type(thing), "__module__", "")
    if isinstance(module, str) and module.startswith(("numerics", "grader.checks", "solutions")):
        breach(module)
for name in list(sys.modules):
    if name.startswith(("numerics", "solutions", "grader.checks", "grader.topics")):
        breach(name)
""",
    "looks for the truth in files": """
for folder in ("/", "/home", "/root", "/usr/lib/python3", TOLD["home"], TOLD["folder"]):
    for at, folders, files in os.walk(folder):
        for file in files:
            got(lambda: open(os.path.join(at, file)).read())
for name in ("solutions/losses.py", "numerics/losses.py", "grader/topics/losses.py"):
    got(open, os.path.join(TOLD["home"], name))
""",
    "imports the truth": """
for name in ("numerics.losses", "solutions.losses", "grader.topics.losses", "grader.engine"):
    got(__import__, name)
sys.path.insert(0, TOLD["home"])
sys.meta_path[:] = [finder for finder in sys.meta_path if "Submission" not in type(finder).__name__]
for name in ("numerics.losses", "solutions.losses", "grader.topics.losses", "grader.engine"):
    got(__import__, name)
""",
    "patches numpy": """
for name in ("allclose", "isclose", "array_equal", "mean", "max", "abs", "all"):
    setattr(np, name, lambda *a, **k: True)
np.testing.assert_allclose = lambda *a, **k: None
np.ndarray = builtins.float = builtins.isinstance
""",
    "an object that equals everything": """
class Yes(float):
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = lambda *_: True
    __ne__ = lambda *_: False
    __sub__ = __rsub__ = __abs__ = lambda *_: Yes(0.0)
    __hash__ = float.__hash__
return Yes(0.0), [[Yes(0.0)] * 3]
""",
    "an array that equals everything": """
class Yes(np.ndarray):
    __eq__ = __le__ = __lt__ = lambda *_: np.True_
    __array_ufunc__ = lambda *a, **k: np.zeros(prediction.shape)
    __array_function__ = lambda *a, **k: True
    shape = property(lambda self: prediction.shape)
return np.float64(0.0), np.zeros(prediction.shape).view(Yes)
""",
    "changes its inputs": """
prediction.setflags(write=True)
prediction[...] = target
return 0.0, np.zeros_like(prediction)
""",
    "stale memory": "return np.empty(()), np.empty(prediction.shape)",
    "nothing but NaN": "return np.nan, np.full(prediction.shape, np.nan)",
    "infinite": "return np.inf, np.full(prediction.shape, np.inf)",
    "empty": "return np.zeros(0), np.zeros((0, *prediction.shape))",
    "guesses the seed": """
for seed in range(100):
    if np.allclose(np.random.default_rng(seed).normal(size=prediction.shape), prediction):
        breach("seed")
""",
    "a pickle": """
class Run:
    def __reduce__(self):
        return os.system, ("touch " + os.path.join(TOLD["folder"], "pickled"),)
send(pickle.dumps(Run()))
return Run(), np.array([Run()], dtype=object)
""",
}

# Malformed frames.
FRAMES = {
    "a huge head": "send(struct.pack('<4sIQ', b'LKF1', 2**32 - 1, 0))",
    "a huge body": "send(struct.pack('<4sIQ', b'LKF1', 2, 2**63))",
    "deep JSON": "send(frame(b'[' * 10**6))",
    "a deep value": """
value = 1
for _ in range(900):
    value = {"list": [value]}
send(frame({"message": 2, "step": 0, "value": value}))
""",
    "an overflowing shape": """
array = {"array": ["<f8", [2**39, 2**39, 2**39], 0]}
send(frame({"message": 2, "step": 0, "value": array}, bytes(64)))
""",
    "another question's answer": "send(frame({'message': 99, 'step': 0, 'value': 1}))",
    "an array of objects": """
send(frame({"message": 2, "step": 0, "value": {"array": ["|O", [1], 0]}}, bytes(8)))
""",
    "sprays every descriptor": """
for fd in range(1024):
    try:
        os.write(fd, b"\\xff" * 1000)
    except OSError:
        pass
""",
}

# What is not theirs.
REACHING = {
    "other people's files": """
for name in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/self/environ", TOLD["file"]):
    got(lambda: open(name).read())
    got(lambda: os.open(name, os.O_RDONLY))
    got(lambda: np.fromfile(name, np.uint8))
for folder in ("/", "/home", "/root", "/tmp", "/proc", "/sys", "/dev/shm", TOLD["folder"]):
    got(os.listdir, folder)
""",
    "the grader's command line, environment and memory": """
for pid in (TOLD["pid"], os.getppid(), "self", 1):
    for name in ("cmdline", "environ", "mem", "maps", "status", "stat", "auxv", "mountinfo"):
        got(lambda: open(f"/proc/{pid}/{name}").read(10))
    for name in ("cwd", "exe", "root", "fd/0"):
        pid != "self" and got(os.readlink, f"/proc/{pid}/{name}")
    got(lambda: open(f"/proc/{pid}/mem", "r+b").write(b"x"))
    got(lambda: open(f"/proc/{pid}/clear_refs", "w").write("1"))
""",
    "its own environment": """
for name in os.environ:
    if name in {"HOME", "PATH", "USER", "ANSWERS_ARE_IN"}:
        breach(name)
""",
    "descriptors that were left open": """
for fd in range(1024):
    try:
        kind = os.fstat(fd)
    except OSError:
        continue
    null = stat.S_ISCHR(kind.st_mode) and kind.st_rdev == os.makedev(1, 3)
    if not null and fd not in pipes():
        breach(f"descriptor {fd}, {kind}")
    got(os.listdir, fd)
""",
    "signals": """
for pid in (TOLD["pid"], os.getppid(), 0, -1, 1, os.getpid()):
    for number in (0, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        got(os.kill, pid, number)
    got(signal.pidfd_send_signal, pid, 0)
    got(os.pidfd_open, pid)
    call(200, 130, pid, 0)  # tkill
    call(234, 131, pid, pid, 0)  # tgkill
    call(129, 138, pid, 9, bytes(128))  # rt_sigqueueinfo
    call(438, 438, 3, 0, 0)  # pidfd_getfd
got(os.killpg, os.getpgrp() if X86 else 0, 9)
""",
    "signals by way of a descriptor": """
for fd in pipes():
    got(fcntl.fcntl, fd, fcntl.F_SETSIG, 9)
    got(fcntl.fcntl, fd, fcntl.F_SETOWN, TOLD["pid"])
    got(fcntl.fcntl, fd, 15, struct.pack("ii", 1, TOLD["pid"]))
    got(fcntl.ioctl, fd, 0x8901, struct.pack("i", TOLD["pid"]))
    got(fcntl.ioctl, fd, 0x5452, struct.pack("i", 1))
""",
    "the grader's limits and priority": """
got(resource.prlimit, TOLD["pid"], resource.RLIMIT_CPU, (1, 1))
got(resource.prlimit, os.getppid(), resource.RLIMIT_CPU, (1, 1))
got(os.setpriority, os.PRIO_PROCESS, TOLD["pid"], 19)
got(os.sched_setaffinity, TOLD["pid"], {0})
""",
    "its own limits": """
for kind in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
    got(resource.setrlimit, kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
""",
    "ptrace": """
for pid in (TOLD["pid"], os.getppid()):
    call(101, 117, 16, pid, 0, 0)
    call(101, 117, 0x4206, pid, 0, 0)
    call(310, 270, pid, bytes(16), 1, bytes(16), 1, 0)
    call(311, 271, pid, bytes(16), 1, bytes(16), 1, 0)
    call(312, 272, pid, pid, 0, 0, 0)  # kcmp
""",
    "changes files": """
for name in (TOLD["file"], sys.modules["json"].__file__, np.__file__, TOLD["folder"]):
    got(os.chmod, name, 0o777)
    got(os.chown, name, os.getuid(), -1)
    got(os.utime, name)
    got(os.unlink, name)
    got(os.rename, name, name + ".old")
    got(os.truncate, name, 0)
    got(os.open, name, os.O_RDONLY | os.O_TRUNC)
    got(open, name, "a")
    got(os.setxattr, name, "user.note", b"x")
    got(os.symlink, name, os.path.join(TOLD["folder"], "link"))
    got(os.link, name, os.path.join(TOLD["folder"], "link"))
    got(os.mkdir, os.path.join(TOLD["folder"], "made"))
    got(os.mkfifo, os.path.join(TOLD["folder"], "fifo"))
""",
    "sockets": """
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 40):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        got(socket.socket, family, kind)
got(socket.socketpair)
got(socket.create_connection, ("127.0.0.1", TOLD["port"]))
got(socket.getaddrinfo, "example.org", 80)
""",
    "runs programs": """
got(subprocess.run, ["/bin/true"])
if os.system("true") == 0:
    breach("a shell")
got(os.execv, sys.executable, [sys.executable, "-c", "print('BREACH')"])
got(os.posix_spawn, "/bin/true", ["true"], {})
call(59, 221, b"/bin/true\\0", 0, 0)
call(322, 281, -100, b"/bin/true\\0", 0, 0, 0)
""",
    "system calls that nobody needs": """
call(272, 97, 0x10000000)  # unshare
call(308, 268, 3, 0)  # setns
call(165, 40, b"none\\0", b"/tmp\\0", b"tmpfs\\0", 0, 0)  # mount
call(166, 39, b"/tmp\\0", 2)  # umount2
call(161, 51, b"/\\0")  # chroot
call(155, 41, b"/\\0", b"/\\0")  # pivot_root
call(80, 49, b"/\\0")  # chdir
call(112, 157)  # setsid
call(109, 154, 0, 0)  # setpgid
call(105, 146, 0)  # setuid
call(126, 91, bytes(16), bytes(24))  # capset
call(135, 92, 0x0400000)  # personality
call(157, 167, 4, 1, 0, 0, 0)  # prctl
call(317, 277, 0, 0, 0)  # seccomp
call(321, 280, 0, bytes(128), 128)  # bpf
call(298, 241, bytes(128), 0, -1, -1, 0)  # perf_event_open
call(323, 282, 0)  # userfaultfd
call(425, 425, 1, bytes(120))  # io_uring_setup
call(434, 434, os.getpid(), 0)  # pidfd_open
call(435, 435, bytes(88), 88)  # clone3
call(304, 265, 0, bytes(16), 0)  # open_by_handle_at
call(303, 264, -100, b"/\\0", bytes(128), bytes(8), 0)  # name_to_handle_at
call(149, 228, 0, 0)  # mlock
call(248, 217, b"user\\0", b"note\\0", b"x", 1, -3)  # add_key
call(250, 219, 0, -3, 0)  # keyctl
call(290, 19, 0, 0)  # eventfd2
call(291, 20, 0)  # epoll_create1
call(253, 26)  # inotify_init
call(222, 107, 0, 0, bytes(8))  # timer_create
call(283, 85, 0, 0)  # timerfd_create
call(275, 76, 0, 0, 1, 0, 1, 0)  # splice
call(449, 449, 0, 0, 0, 0, 0)  # futex_waitv
call(454, 454, 0, 1, 1, 0)  # futex_wake
call(103, 116, 3, bytes(64), 64)  # syslog
""",
    "the table of calls of another architecture": """
if X86:  # getpid by x32; it ends the process
    breach(libc.syscall(ctypes.c_long(0x40000000 + 39)))
""",
    "the calls of 32 bits": """
if X86:  # mov eax, 20; int 0x80; ret: getpid, as on i386
    breach(native(bytes.fromhex("b814000000cd80c3")))
""",
}

# Messages to whoever comes next.
MESSAGES = {
    "in files": """
for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/run", "/dev/mqueue", TOLD["folder"]):
    got(open, os.path.join(folder, "message"), "w")
    got(os.listdir, folder)
got(tempfile.mkdtemp)
""",
    "in memory": """
call(319, 279, b"message\\0", 0)  # memfd_create
call(29, 194, 0x6C6B, 4096, 0o1666)  # shmget
call(64, 190, 0x6C6B, 1, 0o1666)  # semget
call(68, 186, 0x6C6B, 0o1666)  # msgget
call(240, 180, b"message\\0", 0o102, 0o666, 0)  # mq_open
""",
    "in locks and keys": """
with open(sys.modules["json"].__file__) as file:
    got(fcntl.flock, file, fcntl.LOCK_SH)
    got(fcntl.lockf, file, fcntl.LOCK_SH)
    got(fcntl.fcntl, file, 1024, 0)
call(248, 217, b"user\\0", b"message\\0", b"x", 1, -4)
call(249, 218, b"user\\0", b"message\\0", 0, -4)
""",
    "by waking who waits in a library that all have": """
text = ctypes.cast(libc.printf, ctypes.c_void_p).value & ~0xFFF
for kind in (1, 3, 5, 10):  # FUTEX_WAKE, FUTEX_REQUEUE, FUTEX_WAKE_OP, FUTEX_WAKE_BITSET
    call(202, 98, text, kind, 1, 1, text + 4, 1)
""",
    "over sockets": """
for address in ("\\0message", "/tmp/message"):
    got(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(address))
""",
}

# Bombs: they may end their own process, or be refused.
BOMBS = {
    "processes": """
for _ in range(1000):
    got(os.fork)
call(57, None)  # fork
call(58, None)  # vfork
call(56, 220, 17, 0, 0, 0, 0)  # clone, as fork does
call(56, 220, 0x4111, 0, 0, 0, 0)  # clone, as vfork does
""",
    "a daemon": """
if got(os.fork) == 0:
    os.setsid()
    while True:
        time.sleep(1)
""",
    "threads": """
threading.stack_size(2**16)
started = 0
try:
    while started < 3000:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        started += 1
except RuntimeError:
    pass
if started >= 3000:
    breach(f"{started} threads")
""",
    "memory": """
held = []
while True:
    held.append(bytearray(2**24))
""",
    "shared memory": """
held = []
while True:
    held.append(mmap.mmap(-1, 2**24))
    held[-1].write(b"x" * 2**24)
""",
    "a file": """
for folder in ("/tmp", "/dev/shm", TOLD["folder"], "."):
    file = got(open, os.path.join(folder, "large"), "wb")
    while file:
        file.write(b"x" * 2**20)
""",
    "prints": """
line = "x" * 2**20
for _ in range(200):
    print(line)
    os.write(1, line.encode())
""",
    "files that stay open": """
held = []
while True:
    held.append(open(os.devnull))
""",
}

# What does not end by itself: it is ended in time.
ENDLESS = {
    "blocks every signal": """
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
for number in set(range(1, 32)) - {9, 19}:
    signal.signal(number, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_CPU, (10**6, resource.getrlimit(resource.RLIMIT_CPU)[1]))
while True:
    pass
""",
    "stops itself": """
for number in (signal.SIGSTOP, signal.SIGTSTP):
    for stop in (lambda: os.kill(os.getpid(), number), lambda: signal.raise_signal(number)):
        try:
            stop()
        except OSError:
            pass
threading.Event().wait()
""",
    "a native loop": """
if X86:
    native(b"\\xeb\\xfe")  # jmp to itself
re.match("(a+)+$", "a" * 64 + "b")
""",
    "a slow drip": """
for byte in frame({"message": 2, "step": 0, "value": 1}, bytes(1000)):
    send(bytes([byte]))
    time.sleep(0.05)
""",
    "a flood": """
while True:
    send(frame({"message": 2, "callback": "f", "args": [], "kwargs": {}}) * 1000)
""",
    "threads that go on": """
for _ in range(8):
    threading.Thread(target=lambda: re.match("(a+)+$", "a" * 64 + "b")).start()
while True:
    try:
        threading.Event().wait()
    except BaseException:
        pass
""",
}

ATTACKS = {
    f"{kind}: {name}": body
    for kind, table in {
        "lie": LIES,
        "frame": FRAMES,
        "reach": REACHING,
        "message": MESSAGES,
        "bomb": BOMBS,
        "endless": ENDLESS,
    }.items()
    for name, body in table.items()
}

# What people use, as bodies of a function; each must return something that is true.
WORKING = {
    "linear algebra": """
a = np.random.default_rng(0).normal(size=(50, 50))
u, s, v = np.linalg.svd(a)
q, r = np.linalg.qr(a)
return np.allclose(u * s @ v, a) and np.allclose(q @ r, a) and np.linalg.eigvals(a).size == 50
""",
    "large products": "return np.ones((700, 700)) @ np.ones((700, 700)) @ np.ones(700) is not None",
    "Fourier": "x = np.arange(64.0)\nreturn np.allclose(np.fft.irfft(np.fft.rfft(x)), x)",
    "einsum": """
x = np.arange(24.0).reshape(2, 3, 4)
return np.einsum("ijk,ljk->il", x, x, optimize=True).shape == (2, 2)
""",
    "random numbers": """
import random
np.random.seed(1)
a = np.random.randn(3)
np.random.seed(1)
return (a == np.random.randn(3)).all() and 0 <= random.random() < 1 and np.random.permutation(5).size
""",
    "polynomials, masks and strings": """
import numpy.polynomial, numpy.ma
masked = np.ma.masked_array([1, 2], [0, 1])
return numpy.polynomial.Polynomial([1, 2])(3) == 7 and masked.sum() == 1 and np.char.upper("a") == "A"
""",
    "saving and loading in memory": """
import io
file = io.BytesIO()
np.savez_compressed(file, a=np.arange(3))
file.seek(0)
text = io.StringIO("1,2\\n3,4")
return np.load(file)["a"][2] == 2 and np.loadtxt(text, delimiter=",").shape == (2, 2)
""",
    "threads inside NumPy": """
import concurrent.futures, ctypes
def work(seed):
    x = np.random.default_rng(seed).normal(size=(200, 200))
    return float(np.linalg.norm(x @ x))
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    return list(pool.map(work, range(8))) == [work(seed) for seed in range(8)]
""",
    "threads of the library beneath NumPy": """
import ctypes, glob, os
x = np.random.default_rng(0).normal(size=(600, 600))
before = x @ x
for path in glob.glob(os.path.join(os.path.dirname(np.__file__) + ".libs", "*openblas*")):
    library = ctypes.CDLL(path)
    for name in ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_"):
        if hasattr(library, name):
            getattr(library, name)(4)
return np.allclose(x @ x, before)
""",
    "locks, queues, events and timers of threads": """
import concurrent.futures, queue, threading
asked, told, last = queue.Queue(2), queue.SimpleQueue(), threading.Event()
guard, gate, few = threading.Condition(), threading.Barrier(4), threading.BoundedSemaphore(2)
def work():
    gate.wait()
    while (number := asked.get()) is not None:
        with few, guard:
            told.put(number**2)
            guard.notify_all()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
gate.wait()
for number in [*range(20), None, None, None]:
    asked.put(number)
for thread in threads:
    thread.join()
threading.Timer(0.001, last.set).start()
with concurrent.futures.ThreadPoolExecutor() as pool:
    done = concurrent.futures.wait([pool.submit(pow, 2, n) for n in range(9)]).done
return last.wait(20) and sum(told.get() for _ in range(20)) == 2470 and len(done) == 9
""",
    "json, csv and regular expressions": """
import csv, io, json, re
rows = list(csv.reader(io.StringIO("a,b\\n1,2")))
return json.loads(json.dumps({"a": rows}))["a"] == rows and re.sub("a+", "b", "caat") == "cbt"
""",
    "functools, itertools and collections": """
import collections, functools, itertools, operator
total = functools.reduce(operator.add, itertools.chain([1], [2, 3]))
return total == 6 and collections.Counter("aab").most_common(1) == [("a", 2)]
""",
    "dataclasses, enum, typing and abc": """
import abc, dataclasses, enum, typing
@dataclasses.dataclass(frozen=True)
class Point:
    x: typing.Optional[float] = None
return dataclasses.asdict(Point(1.0)) == {"x": 1.0} and enum.Enum("E", "A B").A.value == 1
""",
    "math, decimal, fractions and statistics": """
import cmath, decimal, fractions, math, statistics
third = fractions.Fraction(1, 3)
return math.gcd(4, 6) == 2 and decimal.Decimal("0.1") * 3 == decimal.Decimal("0.3") and 3 * third == 1
""",
    "time and dates": """
import datetime, time, timeit
start = time.perf_counter()
time.sleep(0.001)
timeit.timeit("1 + 1", number=10)
return time.perf_counter() > start and datetime.datetime.now().year > 2000 and time.localtime()
""",
    "packing and hashing": """
import base64, bz2, gzip, hashlib, lzma, pickle, struct, zlib
data = b"x" * 100
packed = [m.decompress(m.compress(data)) for m in (bz2, gzip, lzma, zlib)]
return packed == [data] * 4 and hashlib.sha256(data).hexdigest() and pickle.loads(pickle.dumps(3)) == 3
""",
    "text and printing": """
import pprint, string, textwrap, unicodedata
pprint.pprint(textwrap.wrap("some words"))
print("é", np.arange(3), flush=True)
return unicodedata.name("é")
""",
    "introspection": """
import ast, dis, inspect, textwrap, traceback, types, warnings, weakref
warnings.warn("look")
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()
return inspect.signature(np.linalg.norm) and ast.parse("1") and inspect.getsource(textwrap.dedent)
""",
    "copy, bisect, heapq, contextlib, logging and argparse": """
import argparse, bisect, contextlib, copy, heapq, io, logging
logging.getLogger("x").warning("look")
with contextlib.redirect_stdout(io.StringIO()) as caught:
    print("x")
return caught.getvalue() == "x\\n" and heapq.nsmallest(1, [3, 1]) == [1]
""",
    "the null device": """
import os
with open(os.devnull, "w") as file:
    file.write("x")
return True
""",
    "deep recursion": """
import sys
sys.setrecursionlimit(10_000)
def deep(n):
    return n and 1 + deep(n - 1)
return deep(5000) == 5000
""",
    "testing and profiling": """
import cProfile, unittest
np.testing.assert_allclose(1.0, 1.0)
profile = cProfile.Profile()
profile.runcall(sum, [1, 2])
return unittest.TestCase().assertEqual(1, 1) is None
""",
    "asking how many processors there are": """
import multiprocessing, os, platform
return os.cpu_count() and multiprocessing.cpu_count() and platform.python_version()
""",
}

# What does not work behind walls, and the words it does not work with.
WITHOUT = {
    "temporary files": ("import tempfile\ntempfile.TemporaryFile()", "No usable temporary"),
    "new processes": ("import subprocess\nsubprocess.run(['true'])", "not permitted"),
    "the network": ("import socket\nsocket.socket()", "not permitted"),
    "files": ("open('notes.txt', 'w')", "Errno"),
    "other packages": ("import scipy", "No module named 'scipy'"),
    "other packages of the grader's": ("import click", "No module named 'click'"),
}
