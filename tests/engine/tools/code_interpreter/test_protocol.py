"""Frames, replies and the system call filter, byte by byte."""

from __future__ import annotations

import base64
import os
import struct

import pytest

from app.engine.tools.code_interpreter.jail import frames, seccomp
from app.engine.tools.code_interpreter.jail.frames import FrameError, FrameReader
from app.engine.tools.code_interpreter.jail.syscalls import ALLOWED, NUMBERS, REFUSED
from app.engine.tools.code_interpreter.replies import Drawn, Finished, Ready, Refused, parse_reply

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 2, 3) + b"rest"


def test_frames_come_whole_however_they_are_cut() -> None:
    data = frames.encode({"id": 1}) + frames.encode({"id": 2, "text": "\ud800"})
    reader = FrameReader()
    messages = [message for index in range(len(data)) for message in reader.feed(data[index : index + 1])]
    assert messages == [{"id": 1}, {"id": 2, "text": "\ud800"}]


def test_frames_pass_through_a_pipe_until_it_closes() -> None:
    read_end, write_end = os.pipe()
    frames.write_frame(write_end, {"id": 7})
    os.close(write_end)
    assert frames.read_frame(read_end) == {"id": 7}
    assert frames.read_frame(read_end) is None
    os.close(read_end)


@pytest.mark.parametrize("body", [b"hello", b"[1]", b"[" * 200_000, b"\xff", b'{"a": ' + b"9" * 5000 + b"}"])
def test_bodies_that_are_no_object_are_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        FrameReader().feed(struct.pack("!I", len(body)) + body)


def test_a_length_over_the_limit_is_refused_before_the_body() -> None:
    with pytest.raises(FrameError):
        FrameReader().feed(b"\xff\xff\xff\xff")
    with pytest.raises(FrameError):
        frames.encode({"x": "y" * frames.MAX_FRAME_BYTES})


def test_known_replies_are_parsed() -> None:
    assert parse_reply({"id": 0, "event": "ready"}) == Ready()
    assert parse_reply({"id": 0, "event": "refused", "reasons": ["x"]}) == Refused(("x",), has_hole=True)
    assert parse_reply({"id": 0, "event": "failed", "reasons": ["x"]}) == Refused(("x",), has_hole=False)
    assert parse_reply({"id": 3, "event": "done", "outcome": "ok"}) == Finished(3, "ok")
    text = base64.b64encode(PNG).decode()
    assert parse_reply({"id": 3, "event": "figure", "png": text}) == Drawn(3, PNG)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"id": "1", "event": "done", "outcome": "ok"},
        {"id": 1, "event": "done", "outcome": "great"},
        {"id": 1, "event": "done", "outcome": "ok", "more": 1},
        {"id": 1, "event": "figure", "png": "not base64!"},
        {"id": 1, "event": "figure", "png": base64.b64encode(b"GIF89a").decode()},
        {"id": 1, "event": "figure", "png": base64.b64encode(PNG[:20]).decode()},
        {"id": 1, "event": "figure", "png": base64.b64encode(PNG.replace(b"\0\0\0\x02", b"\xff\xff\xff\xff")).decode()},
    ],
)
def test_other_replies_are_refused(message: dict[str, object]) -> None:
    with pytest.raises(FrameError):
        parse_reply(message)


def run_filter(program: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = 0xC000003E) -> int:
    """Interpret a filter as the kernel does and return its verdict."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    accumulator, counter = 0, 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", program, counter * 8)
        counter += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x15:
                counter += if_true if accumulator == value else if_false
            case 0x35:
                counter += if_true if accumulator >= value else if_false
            case 0x45:
                counter += if_true if accumulator & value else if_false
            case _:
                return int(value)


ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x50026, 0x80000000


@pytest.mark.parametrize(
    ("name", "arguments", "verdict"),
    [
        ("read", (), ALLOW),
        ("socket", (2, 1), EPERM),
        ("socketpair", (1, 1 | 0o2000000), ALLOW),
        ("socketpair", (1, 2), EPERM),
        ("socketpair", (2, 1), EPERM),
        ("clone", (0x1200011,), ALLOW),
        ("clone", (0x10000011,), EPERM),
        ("ioctl", (1, 0x5401), ALLOW),
        ("ioctl", (1, 0x5412), EPERM),
        ("prctl", (1, 0), ALLOW),
        ("prctl", (4, 1), ALLOW),
        ("prctl", (4, 0), EPERM),
        ("fcntl", (3, 1), ALLOW),
        ("fcntl", (3, 8), EPERM),
        ("prctl", (22,), EPERM),
        ("prlimit64", (0,), ALLOW),
        ("prlimit64", (1,), EPERM),
    ],
)
@pytest.mark.parametrize("arm", [False, True])
def test_the_filter_decides_by_call_and_argument(
    name: str, arguments: tuple[int, ...], verdict: int, *, arm: bool
) -> None:
    number = NUMBERS[name][arm]
    assert number is not None
    architecture = 0xC00000B7 if arm else 0xC000003E
    assert run_filter(seccomp.build_filter(arm=arm), number, arguments, architecture) == verdict


@pytest.mark.parametrize(
    ("name", "arguments", "verdict"),
    [
        ("kill", (77,), ALLOW),
        ("kill", (78,), EPERM),
        ("tgkill", (77, 80), ALLOW),
        ("clone", (0x3D0F00,), ALLOW),
        ("clone", (0x1200011,), EPERM),
        ("execve", (), EPERM),
        ("fchmodat", (), 0x50000),
        ("listxattr", (), 0x5005F),
        ("prctl", (1, 0), EPERM),
        ("prlimit64", (77,), ALLOW),
        ("sched_setaffinity", (1,), EPERM),
        ("socketpair", (1, 1), ALLOW),
        ("read", (), ALLOW),
    ],
)
@pytest.mark.parametrize("arm", [False, True])
def test_a_session_that_must_stay_alone_has_a_stricter_filter(
    name: str, arguments: tuple[int, ...], verdict: int, *, arm: bool
) -> None:
    number = NUMBERS[name][arm]
    assert number is not None
    architecture = 0xC00000B7 if arm else 0xC000003E
    assert run_filter(seccomp.build_filter(arm=arm, alone=77), number, arguments, architecture) == verdict


def test_the_filter_kills_foreign_tables_only() -> None:
    program = seccomp.build_filter(arm=False)
    assert run_filter(program, 0, architecture=0x40000003) == KILL
    assert run_filter(program, 0x40000000) == KILL
    assert run_filter(program, 435) == ENOSYS
    assert run_filter(program, 999) == ENOSYS
    assert len(program) // 8 < 4096


def test_the_table_gives_each_call_one_place_and_a_number() -> None:
    names = [name for _, group in (*ALLOWED, *REFUSED) for name in group.split()]
    assert len(names) == len(set(names)) == len(NUMBERS)
    assert all(reason.endswith(".") for reason, _ in (*ALLOWED, *REFUSED))
