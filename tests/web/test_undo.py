"""Undo beside the message that tells of a step, and on its line of the history; or why there is none."""

import re

from clinic_claims.models import Authorization, Claim

from .conftest import PASSWORD, hidden, send


def accept(client, records):
    page = f"/steps/claim/{records.claim}/note_accepted"
    return client.get(send(client, page, **hidden(client, page)).location).text


def test_a_step_is_taken_back_from_its_message_or_from_the_history(sign_in, records, state_of, told):
    client = sign_in()
    text = accept(client, records)
    assert re.findall(r'action="(/undo/\d+)"', text) == ["/undo/1", "/undo/1"]
    assert 'aria-label="Undo: Done: Payer accepted it."' in text
    answer = send(client, "/undo/1", "/today")
    assert answer.location == f"/claims/{records.claim}"
    text = client.get(answer.location).text
    assert "Taken back: Payer accepted it." in text
    assert 'action="/undo/' not in text
    assert state_of(Claim, records.claim) == "submitted"
    deeds = [action for action in told("claim", records.claim) if action != "view"]
    assert deeds[-2:] == ["note_accepted", "take_back"]


def test_a_colleague_is_told_why_not_and_a_manager_may(app, sign_in, add_person, records, state_of):
    accept(sign_in(), records)
    page = f"/claims/{records.claim}"
    other, lead = app.test_client(), app.test_client()
    send(other, "/login", email=add_person("physician"), password=PASSWORD)
    assert "Your role does not take such steps." in other.get(page).text
    assert send(other, "/undo/1", "/today").status_code == 403
    send(lead, "/login", email=add_person("manager"), password=PASSWORD)
    assert 'action="/undo/1"' in lead.get(page).text
    send(lead, "/undo/1", "/today")
    assert state_of(Claim, records.claim) == "submitted"


def test_a_second_press_changes_nothing_and_says_so(sign_in, records, state_of):
    client = sign_in()
    accept(client, records)
    send(client, "/undo/1", "/today")
    answer = send(client, "/undo/1", "/today")
    assert "Not taken back. It was taken back already." in client.get(answer.location).text
    assert send(client, "/undo/9", "/today").status_code == 404
    assert state_of(Claim, records.claim) == "submitted"


def test_a_revocation_is_taken_back(sign_in, records, state_of):
    client = sign_in("manager")
    page = f"/steps/authorization/{records.authorization}/revoke"
    answer = send(client, page, **hidden(client, page), reason="Retired policy")
    assert 'action="/undo/1"' in client.get(answer.location).text
    send(client, "/undo/1", "/today")
    assert state_of(Authorization, records.authorization) == "approved"


def test_a_denial_brings_an_appeal_which_is_withdrawn_instead(sign_in, denied):
    client = sign_in("manager")
    page = f"/steps/denial/{denied.denial}/appeal"
    answer = send(client, page, **hidden(client, page))
    text = client.get(answer.location).text
    assert "This cannot be undone. It brought APL-00001 with it: withdraw that appeal instead." in text
