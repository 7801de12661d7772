"""The first hour: a real clinic enters its letterhead, clinicians and places, and sees what is still to do."""

import pytest

from clinic_claims.db import db
from clinic_claims.models import Clinic, Facility, Plan, Provider

from .conftest import send

LETTERHEAD = {
    "name": "Harbor Light", "npi": "1234567893", "tin": "12-3456789", "taxonomy": "2084N0400X", "street": "1 Quay",
    "city": "Westmere", "state": "TX", "zip": "75999", "phone": "(214) 555-0142",
}  # fmt: skip
CLINICIAN = {"name": "E. Park, MD", "credentials": "Board certified", "specialty": "neurologist", "npi": "1245319599"}


def test_a_new_clinic_is_led_to_its_set_up_and_through_it(sign_in, read):
    client = sign_in("manager")
    assert client.get("/").location == "/setup"
    assert client.get("/setup").text.count("to do") == 6
    assert send(client, "/setup/letterhead", **LETTERHEAD).location == "/setup"
    assert send(client, "/setup/clinician", **CLINICIAN).location == "/setup"
    place = {"name": "Office", "npi": "1234567893", "place_of_service": "11"}
    assert send(client, "/setup/place", **place).location == "/setup"
    assert client.get("/").location == "/today"
    assert client.get("/setup").text.count("to do") == 3
    assert read(lambda: [db.session.query(kind).count() for kind in (Clinic, Provider, Facility)]) == [1, 1, 1]


def test_the_letterhead_is_corrected_in_place(sign_in, read):
    client = sign_in("administrator")
    send(client, "/setup/letterhead", **LETTERHEAD)
    assert 'value="Harbor Light"' in client.get("/setup/letterhead").text
    send(client, "/setup/letterhead", **(LETTERHEAD | {"name": "Harbor Light Neurology"}))
    assert read(lambda: [row.name for row in db.session.query(Clinic)]) == ["Harbor Light Neurology"]


@pytest.mark.parametrize(
    ("npi", "said"), [("1234567890", "does not fit the others"), ("12", "An NPI has ten digits."), ("", "NPI.")]
)
def test_a_wrong_npi_is_found_at_once_and_the_typing_kept(sign_in, read, npi, said):
    answer = send(sign_in("manager"), "/setup/letterhead", **(LETTERHEAD | {"npi": npi}))
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert 'value="1 Quay"' in answer.text
    assert read(lambda: db.session.query(Clinic).count()) == 0


def test_a_clinician_is_not_entered_twice(sign_in):
    client = sign_in("manager")
    send(client, "/setup/clinician", **CLINICIAN)
    assert "on file already" in send(client, "/setup/clinician", **CLINICIAN).text


def test_who_sees_no_patients_begins_at_the_set_up(sign_in, records):
    assert sign_in("administrator").get("/").location == "/setup"


def test_a_biller_sets_nothing_up(sign_in):
    client = sign_in("biller")
    assert client.get("/").location == "/today"
    assert client.get("/setup").status_code == 403


def test_each_step_says_what_waits_while_it_is_left(sign_in):
    text = sign_in("manager").get("/setup").text
    assert text.count("May wait. Until then:") == 6
    assert "Letters stay drafts." in text


def test_payers_are_chosen_from_the_list_once(sign_in, read):
    client = sign_in("manager")
    send(client, "/setup/letterhead", **LETTERHEAD)
    plans = ["aetna/erisa_self_funded", "aetna/commercial_fully_insured", "medicare_novitas/medicare_ffs"]
    assert send(client, "/setup/payers", plans=plans).location == "/payers"
    send(client, "/setup/payers", plans=plans)
    held = read(lambda: [(plan.payer.name, plan.name, plan.state) for plan in db.session.query(Plan).order_by(Plan.id)])
    assert held == [
        ("Aetna", "Self-funded employer plan", None),
        ("Aetna", "Commercial, fully insured", "TX"),
        ("Medicare: Novitas", "Original Medicare", None),
    ]
    assert client.get("/setup/payers").text.count("on file</span>") == 3


@pytest.mark.parametrize("plans", [[], ["aetna/medicare_ffs"], ["nobody/medicare_ffs"], ["aetna"]])
def test_only_plans_of_the_list_are_taken(sign_in, read, plans):
    answer = send(sign_in("manager"), "/setup/payers", plans=plans)
    assert answer.status_code == 422
    assert "Choose at least one plan of the list." in answer.text
    assert read(lambda: db.session.query(Plan).count()) == 0


def test_no_state_is_guessed_for_the_letterhead(sign_in):
    text = send(sign_in("manager"), "/setup/letterhead", **(LETTERHEAD | {"state": ""})).text
    assert "Choose the state." in text
