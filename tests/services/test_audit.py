"""Who was told what: a filed appeal names the payer."""

from clinic_claims.db import transaction
from clinic_claims.services import audit, history


def test_a_submitted_claim_went_to_the_payer(submitted, deed):
    found = audit.disclosures(submitted.case.patient_id)
    assert [(one.what, one.to, one.how) for one in found if one.what == "claim 1"] == [
        ("claim 1", "Lone Prairie", "submitted")
    ]


def test_a_printed_page_went_to_staff_and_a_view_did_not_go_out(submitted, deed):
    before = audit.disclosures(submitted.case.patient_id)
    with transaction():
        history.record(submitted, "view", deed)
        history.record(submitted, "print", deed)
    (printed,) = audit.disclosures(submitted.case.patient_id)[: -len(before)]
    assert (printed.how, printed.by) == ("printed", "D. Park")
