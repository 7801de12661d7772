"""Run the check before a visit is booked and before a claim is sent; let an error pass only with a reason."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ..clock import day_of
from ..db import db
from ..domain import drug_units
from ..domain.authorizations import VisitState
from ..domain.lifecycle import AuthorizationState
from ..domain.predenial import INTERVAL, Finding, LineToCheck, ToCheck, errors, run
from ..models import Authorization, Claim, Coverage, Deadline, Document, Estimate, Override, TreatmentCase, Visit
from ..rulebook import Rulebook
from . import benefits, comparing, documents, ladders, ledger
from .deeds import Deed, Refused
from .grants import is_granted
from .history import record

Subject = Visit | Claim
PAPERS = {"toxin": {"procedure_note": "the procedure note"}, "mvd": {"imaging_report": "the MRI and MRA report"}}


class Stopped(Refused):
    """A visit or claim that would be denied; `findings` are the errors that nobody has let pass."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(*(finding.sentence for finding in findings))
        self.findings = findings


@dataclass(frozen=True)
class Checked:
    """One finding, and the reason with which somebody let it pass."""

    finding: Finding
    override: Override | None

    @property
    def stops(self) -> bool:
        """Whether the visit or claim cannot go on."""
        return self.finding.severity == "error" and self.override is None


def check(subject: Subject, deed: Deed) -> list[Checked]:
    """Run every check on a visit or a claim as it stands on file, errors first."""
    passed = {(row.rule, row.says): row for row in overrides(subject)}
    return [Checked(found, passed.get((found.rule, found.says))) for found in _findings(subject, deed)]


def stopping(subject: Subject, deed: Deed) -> list[Finding]:
    """Return the errors that nobody has let pass."""
    return [each.finding for each in check(subject, deed) if each.stops]


def refuse(subject: Subject, deed: Deed) -> None:
    """Raise Stopped with every error that nobody has let pass, each with the denial it would cause."""
    if found := stopping(subject, deed):
        raise Stopped(found)


def overrides(subject: Subject) -> list[Override]:
    """Return what was let pass on a visit or claim, oldest first; a claim inherits from the visit it bills."""
    own = Override.visit_id == subject.id if isinstance(subject, Visit) else Override.claim_id == subject.id
    found = list(db.session.scalars(select(Override).where(own).order_by(Override.id))) if subject.id else []
    visit = comparing.visit_of(subject) if isinstance(subject, Claim) else None
    return [*(overrides(visit) if visit else ()), *found]


def override(
    subject: Subject, rule: str, reason: str, deed: Deed, *, document: Document | None = None
) -> list[Override]:
    """Let the errors of one rule pass, with a reason. Raises Refused without a reason or without such an error."""
    if not reason.strip():
        raise Refused("Give the reason: it stands on the history and answers the denial that may come.")
    found = [finding for finding in stopping(subject, deed) if finding.rule == rule]
    if not found:
        raise Refused("The check finds no such error now: run it again.")
    made = [_override(subject, finding, reason.strip(), deed, document) for finding in found]
    for finding in found:
        sentence = f"Let pass: {finding.says} ({finding.codes}). Reason: {reason.strip()}"
        record(subject, "override_check", deed, sentence=sentence, rule=rule, reason=reason.strip())
    db.session.add_all(made)
    db.session.flush()
    return made


def _override(subject: Subject, finding: Finding, reason: str, deed: Deed, document: Document | None) -> Override:
    return Override(
        visit=subject if isinstance(subject, Visit) else None,
        claim=subject if isinstance(subject, Claim) else None,
        rule=finding.rule,
        says=finding.says,
        earliest=_earliest(subject, deed.book) if finding.rule == INTERVAL else None,
        reason=reason,
        by=deed.actor,
        at=deed.at,
        document=document,
    )


def _earliest(subject: Subject, book: Rulebook) -> date | None:
    """Return the first payable day that a visit or claim comes before."""
    day = subject.on if isinstance(subject, Visit) else subject.service_from
    return ledger.earliest(subject.case.patient_id, day, book)[1] if day else None


def _findings(subject: Subject, deed: Deed) -> tuple[Finding, ...]:
    book = deed.book
    if isinstance(subject, Visit):
        return run(of_visit(subject, book), book.checks, book.codes, comparing.of_visit(subject, deed))
    return run(of_claim(subject, deed), book.checks, book.codes, comparing.of_claim(subject, deed))


def of_visit(visit: Visit, book: Rulebook) -> ToCheck:
    """Gather what the checks ask of a visit ahead: not yet JW or JZ, filing or papers."""
    lines = tuple(
        LineToCheck(
            code=row.code,
            units=row.units_planned,
            diagnosis=row.diagnosis,
            modifiers=(row.modifier,) if row.modifier else (),
        )
        for row in visit.services
    )
    return ToCheck(
        lines=lines,
        billing=False,
        place=visit.facility.place_of_service,
        early_reason=visit.early_reason,
        approval_missing=_approval_missing(visit.coverage, visit.authorization),
        **_around(visit.case, visit.coverage, visit.on, book),
    )


def of_claim(claim: Claim, deed: Deed) -> ToCheck:
    """Gather what the checks ask of a claim."""
    visit = comparing.visit_of(claim)
    clock = next((row for row in ladders.running(claim, "timely_filing") if row.legal), None)
    return ToCheck(
        lines=tuple(
            LineToCheck(code=line.code, units=line.units, diagnosis=line.diagnosis, modifiers=tuple(line.modifiers))
            for line in claim.lines
        ),
        place=claim.facility.place_of_service,
        sent_on=_sent_on(claim, clock, deed),
        file_by=clock.legal if clock else None,
        file_act_by=clock.act_by if clock else None,
        early_reason=visit.early_reason if visit else None,
        approval_missing=_approval_missing(claim.coverage, claim.authorization),
        large_vial=_large_vial(visit, deed.book) if visit else None,
        abn_on_file=_notice_signed(claim.case, claim.service_from),
        missing=_missing(claim.case),
        **_around(claim.case, claim.coverage, claim.service_from, deed.book),
    )


def _sent_on(claim: Claim, clock: Deadline | None, deed: Deed) -> date:
    """Return the day the claim goes out; one from before the filing clock started is that of an earlier sending."""
    sent = claim.submitted_on
    return sent if sent and clock and sent >= day_of(clock.started_at) else deed.today


def _around(case: TreatmentCase, coverage: Coverage, day: date | None, book: Rulebook) -> dict[str, Any]:
    """What does not depend on whether it is a visit or a claim: interval, eligibility, referral, product."""
    known = book.clocks.find_class(coverage.plan.payer_class)
    asked = benefits.latest(coverage, until=day)
    full = benefits.latest(coverage, kind="full", until=day)
    toxin = case.treatment == "toxin" and day is not None
    last, first = ledger.earliest(case.patient_id, day, book) if toxin and day else (None, None)
    return {
        "day": day,
        "payer_class": known.id if known else coverage.plan.payer_class,
        "last_injection": last,
        "earliest": first,
        "coverage_from": coverage.starts_on,
        "coverage_to": coverage.ends_on,
        "asked_on": asked.on if asked else None,
        "eligible": asked.active if asked else None,
        "referral_missing": full is not None and full.referral_missing,
        "preferred": tuple(full.preferred) if full else (),
        "waste_paid": full.pays_waste if full else None,
    }


def _approval_missing(coverage: Coverage, authorization: Authorization | None) -> bool:
    waived = authorization is not None and authorization.state == AuthorizationState.NOT_REQUIRED
    return coverage.plan.wants_approval and not waived and not is_granted(authorization)


def _large_vial(visit: Visit, book: Rulebook) -> str | None:
    """Say when smaller vials would have done; vials that another visit shared are no waste to explain."""
    product = book.codes.products.get(visit.product or "")
    vials = {use.vial for use in visit.vial_uses}
    if product is None or not vials or any(use.visit_id != visit.id for vial in vials for use in vial.uses):
        return None
    injected = sum((use.injected for use in visit.vial_uses), Decimal(0))
    return drug_units.waste_warning(product, injected, [vial.size for vial in vials]) if injected else None


def _notice_signed(case: TreatmentCase, day: date | None) -> bool:
    if day is None:
        return False
    query = select(Estimate.id).where(Estimate.case_id == case.id, Estimate.notice == "abn", Estimate.signed_on <= day)
    return db.session.scalar(query.limit(1)) is not None


def _missing(case: TreatmentCase) -> tuple[str, ...]:
    kept = {document.kind for document in documents.of_case(case)}
    recorded = db.session.scalar(
        select(Visit.id).where(Visit.case_id == case.id, Visit.state == VisitState.PERFORMED).limit(1)
    )
    kept |= {"procedure_note"} if recorded else set()
    return tuple(words for kind, words in PAPERS[case.treatment].items() if kind not in kept)


__all__ = [
    "Checked",
    "Stopped",
    "check",
    "errors",
    "of_claim",
    "of_visit",
    "override",
    "overrides",
    "refuse",
    "stopping",
]
