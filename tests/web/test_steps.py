"""The one form for every step: what it offers, what it refuses, and what happens when two people are at it."""

import re

from clinic_claims.models import Authorization, Claim

from .conftest import hidden, send


def step(records, table, action):
    return f"/steps/{table}/{getattr(records, table)}/{action}"


def test_a_step_asks_for_its_fields_and_is_taken(sign_in, records, state_of, told):
    client = sign_in("manager")
    page = step(records, "claim", "note_accepted")
    answer = send(client, page, **hidden(client, page), reason="Seen in the portal")
    assert answer.status_code == 302
    assert answer.location.endswith(f"/claims/{records.claim}")
    assert state_of(Claim, records.claim) == "accepted"
    assert told("claim", records.claim)[-2:] == ["view", "note_accepted"]
    assert "Submitted → accepted. Seen in the portal" in client.get(answer.location).text


def test_a_missing_answer_is_asked_for_and_the_typing_stays(sign_in, records, state_of):
    client = sign_in("manager")
    page = step(records, "authorization", "revoke")
    answer = send(client, page, **hidden(client, page), reason="")
    assert answer.status_code == 422
    assert "Enter a reason." in answer.text
    assert state_of(Authorization, records.authorization) == "approved"


def test_a_date_that_cannot_be_is_refused_at_the_form(sign_in, records, state_of):
    client = sign_in("manager")
    send(client, page := step(records, "claim", "note_rejected"), **hidden(client, page))
    send(client, page := step(records, "claim", "correct"), **hidden(client, page))
    page = step(records, "claim", "submit")
    answer = send(client, page, **hidden(client, page), submitted_on="2027-01-05", reason="resent")
    assert answer.status_code == 409
    assert "“Submitted on” lies in the future." in answer.text
    assert 'value="resent"' in answer.text
    early = send(client, page, **hidden(client, page), submitted_on="2026-10-01")
    assert "cannot be submitted before the service was given" in early.text
    assert state_of(Claim, records.claim) == "ready_to_bill"


def test_a_second_person_is_told_who_changed_what_and_keeps_the_typing(app, sign_in, add_person, records, state_of):
    client = sign_in("manager")
    page = step(records, "claim", "note_accepted")
    before = hidden(client, page)
    other = app.test_client()
    send(other, "/login", email=add_person("biller"), password="a calm blue morning")
    rival = step(records, "claim", "note_pending")
    send(other, rival, **hidden(other, rival), reason="Called them")
    answer = send(client, page, **before, reason="Seen in the portal")
    assert answer.status_code == 409
    assert "Pat Biller" in answer.text
    assert "Submitted → pending. Called them" in answer.text
    assert 'value="Seen in the portal"' in answer.text
    assert state_of(Claim, records.claim) == "pending"
    fresh = dict(re.findall(r'<input[^>]*name="(version|seen)"[^>]*value="([^"]*)"', answer.text))
    assert send(client, page, **fresh, reason="Seen in the portal").status_code == 302
    assert state_of(Claim, records.claim) == "accepted"


def test_a_double_press_takes_the_step_once(sign_in, records, told):
    client = sign_in("manager")
    page = step(records, "claim", "note_accepted")
    answers = hidden(client, page)
    assert send(client, page, **answers).status_code == 302
    again = send(client, page, **answers)
    assert again.status_code == 302
    assert "You did this a moment ago" in client.get(again.location).text
    assert told("claim", records.claim).count("note_accepted") == 1


def test_a_step_that_is_not_open_says_so(sign_in, records):
    client = sign_in("manager")
    text = client.get(step(records, "claim", "finish_coding")).text
    assert "This step is not open now." in text
    assert "This claim is submitted." in text
    blocked = client.get(step(records, "authorization", "expire")).text
    assert "the last approved day has passed" in blocked
    assert '<button class="btn btn-primary"' not in blocked
    assert "Note (optional)" not in re.sub("<[^>]+>", "", blocked)
    assert "Back to PA-" in blocked


def test_what_a_file_does_nobody_does_by_hand(sign_in, records):
    client = sign_in("manager")
    assert client.get(step(records, "claim", "post_denial")).status_code == 404
    assert client.get("/steps/claim/9999/submit").status_code == 404
    assert client.get("/steps/patient/1/submit").status_code == 404
    assert "Post denial" not in client.get(f"/claims/{records.claim}").text


def test_each_step_asks_for_its_own_permission(sign_in, records):
    client = sign_in("authorization_coordinator")
    assert client.get(step(records, "authorization", "revoke")).status_code == 200
    assert client.get(step(records, "claim", "note_accepted")).status_code == 403
    assert "Payer accepted it" not in client.get(f"/claims/{records.claim}").text


def test_the_needs_a_form_answers_do_not_block_it(sign_in, records, state_of):
    client = sign_in("manager")
    made = send(
        client, f"/approvals/new/{records.case}", coverage=str(records.coverage), provider=str(records.provider),
        facility=str(records.facility),
        **{"lines-0-code": "64612", "lines-0-diagnosis": "G51.31", "lines-0-units": "1"},
    )  # fmt: skip
    key = int(made.location.rsplit("/", 1)[1])
    submit = f"/steps/authorization/{key}/submit"
    send(client, submit, **hidden(client, submit), submitted_on="2026-11-20", submitted_by="portal")
    assert state_of(Authorization, key) == "submitted"
    assert "Record approval" in client.get(made.location).text
    approve = f"/steps/authorization/{key}/approve"
    told = {"number": "PA-9", "decided_on": "2026-11-21", "valid_from": "2026-11-21"}
    backwards = send(client, approve, **hidden(client, approve), **told, valid_to="2026-11-01")
    assert "cannot end before it begins" in backwards.text
    assert send(client, approve, **hidden(client, approve), **told, valid_to="2027-02-01").status_code == 302
    assert state_of(Authorization, key) == "approved"
