"""What the kernel is told to allow, and what is said where it cannot be told."""

import os
import platform
import struct
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
        walls.Walls()


def test_a_python_that_the_user_cannot_read_is_told():
    with pytest.raises(walls.MissingWallError, match="cannot read /nowhere"):
        walls._check_readable([Path("/nowhere")])


def test_a_root_that_cannot_be_given_up_is_told(monkeypatch):
    def refuse(_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "getresuid", lambda: (0, 0, 0))
    monkeypatch.setattr(os, "setgroups", refuse)
    with pytest.raises(walls.MissingWallError, match="run as an ordinary user"):
        walls._drop_root([])


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
