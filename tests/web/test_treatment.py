"""Around the treatment: the benefits call, the estimate and its notice, the evidence checklist, the operation."""

import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import BenefitsCheck, ChecklistAnswer, Document, Estimate, Plan, Task
from clinic_claims.services import documents

from .conftest import send

CALL = {
    "how": "telephone", "number_called": "(800) 555-0100", "spoke_with": "Dana", "reference": "C-1",
    "covered": "Yes, medical benefit", "to_get_covered": "Prior authorization and a referral",
    "referral_needed": "yes", "in_network": "no", "deductible_left": "500.00", "coinsurance": "20",
    "out_of_pocket_left": "2000.00", "route": "buy_and_bill",
}  # fmt: skip
PRICES = {
    "lines-0-code": "64612", "lines-0-units": "1", "lines-0-allowed": "200.00", "lines-0-cash": "150.00",
    "lines-1-code": "J0585", "lines-1-units": "100", "lines-1-allowed": "700.00", "lines-1-cash": "200.00",
    "appeal_hours": "6", "hourly_cost": "60",
}  # fmt: skip


@pytest.fixture
def manager(sign_in, records):
    return sign_in("manager")


def test_the_two_questions_must_be_answered(manager, records, read):
    page = f"/benefits/{records.coverage}/check"
    refused = send(manager, page, how="telephone", covered="Yes")
    assert "Enter what is needed to get it covered." in refused.text
    assert send(manager, page, **CALL).status_code == 302
    made = read(lambda: db.session.scalars(select(BenefitsCheck)).one())
    assert (made.referral_needed, made.in_network, made.pays_waste) == (True, False, None)
    text = manager.get(f"/patients/{records.patient}").text
    for words in ("Yes, medical benefit", "out of network", "missing", "$500.00"):
        assert words in text


def test_an_inactive_coverage_is_told(manager, records):
    send(manager, f"/benefits/{records.coverage}/recheck", active="no", how="portal")
    assert "not active" in manager.get(f"/patients/{records.patient}").text


def test_the_estimate_says_when_paying_cash_is_cheaper_and_is_printed(manager, records, read):
    send(manager, f"/benefits/{records.coverage}/check", **CALL)
    page = f"/estimates/new/{records.case}"
    assert 'value="J0585"' in manager.get(page).text
    made = send(manager, page, **PRICES, coverage=str(records.coverage), visit="0")
    assert made.status_code == 302, made.text
    text = manager.get(made.location).text
    assert "$350.00" in text
    assert "cheaper" in text
    send(manager, f"{made.location}/print", made.location)
    assert "Download the page" in manager.get(made.location).text


def test_an_advance_notice_is_signed_or_not(app, manager, records, read):
    with app.app_context(), transaction():
        db.session.get(Plan, records.plan).payer_class = "medicare_ffs"
    told = PRICES | {"coverage": str(records.coverage), "visit": "0", "notice_reason": "injected under 12 weeks"}
    pages = [send(manager, f"/estimates/new/{records.case}", **told).location for _ in range(2)]
    send(manager, f"{pages[0]}/decline", pages[0])
    assert "Not signed: GZ." in manager.get(pages[0]).text
    send(manager, f"{pages[1]}/print", pages[1])
    paper = read(lambda: db.session.scalars(select(Document.id).where(Document.kind == "estimate")).one())
    assert send(manager, f"{pages[1]}/sign", document=str(paper)).status_code == 302
    assert read(lambda: db.session.scalars(select(Estimate.notice).order_by(Estimate.id)).all()) == ["no_abn", "abn"]
    assert ": GA." in manager.get(pages[1]).text


def test_a_criterion_is_met_on_a_page_or_waived_with_a_reason(app, manager, records, deed, read):
    with app.app_context(), transaction():
        paper = documents.add(b"Chart of Nov 3", "clinic_notes", "Chart note", deed).id
    page = f"/evidence/{records.authorization}"
    item = manager.get(page).text.split('name="item" value="')[1].split('"')[0]
    send(manager, f"{page}/answer", page, item=item, answer="waived")
    assert "Give the reason for waiving" in manager.get(page).text
    send(manager, f"{page}/answer", page, item=item, answer="met", document=str(paper))
    assert "Name the document" in manager.get(page).text  # a paper of nobody's is no proof for this patient
    send(manager, f"{page}/answer", page, item=item, answer="waived", reason="Asked by call 81")
    assert read(lambda: db.session.scalars(select(ChecklistAnswer.answer)).all()) == ["waived"]


def test_what_is_missing_becomes_tasks_that_somebody_does(manager, records, read):
    page = f"/evidence/{records.authorization}"
    send(manager, f"{page}/tasks", page)
    tasks = read(lambda: db.session.scalars(select(Task).order_by(Task.id)).all())
    assert tasks
    send(manager, f"/evidence/tasks/{tasks[0].id}/done", page)
    assert read(lambda: db.session.get(Task, tasks[0].id).done_on) is not None


@pytest.fixture
def operation(manager, records, read):
    """A planned operation with its surgeon; gives its page."""
    told = {"treatment": "mvd", "condition": "hemifacial_spasm", "diagnosis": "G51.31", "side": "right"}
    send(manager, f"/patients/{records.patient}/add/case", **told, provider=str(records.provider))
    made = send(manager, f"/surgery/new/{records.case + 1}", facility=str(records.facility), code="61458")
    assert made.status_code == 302, made.text
    send(manager, f"{made.location}/part", role="surgeon", who="Samuel K. Adeyemi, MD", in_network="yes")
    return made.location


def test_the_operation_says_what_is_missing(manager, operation):
    text = manager.get(operation).text
    for words in ("Surgeon (Samuel K. Adeyemi, MD) has no approval.", "Nobody is named for anesthesia."):
        assert words in text
    assert send(manager, "/surgery/parts/1", outside="AN-77").status_code == 302
    assert "AN-77" in manager.get(operation).text


def test_another_code_in_theatre_asks_for_a_changed_approval(manager, operation, read):
    send(manager, "/surgery/parts/1", outside="AN-77")
    assert "dated in the future" in send(manager, f"{operation}/done", code="61458", on="2026-12-20").text
    send(manager, f"{operation}/done", code="61460", on="2026-11-20")
    text = manager.get(operation).text
    assert "Another operation than approved." in text
    assert read(lambda: "AN-77" in db.session.scalars(select(Task)).one().what)
