"""What goes over the wire comes back as it was; what is malformed is refused, cheaply."""

import contextlib
import gc
import json
import math
import struct
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.student import wire
from grader.student.wire import (
    DTYPES,
    HEADER,
    MAGIC,
    Callback,
    Encoder,
    Generator,
    Opaque,
    Reference,
    WireError,
    decode,
    pack,
    unpack_head,
    unpack_header,
)

ROOM = 2**24
# Whether a test passes must not depend on how busy the machine is.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


WIDE = {**dict.fromkeys(range(wire.PAIRS_LIMIT + 1))}


def framed(value, room=ROOM):
    encoder = Encoder(room)
    return pack({"value": encoder.encode(value)}, encoder)


def unframed(frame):
    head_size, body_size = unpack_header(frame[: HEADER.size], ROOM)
    body = frame[HEADER.size + head_size :]
    if len(body) != body_size:
        raise WireError("a frame cut short")
    return decode(unpack_head(frame[HEADER.size :][:head_size]).get("value"), body)


def travelled(value, room=ROOM):
    return unframed(framed(value, room))


def same(left, right):
    """Tell whether two values are the same to the last bit, NaN equal to NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (np.ndarray, np.generic)):
        return left.dtype == right.dtype and left.shape == right.shape and bits(left) == bits(right)
    if isinstance(left, (tuple, list)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same([*left.items()], [*right.items()])
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or bits(left) == bits(right)
    if isinstance(left, complex):
        return same([left.real, left.imag], [right.real, right.imag])
    return left == right


def bits(value):
    return struct.pack("d", value) if type(value) is float else value.tobytes()


texts = st.text(st.characters(exclude_categories=()))  # lone surrogates as well
numbers = st.one_of(
    st.integers(1 - 2**1024, 2**1024 - 1), st.floats(), st.complex_numbers(), st.booleans()
)
tables = arrays(
    st.sampled_from(sorted(DTYPES)).map(np.dtype),
    array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
scalars = arrays(st.sampled_from(sorted(DTYPES)).map(np.dtype), ()).map(lambda array: array[()])
markers = st.one_of(
    st.builds(
        Reference,
        st.integers(0, 99),
        st.lists(st.integers(0, 9) | st.text(), max_size=3).map(tuple),
    ),
    st.builds(Callback, texts),
    st.builds(Generator, st.integers(0, 2**64)),
    st.builds(Opaque, st.text(max_size=200)),
)
keys = st.none() | numbers | texts | st.tuples(texts, numbers)
values = st.recursive(
    st.one_of(st.none(), numbers, texts, tables, scalars, markers),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


@PATIENT
@given(values)
def test_a_value_comes_back_as_it_was(value):
    assert same(travelled(value), value)


@pytest.mark.parametrize("dtype", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)])
def test_an_array_of_every_dtype_keeps_its_bits_and_owns_them(dtype, shape):
    sent = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    got = travelled(sent)
    assert same(got, sent)
    assert got.flags.owndata
    assert got.flags.writeable
    assert got.flags.aligned


TABLE = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("sent", "expected"),
    {
        "transposed": (TABLE.T, TABLE.T.copy()),
        "every other": (TABLE[:, ::2], TABLE[:, ::2].copy()),
        "backwards": (TABLE[::-1], TABLE[::-1].copy()),
        "stretched": (np.broadcast_to(1.5, (3, 2)), np.full((3, 2), 1.5)),
        "in Fortran order": (np.asfortranarray(TABLE), TABLE),
        "read-only": (np.frombuffer(bytes(16)), np.zeros(2)),
        "unaligned": (np.frombuffer(bytes(17), np.uint8)[1:].view("<f8"), np.zeros(2)),
        "big-endian": (TABLE.astype(">f8"), TABLE),
        "big-endian integers": (np.array([1, 2], ">i4"), np.array([1, 2], "<i4")),
        "big-endian complex": (np.array([1 + 2j], ">c8"), np.array([1 + 2j], "<c8")),
        "long double": (np.array([1.5], np.longdouble), np.array([1.5])),
        "long complex": (np.array([1 + 2j], np.clongdouble), np.array([1 + 2j])),
        "a long double scalar": (np.longdouble(1.5), np.float64(1.5)),
        "a masked array": (np.ma.array([1.0, 2.0], mask=[0, 1]), np.array([1.0, 2.0])),
    }.values(),
    ids=lambda value: "",
)
def test_an_array_in_an_unusual_layout_arrives_as_a_plain_one(sent, expected):
    assert same(travelled(sent), expected)


def says(answer):
    """Return a method that gives this answer, whatever it is asked."""
    return lambda *_, **__: answer


class Liar(np.ndarray):
    """Says of itself that it is something else, wherever Python asks."""

    shape = property(says((99, 99)))
    ndim = property(says(7))
    size = property(says(10**12))
    nbytes = property(says(0))
    flags = property(says(None))
    __len__ = says(99)
    __iter__ = says(iter("abc"))
    __array__ = says(np.zeros(99))
    __getitem__ = says(99)
    __eq__ = says(True)
    __hash__ = None
    __array_ufunc__ = says(99)
    __array_function__ = says(99)
    tobytes = astype = copy = tolist = says(b"lies")


def test_a_subclass_that_lies_about_itself_arrives_as_the_array_it_is():
    got = travelled(np.arange(3.0).view(Liar))
    assert same(got, np.arange(3.0))


def test_a_subclass_that_lies_about_its_dtype_arrives_as_some_plain_array():
    class Disguised(np.ndarray):
        dtype = property(says(np.dtype("f4")))

    got = travelled(np.arange(3.0).view(Disguised))
    assert same(got, np.arange(3, dtype="f4"))


class Sly(int):
    __index__ = __int__ = __abs__ = says(99)
    bit_length = says(0)


class Slippery(float):
    __float__ = __abs__ = says(99.0)


class Silent(str):
    __slots__ = ()
    __str__ = __repr__ = encode = says("other")


class Long(list):
    __iter__ = says(iter(range(9)))
    __len__ = says(9)


class Pair(tuple):
    __slots__ = ()
    __iter__ = says(iter([1]))


class Book(dict):
    items = keys = values = __iter__ = says(iter([1]))


class Unreal(complex):
    real = property(says(object()))
    imag = property(says(object()))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (Sly(5), 5),
        (Slippery(1.5), 1.5),
        (Silent("text"), "text"),
        (Long([1, 2]), [1, 2]),
        (Pair((1, 2)), (1, 2)),
        (Book(a=1), {"a": 1}),
        (Unreal(1 + 2j), 1 + 2j),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_subclass_of_a_plain_type_arrives_as_the_plain_value_it_is(sent, expected):
    assert same(travelled(sent), expected)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (object(), "object"),
        (len, "builtin_function_or_method"),
        ({1, 2}, "set"),
        (b"bytes", "bytes"),
        (iter([1]), "list_iterator"),
        (np.array(["a"]), "<U1"),
        (np.array([None, 1]), "object"),
        (np.array(["2020"], "M8[D]"), "datetime64"),
        (np.zeros(2, [("a", "f8")]), "a"),
        (np.str_("a"), "<U1"),
        (2**1024, "1024 bits"),
        (Sly(2**1024), "1024 bits"),
        (type("Named", (), {"__module__": "x"})(), "Named"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_travel_is_told_by_its_kind(value, word):
    (got,) = travelled([value])
    assert isinstance(got, Opaque)
    assert word in got.description


def test_arrays_beyond_the_limit_are_named_and_not_sent():
    small, large = np.zeros(4), np.zeros(1000)
    got = travelled([small, large, small], room=100)
    assert same(got[0], small)
    assert same(got[2], small)
    assert "too large" in got[1].description
    assert len(framed(large, room=100)) < 200


@pytest.mark.parametrize("levels", [30, 900])
def test_a_value_nested_too_deeply_is_cut_off(levels):
    nested = []
    for _ in range(levels):
        nested = [nested]
    assert "too deep" in repr(travelled(nested))


@pytest.mark.parametrize("width", [1, 2, 1000])
def test_a_list_that_holds_itself_has_an_end(width):
    cyclic = []
    cyclic += [cyclic] * width
    assert "Opaque" in repr(travelled(cyclic))


@pytest.mark.parametrize(
    "value",
    [
        [1.0] * 400_000,
        "x" * (wire.HEAD_LIMIT + 1),
        "\U0001f600" * (wire.HEAD_LIMIT // 10),
        [2**1023] * 40_000,
        {i: i for i in range(400_000)},
        [["x" * 1000] * 10] * 1000,
    ],
    ids=["numbers", "text", "wide text", "large numbers", "pairs", "texts"],
)
def test_a_value_too_long_for_a_frame_is_named_and_not_sent(value):
    assert "too long" in repr(travelled([value]))


def test_a_dict_travels_up_to_a_number_of_pairs():
    pairs = dict.fromkeys(range(wire.PAIRS_LIMIT))
    assert travelled(pairs) == pairs
    assert "too long" in travelled({**pairs, -1: None}).description


def test_a_list_that_holds_a_dict_too_long_is_sent_without_it():
    first, second = travelled([WIDE, 1])
    assert isinstance(first, Opaque)
    assert second == 1


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ([1.0] * 400_000, "too long"),
        ("x" * (wire.HEAD_LIMIT + 1), "too long"),
        (WIDE, "too long"),
        (2**1024, "1024 bits"),
        (np.zeros(1000), "too large"),
        (np.array(["a"]), "dtype"),
        (object(), "object"),
        ([(object(),)], "object"),
    ],
    ids=[
        "numbers",
        "text",
        "pairs",
        "an integer",
        "an array",
        "texts",
        "a thing",
        "a thing within",
    ],
)
def test_a_strict_sender_refuses_what_does_not_travel(value, word):
    encoder = Encoder(100, strict=True)
    with pytest.raises(WireError, match=word):
        encoder.encode(value)


@pytest.mark.parametrize(
    "value", [None, [1.0, "a", (True,)], np.zeros(4), Opaque("an object"), Callback("f")], ids=str
)
def test_a_strict_sender_sends_what_travels(value):
    encoder = Encoder(100, strict=True)
    frame = pack({"value": encoder.encode(value)}, encoder)
    assert same(unframed(frame), value)


def coroutine():
    async def answer():
        return 1

    return answer()


def test_a_coroutine_is_told_with_its_remedy_and_never_waits_in_vain():
    # Pytest makes an error of the warning that Python would give of one left waiting.
    got = travelled([coroutine()])
    assert "async def" in got[0].description
    gc.collect()


def test_a_head_beyond_the_limit_is_not_sent():
    with pytest.raises(WireError):
        pack({"text": "x" * wire.HEAD_LIMIT})


def test_array_bytes_are_aligned_in_the_frame():
    encoder = Encoder(ROOM)
    tree = encoder.encode([np.zeros(1, np.int8), np.zeros(3, np.int8), np.zeros(1)])
    offsets = [node["array"][2] for node in tree["list"]]
    assert [offset % wire.ALIGNMENT for offset in offsets] == [0, 0, 0]
    assert len(b"".join(encoder.buffers)) == encoder.body_size


def test_a_decoded_array_shares_no_memory_with_its_frame():
    body = bytearray(16)
    got = decode({"array": ["<f8", [2], 0]}, body)
    got += 1
    assert body == bytes(16)


def test_a_long_description_is_cut():
    assert travelled(Opaque("x" * 5000)) == Opaque("x" * 200)


# What a stranger sends.

HUGE = 2**39
MALFORMED = {
    "a bare list": [1],
    "an empty object": {},
    "two kinds at once": {"tuple": [], "list": []},
    "an unknown kind": {"pickle": "gASV"},
    "a tuple that is no list": {"tuple": "abc"},
    "a list of bare lists": {"list": [[1]]},
    "a dict of no pairs": {"dict": [1]},
    "a dict of triples": {"dict": [[1, 2, 3]]},
    "a dict with a list for a key": {"dict": [[{"list": []}, 1]]},
    "a dict with an array for a key": {"dict": [[{"array": ["<f8", [1], 0]}, 1]]},
    "a dict with a dict in a key": {"dict": [[{"tuple": [{"dict": []}]}, 1]]},
    "a complex of one part": {"complex": [1.0]},
    "a complex of integers": {"complex": [1, 2]},
    "a complex of texts": {"complex": ["1", "2"]},
    "a reference to nothing": {"reference": []},
    "a reference by a fraction": {"reference": [1.5]},
    "a reference by a list": {"reference": [[1]]},
    "a callback without a name": {"callback": 1},
    "a generator without a seed": {"generator": "1"},
    "an opaque thing that is a number": {"opaque": 1},
    "an array that is a text": {"array": "<f8"},
    "an array that is nothing": {"array": None},
    "an array of nothing": {"array": []},
    "an array without an offset": {"array": ["<f8", [1]]},
    "an array of objects": {"array": ["|O", [1], 0]},
    "an array of Python objects": {"array": ["O", [1], 0]},
    "an array of texts": {"array": ["<U1", [1], 0]},
    "an array of dates": {"array": ["<M8[s]", [1], 0]},
    "an array of void": {"array": ["|V8", [1], 0]},
    "a big-endian array": {"array": [">f8", [1], 0]},
    "a dtype that is a list": {"array": [[["a", "<f8"]], [1], 0]},
    "a dtype that is a number": {"array": [8, [1], 0]},
    "a shape that is a number": {"array": ["<f8", 1, 0]},
    "a shape of fractions": {"array": ["<f8", [1.0], 0]},
    "a shape of booleans": {"array": ["<f8", [True], 0]},
    "a shape of texts": {"array": ["<f8", ["1"], 0]},
    "a negative shape": {"array": ["<f8", [-1], 0]},
    "two negative shapes": {"array": ["<f8", [-1, -1], 0]},
    "too many axes": {"array": ["<f8", [1] * 65, 0]},
    "a shape beyond the body": {"array": ["<f8", [9], 0]},
    "a huge shape": {"array": ["<f8", [HUGE], 0]},
    "a shape beyond any machine": {"array": ["<f8", [10**30], 0]},
    "a shape whose product overflows 64 bits to 0": {"array": ["<f8", [2**32, 2**32], 0]},
    "a shape whose product overflows 64 bits to 8": {"array": ["|u1", [2**38 + 1, 2**38 - 1], 0]},
    "a size that overflows 64 bits": {"array": ["<f8", [2**31, 2**30], 0]},
    "no elements of impossible shape": {"array": ["<f8", [0, HUGE, HUGE], 0]},
    "a negative offset": {"array": ["<f8", [1], -8]},
    "an offset at the end": {"array": ["<f8", [1], 64]},
    "an offset just too large": {"array": ["<f8", [1], 57]},
    "an offset beyond any machine": {"array": ["<f8", [1], 10**30]},
    "an offset that is a fraction": {"array": ["<f8", [1], 0.0]},
    "an empty array beyond the body": {"array": ["<f8", [0], 65]},
    "a huge scalar": {"scalar": ["<f8", [HUGE], 0]},
}


@pytest.mark.parametrize("node", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_value_is_refused_without_taking_memory(node):
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            decode(node, bytes(64))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_nesting_beyond_the_limit_is_refused():
    node = 1
    for _ in range(10_000):
        node = {"list": [node]}
    with pytest.raises(WireError):
        decode(node, b"")


@pytest.mark.parametrize(
    "node",
    [
        {"list": [1] * 400_000},
        {"list": [{"tuple": []}] * 400_000},
        {"dict": [[i, i] for i in range(400_000)]},
        {"list": [{"array": ["<f8", [HUGE, 0], 0]}] * 400_000},
    ],
    ids=["numbers", "tuples", "pairs", "empty arrays"],
)
def test_a_value_of_more_parts_than_a_sender_may_send_is_refused(node):
    with pytest.raises(WireError):
        decode(node, b"")


# Integers with one and the same hash: every key that goes in is compared with all that are there.
ALIKE = sys.hash_info.modulus


def test_a_dict_of_more_pairs_than_a_sender_may_send_is_refused():
    alike = [[n * ALIKE, None] for n in range(wire.PAIRS_LIMIT)]
    assert len(decode({"dict": alike}, b"")) == wire.PAIRS_LIMIT
    with pytest.raises(WireError, match="pairs"):
        decode({"dict": [*alike, [-ALIKE, None]]}, b"")


def test_many_dicts_together_hold_no_more_pairs_than_some():
    alike = {"dict": [[n * ALIKE, None] for n in range(wire.PAIRS_LIMIT)]}
    with pytest.raises(WireError, match="pairs"):
        decode({"list": [alike] * (wire.ALL_PAIRS_LIMIT // wire.PAIRS_LIMIT + 1)}, b"")


@pytest.mark.parametrize("piece", ['{"":0},', "{},", "[0],", "999,", '"\u0101",', "1e1,"])
def test_a_head_takes_little_memory_whatever_is_in_it(piece):
    room = wire.HEAD_LIMIT - 20
    text = ('{"v":[' + piece * (room // len(piece.encode())) + "0]}").encode()
    tracemalloc.start()
    try:
        unpack_head(text)
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()


def test_arrays_that_share_bytes_are_refused_before_they_multiply():
    body = bytes(2**20)
    node = {"list": [{"array": ["|u1", [2**20], 0]}] * 1000}
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            decode(node, body)
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("magic", "head", "body"),
    [
        (b"HTTP", 2, 0),
        (b"LKF2", 2, 0),
        (b"\0\0\0\0", 0, 0),
        (MAGIC, 2**32 - 1, 0),
        (MAGIC, wire.HEAD_LIMIT + 1, 0),
        (MAGIC, 2, 2**64 - 1),
        (MAGIC, 2, ROOM + 1),
    ],
)
def test_a_header_that_is_none_or_asks_for_too_much_is_refused(magic, head, body):
    with pytest.raises(WireError):
        unpack_header(HEADER.pack(magic, head, body), ROOM)


def test_a_header_at_the_limits_is_accepted():
    assert unpack_header(HEADER.pack(MAGIC, wire.HEAD_LIMIT, ROOM), ROOM) == (wire.HEAD_LIMIT, ROOM)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"\xff\xfe",
        b"{'a': 1}",
        b'{"a": 1} and more',
        b"[" * 10**6,
        b'{"a":' * 10**6,
        b'{"a": ' + b"1" * 10**5 + b"}",
        b"\0" * 100,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_head_that_is_no_object_is_refused(text):
    with pytest.raises(WireError):
        unpack_head(text)


@PATIENT
@given(st.binary(min_size=HEADER.size, max_size=HEADER.size))
def test_any_sixteen_bytes_are_a_header_within_limits_or_refused(header):
    try:
        head, body = unpack_header(header, ROOM)
    except WireError:
        return
    assert head <= wire.HEAD_LIMIT
    assert body <= ROOM


@PATIENT
@given(st.binary() | st.text(st.characters(exclude_categories=())).map(json.dumps).map(str.encode))
def test_any_bytes_are_a_head_or_refused(text):
    with contextlib.suppress(WireError):
        assert isinstance(unpack_head(text), dict)


KINDS = [
    "array",
    "scalar",
    "tuple",
    "list",
    "dict",
    "complex",
    "reference",
    "callback",
    "generator",
    "opaque",
]
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, 8, 2**31, 2**40, 2**63]),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from([*sorted(DTYPES), "|O", ">f8", "<U8"]),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(KINDS), inner, max_size=2),
        st.builds(
            lambda kind, dtype, shape, offset: {kind: [dtype, shape, offset]},
            st.sampled_from(["array", "scalar"]),
            st.sampled_from(sorted(DTYPES)) | inner,
            st.lists(st.integers(-1, 5) | leaves, max_size=4),
            st.integers(-1, 70) | leaves,
        ),
    ),
    max_leaves=15,
)


@PATIENT
@given(trees, st.binary(max_size=64))
def test_any_tree_is_a_value_or_refused(tree, body):
    with contextlib.suppress(WireError):
        decode(tree, body)


@PATIENT
@given(values, st.data())
def test_a_damaged_frame_is_another_value_or_refused(value, data):
    frame = bytearray(framed(value))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(HEADER.size, len(frame)))
    with contextlib.suppress(WireError):
        unframed(bytes(frame[:cut]))


class _Unhashable(type):
    def __eq__(cls, other):
        return True

    __hash__ = None


class _Double(_Unhashable):
    def __hash__(cls):
        return hash(float)


@pytest.mark.parametrize("kind", [_Unhashable, _Double])
def test_a_class_that_says_it_equals_any_other_is_what_it_is(kind):
    found = travelled([kind("Thing", (), {})(), kind("Plenty", (list,), {})([1, 2]), 1.5])
    assert str(found[0]) == "an object of type Thing"
    assert found[1:] == [[1, 2], 1.5]
