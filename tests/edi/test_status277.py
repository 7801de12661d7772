"""The 277 reader on files of our own: acknowledgements of claims sent (277CA) and answers about their status (277)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from clinic_claims.edi import status277
from clinic_claims.edi.parts import Person, Provider
from clinic_claims.edi.status277 import StatusCode
from tests.edi.documents import segments

DATA = Path(__file__).parents[1] / "data"
ASKED = [("claim", "ASK-1", ["R4"]), ("claim", "ASK-2", ["F1"]), ("claim", "ASK-3", ["A4"])]
GOOD = {  # file: level, trace and categories of each report
    "277ca/accepted_and_rejected": [
        ("receiver", "BATCH-0316", ["A1"]),
        ("provider", "0", []),
        ("claim", "LN-1001", ["A2"]),
        ("claim", "LN-1002", ["A7", "A6"]),
    ],
    "277ca/batch_rejected": [("receiver", "BATCH-0316", ["A8"])],
    "277/asked_paid_and_unknown": ASKED,
    "277/asked_paid_and_unknown_wrapped": ASKED,
    "277/payer_not_answering": [("receiver", "ASK-BATCH", ["E1"])],
}
BAD = {  # file: every fault, in file order
    "277ca/no_status": ["segment 24 (TRN): claim LN-1001: no status (STC) follows"],
    "277ca/truncated": [
        "SE is missing: the file is cut short, so download it again",
        "GE is missing: the file is cut short, so download it again",
        "IEA is missing: the file is cut short, so download it again",
    ],
    "277ca/bad_numbers": [
        "segment 13 (STC): STC02 should be a date but says “20261317”",
        "segment 25 (STC): claim LN-1001: STC04 should be a number but says something else",
        "segment 27 (DTP): DTP03 should be a date but says something else",
    ],
}


def data(name):
    return (DATA / f"{name}.277").read_bytes()


def reports(name):
    return status277.read(data(name)).reports


def test_every_file_is_told_of():
    found = {f"{path.parent.name}/{path.stem}" for kind in ("277", "277ca") for path in (DATA / kind).iterdir()}
    assert found == GOOD.keys() | BAD.keys()


@pytest.mark.parametrize(("name", "told"), GOOD.items())
def test_a_good_file_is_read_whole(name, told):
    file = status277.read(data(name))
    assert file.faults == file.warnings == ()
    found = [(each.level, each.trace, [status.category for status in each.statuses]) for each in file.reports]
    assert found == told
    assert {each.kind for each in file.reports} == {name.split("/")[0].upper()}


@pytest.mark.parametrize(("name", "faults"), BAD.items())
def test_a_bad_file_tells_all_its_faults_with_their_places(name, faults):
    assert [str(fault) for fault in status277.read(data(name)).faults] == faults


def test_an_accepted_claim_is_traced_to_our_number_and_theirs():
    batch, _, accepted, _ = reports("277ca/accepted_and_rejected")
    assert (batch.claim_number, batch.statuses[0].charged) == ("", Decimal("3354.50"))
    assert (accepted.claim_number, accepted.payer_control_number) == ("LN-1001", "HH26076001")
    assert (accepted.payer, accepted.payer_id, accepted.receiver) == (
        "HARBOR HEALTH PLAN",
        "HHP01",
        "LAKESIDE NEUROLOGY",
    )
    assert accepted.provider == Provider("LAKESIDE NEUROLOGY", "1234567893")
    assert accepted.patient == Person("MARLOWE", "IRIS", "HHP0001")
    assert (accepted.service_from, accepted.service_to) == (date(2026, 3, 2), date(2026, 3, 2))
    (status,) = accepted.statuses
    assert (status.codes, status.action) == ((StatusCode("A2", "20", "PR"),), "WQ")
    assert (status.effective_on, accepted.produced_on) == (date(2026, 3, 17), date(2026, 3, 17))


def test_a_rejected_claim_keeps_every_reason_and_the_message():
    rejected = reports("277ca/accepted_and_rejected")[-1]
    first, second = rejected.statuses
    assert first.codes == (StatusCode("A7", "562", "82"), StatusCode("A8", "496", "85"))
    assert (first.action, first.message) == ("U", "RENDERING NPI NOT ON FILE")
    assert second.codes == (StatusCode("A6", "21", ""),)
    (line,) = rejected.lines
    assert (line.procedure, line.modifiers, line.charged, line.units) == ("64612", ("RT",), Decimal("312.50"), 1)
    assert (line.control_number, line.statuses[0].category) == ("1", "A7")


def test_an_answer_names_what_is_asked_for_each_line():
    asked = reports("277/asked_paid_and_unknown")[0]
    assert (asked.claim_number, asked.payer_control_number) == ("LN-1001", "HH26076001")
    assert [(line.procedure, line.control_number, line.statuses[0].category) for line in asked.lines] == [
        ("64612", "LN-1001-1", "R4"),
        ("J0585", "LN-1001-2", "P3"),
    ]


def test_an_answer_tells_what_was_paid_and_how():
    paid = reports("277/asked_paid_and_unknown")[1]
    (status,) = paid.statuses
    assert (status.charged, status.paid, status.adjudicated_on) == (
        Decimal("912.50"),
        Decimal("640.00"),
        date(2026, 4, 14),
    )
    assert (status.payment_on, status.payment_number) == (date(2026, 4, 16), "EFT20260416")
    assert paid.patient == Person("ANDRADE", "TOMAS", "", date(1964, 8, 9), "M")


def test_a_claim_not_found_is_known_by_the_trace_alone():
    unknown = reports("277/asked_paid_and_unknown")[2]
    assert (unknown.claim_number, unknown.payer_control_number, unknown.service_from) == ("ASK-3", "", None)


def test_line_breaks_inside_segments_change_nothing():
    assert reports("277/asked_paid_and_unknown") == reports("277/asked_paid_and_unknown_wrapped")


def test_every_record_names_the_segment_it_came_from():
    found = segments(data("277ca/accepted_and_rejected"))
    for report in reports("277ca/accepted_and_rejected"):
        assert found[report.segment - 1].startswith(f"TRN*{1 if report.level == 'provider' else 2}*{report.trace}")
        assert all(found[status.segment - 1].startswith("STC*") for status in report.statuses)


def test_faults_name_no_patient():
    said = " ".join(str(fault) for fault in status277.read(data("277ca/bad_numbers")).faults)
    assert not any(word in said for word in ("MARLOWE", "IRIS", "HHP0001"))


def test_another_kind_of_file_is_refused_by_name():
    (fault,) = status277.read((DATA / "835" / "split_lines.835").read_bytes()).faults
    assert fault.message == "The kind of this file is 835; expected here: 277CA or 277."
