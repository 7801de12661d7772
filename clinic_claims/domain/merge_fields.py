"""What standard wording may say of a case: merge fields of a fixed list, each with the fact that it prints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from .exhibits import Exhibit
from .facts import LetterFacts
from .words import clauses, day, lowered, money, period, unstopped


@dataclass(frozen=True)
class Shown:
    """What a merge field may tell: the facts, and what the letter has worked out from them."""

    facts: LetterFacts
    ask: str = ""
    reasons: tuple[str, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    time_rule: str | None = None
    filing_rule: str | None = None

    @property
    def diagnosis(self) -> str:
        """The diagnosis codes."""
        return ", ".join(self.facts.treatment.diagnosis_codes)

    @property
    def pages(self) -> int:
        """How many pages the exhibits have together."""
        return sum(exhibit.document.pages for exhibit in self.exhibits)

    @property
    def product(self) -> str:
        """The product, where there is one."""
        return self.facts.treatment.product or "the treatment"

    @property
    def received(self) -> str | None:
        """How and when the notice came."""
        denial = self.facts.denial
        if denial is None or denial.notice_received is None:
            return None
        return f"{denial.received_how or ''} on {day(denial.notice_received)}".strip()

    @property
    def policy(self) -> str:
        """The policy that the notice names."""
        denial = self.facts.denial
        return f"under {denial.policy_named}" if denial and denial.policy_named else ""

    @property
    def service(self) -> str | None:
        """The day of service, or both ends of the stay."""
        claim = self.facts.claim
        return period(claim.service_from, claim.service_to) if claim else None

    @property
    def happened(self) -> str:
        """What the plan did, as a patient says it."""
        return f"did not pay for your treatment of {self.service}" if self.service else "did not approve your treatment"

    @property
    def notice_exhibit(self) -> str | None:
        """The exhibit that is the notice: the one of its date, or the only one while nothing else was decided."""
        denial = self.facts.denial
        notices = [one for one in self.exhibits if one.document.kind == "denial_notice"]
        if denial is None:
            return None
        of_the_day = [one for one in notices if one.document.day == denial.notice_dated]
        undated = [] if denial.earlier else notices
        return next((f"Exhibit {one.letter}" for one in (*of_the_day, *undated)), None)

    @property
    def form_exhibit(self) -> str | None:
        """The exhibit that is the form for a representative."""
        return self._exhibit("representative_form")

    def _exhibit(self, kind: str) -> str | None:
        return next((f"Exhibit {one.letter}" for one in self.exhibits if one.document.kind == kind), None)


def _plain(value: Any) -> str:
    return day(value) if isinstance(value, date) else str(value)


@dataclass(frozen=True)
class Field:
    """A merge field: what it is in words, where it is read from, and how it is written.

    `everywhere` says that any letter can fill it; the others stand only in the paragraphs whose letters can.
    """

    meaning: str
    path: str  # from Shown
    written: Callable[[Any], str] = _plain
    everywhere: bool = False
    comes_from: str = ""

    @property
    def source(self) -> str:
        """The facts it comes from, as a letter's marks name them."""
        return self.comes_from or self.path.removeprefix("facts.")

    def told(self, shown: Shown) -> str:
        """Return what it prints; empty where nothing is on file."""
        value = reduce(lambda found, name: getattr(found, name, None), self.path.split("."), shown)
        return "" if value in (None, "", ()) else self.written(value)


def _any(meaning: str, path: str, comes_from: str = "") -> Field:
    return Field(meaning, path, everywhere=True, comes_from=comes_from)


FIELDS: Mapping[str, Field] = {
    "patient": _any("the patient, as letters call them", "facts.patient.called"),
    "age": _any("the patient’s age", "facts.age", "patient"),
    "condition": _any("the condition with its side", "facts.condition", "treatment"),
    "diagnosis": _any("the diagnosis codes", "diagnosis", "treatment"),
    "onset": _any("since when", "facts.treatment.onset"),
    "product": _any("the product, or “the treatment”", "product", "treatment"),
    "payer": _any("the payer", "facts.coverage.payer"),
    "plan": _any("the plan", "facts.coverage.plan"),
    "member": _any("the member number", "facts.coverage.member_id"),
    "signer": _any("the physician who signs", "facts.signer.name"),
    "specialty": _any("the physician’s specialty", "facts.signer.specialty"),
    "direct line": _any("the physician’s direct line", "facts.signer.direct_line"),
    "clinic": _any("the clinic", "facts.clinic.name"),
    "clinic phone": _any("the clinic’s telephone", "facts.clinic.phone"),
    "today": _any("the date of the letter", "facts.today"),
    "pages": Field("how many pages are enclosed", "pages", comes_from="documents"),
    "following": Field("how many pages follow a fax cover", "facts.following"),
    "ask": Field("what the payer is asked to do", "ask", comes_from="authorization claim"),
    "reasons": Field("the arguments in short", "reasons", clauses, comes_from="arguments"),
    "notice date": Field("the date of the notice", "facts.denial.notice_dated"),
    "received": Field("how and when the notice came", "received", comes_from="denial.notice_received"),
    "notice exhibit": Field("the exhibit that is the notice", "notice_exhibit", comes_from="documents"),
    "form exhibit": Field("the exhibit that is the form", "form_exhibit", comes_from="documents"),
    "reason codes": Field("the reason codes", "facts.denial.codes", comes_from="denial"),
    "policy": Field("“under” the policy that the notice names", "policy", comes_from="denial.policy_named"),
    "deadline": Field("the last lawful day to file", "facts.denial.legal"),
    "time rule": Field("the rule of that day", "time_rule", comes_from="denial.time_rule"),
    "act by": Field("the clinic’s own day to act by", "facts.denial.act_by"),
    "urgency": Field("why it cannot wait", "facts.denial.expedited_reason", lambda said: unstopped(lowered(said))),
    "claim number": Field("the payer’s claim number", "facts.claim.payer_control_number"),
    "what happened": Field("what the plan did, in plain words", "happened", comes_from="denial claim"),
    "service date": Field("the day of service", "service", comes_from="claim"),
    "filed on": Field("when it was filed", "facts.filing.filed_on"),
    "filed by": Field("how it was filed", "facts.filing.method"),
    "proof": Field("the proof of filing", "facts.filing.proof"),
    "due on": Field("when the answer was due", "facts.filing.due_on"),
    "filing rule": Field("the rule of that day", "filing_rule", comes_from="filing"),
    "demanded on": Field("when money was asked back", "facts.recoupment.demanded_on"),
    "paid on": Field("when it was paid", "facts.recoupment.paid_on"),
    "amount": Field("how much is asked back", "facts.recoupment.amount", money),
}
"""Every merge field, by its name."""
