"""Approvals: the list, the page of a request, and asking for one."""

import pytest

from clinic_claims.db import db
from clinic_claims.models import Authorization

from .conftest import send

LINES = {"lines-0-code": "64612", "lines-0-modifiers": "RT", "lines-0-diagnosis": "G51.31", "lines-0-units": "1"}


@pytest.fixture
def answers(records):
    return {name: str(getattr(records, name)) for name in ("coverage", "provider", "facility")} | LINES


@pytest.mark.parametrize(("words", "shown"), [("", True), ("state=approved", True), ("state=denied", False)])
def test_the_list_is_filtered_by_its_address(sign_in, records, words, shown):
    assert ("PA-8841" in sign_in().get(f"/approvals?{words}").text) is shown


def test_the_page_shows_lines_clocks_steps_and_claims(sign_in, records):
    text = sign_in("authorization_coordinator").get(f"/approvals/{records.authorization}").text
    for words in ("PA-8841", "Castellano, Renata", "J0585", "HL-26-1001", "Authorization end", "Payer revoked it"):
        assert words in text
    assert "Not open yet: Mark as expired" in text
    assert "Submitted → approved." in text


def test_a_request_is_prepared_with_its_lines(sign_in, records, answers, read):
    client = sign_in("authorization_coordinator")
    page = f"/approvals/new/{records.case}"
    assert 'value="J0585"' in client.get(page).text  # a toxin case asks for the drug too
    made = send(client, page, **answers, **{"lines-1-code": ""})
    key = int(made.location.rsplit("/", 1)[1])
    assert read(lambda: [line.code for line in db.session.get(Authorization, key).lines]) == ["64612"]
    text = client.get(made.location).text
    assert "Submit the request" in text
    assert "Mark as submitted" in text


def test_an_urgent_request_says_why(sign_in, records, answers):
    client = sign_in("authorization_coordinator")
    refused = send(client, f"/approvals/new/{records.case}", **answers, urgent="y")
    assert refused.status_code == 422
    assert "Say why it is urgent." in refused.text
    told = {"urgent": "y", "urgent_reason": "Eye injured by spasm"}
    made = send(client, f"/approvals/new/{records.case}", **answers, **told)
    assert "Eye injured by spasm" in client.get(made.location).text


def test_one_more_line_is_asked_for(sign_in, records, answers):
    answer = send(sign_in("manager"), f"/approvals/new/{records.case}", **answers, more="1")
    assert 'name="lines-1-code"' in answer.text


def test_a_request_without_lines_is_refused(sign_in, records, answers):
    answer = send(sign_in("manager"), f"/approvals/new/{records.case}", **answers | {"lines-0-code": ""})
    assert "Enter at least one line with a code." in answer.text


def test_a_biller_asks_for_no_approval(sign_in, records):
    assert sign_in("biller").get(f"/approvals/new/{records.case}").status_code == 403
