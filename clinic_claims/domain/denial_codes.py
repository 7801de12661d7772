"""The records behind a payer's adjustment codes: categories, CARCs, RARCs and the pairs that mean more together.

They are filled from rules/denial_codes.toml. `denials.read` answers what the codes of one line mean.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from .payer_classes import Confidence

Remedy = Literal["appeal", "correct_resubmit", "either", "records", "reroute", "patient", "info"]
Kind = Literal[
    "denial",
    "rejection",
    "records_request",
    "patient_responsibility",
    "contractual",
    "information",
    "unclassified",
]

KIND_OF_REMEDY: Mapping[Remedy, Kind] = {
    "appeal": "denial",
    "correct_resubmit": "denial",
    "either": "denial",
    "reroute": "denial",
    "records": "records_request",
    "patient": "patient_responsibility",
    "info": "information",
}


@dataclass(frozen=True, kw_only=True)
class Category:
    """Denials that are argued alike. A `silent` one gives no reason that a letter could contradict."""

    id: str
    name: str
    meaning: str
    silent: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """A claim adjustment group code: who bears the money."""

    code: str
    meaning: str
    use: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class Carc:
    """A claim adjustment reason code. `yields` means it never decides a line when another code stands beside it."""

    code: str
    short: str
    category: str
    usual_group: tuple[str, ...]
    remedy: Remedy
    next_action: str
    source: str
    confidence: Confidence
    action_confidence: Confidence
    evidence: tuple[str, ...] = ()
    kind: Kind | None = None
    needs_remark: bool = False
    yields: bool = False
    note: str | None = None

    @property
    def says(self) -> Kind:
        """What a line with this code is: a denial, a records request and so on."""
        return self.kind or KIND_OF_REMEDY[self.remedy]


@dataclass(frozen=True, kw_only=True)
class Rarc:
    """A remittance advice remark code. An `alert_only` one never explains an adjustment by itself."""

    code: str
    short: str
    category: str
    remedy: Remedy
    next_action: str
    source: str
    confidence: Confidence
    action_confidence: Confidence
    alert_only: bool = False
    bars_appeal: bool = False
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class EndedCode:
    """A CARC that X12 has ended but letters still print; `read_as` names today's codes where we know them."""

    code: str
    source: str
    confidence: Confidence
    ended_on: date | None = None
    read_as: tuple[str, ...] = ()
    mapping_confidence: Confidence | None = None


@dataclass(frozen=True, kw_only=True)
class Example:
    """The codes of one line as a remittance gives them; `claim_status` is CLP02."""

    group: str = ""
    carcs: tuple[str, ...] = ()
    rarcs: tuple[str, ...] = ()
    claim_status: str = ""
    approved_before: bool = False


@dataclass(frozen=True, kw_only=True)
class Combination:
    """Codes that mean more together than apart. Every condition given must hold; the first fitting row wins.

    What stays empty of category, remedy, kind and evidence is left as the single codes say.
    """

    id: str
    means: str
    next_action: str
    source: str
    confidence: Confidence
    action_confidence: Confidence
    examples: tuple[Example, ...]
    groups: tuple[str, ...] = ()
    carcs: tuple[str, ...] = ()
    rarcs: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    claim_status: tuple[str, ...] = ()
    approved_before: bool = False
    category: str | None = None
    remedy: Remedy | None = None
    kind: Kind | None = None
    evidence: tuple[str, ...] = ()

    def fits(self, line: Example, category: str) -> bool:
        """Whether every condition of this row holds for a line whose single codes read as `category`."""
        pairs = (
            (self.groups, (line.group,)),
            (self.carcs, line.carcs),
            (self.rarcs, line.rarcs),
            (self.claim_status, (line.claim_status,)),
            (self.categories, (category,)),
        )
        return all(not wanted or set(wanted) & set(given) for wanted, given in pairs) and (
            line.approved_before or not self.approved_before
        )


@dataclass(frozen=True, kw_only=True)
class LetterWords:
    """Phrases, in lower case, of letters that speak of this category; they fit those of `agrees_with` too."""

    category: str
    words: tuple[str, ...]
    agrees_with: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DenialCodes:
    """Every code by its code, every combination in the order in which it is tried."""

    categories: Mapping[str, Category]
    groups: Mapping[str, Group]
    carcs: Mapping[str, Carc]
    rarcs: Mapping[str, Rarc]
    combinations: Mapping[str, Combination]
    ended: Mapping[str, EndedCode]
    letter_words: Mapping[str, LetterWords] = field(default_factory=dict)


def misfits(codes: DenialCodes) -> Iterator[tuple[str, str, str, str]]:
    """Yield table, key, row and sentence for every row that points at something which does not exist."""
    for name, row in codes.carcs.items():
        yield from _missing("carc", "code", name, {"category": (row.category,)}, codes.categories)
        yield from _missing("carc", "code", name, {"usual_group": row.usual_group}, codes.groups)
    for name, row in codes.rarcs.items():
        yield from _missing("rarc", "code", name, {"category": (row.category,)}, codes.categories)
    for name, row in codes.ended.items():
        yield from _missing("ended", "code", name, {"read_as": row.read_as}, codes.carcs)
    for name, row in codes.letter_words.items():
        yield from _missing(
            "letter_words", "category", name, {"agrees_with": (row.category, *row.agrees_with)}, codes.categories
        )
    for name, row in codes.combinations.items():
        own = (row.category,) if row.category else ()
        used = {"categories": row.categories, "category": own}
        yield from _missing("combination", "id", name, used, codes.categories)
        yield from _missing("combination", "id", name, {"groups": row.groups}, codes.groups)
        yield from _missing("combination", "id", name, {"carcs": row.carcs}, codes.carcs)
        yield from _missing("combination", "id", name, {"rarcs": row.rarcs}, codes.rarcs)


def _missing(
    table: str, key: str, name: str, used: Mapping[str, tuple[str, ...]], known: Mapping[str, object]
) -> Iterator[tuple[str, str, str, str]]:
    for field_name, values in used.items():
        for value in values:
            if value not in known:
                yield table, key, name, f"{field_name}: {value} is not defined"
