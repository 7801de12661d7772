"""The plan, the patient, the money: benefits and eligibility, estimates, notices."""

from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import transaction
from clinic_claims.services import benefits, estimates, predenial
from clinic_claims.services.deeds import Refused


def test_a_benefits_check_needs_every_answer(clinic, deed):
    with pytest.raises(Refused) as refused:
        benefits.check(clinic.coverage, deed, number_called="(800) 555-0100", covered="Yes")
    assert refused.value.reasons == [
        "Enter who answered.",
        "Enter the reference number of the call.",
        "Enter what is needed to get it covered.",
    ]


def test_eligibility_is_due_in_the_week_and_on_the_day(book_visit, clinic, deed, later):
    visit = book_visit(date(2026, 11, 25))
    assert [each.due for each in benefits.due(deed)] == [date(2026, 11, 24), date(2026, 11, 25)]
    with transaction():
        benefits.recheck(clinic.coverage, deed, active=True)
    assert [each.due for each in benefits.due_for(visit)] == [date(2026, 11, 25)]
    with transaction():
        benefits.recheck(clinic.coverage, later(5), active=False)
    assert benefits.due_for(visit) == []
    assert [each.finding.rule for each in predenial.check(visit, deed) if each.stops] == ["coverage_ended"]


def test_the_estimate_sets_the_plan_beside_cash_and_prints_one_page(book_visit, clinic, deed):
    with transaction():
        benefits.check(
            clinic.coverage,
            deed,
            number_called="(800) 555-0100",
            spoke_with="Dana",
            reference="C-1",
            covered="Yes",
            to_get_covered="Approval",
            deductible_left=Decimal("500.00"),
            coinsurance=Decimal(20),
            copay=Decimal("30.00"),
            out_of_pocket_left=Decimal("2000.00"),
        )
        made = estimates.make(
            clinic.case,
            clinic.coverage,
            [
                estimates.Priced(code="64612", units=1, allowed=Decimal("200.00"), cash=Decimal("150.00")),
                estimates.Priced(code="J0585", units=100, allowed=Decimal("700.00"), cash=Decimal("200.00")),
            ],
            deed,
            appeal_hours=Decimal(6),
            hourly_cost=Decimal("60.00"),
        )
        document = estimates.print_notice(made, deed)
    assert (made.patient_share, made.cash_price, made.appeal_cost) == (610, 350, 360)
    assert "$260.00 cheaper" in made.advice[0]
    assert "an appeal costs about $360.00 of work for a session of $350.00" in made.advice[1]
    assert (document.kind, document.pages) == ("estimate", 1)
    with pytest.raises(Refused, match="Original Medicare alone"):
        estimates.make(clinic.case, clinic.coverage, [], deed, notice_reason="injected under 12 weeks")


def test_original_medicare_gets_ga_with_a_signed_notice_and_gz_without(book_visit, clinic, approval, deed):
    with transaction():
        clinic.plan.payer_class = "medicare_ffs"
        visit = book_visit()
        made = estimates.make(
            clinic.case, clinic.coverage, [], deed, visit=visit, notice_reason="injected under 12 weeks"
        )
    assert estimates.modifier(visit) == "GZ"
    with transaction():
        estimates.sign(made, estimates.print_notice(made, deed), deed)
    assert estimates.modifier(visit) == "GA"
