"""What the same payer paid before for the same treatment: from our own claims, and never what it took back."""

from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Coverage, Payer, Plan, ServiceLine
from clinic_claims.services import denials, letters, precedents


@pytest.fixture
def earlier(clinic, submitted, deed):
    """Put an earlier claim of the same case on file; what differs is given."""

    def make(number, on=date(2026, 3, 2), *, paid="412.00", state="paid", code="64612", **more):
        with transaction():
            claim = Claim(
                number=number, payer_control_number=f"P{number}", case=submitted.case, coverage=submitted.coverage,
                provider=submitted.provider, facility=submitted.facility, state=state, service_from=on, submitted_on=on,
                charged=Decimal("500.00"), paid=Decimal(paid), created_at=deed.at,
            )  # fmt: skip
            claim.lines = [
                ServiceLine(
                    position=1,
                    code=code,
                    units=1,
                    modifiers=[],
                    diagnosis="G51.32",
                    charged=claim.charged,
                    paid=claim.paid,
                )
            ]
            for name, value in more.items():
                setattr(claim, name, value)
            db.session.add(claim)
        return claim

    return make


@pytest.fixture
def denied_claim(submitted, deed):
    with transaction():
        return denials.log(
            submitted, deed, group="CO", carcs=("50",), amount=Decimal("652.00"), denied_on=deed.today,
            notice_dated_on=deed.today,
        )  # fmt: skip


def told(claim):
    return [(one.number, one.amount) for one in precedents.paid_earlier(claim)]


def test_the_newest_three_are_told_oldest_first(submitted, earlier):
    for month in range(1, 6):
        earlier(f"E{month}", date(2026, month, 2))
    assert told(submitted) == [(f"PE{month}", Decimal("412.00")) for month in (3, 4, 5)]


@pytest.mark.parametrize(
    "unlike",
    [
        {"state": "reversed"},
        {"state": "denied", "paid": "0.00"},
        {"code": "64615"},
        {"on": date(2026, 12, 1)},
        {"payer_control_number": None},
    ],
)
def test_what_was_not_paid_for_the_same_service_before_is_no_precedent(submitted, earlier, unlike):
    earlier("E1", **unlike)
    assert told(submitted) == []


def test_another_payers_payment_is_no_precedent(clinic, submitted, earlier, deed):
    with transaction():
        payer = Payer(name="Other Health", aliases=[], appeals_address=[])
        plan = Plan(payer=payer, name="Other", payer_class="commercial_fully_insured", wants_approval=False)
        coverage = Coverage(patient=submitted.coverage.patient, plan=plan, member_id="X1", rank=1)
        db.session.add(coverage)
    earlier("E1", coverage=coverage)
    assert told(submitted) == []


def test_a_letter_knows_what_was_paid_before(submitted, earlier, denied_claim, deed):
    earlier("E1")
    assert [one.number for one in letters.compose(denied_claim, deed).facts.paid_earlier] == ["PE1"]
