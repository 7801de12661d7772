"""Tell the patient before the visit what it will cost, and keep the notice Original Medicare asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select

from ..db import db
from ..domain import estimates as reckoning
from ..domain.estimates import Benefits
from ..domain.predenial import ADVANTAGE, MEDICARE
from ..domain.words import money
from ..models import BenefitsCheck, Clinic, Coverage, Document, Estimate, EstimateLine, TreatmentCase, Visit
from . import benefits, documents, notices
from .deeds import Deed, Refused
from .history import record

NOTICES = {"abn": "GA", "no_abn": "GZ"}


@dataclass(frozen=True, kw_only=True)
class Priced:
    """One code of an estimate: billing units, the plan's allowed amount and the cash price, each for all units."""

    code: str
    units: int
    allowed: Decimal
    cash: Decimal


def make(
    case: TreatmentCase,
    coverage: Coverage,
    priced: Iterable[Priced],
    deed: Deed,
    *,
    visit: Visit | None = None,
    appeal_hours: Decimal | None = None,
    hourly_cost: Decimal | None = None,
    notice_reason: str | None = None,
) -> Estimate:
    """Reckon the patient's share beside the cash price. `notice_reason` says why Original Medicare is expected not to
    pay, which makes it an advance notice (ABN); raises Refused for it with any other plan."""
    rows = [_line(row, deed) for row in priced]
    told = benefits.latest(coverage, kind="full")
    allowed = sum((row.allowed for row in rows), Decimal(0))
    share = reckoning.share(allowed, _benefits(told))
    cash = sum((row.cash for row in rows), Decimal(0))
    cost = appeal_hours * hourly_cost if appeal_hours is not None and hourly_cost is not None else None
    estimate = Estimate(
        case=case,
        coverage=coverage,
        visit=visit,
        check=told,
        on=deed.today,
        by=deed.actor,
        allowed=allowed,
        deductible_part=share.deductible,
        coinsurance_part=share.coinsurance,
        copay_part=share.copay,
        patient_share=share.total,
        cash_price=cash,
        appeal_hours=appeal_hours,
        appeal_cost=cost,
        notice=_notice(coverage, notice_reason, deed),
        notice_reason=notice_reason,
        advice=[*reckoning.advice(share.total, cash, cost), *_unsure(share.unknown)],
        made_at=deed.at,
        lines=rows,
    )
    record(
        estimate,
        "make_estimate",
        deed,
        sentence=f"Estimate made: {money(share.total)} with the plan, {money(cash)} in cash.",
    )
    return estimate


def _line(row: Priced, deed: Deed) -> EstimateLine:
    codes = deed.book.codes
    product, procedure = codes.products.get(row.code), codes.procedures.get(row.code)
    label = product.brand if product else (procedure.label if procedure else row.code)
    return EstimateLine(code=row.code, label=label, units=row.units, allowed=row.allowed, cash=row.cash)


def _benefits(told: BenefitsCheck | None) -> Benefits:
    if told is None:
        return Benefits()
    return Benefits(
        deductible_left=told.deductible_left,
        copay=told.copay,
        coinsurance=told.coinsurance,
        out_of_pocket_left=told.out_of_pocket_left,
    )


def _unsure(unknown: Iterable[str]) -> list[str]:
    missing = ", ".join(unknown)
    return [f"Not told by the plan and reckoned as nothing: {missing}."] if missing else []


def _notice(coverage: Coverage, reason: str | None, deed: Deed) -> str:
    if not reason:
        return "none"
    known = deed.book.clocks.find_class(coverage.plan.payer_class)
    kind = known.id if known else coverage.plan.payer_class
    if kind in ADVANTAGE:
        raise Refused("Medicare Advantage knows no advance notice: ask the plan for a decision before the service.")
    if kind not in MEDICARE:
        raise Refused("The advance notice (ABN) is for Original Medicare alone.")
    return "abn"


def print_notice(estimate: Estimate, deed: Deed) -> Document:
    """Print the page the patient gets before the visit and file it."""
    patient = estimate.case.patient
    title = f"What your visit will cost: {patient.full_name}"
    shown = {"estimate": estimate, "clinic": db.session.scalar(select(Clinic).limit(1)), "patient": patient}
    sheet = notices.printed("estimate", title, **shown)
    name = f"estimate-{patient.mrn.lower()}-{estimate.id}.pdf"
    document = documents.add(
        sheet, "estimate", title, deed, about=estimate.case, file_name=name, pages=1, dated_on=deed.today
    )
    estimate.document = document
    db.session.flush()
    return document


def sign(estimate: Estimate, document: Document, deed: Deed, *, on: date | None = None) -> None:
    """Note that the patient signed the advance notice. Raises Refused when there is none, or after the visit."""
    day = on or deed.today
    if estimate.notice != "abn":
        raise Refused("This estimate carries no advance notice (ABN) to sign.")
    if estimate.visit is not None and day > estimate.visit.on:
        raise Refused("An advance notice signed after the service is void: bill with GZ.")
    estimate.signed_on, estimate.signed_document = day, document
    record(estimate, "sign_notice", deed, sentence=f"Patient signed the advance notice: {document.title}.")


def decline(estimate: Estimate, deed: Deed) -> None:
    """Note that no signed notice was obtained: the line goes out with GZ, and the clinic bears the loss."""
    if estimate.notice != "abn" or estimate.signed_on:
        raise Refused("There is no unsigned advance notice here.")
    estimate.notice = "no_abn"
    record(estimate, "note_no_notice", deed, sentence="No signed advance notice: GZ, the clinic is liable.")


def of_case(case: TreatmentCase) -> list[Estimate]:
    """Return the estimates of a case, newest first."""
    return list(db.session.scalars(select(Estimate).where(Estimate.case_id == case.id).order_by(Estimate.id.desc())))


def modifier(visit: Visit) -> str | None:
    """Return GA for a signed advance notice of this visit, GZ when one was due and is not signed, else None."""
    own = or_(Estimate.visit_id == visit.id, (Estimate.case_id == visit.case_id) & Estimate.visit_id.is_(None))
    query = select(Estimate).where(own, Estimate.notice != "none", Estimate.on <= visit.on).order_by(Estimate.id.desc())
    found = db.session.scalar(query.limit(1))
    if found is None:
        return None
    return NOTICES["abn"] if found.notice == "abn" and found.signed_on else NOTICES["no_abn"]
