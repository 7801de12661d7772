"""Whatever is written comes back to the cent, and damage never passes for a good file with other sums."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_claims.edi import era835
from clinic_claims.edi.era835 import referee
from tests.edi.generate import MARKS, REMITTANCES, MadeRemittance, interchange, segments_of

DATA = Path(__file__).parents[1] / "data" / "835"
BASES = [path.read_bytes() for path in sorted(DATA.iterdir()) if not era835.read(path.read_bytes()).faults]


def cents(amount):
    return int(amount * 100)


@given(st.lists(REMITTANCES, min_size=1, max_size=3), MARKS, st.sampled_from(["", "\n", "\r\n"]))
def test_every_cent_comes_back(made, marks, newline):
    sets = [segments_of(each, f"{number:04d}") for number, each in enumerate(made, start=1)]
    file = era835.read(interchange(sets, marks=marks, newline="" if marks[2] in "\r\n" else newline).encode())
    assert file.faults == ()
    assert [shape_of_made(each) for each in made] == [shape_of_read(each) for each in file.remittances]


def shape_of_made(made):
    claims = [
        (
            *(claim.number, claim.status, claim.charged, claim.paid, claim.patient_share, claim.adjustments),
            [(line.charged, line.paid, line.adjustments) for line in claim.lines],
        )
        for claim in made.claims
    ]
    return made.paid, claims, list(made.kept_back)


def shape_of_read(read):
    claims = [
        (
            *(claim.claim_number, claim.status, cents(claim.charged), cents(claim.paid)),
            *(cents(claim.patient_responsibility), adjusted(claim.adjustments)),
            [(cents(line.charged), cents(line.paid), adjusted(line.adjustments)) for line in claim.lines],
        )
        for claim in read.claims
    ]
    return cents(read.amount), claims, [(each.reason, cents(each.amount)) for each in read.provider_adjustments]


def adjusted(adjustments):
    return tuple((each.group, each.carc, cents(each.amount)) for each in adjustments)


@st.composite
def damaged(draw):
    """One good file and the same with a stretch of it removed, doubled, overwritten or cut off."""
    base = draw(st.sampled_from(BASES))
    start = draw(st.integers(0, len(base)))
    end = draw(st.integers(start, min(len(base), start + 120)))
    junk = draw(st.one_of(st.binary(max_size=6), st.text("0123456789.-*:~|,AZ \n", max_size=6).map(str.encode)))
    how = draw(st.sampled_from(["remove", "double", "overwrite", "insert", "cut", "nought"]))
    made = {
        "remove": base[:start] + base[end:],
        "double": base[:end] + base[start:],
        "overwrite": base[:start] + junk + base[start + len(junk) :],
        "insert": base[:start] + junk + base[start:],
        "cut": base[:start],
        "nought": base[:start] + bytes(end - start) + base[end:],
    }
    return base, made[how]


def sums(file):
    claims = [claim for remittance in file.remittances for claim in remittance.claims]
    return (
        [remittance.amount for remittance in file.remittances],
        [(claim.charged, claim.paid, [line.paid for line in claim.lines]) for claim in claims],
        sum((each.amount for made in file.remittances for each in made.provider_adjustments), Decimal(0)),
    )


@settings(max_examples=400)
@given(damaged())
def test_damage_is_refused_or_harmless(files):
    base, broken = files
    found = era835.read(broken)
    assert found.faults or sums(found) == sums(era835.read(base))
    assert all(fault.message and "Traceback" not in fault.message for fault in found.faults)


@pytest.mark.parametrize("marks", ["*:~", "*:\n"])
@pytest.mark.parametrize("filler", ["\n", " ", "I\n", "ST*", "~", "ISA*", "\x00"])
def test_long_runs_of_nothing_cost_no_time(marks, filler):
    made = interchange([segments_of(MadeRemittance((), ()))], marks=marks, newline="")
    assert era835.read((made + filler * 300_000 + "ISA").encode()).faults
    assert era835.read((made[:105] + marks[2] + filler * 300_000 + made).encode()).faults


@pytest.mark.parametrize("marks", ["*:~", "*:\n"])
def test_many_interchanges_cost_no_time(marks):
    made = interchange([segments_of(MadeRemittance((), ()))], marks=marks, newline="")
    file = era835.read(made.encode() * 2_000)
    assert (len(file.remittances), file.faults) == (2_000, ())


@settings(max_examples=200)
@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_at_all_upset_the_reader(data, headed):
    start = BASES[0][:200] if headed else b""
    assert era835.read(start + data).faults
    assert sum(counted.claims for counted in referee.totals(start + data)) <= data.count(b"CLP")
