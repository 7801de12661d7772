"""The bibliography: which reference may be printed, how it reads, and what must never be claimed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_LAW = ("regulation", "coverage_policy", "fda_label")


@dataclass(frozen=True, kw_only=True)
class Citation:
    """One [[citation]] of rules/citations.toml.

    `status` verified means that the printed fields and the figures of `finding` were seen in an abstract, an index
    record or a restated rule. `use` support may be cited freely, caution only with its `printed_limit`, adverse is
    for staff's eyes; `answer` is what to say when the payer cites it. An absent bibliographic field was not seen
    and is never printed.
    """

    id: str
    type: str
    status: Literal["verified", "partly_verified", "recalled"]
    use: Literal["support", "caution", "adverse"]
    supports: tuple[str, ...]
    title: str
    finding: str
    limits: str
    strength: str = ""
    authors: str | None = None
    journal: str | None = None
    year: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    printed_limit: str | None = None
    answer: str | None = None
    source_urls: tuple[str, ...] = ()
    checked_fields: tuple[str, ...] = ()
    unchecked: str | None = None
    before_use: str | None = None

    @property
    def printable(self) -> bool:
        """Whether a letter may print it: verified, not adverse, and with its limit when caution is due."""
        limited = self.use == "support" or (self.use == "caution" and self.printed_limit is not None)
        return self.status == "verified" and limited

    @property
    def reference(self) -> str:
        """The reference in AMA style, from the fields that were seen."""
        if self.type in _LAW:
            parts = [self.authors if self.type != "regulation" else None, self.title, self.journal]
        else:
            parts = [self._authors(), self.title, self._journal()]
        ids = [f"doi:{self.doi}" if self.doi else None, f"PMID {self.pmid}" if self.pmid else None]
        return " ".join(part if part.endswith("?") else f"{part.rstrip('.')}." for part in [*parts, *ids] if part)

    def _authors(self) -> str | None:
        """AMA names six authors; of more than six, three and et al."""
        names = self.authors.split(", ") if self.authors else []
        return ", ".join([*names[:3], "et al"] if len(names) > 6 else names) or None

    def _journal(self) -> str | None:
        issue = f"({self.issue})" if self.issue else ""
        place = f"{self.volume or ''}{issue}"
        dated = ";".join(part for part in (self.year, place) if part)
        whole = ":".join(part for part in (dated, self.pages) if part)
        return ". ".join(part for part in (self.journal, whole) if part) or None


@dataclass(frozen=True, kw_only=True)
class Overstatement:
    """One [[overstatement]] of rules/citations.toml: a claim that reviewers refute, and what to write instead."""

    id: str
    pattern: str
    instead: str
    why: str


def overstatements(text: str, known: Iterable[Overstatement]) -> list[tuple[str, str]]:
    """Find what must not be claimed in a text: each phrase as written, with the better wording."""
    plain = " ".join(text.replace("\u00a0", " ").split())
    hits = [(m.start(), m[0], row.instead) for row in known for m in re.finditer(row.pattern, plain, re.IGNORECASE)]
    return [(phrase, instead) for _, phrase, instead in sorted(hits)]
