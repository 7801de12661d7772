"""Payments that match no claim: which claim is meant, post to it in one press, or set the payment aside."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ..db import db, transaction
from ..domain.permissions import Permission
from ..models import Claim, ClaimPayment
from ..services import matching
from ..services.deeds import Refused
from .addresses import page_of
from .records import seen
from .security import needs, record_access, this_deed

AT_ONCE = 20  # payments on a page, each with its likely claims
LONGEST = 200  # characters of a reason

blueprint = Blueprint("unmatched", __name__, url_prefix="/imports/unmatched")

Found = tuple[ClaimPayment, str, list[matching.Candidate]]


@blueprint.get("")
@needs(Permission.REMITTANCE_POST)
def index() -> ResponseReturnValue:
    """List the payments that match no claim, each with the claims that are likely meant."""
    with transaction():
        record_access("view", page="unmatched payments")
    before = request.args.get("before", type=int)
    rows = matching.unmatched(before, AT_ONCE + 1)
    more = rows[AT_ONCE - 1].id if len(rows) > AT_ONCE else None
    found = [_found(row) for row in rows[:AT_ONCE]]
    return render_template("imports/unmatched.html", found=found, more=more, count=matching.count())


def _found(row: ClaimPayment) -> Found:
    """Give a payment, why the claim of its number did not take it, and the claims that are likely meant."""
    return row, matching.why_not(row), matching.candidates(row)


@blueprint.get("/<int:payment_id>")
@needs(Permission.REMITTANCE_POST)
def show(payment_id: int) -> ResponseReturnValue:
    """Show one payment with the claims that are likely meant."""
    row = seen(ClaimPayment, payment_id)
    if row.claim_id:
        return redirect(page_of(db.session.get_one(Claim, row.claim_id)))
    return render_template("imports/unmatched.html", found=[_found(row)], one=True)


@blueprint.post("/<int:payment_id>")
@needs(Permission.REMITTANCE_POST)
def match(payment_id: int) -> ResponseReturnValue:
    """Post the payment to the claim chosen, or to the one whose number was typed."""
    row, number = db.get_or_404(ClaimPayment, payment_id), request.form.get("claim", "").strip()
    unknown = row.remittance.payer is None
    claim = db.session.scalar(select(Claim).where(Claim.number == number))
    try:
        if claim is None:
            raise Refused(f"No claim has the number “{number}”.")
        with transaction():
            opened = matching.assign(row, claim, this_deed())
    except Refused as refused:
        return _again(payment_id, refused.reasons, typed=number)
    said = f"; {opened} denial{'s' if opened != 1 else ''} opened" if opened else ""
    flash(f"Posted to {claim.number}{said}.", "success")
    if unknown and (payer := row.remittance.payer):
        flash(f"From now on “{row.remittance.payer_name}” is taken for {payer.name}.", "info")
    return redirect(page_of(claim))


def _again(payment_id: int, reasons: list[str], **typed: str) -> ResponseReturnValue:
    found = [_found(seen(ClaimPayment, payment_id))]
    return render_template("imports/unmatched.html", found=found, one=True, reasons=reasons, **typed), 409


@blueprint.post("/<int:payment_id>/aside")
@needs(Permission.REMITTANCE_POST)
def set_aside(payment_id: int) -> ResponseReturnValue:
    """Look for no claim of the payment any more, with the reason, or look for it again."""
    row = db.get_or_404(ClaimPayment, payment_id)
    try:
        with transaction():
            if row.set_aside:
                matching.take_up(row, this_deed())
            else:
                matching.set_aside(row, request.form.get("why", "")[:LONGEST], this_deed())
    except Refused as refused:
        return _again(payment_id, refused.reasons)
    if not row.set_aside:
        return redirect(url_for(".show", payment_id=payment_id))
    flash(
        f"Payment {row.claim_number} is set aside. It stays on its remittance, and can be taken up from there.",
        "success",
    )
    return redirect(url_for(".index"))
