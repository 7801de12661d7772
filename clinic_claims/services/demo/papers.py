"""The papers of the demo: small real PDFs, printed from the very facts that the letters quote."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from ...domain.words import day, money, number, period
from ...models import Authorization, Claim, Denial, Document
from .. import documents
from ..deeds import Deed

FILES = Path(__file__).parents[2] / "demo_files"
Entry = tuple[str, str]  # label and text
CLINIC = "Harbor Light Neurology"


def sheet(head: str, title: str, pages: Sequence[Sequence[Entry]]) -> bytes:
    """Print a paper under the name of who wrote it, one list of labelled entries a page."""
    shown = "".join(_page(number, entries) for number, entries in enumerate(pages, start=1))
    start = f'<html lang="en-US"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    body = f"<body><header>{escape(head)}</header><h1>{escape(title)}</h1>{shown}</body></html>"
    from ...press import printed  # WeasyPrint takes half a second to load

    return printed(start + body, FILES / "paper.css")


def _page(number: int, entries: Sequence[Entry]) -> str:
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in entries)
    return f'<section id="page{number}"><dl>{rows}</dl></section>'


def _keep(
    about: Authorization | Claim | Denial, kind: str, head: str, title: str, entries: list[Entry], deed: Deed
) -> Document:
    pages = sheet(head, title, [entries])
    name = f"{kind.replace('_', '-')}-{about.reference.lower()}.pdf"
    return documents.add(pages, kind, title, deed, about=about, file_name=name, pages=1, dated_on=deed.today)


def approval_letter(authorization: Authorization, deed: Deed) -> Document:
    """File the payer's letter of approval as it came in."""
    coverage, decided = authorization.coverage, authorization.decided_on or deed.today
    valid = period(authorization.valid_from or decided, authorization.valid_to or decided)
    entries = [*_who(coverage.patient.full_name, coverage.member_id), ("Approval number", authorization.number or "")]
    entries += [("Decided on", day(decided)), ("Valid", valid), ("Provider", authorization.provider.name)]
    for line in authorization.lines:
        code = f"{line.code}-{line.modifier}" if line.modifier else line.code
        entries.append((f"Approved: {code}", f"{line.units_approved} units for {line.diagnosis}"))
    return _keep(
        authorization, "approval_letter", coverage.plan.payer.name, f"Approval letter of {day(decided)}", entries, deed
    )


def eligibility(claim: Claim, deed: Deed) -> Document:
    """File the payer's answer on eligibility of the day of service."""
    coverage = claim.coverage
    entries = [*_who(coverage.patient.full_name, coverage.member_id), ("Plan", coverage.plan.name)]
    entries += [("Asked and answered on", day(deed.today)), ("Coverage", "Active on the day of service")]
    title = f"Eligibility response of {day(deed.today)}"
    return _keep(claim, "eligibility_proof", coverage.plan.payer.name, title, entries, deed)


def claim_copy(claim: Claim, deed: Deed) -> Document:
    """File the claim as it was billed."""
    given, sent = claim.service_from or deed.today, claim.submitted_on or deed.today
    entries = [*_who(claim.case.patient.full_name, claim.coverage.member_id), ("Claim", claim.number)]
    entries += [("Date of service", day(given)), ("Provider", f"{claim.provider.name}, NPI {claim.provider.npi}")]
    entries += [("Place", f"{claim.facility.place_of_service}, {claim.facility.name}")]
    if claim.authorization and claim.authorization.number:
        entries.append(("Prior authorization", claim.authorization.number))
    for line in claim.lines:
        code = "-".join((line.code, *line.modifiers))
        entries.append(
            (f"Line {line.position}", f"{code}, {line.units} units, {line.diagnosis}, {money(line.charged)}")
        )
    entries.append(("Total charge", money(claim.charged)))
    return _keep(claim, "claim_copy", CLINIC, f"Claim as billed on {day(sent)}", entries, deed)


def agreement(claim: Claim, deed: Deed) -> Document:
    """File the patient's written agreement to pay what the plan does not cover."""
    lines = ", ".join("-".join((line.code, *line.modifiers)) for line in claim.lines)
    entries = [*_who(claim.case.patient.full_name, claim.coverage.member_id), ("Service", lines)]
    entries += [
        ("Charge", money(claim.charged)),
        ("Agreed", "I was told before the service that my plan may not cover it."),
    ]
    entries += [("Signed", f"{claim.case.patient.full_name}, {day(deed.today)}")]
    return _keep(claim, "agreement", CLINIC, f"Agreement to pay, signed {day(deed.today)}", entries, deed)


def denial_notice(denial: Denial, deed: Deed) -> Document:
    """File the payer's notice with the day on which it reached the clinic."""
    coverage, dated = denial.subject.coverage, denial.notice_dated_on or denial.denied_on
    came = {"remittance": "Remittance advice", "mail": "Denial letter"}.get(denial.received_how or "", "Denial notice")
    entries = [*_who(coverage.patient.full_name, coverage.member_id), ("About", _named(denial))]
    entries += [("Reason", denial.reason_quoted or "none given")]
    if denial.codes and denial.claim_id:
        entries.append(("Reason codes", denial.codes))
    if denial.policy_named:
        entries.append(("Policy", denial.policy_named))
    entries += [("Dated", day(dated)), ("Received", day(denial.notice_received_on or deed.today))]
    title = f"{came} of {day(dated)}"
    return _keep(denial, "denial_notice", coverage.plan.payer.name, title, entries, deed)


def _named(denial: Denial) -> str:
    if denial.claim:
        return f"Claim {denial.claim.payer_control_number}, our number {denial.claim.number}"
    return f"Request for authorization of {number(denial.amount)} dollars" if denial.amount else "Authorization request"


def _who(name: str, member_id: str) -> list[Entry]:
    return [("Patient", name), ("Member ID", member_id)]
