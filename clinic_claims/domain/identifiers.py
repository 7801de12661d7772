"""The RE block: every identifier a payer needs to find the case."""

from collections.abc import Iterable
from dataclasses import dataclass

from .facts import LetterFacts
from .letter_parts import LineFacts
from .words import day, money, number, period

NO_GROUP = frozenset({
    "medicare_ffs", "medicare_advantage_enrollee", "medicare_advantage_noncontract_provider",
    "medicaid_managed_care", "medicaid_ffs", "tricare", "va_community_care", "part_d", "workers_comp", "chip",
    "fehb",
})  # fmt: skip
"""Payer classes whose cards carry no group number that a letter must repeat."""


@dataclass(frozen=True)
class Identifier:
    """One label and value of the RE block.

    `source` is the place of the fact; a `required` one must not be empty; a `wide` one takes a row of its own.
    """

    label: str
    value: str
    source: str
    required: bool = True
    wide: bool = False


def identifiers(facts: LetterFacts, *, level: bool = True, last_day: bool = True) -> tuple[Identifier, ...]:
    """Return the RE block of a case, in reading order, without what does not apply.

    A letter that is no appeal names no `level` and no `last_day`: a mailroom would file it as one.
    """
    found = (*_patient(facts), *_service(facts), *_denial(facts), *_money(facts), *_approval(facts))
    left_out = {"denial.level_name": not level, "denial.legal": not last_day}
    return tuple(one for one in found if not left_out.get(one.source))


def _patient(facts: LetterFacts) -> Iterable[Identifier]:
    patient, coverage = facts.patient, facts.coverage
    yield Identifier("Patient", patient.name, "patient.name")
    yield Identifier("Date of birth", day(patient.birth_date), "patient.birth_date")
    member = "Medicare ID" if coverage.payer_class == "medicare_ffs" else "Member ID"
    yield Identifier(member, coverage.member_id, "coverage.member_id")
    if coverage.payer_class not in NO_GROUP or coverage.group_number:
        yield Identifier("Group number", coverage.group_number or "", "coverage.group_number")
    yield Identifier(
        "Plan", f"{coverage.plan}; relationship to subscriber: {coverage.relationship}", "coverage.plan", wide=True
    )


def _service(facts: LetterFacts) -> Iterable[Identifier]:
    claim, side = facts.claim, facts.treatment.side
    if claim:
        yield Identifier("Claim number", claim.payer_control_number, "claim.payer_control_number")
        yield Identifier("Our claim no.", claim.number, "claim.number")
        yield Identifier("Date of service", period(claim.service_from, claim.service_to), "claim.service_from")
        yield Identifier("Place", claim.place, "claim.place")
    place = "claim.lines" if claim else "authorization.lines"
    yield Identifier("Service", "; ".join(map(coded, facts.lines)), place, wide=True)
    codes = ", ".join(facts.treatment.diagnosis_codes)
    yield Identifier("Diagnosis", f"{codes}, {facts.condition}", "treatment.diagnosis_codes", wide=True)
    provider = f"{facts.signer.name}, NPI {facts.signer.npi}, {facts.coverage.network}"
    yield Identifier("Provider", provider, "signer.npi", wide=True)
    if side not in ("right", "left", "both"):
        yield Identifier("Side", "", "treatment.side")


def _money(facts: LetterFacts) -> Iterable[Identifier]:
    claim, taken = facts.claim, facts.recoupment
    if claim and taken:
        yield Identifier("Billed", money(claim.billed), "claim.billed")
        yield Identifier("Asked back", money(taken.amount), "recoupment.amount")
    elif claim:
        yield Identifier("Billed and paid", f"{money(claim.billed)} and {money(claim.paid)}", "claim.billed")


def _approval(facts: LetterFacts) -> Iterable[Identifier]:
    approval = facts.authorization
    if approval and approval.decided_on:
        label = "Approval" if facts.approval_on_file else "Reference"
        yield Identifier(label, f"{approval.number} of {day(approval.decided_on)}", "authorization.number")


def _denial(facts: LetterFacts) -> Iterable[Identifier]:
    if not (denial := facts.denial):
        return
    received = day(denial.notice_received) if denial.notice_received else ""
    yield Identifier("Denial dated", day(denial.notice_dated), "denial.notice_dated")
    yield Identifier("Received", received, "denial.notice_received", required=False)
    yield Identifier("Reason codes", denial.codes, "denial.carcs", required=False)
    yield Identifier("Level", denial.level_name, "denial.level_name")
    last = day(denial.legal) if denial.legal else ""
    yield Identifier("Last day to file", last, "denial.legal")


def coded(line: LineFacts) -> str:
    """Return a line as coders write it: 64612-LT × 1."""
    return "-".join((line.code, *line.modifiers)) + f"\u00a0×\u00a0{number(line.units)}"
