"""Damage never passes for a good file, and no bytes at all upset a reader."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_claims.edi import ack999, auth278, claim837, status277

DATA = Path(__file__).parents[1] / "data"
READERS = {
    "837p": claim837.read,
    "837i": claim837.read,
    "277": status277.read,
    "277ca": status277.read,
    "278": auth278.read,
    "999": ack999.read,
}
KINDS = pytest.mark.parametrize("kind", READERS)
MARKS = st.sampled_from(["*:~", "|>~", "*:\n", "!:'", "\x1c\x1d\x1e", "*>\r"])


def good(kind):
    """Give the files of a kind that are whole, written with the usual separators."""
    files = [path.read_bytes() for path in sorted((DATA / kind).iterdir())]
    return [data for data in files if not READERS[kind](data).faults and b"*00501*" in data and b"\r\n" not in data]


GOOD = [(kind, data) for kind in READERS for data in good(kind)]


@KINDS
def test_there_is_a_good_file_of_each_kind(kind):
    assert good(kind)


@KINDS
def test_a_lost_or_doubled_segment_is_always_noticed(kind):
    for data in good(kind):
        segments = data.split(b"~\n")
        for at in range(len(segments) - 1):
            lost = b"~\n".join([*segments[:at], *segments[at + 1 :]])
            doubled = b"~\n".join([*segments[:at], segments[at], *segments[at:]])
            assert READERS[kind](lost).faults, segments[at]
            assert READERS[kind](doubled).faults, segments[at]


@KINDS
def test_a_file_cut_short_is_always_noticed(kind):
    for data in good(kind):
        assert all(READERS[kind](data[:end]).faults for end in range(0, len(data.rstrip(b"~\n")) - 10, 13))


@given(st.sampled_from(GOOD), MARKS, st.sampled_from(["", "\n", "\r\n"]))
def test_separators_and_line_breaks_change_nothing(made, marks, newline):
    kind, data = made
    other = data.decode().replace("~\n", "~" + ("" if marks[2] in "\r\n" else newline))
    file = READERS[kind](other.translate(str.maketrans("*:~", marks)).encode())
    assert file == READERS[kind](data)


@st.composite
def damaged(draw):
    """Take a good file and overwrite, insert or blank a stretch of it."""
    kind, data = draw(st.sampled_from(GOOD))
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 60)))
    junk = draw(st.one_of(st.binary(max_size=6), st.text("0123456789.-*:~|,AZ \n", max_size=6).map(str.encode)))
    return kind, draw(st.sampled_from([data[:start] + junk + data[end:], data[:start] + bytes(end - start)]))


@settings(max_examples=500)
@given(damaged())
def test_damage_is_told_in_sentences(made):
    kind, data = made
    file = READERS[kind](data)
    told = [fault.message for fault in (*file.faults, *file.warnings)]
    assert all(told)
    places = re.compile(r"\b\d{4}[A-F]?#\d")  # how the grammar names a loop: no word for a person
    assert not [message for message in told if places.search(message)]


@settings(max_examples=200)
@given(st.sampled_from(list(READERS)), st.binary(max_size=400), st.booleans())
def test_no_bytes_at_all_upset_a_reader(kind, data, headed):
    start = good(kind)[0][:200] if headed else b""
    assert READERS[kind](start + data).faults


@KINDS
@pytest.mark.parametrize("filler", ["\n", " ", "ST*", "~", "HL*1**20*1~", "HL*2*1*22~", "CLM*1*2~LX*1~", "NM1*IL~"])
def test_long_runs_of_nothing_cost_no_time(kind, filler):
    data = good(kind)[0].decode()
    at = data.index("SE*")
    assert READERS[kind]((data[:at] + filler * (60_000 // len(filler)) + data[at:] + "ISA").encode()).faults
