"""What kind of file is it, and where do its interchanges begin?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_claims.edi.envelope import interchanges, recognise
from clinic_claims.edi.findings import NotRecognised
from tests.edi.generate import interchange

DATA = Path(__file__).parents[1] / "data" / "835"
ISA = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260316*1200*^*00501*000000001*0*T*:~"


def x12(*segments):
    return "".join([ISA, *(f"{segment}~" for segment in segments)]).encode()


@pytest.mark.parametrize(
    ("kind", "group", "transaction"),
    [
        ("835", "GS*HP*A*B*20260316*1200*1*X*005010X221A1", "ST*835*0001"),
        ("835", "GS*HP*A*B*20260316*1200*1*X*004010X091A1", "ST*835*0001"),
        ("837P", "GS*HC*A*B*20260316*1200*1*X*005010X222A1", "ST*837*0001*005010X222A1"),
        ("837P", "GS*HC*A*B*20260316*1200*1*X*004010X098A1", "ST*837*0001"),
        ("837I", "GS*HC*A*B*20260316*1200*1*X*005010X223A2", "ST*837*0001"),
        ("837I", "GS*HC*A*B*20260316*1200*1*X*005010X222A1", "ST*837*0001*005010X223A3"),
        ("277CA", "GS*HN*A*B*20260316*1200*1*X*005010X214", "ST*277*0001*005010X214"),
        ("277", "GS*HN*A*B*20260316*1200*1*X*005010X212", "ST*277*0001"),
        ("278", "GS*HI*A*B*20260316*1200*1*X*005010X217", "ST*278*0001*005010X217"),
        ("999", "GS*FA*A*B*20260316*1200*1*X*005010X231A1", "ST*999*0001"),
    ],
)
def test_x12_is_known_by_its_headers(kind, group, transaction):
    assert recognise(x12(group, transaction, "SE*2*0001", "GE*1*1", "IEA*1*000000001")) == kind


@pytest.mark.parametrize(
    ("line", "kind"), [("SV1*HC:64612*642*UN*1***1", "837P"), ("SV2*0360*HC:61458*9*UN*1", "837I")]
)
def test_an_837_of_no_known_guide_is_known_by_its_lines(line, kind):
    assert recognise(x12("GS*HC*A*B*20260316*1200*1*X*005010", "ST*837*0001", line, "SE*3*0001")) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Claim number,Patient,Billed\nLN-1,Iris Marlowe,642\n",
        "\ufeffclaim;payer;denied on\nLN-1;Harbor;2026-03-16\n",
        'Patient Last\tPatient First\t"Date of service"\n',
        "Lakeside Neurology\nas of 16 March\n\nClaim,Patient,Billed\nLN-1,Iris Marlowe,642\n",
        "Folio,Quien,Cuando,Cuanto\nLN-1,Iris Marlowe,2026-03-16,642\n",
    ],
)
def test_a_table_is_known_by_its_header_line(text):
    assert recognise(text.encode()) == "csv"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig", "cp1252"])
def test_a_table_is_known_in_every_encoding_it_is_read_in(encoding):
    start = "\ufeff" if encoding == "utf-16-be" else ""
    assert recognise(f"{start}Claim\tPatient\tBilled\nLN-1\tMuñoz\t642\n".encode(encoding)) == "csv"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n\x00", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04rest", "Excel"),
        (b"<html>", "sign-in page"),
        (b'{"claim": "LN-1", "payer": "Harbor"}\n', "JSON"),
        (b"Dear Sirs,\nwe deny the claim.\n", "neither X12"),
        (b"1,2,3\n4,5,6\n", "neither X12"),
        (b"\x07\x08\x0e,claim\n", "neither X12"),
        (b"\x01\t\r\x01", "neither X12"),
        (b"ST*835*0001~", "does not begin with an ISA"),
        (b"ISA*00*    ", "segment 1 (ISA): The ISA header breaks off"),
        (x12(), "segment 1 (ISA): The file has an ISA header but no transaction set"),
        (x12("TA1*000000001*260316*1200*A*000"), "no transaction set"),
        (x12("GS*BE*A*B*20260316*1200*1*X*005010X220A1", "ST*834*0001"), "segment 3 (ST): Transaction set 834"),
        (x12("GS*HC*A*B*20260316*1200*1*X*005010X224A2", "ST*837*0001"), "Transaction set 837"),
        (x12("GS*HP*A*B*20260316*1200*1*X*005010X221A1", "ST*835*1", "SE*2*1", "ST*278*2"), "mixes 278 and 835"),
    ],
)
def test_anything_else_is_refused_with_a_reason_and_a_place(data, said):
    with pytest.raises(NotRecognised) as refused:
        recognise(data)
    assert said in str(refused.value)


@given(st.binary(max_size=300), st.sampled_from([b"", b"ISA", b"ISA*00*", ISA.encode(), b"claim,payer\n"]))
def test_no_bytes_at_all_upset_it(data, start):
    try:
        kind = recognise(start + data)
    except NotRecognised as refused:
        kind = refused.fault.message
    assert kind


def test_each_interchange_keeps_its_own_separators_and_its_place():
    first, second = interchanges((DATA / "several_interchanges.835").read_bytes())
    assert (first.element, first.component, first.terminator) == (b"*", b":", b"~")
    assert (second.element, second.component, second.terminator) == (b"|", b">", b"~")
    assert second.before == len(first.frames) - 1
    assert second.tag(0) == "ISA"


def test_line_breaks_inside_segments_are_not_data():
    (part,) = interchanges((DATA / "line_wrapped.835").read_bytes())
    assert b"\n" not in part.data
    assert part.data.endswith(b"IEA*1*000000001~")


def test_line_breaks_that_end_segments_are_kept():
    (part,) = interchanges(interchange([["ST*835*0001", "SE*2*0001"]], marks="*:\n", newline="").encode())
    assert [part.tag(index) for index in range(6)] == ["ISA", "GS", "ST", "SE", "GE", "IEA"]
