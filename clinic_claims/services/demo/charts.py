"""The charts of the made-up patients, as charts.toml holds them.

A chart names papers and, for each finding, medicine, session and criterion, the paper and page on which it stands.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ...reading import from_toml
from .papers import CLINIC, FILES


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document that is filed on its day; `by` is who wrote it, the clinic unless said."""

    id: str
    kind: str
    title: str
    dated: date
    by: str = CLINIC
    pages: int = 1


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """An entry of the chart with its place on paper."""

    paper: str | None = None
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class Finding(OnPaper):
    """Something seen or measured."""

    kind: str
    on: date
    name: str
    words: str
    value: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tried(OnPaper):
    """A treatment that came before."""

    name: str
    dose: str
    started: date
    stopped: date
    result: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Session(OnPaper):
    """A toxin session; units are the product's own, `weeks` how long relief lasted."""

    on: date
    units: int
    discarded: int
    lot: str
    product: str = "J0585"
    response: str | None = None
    weeks: int | None = None


@dataclass(frozen=True, kw_only=True)
class Criterion(OnPaper):
    """A criterion of the policy and where the chart meets it."""

    text: str
    met: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The payer's policy; it is noted on the day its paper is filed."""

    number: str
    title: str
    version: str
    paper: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One made-up patient. `case` holds the fields of the treatment case as they are entered."""

    id: str
    mrn: str
    last_name: str
    first_name: str
    born_on: date
    sex: str
    phone: str
    address: str
    plan: str
    member_id: str
    provider: str
    case: dict[str, Any]
    group_number: str | None = None
    papers: tuple[Paper, ...] = ()
    findings: tuple[Finding, ...] = ()
    tried: tuple[Tried, ...] = ()
    sessions: tuple[Session, ...] = ()
    policy: Policy | None = None


@cache
def charts() -> dict[str, Chart]:
    """Read every chart. Raises Misread with each fault of the file."""
    read = tomllib.loads((FILES / "charts.toml").read_text("utf-8"))
    return {chart.id: chart for chart in from_toml(read["patient"], list[Chart])}
