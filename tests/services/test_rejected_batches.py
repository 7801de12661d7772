"""A batch that was turned away whole is work for whoever sent it, and its claims are rejected with it."""

from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.next_actions import MEND_FILE
from clinic_claims.models import Claim, RejectedBatch, WorkItem
from clinic_claims.services import accounts, history, ladders, rejected_batches, traces, workitems, worklist
from clinic_claims.services.deeds import Deed, Refused
from tests.edi.documents import document

SENT, OURS = "837p/botox_with_waste.837", "LN-1001"


def ack(*results, group="1", code="R"):
    """A 999 for our group: (ST02, what is wrong, IK501) of each set."""
    sets = [
        part for number, wrong, said in results for part in (f"AK2*837*{number}*005010X222A1", *wrong, f"IK5*{said}*5")
    ]
    return document("005010X231A1", [f"AK1*HC*{group}*005010X222A1", *sets, f"AK9*{code}*1*1*0"])


WRONG = ("IK3*CLM*22**8", "IK4*1*1028*1")
REJECTED = ack(("0001", WRONG, "R"))


def as_sent(sample):
    """The file with the side that its diagnosis names: the check before billing lets it go."""
    return sample(SENT).replace(b"64612:LT", b"64612:RT")


@pytest.fixture
def dana(clinic, deed, book):
    """Somebody who sends files, and may sign in."""
    with transaction():
        user, _ = accounts.add_user("Dana Park", "dana@clinic.example", ["biller"], deed)
    return user, Deed("dana@clinic.example", deed.at, book, user_id=user.id)


@pytest.fixture
def sent(lakeside, post, sample, dana):
    """A claim file of ours on file, its claim at the payer."""
    post(as_sent(sample), name="march.837", who=dana[1])
    claim = db.session.query(Claim).filter_by(number=OURS).one()
    assert claim.state == "submitted"
    return claim


def the_batch():
    return db.session.query(RejectedBatch).one()


def on_today(deed):
    return [item for item in worklist.items(deed) if item.subject == "rejected_batch"]


def test_a_rejected_set_is_work_for_whoever_sent_the_file(sent, post, dana, deed):
    answer = post(REJECTED, name="ack.999")
    (item,) = on_today(deed)
    assert (item.item, item.kind, item.next_action, item.owner_id) == ("REJ-00001", "batch", MEND_FILE, dana[0].id)
    assert (item.patient, item.act_by) == ("1 claim", date(2026, 11, 24))  # two business days after Friday
    assert item.because[0] == "Transaction set 0001 of march.837 was rejected: none of it reached the payer"
    assert answer.notes[-1] == (
        "Transaction set 0001 of march.837 has to be mended and sent again: REJ-00001 stands on Today, "
        "and 1 claim is rejected with it."
    )


def test_its_claims_are_rejected_and_their_time_to_file_runs(sent, post):
    post(REJECTED)
    assert sent.state == "rejected"
    assert [clock.clock for clock in ladders.running(sent)] == ["timely_filing"]
    assert rejected_batches.claims_of(the_batch()) == [sent]
    assert "Transaction set 0001 of march.837 was rejected whole." in history.of(sent)[0].sentence


def test_the_place_at_fault_is_shown_in_the_file_as_we_sent_it(sent, post):
    post(REJECTED)
    batch = the_batch()
    (place,) = batch.places
    (segment,) = traces.around(db.session.get(rejected_batches.Document, batch.sent.document_id), place, near=0)
    assert segment.text.startswith("CLM*LN-1001")
    assert batch.why == ["Segment CLM number 22 (8: an element in it is wrong); element 1 (1: missing)."]


def test_sending_the_claims_again_is_the_mending(sent, post, sample, deed):
    post(REJECTED)
    post(as_sent(sample).replace(b"BATCH-0316", b"BATCH-0317"), name="april.837")
    assert (sent.state, the_batch().mended_how) == ("submitted", "Its claims came again in april.837.")
    assert on_today(deed) == []


def test_another_file_mends_nothing(sent, post, sample, deed):
    post(REJECTED)
    post(as_sent(sample).replace(b"LN-1001", b"LN-9009"), name="other.837")
    assert the_batch().mended_at is None
    assert len(on_today(deed)) == 1


def test_it_may_be_noted_by_hand_once(clinic, post, sample, deed):
    post(sample("999/partly_accepted.999"))
    batch = the_batch()
    assert (batch.name, batch.sent, batch.claims) == ("Transaction set 0002", None, [])
    with transaction():
        rejected_batches.mend(batch, "By telephone with the clearinghouse", deed)
    assert (on_today(deed), batch.mended_by) == ([], "D. Park")
    with pytest.raises(Refused, match=r"noted as mended on 2026-11-20 by D\. Park"):
        rejected_batches.mend(batch, "", deed)


def test_a_group_rejected_without_a_word_on_its_sets_is_one_item(sent, post, deed):
    post(document("005010X231A1", ["AK1*HC*1*005010X222A1", "AK9*R*1*1*0*1*24"]))
    assert (the_batch().name, sent.state) == ("Group 1 of march.837", "rejected")
    assert "error 1, 24" in the_batch().why[0]


def test_an_accepted_file_is_no_work(sent, post, deed):
    post(ack(("0001", (), "A"), code="A"))
    assert (on_today(deed), sent.state) == ([], "submitted")


@pytest.mark.parametrize("other", [ack(("0001", WRONG, "R"), group="77"), ack(("0009", WRONG, "R"))])
def test_numbers_of_another_file_reject_none_of_our_claims(sent, post, other):
    post(other)
    assert (the_batch().sent, sent.state) == (None, "submitted")


def test_a_file_of_long_ago_is_not_the_one_meant(sent, post, later):
    post(REJECTED, who=later(40))
    assert (the_batch().sent, sent.state) == (None, "submitted")


def test_a_claim_that_the_payer_answered_meanwhile_is_left_alone(sent, post, sample):
    accepted = sample("277ca/accepted_and_rejected.277")
    post(accepted)
    assert sent.state == "accepted"
    post(REJECTED)
    assert (sent.state, the_batch().claims) == ("accepted", [])


def test_a_batch_that_a_277ca_rejects_whole_is_work_too(sent, post, sample, deed):
    post(sample("277ca/batch_rejected.277"))
    (item,) = on_today(deed)
    assert (the_batch().name, sent.state) == ("Batch BATCH-0316 of march.837", "rejected")
    assert item.because[0].startswith("Batch BATCH-0316 of march.837 was rejected")


def test_the_list_made_anew_holds_the_same_items(sent, post):
    post(REJECTED)
    before = {(row.subject, row.subject_id, row.act_by, row.next_action) for row in db.session.query(WorkItem)}
    with transaction():
        workitems.rebuild()
    assert {(row.subject, row.subject_id, row.act_by, row.next_action) for row in db.session.query(WorkItem)} == before
