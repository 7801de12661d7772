"""The rulebook's pages, and the editor of contract terms."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.models import ContractTerm, Deadline, Denial, Event, Facility, Payer, Plan, Provider
from clinic_claims.services import catalogue, claims, denials, patients
from clinic_claims.services.claims import Line
from clinic_claims.services.deeds import Deed

from .conftest import send


@pytest.fixture
def on_file(app):
    """One denied claim of a plan in the clinic's network; gives the ids."""
    with app.app_context(), transaction():
        deed = Deed("setup", now(), app.extensions["rulebook"])
        plan = Plan(payer=Payer(name="Lone Prairie"), name="Choice PPO", payer_class="erisa_self_funded")
        provider = Provider(name="Elena R. Park, MD", credentials="", specialty="neurologist", npi="1002003006")
        office = Facility(name="Office", npi="1234567893", place_of_service="11")
        db.session.add_all([plan, provider, office])
        db.session.flush()
        who = patients.enter(deed, mrn="HL-1", last_name="Castellano", first_name="Renata", born_on=date(1955, 11, 2))
        coverage = patients.add_coverage(who, plan, "LPX 773", deed)
        case = patients.open_case(
            who, provider, deed, treatment="toxin", condition="hemifacial_spasm", diagnosis="G51.31", side="right",
            product="J0585",
        )  # fmt: skip
        line = Line(code="64612", diagnosis="G51.31", charged=Decimal("412.00"))
        claim = claims.enter("HL-26-1001", case, coverage, provider, office, [line], deed)
        claim.service_from = date(2026, 10, 20)
        denial = denials.open_denial(
            claim, deed, group="CO", carcs=["197"], amount=Decimal("412.00"), denied_on=date(2026, 11, 10),
            notice_dated_on=date(2026, 11, 10),
        )  # fmt: skip
        return SimpleNamespace(payer=plan.payer_id, denial=denial.id)


def page(client, address, code=200):
    answer = client.get(address)
    assert answer.status_code == code, answer.text
    return " ".join(answer.text.split())


TERM = {
    "clock": "provider_dispute", "plan": "0", "count": "60", "unit": "days", "starts": "notice_dated",
    "if_closed": "stay", "since": "2025-01-01", "words": "Within sixty (60) days of the remittance.",
    "source": "Provider agreement, section 6.2", "page_number": "14",
}  # fmt: skip


def test_every_row_of_the_rulebook_has_a_page(app, sign_in):
    client = sign_in("administrator")
    for kind in catalogue.KINDS:
        entry = next(catalogue.entries(app.extensions["rulebook"], kind))
        assert entry.title.split("<")[0][:10] in page(client, f"/rules/{kind}/{entry.id}").replace("&#39;", "'")


def test_no_row_fails_to_say_what_it_is(book):
    for entry in catalogue.entries(book):
        assert entry.title, entry
        assert list(entry.facts()), entry
        assert "_" not in entry.title, entry.title


def test_search_finds_a_code_first_and_a_citation(sign_in):
    client = sign_in("biller")
    found = page(client, "/rules?words=197")
    assert found.index("CARC 197") < found.index("Code combinations</td>")
    assert "medicare-redetermination" in page(client, "/rules?words=405.942")
    assert "No rule holds these words" in page(client, "/rules?words=zebra")


def test_a_long_list_goes_on(sign_in):
    client = sign_in("biller")
    assert "60 of 135" in page(client, "/rules?kind=carc") or "More" in page(client, "/rules?kind=carc")
    assert "CARC 1<" not in page(client, "/rules?kind=carc&from=60")


def test_a_rule_shows_source_standing_span_and_its_examples_run_now(sign_in):
    client = sign_in("biller")
    text = page(client, "/rules/clock/ma-reconsideration")
    assert "42 CFR 422.582" in text
    assert "Jan 1, 2025</time>" in text
    assert "last lawful day" in text
    assert ">holds<" in text
    assert ">fails<" not in text


def test_a_recalled_rule_is_marked_to_be_checked(sign_in):
    text = page(sign_in("biller"), "/rules/clock/part-d-redetermination")
    assert "Unverified: check the notice." in text


def test_an_unknown_rule_is_not_found(sign_in):
    client = sign_in("biller")
    assert client.get("/rules/clock/nonesuch").status_code == 404
    assert client.get("/rules/nonesuch/1").status_code == 404


def test_a_rule_can_be_tried_on_its_own_page(sign_in):
    client = sign_in("biller")
    text = page(client, "/rules/clock/medicare-redetermination?notice_dated=2026-01-05")
    assert "Sun, May 10" in text
    assert "Tue, May 5" in text
    assert "receipt is presumed 5 days later" in text
    assert "Enter a date such as" in page(client, "/rules/clock/medicare-redetermination?notice_dated=soon")


def test_a_rule_names_the_open_items_that_lean_on_it_to_those_who_may_see_them(on_file, sign_in, client):
    sign_in("biller")
    assert "DEN-00001" in page(client, "/rules/clock/erisa-internal-appeal")
    assert "DEN-00001" in page(client, "/rules/carc/197")
    assert "No open item leans on this rule" in page(client, "/rules/carc/29")


def test_an_administrator_reads_rules_without_any_record(on_file, sign_in):
    client = sign_in("administrator")
    assert "DEN-00001" not in page(client, "/rules/clock/erisa-internal-appeal")
    assert client.get("/rules/moved").status_code == 403


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("step=medicare_ffs/1&dated=2026-01-05", "Tue, May 5"),
        ("step=erisa_self_funded/1&dated=2026-02-25&printed=2026-06-01", "earlier than the day counted"),
        ("step=commercial_fully_insured/3&dated=2026-03-02&state=ca", "Independent medical review, California"),
        ("step=part_d/1&dated=2026-03-02", "unverified: check the notice"),
        ("step=medicare_ffs/1", "which is not on file"),
        ("step=tricare/1&dated=2026-03-02&urgency=expedited", "Thu, Mar 5"),
        ("step=tricare/3&dated=2026-03-02", "unverified"),
        ("step=medicare_ffs/1&dated=yesterday", "Enter a date such as"),
        ("step=nobody/1&dated=2026-03-02", "Not a valid choice"),
    ],
)
def test_a_deadline_can_be_tried(sign_in, asked, said):
    assert said in page(sign_in("biller"), f"/rules/try?{asked}")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("group=CO&carc=16&rarc=MA130", "Not a denial: the claim was never processed"),
        ("group=PR&carc=1", "this is the patient&#39;s share"),
        ("group=CO&carc=45", "a contractual write-down"),
        ("carc=9999", "CARC 9999 is not in the rulebook"),
        ("group=CO&carc=50&payer_class=commercial_fully_insured&network=in&stage=post_service", "Provider dispute"),
        ("group=CO&carc=50", "Choose a payer class"),
    ],
)
def test_codes_can_be_read(sign_in, asked, said):
    assert said in page(sign_in("biller"), f"/rules/codes?{asked}")


def test_the_check_counts_and_lists_what_to_read_again(sign_in):
    text = page(sign_in("biller"), "/rules/check")
    assert "source never read: recalled only" in text
    assert 'Faults</span> <span class="figure-count">0<' in text


def test_a_manager_enters_a_term_sees_what_it_moves_and_dates_it_anew(app, on_file, sign_in):
    client = sign_in("manager")
    answer = send(client, f"/contracts/{on_file.payer}/new", **TERM)
    assert answer.location == "/rules/moved"
    preview = page(client, "/rules/moved")
    assert "not known</td>" in preview
    assert "Fri, Jan 8, 2027" in preview
    assert "Provider agreement, section 6.2, page 14" in preview
    with app.app_context():
        clock = db.session.query(Deadline).filter_by(clock="provider_dispute").one()
        assert clock.act_by is None
        number = str(clock.id)
    assert send(client, "/rules/moved", deadline=number).status_code == 302
    assert "No open clock would move" in page(client, "/rules/moved")
    with app.app_context():
        clock = db.session.query(Deadline).filter_by(clock="provider_dispute").one()
        assert (clock.act_by, clock.authority) == (date(2027, 1, 8), "contract")
        event = db.session.query(Event).filter_by(action="redate").one()
        assert (event.subject, event.subject_id) == ("denial", on_file.denial)
    text = page(client, f"/clocks/{number}")
    assert "acted on" in text
    assert "Contract" in text


def test_a_clock_shows_every_source_in_rank(app, on_file, sign_in):
    client = sign_in("manager")
    send(client, f"/contracts/{on_file.payer}/new", **TERM | {"clock": "appeal"})
    with app.app_context():
        denial = db.session.get(Denial, on_file.denial)
        assert denial
        number = db.session.query(Deadline).filter_by(clock="appeal", stopped_at=None).one().id
    text = page(client, f"/clocks/{number}")
    assert (
        text.index("Contract</") < text.index("Law</")
        if "Contract</" in text
        else text.index("Contract ") < text.index("Law")
    )


def test_a_payers_page_lists_its_terms_with_their_history(app, on_file, sign_in):
    client = sign_in("manager")
    send(client, f"/contracts/{on_file.payer}/new", **TERM)
    text = page(client, f"/contracts/{on_file.payer}")
    assert "Within sixty (60) days of the remittance." in text
    assert "Contract term entered: provider dispute, 60 days from notice dated." in text
    with app.app_context():
        term = db.session.query(ContractTerm).one().id
    assert send(client, f"/contracts/terms/{term}/end", until="2026-12-31").status_code == 302
    assert "Contract term ends Dec 31, 2026." in page(client, f"/contracts/{on_file.payer}")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"count": "sixty"}, "Enter a whole number."),
        ({"words": ""}, "Copy the sentence, word for word."),
        ({"starts": "service"}, "Provider dispute counts from"),
        ({"until": "2024-01-01"}, "cannot end before it begins"),
    ],
)
def test_a_slip_in_a_term_is_told_beside_what_was_typed(on_file, sign_in, changed, said):
    answer = send(sign_in("manager"), f"/contracts/{on_file.payer}/new", **TERM | changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Provider agreement, section 6.2"' in answer.text


@pytest.mark.parametrize("role", ["biller", "auditor"])
def test_only_a_manager_changes_terms_or_dates(on_file, sign_in, role):
    client = sign_in(role)
    assert client.get(f"/contracts/{on_file.payer}/new").status_code == 403
    assert send(client, "/rules/moved").status_code == 403
    assert "Enter a term" not in page(client, f"/contracts/{on_file.payer}")


def test_a_rule_is_told_in_words_and_names_medicare_as_people_do(sign_in):
    client = sign_in()
    assert "it stays the last day" in client.get("/rules/clock/insured-internal-appeal").text
    found = client.get("/rules?words=authorization").text
    assert "Medicare FFS" in found
    assert "medicare FFS" not in found
