"""Make balanced 835 files out of nothing: random ones for property tests, and the pieces for files made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

Adjusted = tuple[str, str, int]  # group, reason, cents


@dataclass(frozen=True)
class MadeLine:
    charged: int
    adjustments: tuple[Adjusted, ...]

    @property
    def paid(self) -> int:
        return self.charged - sum(cents for _, _, cents in self.adjustments)


@dataclass(frozen=True)
class MadeClaim:
    number: str
    status: str
    lines: tuple[MadeLine, ...]
    adjustments: tuple[Adjusted, ...]

    @property
    def charged(self) -> int:
        return sum(line.charged for line in self.lines)

    @property
    def paid(self) -> int:
        return sum(line.paid for line in self.lines) - sum(cents for _, _, cents in self.adjustments)

    @property
    def patient_share(self) -> int:
        owners = [self.adjustments, *(line.adjustments for line in self.lines)]
        return sum(cents for owner in owners for group, _, cents in owner if group == "PR")


@dataclass(frozen=True)
class MadeRemittance:
    claims: tuple[MadeClaim, ...]
    kept_back: tuple[tuple[str, int], ...]

    @property
    def paid(self) -> int:
        return sum(claim.paid for claim in self.claims) - sum(cents for _, cents in self.kept_back)


def money(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def segments_of(made: MadeRemittance, number: str = "0001") -> list[str]:
    """Write one remittance, ST to SE."""
    body = [segment for claim in made.claims for segment in _claim(claim)]
    kept = [f"PLB*1234567893*20261231*{code}:REF{at}*{money(cents)}" for at, (code, cents) in enumerate(made.kept_back)]
    return transaction([*header(made.paid), "LX*1", *body, *kept], number)


def header(paid: int) -> list[str]:
    return [
        f"BPR*I*{money(paid)}*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260316",
        "TRN*1*EFT20260316*1512345678",
        "DTM*405*20260313",
        "N1*PR*HARBOR HEALTH PLAN",
        "N3*1 QUAY ST",
        "N4*SPRINGFIELD*IL*62701",
        "REF*2U*HHP01",
        "PER*BL*EDI DESK*TE*8005550100",
        "N1*PE*LAKESIDE NEUROLOGY*XX*1234567893",
        "REF*TJ*371234567",
    ]


def transaction(body: Sequence[str], number: str = "0001") -> list[str]:
    return [f"ST*835*{number}*005010X221A1", *body, f"SE*{len(body) + 2}*{number}"]


def interchange(sets: Sequence[Sequence[str]], control: int = 1, marks: str = "*:~", newline: str = "\n") -> str:
    """Wrap transactions in ISA and GS; `marks` are the element, component and segment separators."""
    body = [segment for made in sets for segment in made]
    nobody, payer, clinic = f"00*{'':10}", f"ZZ*{'HARBOR':15}", f"ZZ*{'LAKESIDE':15}"
    parts = [
        f"ISA*{nobody}*{nobody}*{payer}*{clinic}*260316*1200*^*00501*{control:09d}*0*T*:",
        f"GS*HP*HARBOR*LAKESIDE*20260316*1200*{control}*X*005010X221A1",
        *body,
        f"GE*{len(sets)}*{control}",
        f"IEA*1*{control:09d}",
    ]
    return newline.join(f"{part}~" for part in parts).translate(str.maketrans("*:~", marks)) + newline


def _claim(claim: MadeClaim) -> list[str]:
    money_of = f"{money(claim.charged)}*{money(claim.paid)}*{money(claim.patient_share)}"
    lines = [segment for number, line in enumerate(claim.lines, start=1) for segment in _line(number, line)]
    return [
        f"CLP*{claim.number}*{claim.status}*{money_of}*12*ICN{claim.number}*11*1",
        *_adjustments(claim.adjustments),
        "NM1*QC*1*MARLOWE*IRIS****MI*HHP0001",
        "DTM*232*20260302",
        *lines,
    ]


def _line(number: int, line: MadeLine) -> list[str]:
    return [
        f"SVC*HC:64612:50*{money(line.charged)}*{money(line.paid)}**1",
        "DTM*472*20260302",
        *_adjustments(line.adjustments),
        f"REF*6R*{number}",
    ]


def _adjustments(adjustments: Sequence[Adjusted]) -> list[str]:
    """Put reasons of one group that follow each other into one CAS, six at most."""
    made: list[list[str]] = []
    for group, reason, cents in adjustments:
        if made and made[-1][1] == group and len(made[-1]) < 18:
            made[-1] += ["", reason, money(cents)]
        else:
            made.append(["CAS", group, reason, money(cents)])
    return ["*".join(parts) for parts in made]


CENTS = st.integers(-9_999_999, 9_999_999)
ADJUSTMENTS = st.lists(
    st.tuples(st.sampled_from(["CO", "PR", "OA", "PI"]), st.sampled_from(["1", "2", "45", "50", "197", "253"]), CENTS),
    max_size=8,
).map(tuple)
CLAIMS = st.builds(
    MadeClaim,
    number=st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", min_size=1, max_size=20),
    status=st.sampled_from(["1", "2", "3", "4", "19", "20", "21", "22", "23"]),
    lines=st.lists(st.builds(MadeLine, CENTS, ADJUSTMENTS), min_size=1, max_size=4).map(tuple),
    adjustments=ADJUSTMENTS,
)
KEPT_BACK = st.lists(st.tuples(st.sampled_from(["WO", "FB", "L6", "72", "CS"]), CENTS), max_size=6).map(tuple)
REMITTANCES = st.builds(MadeRemittance, st.lists(CLAIMS, max_size=5).map(tuple), KEPT_BACK)
MARKS = st.sampled_from(["*:~", "|>~", "*:\n", "!:'", "\x1c\x1d\x1e", "*>\r"])
