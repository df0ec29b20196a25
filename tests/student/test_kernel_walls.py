"""What the kernel is told to allow, and what is said where it cannot be told."""

import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the walls are Linux's", allow_module_level=True)

from grader.student.inside import walls

MACHINES = list(walls.MACHINES)
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, EPERM, ENOSYS, KILLED = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000


def decision(machine, number, *args, architecture=None):
    """Run the program as the kernel would, on one system call."""
    program = walls._filter(machine)
    words = (*args, *[0] * (6 - len(args)))
    call = struct.pack("=IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *words)
    at, held = 0, 0
    lines = [struct.unpack("HBBI", program[i : i + 8]) for i in range(0, len(program), 8)]
    while True:
        code, yes, no, value = lines[at]
        at += 1
        if code == 0x20:
            (held,) = struct.unpack_from("=I", call, value)
        elif code == 0x54:
            held &= value
        elif code == 0x06:
            return value
        else:
            assert code in {0x15, 0x35}
            at += yes if (held == value if code == 0x15 else held >= value) else no


@pytest.fixture(params=MACHINES)
def decide(request):
    column = MACHINES.index(request.param)

    def decided(numbers, *args, **others):
        return decision(request.param, numbers[column], *args, **others)

    return decided


@pytest.mark.parametrize("name", sorted(walls.ALLOWED))
def test_what_the_table_names_is_allowed(decide, name):
    if None not in walls.ALLOWED[name]:
        assert decide(walls.ALLOWED[name]) == ALLOWED


@pytest.mark.parametrize(
    ("numbers", "args", "expected"),
    [
        ((56, 220), [0x3D0F00], ALLOWED),  # a thread, as glibc starts one
        ((56, 220), [0x7D0F00], ALLOWED),  # as musl does
        ((56, 220), [0x01200011], EPERM),  # fork
        ((56, 220), [0x4111], EPERM),  # vfork
        ((56, 220), [0x10010000 | 0x3D0F00], EPERM),  # a thread in a namespace of its own
        ((72, 25), [3, 3], ALLOWED),  # fcntl(F_GETFL)
        ((72, 25), [3, 8], EPERM),  # F_SETOWN
        ((72, 25), [3, 10], EPERM),  # F_SETSIG
        ((72, 25), [3, 6], EPERM),  # F_SETLK
        ((16, 29), [3, 0x5401], ALLOWED),  # ioctl(TCGETS)
        ((16, 29), [3, 0x5412], EPERM),  # TIOCSTI
        ((16, 29), [3, 0x100005412], EPERM),  # the kernel looks at 32 bits only
        ((257, 56), [3, 0, 0], ALLOWED),  # openat to read
        ((257, 56), [3, 0, 0x80241], ALLOWED),  # to write and empty: Landlock decides
        ((257, 56), [3, 0, 0x2], ALLOWED),
        ((257, 56), [3, 0, 0x200], EPERM),  # to read and empty
        ((257, 56), [3, 0, 0x100000200], EPERM),
        ((257, 56), [3, 0, 0x203], EPERM),
        ((257, 56), [3, 0, 0x3], EPERM),  # neither to read nor to write, which Landlock lets pass
        ((76, 45), [], EPERM),  # truncate
        ((77, 46), [], EPERM),  # ftruncate
        ((437, 437), [], ENOSYS),  # openat2
        ((202, 98), [0, 0x81, 1], ALLOWED),  # futex: wake, within this process
        ((202, 98), [0, 0x189], ALLOWED),  # wait till a time of the clock
        ((202, 98), [0, 0x109], ALLOWED),  # pthread_join
        ((202, 98), [0, 0], ALLOWED),  # pthread_join of an older glibc
        *(((202, 98), [0, kind], EPERM) for kind in (*range(1, 9), *range(10, 14), 0x101, 0x201)),
        *(
            ((number, number), [], ENOSYS) for number in (449, 454, 455, 456)
        ),  # futex_waitv, futex_wake
        ((302, 261), [0], ALLOWED),  # prlimit64 of itself
        ((302, 261), [1], EPERM),
        ((59, 221), [], EPERM),  # execve
        ((62, 129), [], EPERM),  # kill
        ((234, 131), [], EPERM),  # tgkill
        ((41, 198), [], EPERM),  # socket
        ((101, 117), [], EPERM),  # ptrace
        ((87, 35), [], EPERM),  # unlink, unlinkat
        ((425, 425), [], ENOSYS),  # io_uring_setup
        ((435, 435), [], ENOSYS),  # clone3: the C library then takes clone
        ((9999, 9999), [], ENOSYS),
        ((0x40000000, 0x40000000), [], KILLED),  # x32
        ((0xFFFFFFFF, 0xFFFFFFFF), [], KILLED),
    ],
)
def test_a_system_call_is_decided_by_its_number_and_arguments(decide, numbers, args, expected):
    assert decide(numbers, *args) == expected


@pytest.mark.parametrize(("flags", "expected"), [(0x0, ALLOWED), (0x241, ALLOWED), (0x200, EPERM)])
def test_open_is_decided_as_openat_is(flags, expected):
    assert decision("x86_64", 2, 0, flags) == expected


def test_creat_is_refused():
    assert decision("x86_64", 85) == EPERM


@pytest.mark.parametrize("architecture", [0x40000003, 0x40000028, 0xC00000F3])
def test_a_call_of_another_architecture_ends_the_process(decide, architecture):
    assert decide((0, 63), architecture=architecture) == KILLED


def test_every_jump_stays_within_the_program():
    for machine in MACHINES:
        program = walls._filter(machine)
        assert len(program) // 8 < 4096  # BPF_MAXINSNS
        for at in range(0, len(program), 8):
            _, yes, no, _ = struct.unpack("HBBI", program[at : at + 8])
            assert at + 8 * (max(yes, no) + 1) < len(program) + 8


EMPTYING = """
import os, sys
from pathlib import Path
from grader.student.inside import walls

class Older:
    '''The C library, where Landlock does not know of emptying files yet.'''
    def __getattr__(self, name):
        return getattr(libc, name)

    def syscall(self, number, *args):
        asked = (number, *args) == (walls.CREATE_RULESET, None, 0, 1)
        return 2 if asked else libc.syscall(number, *args)

libc, walls._libc = walls._libc, Older()
folder, user = Path(sys.argv[1]), int(sys.argv[2])
trees = [*walls._trees(), folder]
walls._trees = lambda: trees
walls.Walls(user).enter()
for flags in (os.O_RDONLY, os.O_WRONLY | os.O_TRUNC, os.O_RDONLY | os.O_TRUNC):
    try:
        print(os.read(os.open(folder / "file", flags), 9))
    except PermissionError as error:
        print(error.strerror)
"""


@pytest.mark.skipif(
    walls._libc.syscall(walls.CREATE_RULESET, None, 0, 1) < 1, reason="there is no Landlock here"
)
def test_where_landlock_does_not_know_of_it_no_file_is_emptied(tmp_path):
    tmp_path.chmod(0o755)
    file = tmp_path / "file"
    file.write_text("kept", encoding="ascii")
    file.chmod(0o666)
    command = [sys.executable, "-c", EMPTYING, str(tmp_path), str(os.getuid() or 60600)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["b'kept'", "Permission denied", "Operation not permitted"]
    assert file.read_text(encoding="ascii") == "kept"


# What is missing.


def test_a_kernel_without_landlock_is_told(monkeypatch):
    class Old:
        def syscall(self, *_):
            return -1

    monkeypatch.setattr(walls, "_libc", Old())
    with pytest.raises(walls.MissingWallError, match=r"no Landlock; it needs Linux 5\.13"):
        walls._rules([])


def test_another_processor_is_told(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(walls.MissingWallError, match="x86-64 and arm64, this is riscv64"):
        walls.Walls(60600)


def test_a_python_that_the_user_cannot_read_is_told():
    with pytest.raises(walls.MissingWallError, match="cannot read /nowhere"):
        walls._check_readable([Path("/nowhere")])


def test_a_root_that_cannot_be_given_up_is_told(monkeypatch):
    def refuse(_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "getresuid", lambda: (0, 0, 0))
    monkeypatch.setattr(os, "setgroups", refuse)
    with pytest.raises(walls.MissingWallError, match="run as an ordinary user"):
        walls._drop_root([], 60600)


def test_of_the_standard_librarys_folder_what_is_installed_stays_closed(tmp_path, monkeypatch):
    for name in ("json", "site-packages", "dist-packages"):
        (tmp_path / name).mkdir()
    permitted = {}
    monkeypatch.setattr(walls, "_permit", lambda _, path, rights: permitted.update({path: rights}))
    os.close(walls._rules([tmp_path]))
    assert permitted == {
        Path(os.devnull): walls.READ_FILE | walls.WRITE_FILE,
        tmp_path: walls.READ_DIR,
        tmp_path / "json": walls.READ_FILE | walls.READ_DIR,
    }
