"""Claims: the list, the page that says where a claim stands and why, and entering one."""

from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim
from clinic_claims.services import intake

from ..services.era import claim as era_claim
from ..services.era import remittance
from .conftest import hidden, send

LINE = {
    "lines-0-code": "64612",
    "lines-0-modifiers": "rt, jz",
    "lines-0-diagnosis": "g51.31",
    "lines-0-units": "1",
    "lines-0-charged": "$412.00",
}


@pytest.fixture
def parties(records):
    return {name: str(getattr(records, name)) for name in ("coverage", "provider", "facility", "authorization")}


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("", True),
        ("state=submitted", True),
        ("state=paid", False),
        ("owner=nobody", True),
        ("owner=mine", False),
        ("payer=1", True),
        ("payer=99", False),
        ("state=nonsense&payer=x&owner=x&before=x", True),
        ("before=1", False),
    ],
)
def test_the_list_is_filtered_by_its_address(sign_in, records, words, shown):
    text = sign_in().get(f"/claims?{words}").text
    assert ("HL-26-1001" in text) is shown
    assert ("No claim fits" in text) is not shown


def test_a_claim_is_found_by_its_exact_number_and_by_nothing_less(sign_in, records):
    client = sign_in()
    assert send(client, "/claims/find", "/claims", number=" HL-26-1001 ").location == f"/claims/{records.claim}"
    missed = send(client, "/claims/find", "/claims", number="HL-26")
    assert missed.location == "/claims"
    assert "No claim has exactly this number" in client.get("/claims").text


def test_the_page_says_where_the_claim_stands_and_why(sign_in, records):
    text = sign_in().get(f"/claims/{records.claim}").text
    for words in ("Castellano, Renata", "born 11/02/1955", "Lone Prairie Choice PPO", "PA-8841", "$652.00", "64612"):
        assert words in text
    assert "Approved, performed and billed" in text
    assert "Ready to bill → submitted." in text
    assert "Claim · Clinic Claims</title>" in text


def test_a_denied_claim_tells_the_payers_codes_in_plain_words_with_their_place(app, sign_in, denied):
    client = sign_in()
    text = client.get(f"/claims/{denied.claim}").text
    assert "CO-197 · N54" in text
    assert "Claim does not match the approved services" in text
    assert "segment" in text
    assert "−$412.00" in text
    assert f'href="/denials/{denied.denial}"' in text
    assert "Decide what to do" in text


def test_a_takeback_bends_the_path_back(app, sign_in, records, deed):
    paid = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
    back = [("64612:RT", "-412", "-412", "", ""), ("J0585:JZ", "-240", "-240", "", "")]
    with app.app_context(), transaction():
        number = db.session.get(Claim, records.claim).number
        intake.take_in("a.835", remittance([era_claim(number, "1", "652", "652", paid)]), deed)
        taken = remittance([era_claim(number, "22", "-652", "-652", back)], trace="BACK1")
        intake.take_in("b.835", taken, deed)
    assert "The payer took back $652.00" in sign_in().get(f"/claims/{records.claim}").text


def test_every_look_at_a_claim_is_on_the_trail(sign_in, records, told):
    client = sign_in("auditor")
    before = told("claim", records.claim).count("view")
    client.get(f"/claims/{records.claim}")
    assert told("claim", records.claim).count("view") == before + 1


def test_a_claim_that_is_not_there_is_a_plain_404(sign_in, records):
    assert sign_in().get("/claims/999").status_code == 404


def test_a_claim_is_entered_from_its_case(sign_in, records, parties, read):
    client = sign_in()
    page = f"/claims/new/{records.case}"
    assert 'value="64612"' in client.get(page).text  # the approved line is there already
    made = send(client, page, number="HL-26-2000", **parties, **LINE)
    assert made.status_code == 302
    claim = read(lambda: _lines(int(made.location.rsplit("/", 1)[1])))
    assert claim == ("HL-26-2000", [("64612", ["RT", "JZ"], "G51.31", 1, Decimal("412.00"))])


def _lines(key):
    claim = db.session.get(Claim, key)
    return claim.number, [(line.code, line.modifiers, line.diagnosis, line.units, line.charged) for line in claim.lines]


def test_one_more_line_is_asked_for_and_nothing_typed_is_lost(sign_in, records, parties):
    client = sign_in()
    answer = send(client, f"/claims/new/{records.case}", number="HL-26-2000", more="1", **parties, **LINE)
    assert answer.status_code == 200
    assert 'name="lines-1-code"' in answer.text
    assert 'value="HL-26-2000"' in answer.text
    assert 'value="$412.00"' in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": ""}, "Enter the number your billing system gave the claim."),
        ({"number": "HL-26-1001"}, "Claim number HL-26-1001 is taken already."),
        ({"provider": "0"}, "Choose one."),
        ({"lines-0-code": " "}, "Enter at least one line with a code."),
        ({"lines-0-diagnosis": ""}, "enter a diagnosis such as G51.31"),
        ({"lines-0-units": "none"}, "Not a valid integer value."),
        ({"lines-0-charged": "4.123"}, "Enter an amount such as 1842.00."),
    ],
)
def test_a_faulty_claim_is_refused_where_it_is_wrong(sign_in, records, parties, change, words):
    answers = {"number": "HL-26-2000", **parties, **LINE, **change}
    answer = send(sign_in(), f"/claims/new/{records.case}", **answers)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert 'value="rt, jz"' in answer.text


def test_an_approval_is_linked_and_an_agreement_noted(sign_in, records, told):
    client = sign_in()
    page = f"/claims/{records.claim}/authorization"
    assert send(client, page, **hidden(client, page), authorization=str(records.authorization)).status_code == 302
    page = f"/claims/{records.claim}/agreement"
    assert send(client, page, **hidden(client, page), document="Self-pay paper of Nov 3").status_code == 302
    assert told("claim", records.claim)[-1] == "agree_self_pay"
    assert "Patient agreed in writing" in client.get(f"/claims/{records.claim}").text


def test_who_only_reads_enters_nothing(sign_in, records):
    client = sign_in("auditor")
    assert client.get(f"/claims/new/{records.case}").status_code == 403
    assert "Enter a claim" not in client.get("/claims").text


def test_lists_without_anything_say_where_the_first_comes_from(sign_in):
    client = sign_in("manager")
    assert "No claim is on file yet" in client.get("/claims").text
    assert "No claim fits" in client.get("/claims?state=paid").text
    assert "No approval was asked for yet" in client.get("/approvals").text
    assert "No place is on file yet" in client.get("/vials").text
    assert "Choose the patient: a claim is entered" in client.get("/patients?to=claim").text
