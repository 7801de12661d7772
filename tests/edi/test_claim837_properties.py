"""Whatever claims are written come back to the cent, under their own patient."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.edi import claim837
from tests.edi.documents import document
from tests.edi.generate import money

HEAD = ["BHT*0019*00*B*20260316*1200*CH", "NM1*41*2*LAKESIDE*****46*L1", "NM1*40*2*HARBOR*****46*H1"]
CLINIC = ["HL*1**20*1", "NM1*85*2*LAKESIDE NEUROLOGY*****XX*1234567893", "N3*12 LAKE ST", "REF*EI*371234567"]
LINES = st.lists(
    st.tuples(
        st.sampled_from(["64612", "64615", "J0585", "61458"]),
        st.lists(st.sampled_from(["LT", "RT", "50", "JW"]), max_size=4, unique=True),
        st.integers(0, 9_999_999),
        st.integers(1, 400),
    ),
    min_size=1,
    max_size=5,
)
CLAIMS = st.lists(st.tuples(st.text("ABC0123456789-", min_size=1, max_size=20), LINES), min_size=1, max_size=3)
PATIENTS = st.lists(st.tuples(st.booleans(), CLAIMS), min_size=1, max_size=4)


def written(patients):
    """Write each patient as a subscriber, or as the dependent of one."""
    level = 1
    for number, (is_dependent, claims) in enumerate(patients):
        level += 1
        yield from (
            f"HL*{level}*1*22*{int(is_dependent)}",
            "SBR*P*18*******CI",
            f"NM1*IL*1*HOLDER{number}****MI*M{number}",
        )
        yield "NM1*PR*2*HARBOR*****PI*H1"
        if is_dependent:
            level += 1
            yield from (f"HL*{level}*{level - 1}*23*0", "PAT*19", f"NM1*QC*1*CHILD{number}")
        for name, lines in claims:
            yield f"CLM*{name}*{money(sum(cents for _, _, cents, _ in lines))}***11:B:1*Y*A*Y*Y"
            yield "HI*ABK:G5131"
            for place, (code, marks, cents, units) in enumerate(lines, start=1):
                yield from (f"LX*{place}", f"SV1*{':'.join(['HC', code, *marks])}*{money(cents)}*UN*{units}***1")


@given(PATIENTS)
def test_every_claim_comes_back(patients):
    file = claim837.read(document("005010X222A1", [*HEAD, *CLINIC, *written(patients)]))
    assert file.faults == file.warnings == ()
    assert [
        (claim.subscriber.last, claim.patient.last, claim.claim_number, [shape(line) for line in claim.lines])
        for claim in file.claims
    ] == [
        (f"HOLDER{number}", f"{'CHILD' if is_dependent else 'HOLDER'}{number}", name, [made(*line) for line in lines])
        for number, (is_dependent, claims) in enumerate(patients)
        for name, lines in claims
    ]


def shape(line):
    return line.procedure, line.modifiers, line.charged, line.units, line.diagnoses


def made(code, marks, cents, units):
    return code, tuple(marks), Decimal(cents) / 100, units, ("G5131",)
