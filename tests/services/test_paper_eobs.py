"""A paper EOB that was typed in is posted like a file, under the name of who typed it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, Document, ImportRun, Remittance
from clinic_claims.services import paper_eobs
from clinic_claims.services.deeds import Refused
from clinic_claims.services.paper_eobs import PaperEob, PaperLine

SCAN = b"%PDF-1.7 a scanned page"


def page(*lines, amount="250", trace="CHK-9"):
    made = [
        PaperLine(claim_number="HL-26-1001", procedure=code, charged=Decimal(charged), paid=Decimal(paid), reasons=why)
        for code, charged, paid, why in lines
    ]
    return PaperEob(
        payer="Lone Prairie", trace=trace, paid_on=date(2026, 11, 16), amount=Decimal(amount), lines=tuple(made)
    )


GOOD = (("64612-RT", "412", "250", "CO-45 112.00; PR-2 $50"), ("J0585 JZ", "240", "0", "CO-197 240"))


@pytest.fixture
def type_in(app, deed):
    def run(told, scan=SCAN, **more):
        with transaction():
            return paper_eobs.post(told, scan, "eob.pdf", deed, **more)

    return run


def test_it_pays_denies_and_names_who_typed_it(submitted, type_in):
    answer = type_in(page(*GOOD))
    (row,), (denial,) = db.session.query(Remittance).all(), db.session.query(Denial).all()
    assert (answer.status, answer.kind, answer.matched, answer.denials) == ("posted", "paper", 1, 1)
    assert (row.typed, row.posted_by, row.payer.name, row.trace) == (True, "D. Park", "Lone Prairie", "CHK-9")
    assert (submitted.state, submitted.paid, submitted.adjusted, submitted.patient_owes) == (
        "partly_paid",
        250,
        112,
        50,
    )
    assert (denial.codes, denial.amount) == ("CO-197", 240)
    assert [adjustment.segment for adjustment in row.payments[0].adjustments] == [1, 1, 2]


def test_the_scanned_page_is_kept(submitted, type_in):
    type_in(page(*GOOD))
    document = db.session.get(Document, db.session.query(ImportRun).one().document_id)
    assert (document.media_type, document.file_name, document.size) == ("application/pdf", "eob.pdf", len(SCAN))


def test_wrong_sums_are_refused_with_their_lines(submitted, type_in):
    wrong = (GOOD[0], ("J0585 JZ", "240", "0", "CO-197 200"))
    with pytest.raises(Refused) as refused:
        type_in(page(*wrong, amount="260"))
    assert [reason.split(":")[0] for reason in refused.value.reasons] == ["Line 2", "Line 1", "The check"]
    assert all("but the page says" in reason for reason in refused.value.reasons)
    assert type_in(page(*wrong, amount="260"), accepted="So it stands on the page").status == "posted"


def test_the_same_page_or_number_is_entered_once(submitted, type_in):
    type_in(page(*GOOD))
    with pytest.raises(Refused) as refused:
        type_in(page(*GOOD))
    assert refused.value.reasons == [
        "Trace number CHK-9 of Lone Prairie was posted on 2026-11-20.",
        "This very page was entered on 2026-11-20 by D. Park.",
    ]


def test_a_reason_that_cannot_be_read_is_told(submitted, type_in):
    with pytest.raises(Refused, match="Line 1: write each reason as group, code and amount"):
        type_in(page(("64612-RT", "412", "412", "contract")))


REFUSED = (("64612-RT", "412", "0", "CO-197 412"), ("J0585 JZ", "240", "0", "CO-197 240"))


def test_a_page_without_money_needs_no_number_and_a_second_one_is_another(submitted, type_in):
    assert type_in(page(*REFUSED, amount="0", trace="")).denials == 1
    assert type_in(page(*REFUSED, amount="0", trace=""), scan=b"%PDF-1.7 another page").status == "posted"
    traces = [row.trace for row in db.session.query(Remittance).order_by(Remittance.id)]
    assert [trace[:4] for trace in traces] == ["EOB-", "EOB-"]
    assert len(set(traces)) == 2
    assert db.session.query(Denial).count() == 1  # the same refusal, told twice


def test_money_without_its_number_is_refused(submitted, type_in):
    with pytest.raises(Refused, match="Enter the check or transfer number: only a page without money has none"):
        type_in(page(*GOOD, trace=""))


@pytest.mark.parametrize("day", [date(2062, 11, 16), date(2027, 1, 16), date(202, 11, 16)])
def test_a_slip_of_the_year_is_refused(submitted, type_in, day):
    with pytest.raises(Refused, match="cannot be meant: look at the year"):
        type_in(replace(page(*GOOD), paid_on=day))
