"""Frames between the grader and a learner's process: a bounded JSON head, then raw array bytes.

Nothing executable is ever decoded. What travels is None, booleans, numbers, strings, arrays of
numbers, and tuples, lists and dicts of those; four markers stand for what cannot or must not
travel: an earlier step's result, a function of the grader, a random generator, and a thing that
stayed where it was.

This file is read by both sides of the boundary and imports nothing of ours.
"""

import functools
import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, CoroutineType, MappingProxyType
from typing import Any

import numpy as np

HEADER = struct.Struct("<4sIQ")
MAGIC = b"LKF1"
# JSON can spend 7 bytes on what takes Python 240: a head of this size grows to some 70 MB.
HEAD_LIMIT = 2 * 2**20
DEPTH_LIMIT = 24
PARTS_LIMIT = 20_000
# Keys of one hash are compared each with each, so a dict takes its size squared: 10 ms for the
# largest one, a tenth of a second for all that one value may hold.
PAIRS_LIMIT = 1_000
ALL_PAIRS_LIMIT = 10_000
AXES_LIMIT = 32
ALIGNMENT = 16
JSON = json.JSONEncoder(separators=(",", ":"))
READER = json.JSONDecoder()
# Little-endian everywhere; anything else is converted by the sender.
DTYPES = {
    name: np.dtype(name)
    for name in (
        "|b1",
        "|i1",
        "|u1",
        "<i2",
        "<u2",
        "<i4",
        "<u4",
        "<i8",
        "<u8",
        "<f2",
        "<f4",
        "<f8",
        "<c8",
        "<c16",
    )
}
READ = frozenset([type(None), bool, int, float, str])


TOO_LONG = "something too deep or too long to send"
UNAWAITED = "a coroutine, which is what `async def` returns; write `def`"


class WireError(Exception):
    """A frame that is malformed, too large or of an unknown kind."""


class UnsendableError(WireError, ValueError):
    """A value of the sender's own that cannot travel whole, where it must."""


@dataclass(frozen=True)
class Reference:
    """An earlier step's result, or a part of it: it stays in the learner's process."""

    step: int
    path: tuple[int | str, ...] = ()


@dataclass(frozen=True)
class Callback:
    """A function of the grader's, called back over the channel."""

    name: str


@dataclass(frozen=True)
class Generator:
    """A `numpy.random.Generator`, built from its seed in the learner's process."""

    seed: int


@dataclass(frozen=True)
class Given:
    """A function that the grader hands over as text; nothing of the grader's own is in it.

    Parameters
    ----------
    text
        A Python module that defines it.
    name
        Its name there.
    """

    text: str
    name: str

    def function(self) -> Callable[..., Any]:
        """Run the text, and return the function."""
        namespace: dict[str, Any] = {}
        exec(_compiled(self.text, self.name), namespace)  # noqa: S102 - the kit's own
        function: Callable[..., Any] = namespace[self.name]
        return function


@functools.lru_cache(maxsize=256)
def _compiled(text: str, name: str) -> CodeType:
    return compile(text, f"<{name}>", "exec")


@dataclass(frozen=True)
class Opaque:
    """A thing that does not travel; only what it is called does."""

    description: str

    def __str__(self) -> str:
        return self.description


class Encoder:
    """Turn values into a JSON-able tree, and gather their array bytes for the frame's body.

    Parameters
    ----------
    body_limit
        The most array bytes a frame may carry; what is larger becomes `Opaque`.
    strict
        Refuse what cannot travel, with `UnsendableError`, instead of describing it: the grader's
        arguments must arrive whole.
    """

    def __init__(self, body_limit: int, *, strict: bool = False) -> None:
        self._body_limit = body_limit
        self._strict = strict
        self._parts = 0
        self._pairs = 0
        self._text_left = HEAD_LIMIT // 2
        self.buffers: list[bytes] = []
        self.body_size = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """Return the JSON form of `value`; unknown kinds, cycles and giants become `Opaque`.

        Raises
        ------
        UnsendableError
            If there is one of those, and the encoder is strict.
        """
        self._parts += 1
        kind = type(value)
        # By identity: a class may say that it equals any other.
        if kind is float or kind is bool or value is None:
            return value
        if depth > DEPTH_LIMIT or self._parts > PARTS_LIMIT:
            return self._described(TOO_LONG)
        if (kind is np.ndarray or kind is np.float64) and value.dtype.str in DTYPES:
            return self._placed(value, scalar=kind is np.float64)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            return self._array(np.asarray(value), scalar=True)
        if isinstance(value, str):
            return self._string(str.__str__(value))
        if isinstance(value, int):
            return self._integer(int.__index__(value))
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, complex):
            plain = complex.__pos__(value)
            return {"complex": [plain.real, plain.imag]}
        return self._container(value, depth + 1)

    def raw(self, data: bytes) -> Any:
        """Return the JSON form of bytes, which travel as an array: they may outgrow a head."""
        return self._array(np.frombuffer(data, np.uint8))

    def _described(self, what: str) -> dict[str, str]:
        """Return the words that travel in place of what does not."""
        if self._strict:
            raise UnsendableError(f"{what[:200]} cannot be sent")
        return {"opaque": what[:200]}

    def _integer(self, value: int) -> Any:
        if value.bit_length() > 1024:
            return self._described("an integer of more than 1024 bits")
        self._text_left -= value.bit_length() // 3
        return value if self._text_left >= 0 else self._described(TOO_LONG)

    def _string(self, value: str) -> Any:
        self._text_left -= len(value) * (1 if value.isascii() else 12)  # JSON writes \\ud83d\\ude00
        return value if self._text_left >= 0 else self._described(TOO_LONG)

    def _container(self, value: Any, depth: int) -> Any:
        base: Any = next((kind for kind in (tuple, list, dict) if isinstance(value, kind)), None)
        if base and self._parts + base.__len__(value) > PARTS_LIMIT:
            return self._described(TOO_LONG)
        if isinstance(value, (tuple, list)):
            kind = "tuple" if isinstance(value, tuple) else "list"
            items = [self.encode(item, depth) for item in base.__iter__(value)]
            # A list of nothing but such words could itself be too long.
            return {kind: items} if self._parts <= PARTS_LIMIT else self._described(TOO_LONG)
        if isinstance(value, dict):
            pairs = dict.items(value)
            if len(pairs) > PAIRS_LIMIT or self._pairs + len(pairs) > ALL_PAIRS_LIMIT:
                return self._described(TOO_LONG)
            self._pairs += len(pairs)
            return {"dict": [[self.encode(k, depth), self.encode(v, depth)] for k, v in pairs]}
        if isinstance(value, Reference):
            return {"reference": [value.step, *value.path]}
        if isinstance(value, Callback):
            return {"callback": value.name}
        if isinstance(value, Generator):
            return {"generator": value.seed}
        if isinstance(value, Given):
            return {"given": [value.text, value.name]}
        if isinstance(value, Opaque):
            return {"opaque": value.description}
        if type(value) is CoroutineType:
            if value.cr_frame is not None and not (value.cr_running or value.cr_suspended):
                value.close()  # it has not begun; Python would warn that nobody waits for it
            return self._described(UNAWAITED)
        return self._described(f"an object of type {type(value).__name__}")

    def _array(self, value: np.ndarray[Any, Any], *, scalar: bool = False) -> Any:
        # A subclass may lie about itself in every method; a base-class copy cannot.
        plain = np.array(value, dtype=_wire_dtype(value.dtype), order="C", copy=True, subok=False)
        if plain.dtype.str not in DTYPES:
            return self._described(f"an array of dtype {value.dtype} with {plain.ndim} axes")
        return self._placed(plain, scalar=scalar)

    def _placed(self, plain: Any, *, scalar: bool) -> Any:
        """Return the JSON form of an array or a number of NumPy's own, which cannot lie."""
        if plain.ndim > AXES_LIMIT:
            return self._described(f"an array of dtype {plain.dtype} with {plain.ndim} axes")
        if self.body_size + plain.nbytes > self._body_limit:
            return self._described(f"an array of shape {plain.shape}, too large to send")
        if padding := -self.body_size % ALIGNMENT:
            self.buffers.append(b"\0" * padding)
        offset = self.body_size + padding
        self.buffers.append(plain.tobytes())
        self.body_size = offset + plain.nbytes
        return {("scalar" if scalar else "array"): [plain.dtype.str, plain.shape, offset]}


def _wire_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind == "f" and dtype.itemsize > 8:
        return np.dtype("<f8")
    if dtype.kind == "c" and dtype.itemsize > 16:
        return np.dtype("<c16")
    return dtype.newbyteorder("<")


def pack(
    head: dict[str, Any],
    encoder: Encoder | None = None,
    ready: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Return one frame: `head` as JSON, with what is `ready` as JSON already, then the buffers.

    Raises
    ------
    WireError
        If the head is larger than `HEAD_LIMIT`.
    """
    written = JSON.encode(head)
    more = "".join(f',"{name}":{text}' for name, text in ready.items())
    text = f"{written[:-1]}{more}}}".encode("utf-8", "surrogatepass")
    if len(text) > HEAD_LIMIT:
        raise WireError(f"a frame's head of {len(text)} bytes; at most {HEAD_LIMIT} may be sent")
    buffers = encoder.buffers if encoder else []
    size = encoder.body_size if encoder else 0
    return b"".join([HEADER.pack(MAGIC, len(text), size), text, *buffers])


def unpack_header(frame: bytes | bytearray, body_limit: int) -> tuple[int, int]:
    """Return the sizes of a frame's head and body, checked before any memory is taken for them.

    Raises
    ------
    WireError
        If the frame does not start as one, or is larger than allowed.
    """
    magic, head_size, body_size = HEADER.unpack_from(frame)
    if magic != MAGIC:
        raise WireError("bytes that are not a frame")
    if head_size > HEAD_LIMIT or body_size > body_limit:
        raise WireError(f"a frame of {head_size} + {body_size} bytes")
    return head_size, body_size


def unpack_head(text: bytes | bytearray) -> dict[str, Any]:
    """Return a frame's head.

    Raises
    ------
    WireError
        If it is not a JSON object.
    """
    try:
        written = text.decode("utf-8", "surrogatepass")
        head, end = READER.raw_decode(written)
    except (ValueError, RecursionError) as error:
        raise WireError("a head that is not JSON") from error
    if not isinstance(head, dict) or end != len(written):
        raise WireError("a head that is not an object")
    return head


def decode(node: Any, body: bytes | bytearray) -> Any:
    """Return the value of an encoded tree; arrays are fresh, writeable and own their memory.

    Raises
    ------
    WireError
        If the tree is malformed, or its arrays point outside `body` or hold more than it.
    """
    return Decoder(body).decode(node)


class Decoder:
    """Decodes the trees of one frame. Arrays that shared bytes could fill any memory: each counts once.

    Parameters
    ----------
    body
        The frame's array bytes.
    meant
        Returns what a marker stands for; by default it stays a marker.
    """

    def __init__(
        self, body: bytes | bytearray, meant: Callable[[Any], Any] = lambda marker: marker
    ) -> None:
        self._meant = meant
        self._body = body
        self._bytes_left = len(body)
        self._parts = 0
        self._pairs = 0

    def decode(self, node: Any, depth: int = 0) -> Any:
        """Return the value of an encoded tree.

        Raises
        ------
        WireError
            As `decode` does.
        """
        self._parts += 1
        if self._parts > 2 * PARTS_LIMIT:
            raise WireError("a value of too many parts")
        if type(node) in READ:
            return node
        if depth > 2 * DEPTH_LIMIT or type(node) is not dict or len(node) != 1:
            raise WireError("a value of no known kind")
        ((kind, content),) = node.items()
        if kind == "array":
            return self._array(content)
        if kind == "scalar":
            array = self._array(content)
            return array if array.ndim else array[()]
        if type(content) is not list:
            return self._meant(_marker(kind, content))
        if kind == "tuple":
            return tuple([self.decode(item, depth + 1) for item in content])
        if kind == "list":
            return [self.decode(item, depth + 1) for item in content]
        return self._compound(kind, content, depth + 1)

    def _compound(self, kind: str, content: list[Any], depth: int) -> Any:
        if kind == "dict" and all(isinstance(pair, list) and len(pair) == 2 for pair in content):
            return self._dict(content, depth)
        if kind == "complex" and [type(part) for part in content] == [float, float]:
            return complex(*content)
        return self._meant(_marker(kind, content))

    def _dict(self, content: list[list[Any]], depth: int) -> dict[Any, Any]:
        self._pairs += len(content)
        if len(content) > PAIRS_LIMIT or self._pairs > ALL_PAIRS_LIMIT:
            raise WireError("a dict of too many pairs")
        decoded = [(self.decode(k, depth), self.decode(v, depth)) for k, v in content]
        try:
            return dict(decoded)
        except TypeError as error:
            raise WireError("a dict with a key that cannot be one") from error

    def _array(self, content: Any) -> np.ndarray[Any, Any]:
        try:
            name, shape, offset = content
            dtype = DTYPES[name]
        except (ValueError, TypeError, KeyError) as error:
            raise WireError("an array without dtype, shape and offset") from error
        if type(shape) is not list or len(shape) > AXES_LIMIT or type(offset) is not int:
            raise WireError("an array without dtype, shape and offset")
        for length in shape:
            if type(length) is not int or not 0 <= length < 2**40:
                raise WireError("an array of impossible shape")
        size = math.prod(shape) * dtype.itemsize
        self._bytes_left -= size
        if self._bytes_left < 0 or not 0 <= offset <= offset + size <= len(self._body):
            raise WireError("an array that points outside its frame")
        try:
            return np.ndarray(shape, dtype, self._body, offset).copy()
        except (ValueError, TypeError) as error:
            raise WireError("an array of impossible shape") from error


def _marker(kind: str, content: Any) -> Reference | Callback | Generator | Given | Opaque:
    if kind == "opaque" and isinstance(content, str):
        return Opaque(content[:200])
    if kind == "callback" and isinstance(content, str):
        return Callback(content)
    if kind == "generator" and type(content) is int:
        return Generator(content)
    if kind == "given" and type(content) is list and list(map(type, content)) == [str, str]:
        return Given(*content)
    path = content if kind == "reference" and type(content) is list else []
    if path and all(isinstance(part, (int, str)) for part in path):
        return Reference(path[0], tuple(path[1:]))
    raise WireError("a value of no known kind")
