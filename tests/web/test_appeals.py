"""The appeal's page: what the decision says can be corrected there, and what follows counts anew."""

from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal
from clinic_claims.services import appeals, denials, ladders

from .conftest import hidden, send

PAGE = "/appeals/1"
DECISION = {"decided_on": "2026-11-19", "decision_received_on": "2026-11-20", "decision_words": "Upheld on review."}


@pytest.fixture
def upheld(app, appeal, later):
    """The appeal, filed and upheld on November 20."""
    with app.app_context():
        with transaction():
            row, deed = db.session.get(Appeal, appeal), later(1)
            with db.session.no_autoflush:
                row.filed_on, row.filed_by, row.proof = date(2026, 11, 19), "portal", "R-1"
                appeals.steps.put_back(row, "filed", deed, sentence="Filed.")
            denials.clocks.follow_denial(row.denial, "file", deed)
            appeals.move(row, "decide_upheld", deed, decided_on=date(2026, 11, 20))
        db.session.remove()


def correct(client, **answers):
    return send(client, f"{PAGE}/decision", PAGE, **hidden(client, PAGE), **DECISION | answers)


def test_a_decision_is_corrected_and_the_next_clock_counts_from_it(sign_in, upheld, read):
    client = sign_in()
    assert "Correct the decision" in client.get(PAGE).text
    answer = correct(client, decision_deadline="2027-01-19")
    assert (answer.status_code, answer.location) == (302, PAGE)
    text = client.get(PAGE).text
    assert "Decision corrected: its date, day received, last day printed, their words." in text
    (clock, *_) = read(lambda: ladders.running(db.session.get(Appeal, 1).denial, "appeal"))
    assert (clock.label, clock.act_by) == ("Second internal level", date(2027, 1, 19))


def test_a_decision_in_disorder_is_refused_and_the_typing_kept(sign_in, upheld):
    answer = correct(sign_in(), decision_deadline="2026-11-01")
    assert answer.status_code == 409
    assert "The last day printed cannot lie before the decision." in answer.text
    assert "Upheld on review." in answer.text


def test_an_appeal_without_a_decision_offers_nothing_to_correct(sign_in, appeal):
    client = sign_in()
    assert "Correct the decision" not in client.get(PAGE).text
    assert correct(client).status_code == 409
