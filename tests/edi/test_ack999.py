"""The 999 reader on files of our own: which sets were taken in, and where the others were wrong."""

from pathlib import Path

import pytest

from clinic_claims.edi import ack999
from clinic_claims.edi.ack999 import ElementError
from tests.edi.documents import segments

DATA = Path(__file__).parents[1] / "data" / "999"
GOOD = {  # file: control number and code of each group and of its sets
    "accepted": [("17", "A", [("0001", "A")])],
    "partly_accepted": [("18", "P", [("0001", "A"), ("0002", "R"), ("0003", "E")])],
    "two_groups": [("17", "A", [("0001", "A")]), ("19", "R", [])],
}
BAD = {  # file: every fault, in file order
    "no_results": [
        "segment 4 (AK1): group 17: no result (AK9) follows",
        "segment 5 (AK2): transaction set 0001: no result (IK5) follows",
    ],
    "truncated": [
        "segment 4 (AK1): group 18: no result (AK9) follows",
        "segment 7 (AK2): transaction set 0002: no result (IK5) follows",
        "SE is missing: the file is cut short, so download it again",
        "GE is missing: the file is cut short, so download it again",
        "IEA is missing: the file is cut short, so download it again",
    ],
}


def data(name):
    return (DATA / f"{name}.999").read_bytes()


def test_every_file_is_told_of():
    assert {path.stem for path in DATA.iterdir()} == GOOD.keys() | BAD.keys()


@pytest.mark.parametrize(("name", "told"), GOOD.items())
def test_a_good_file_is_read_whole(name, told):
    file = ack999.read(data(name))
    assert file.faults == file.warnings == ()
    assert [
        (group.control_number, group.code, [(made.control_number, made.code) for made in group.sets])
        for group in file.groups
    ] == told


@pytest.mark.parametrize(("name", "faults"), BAD.items())
def test_a_bad_file_tells_all_its_faults_with_their_places(name, faults):
    assert [str(fault) for fault in ack999.read(data(name)).faults] == faults


def test_a_rejected_set_says_where_it_is_wrong():
    (group,) = ack999.read(data("partly_accepted")).groups
    taken, rejected, noted = group.sets
    assert (group.included, group.received, group.accepted) == (3, 3, 2)
    assert [each.is_accepted for each in (group, taken, rejected, noted)] == [True, True, False, True]
    assert (rejected.kind, rejected.guide, rejected.errors) == ("837", "005010X222A1", ("5",))
    name, birth = rejected.places
    assert (name.tag, name.position, name.loop, name.code) == ("NM1", 22, "2310", "8")
    assert name.elements == (ElementError(10, "9", "", "67", "1"), ElementError(11, "8", "1", "66", "7"))
    assert (birth.tag, birth.position, birth.loop, birth.elements) == ("DMG", 14, "", ())


def test_a_whole_group_may_be_rejected():
    _, rejected = ack999.read(data("two_groups")).groups
    assert (rejected.is_accepted, rejected.errors, rejected.sets) == (False, ("1", "24"), ())


def test_every_record_names_the_segment_it_came_from():
    (group,) = ack999.read(data("partly_accepted")).groups
    found = segments(data("partly_accepted"))
    assert found[group.segment - 1].startswith("AK1*HC*18")
    assert [found[made.segment - 1] for made in group.sets] == [
        f"AK2*837*{number}*005010X222A1" for number in ("0001", "0002", "0003")
    ]
    assert found[group.sets[1].places[0].segment - 1].startswith("IK3*NM1*22")


def test_what_stood_in_the_wrong_element_is_not_kept():
    assert "MARLOWE" not in repr(ack999.read(data("partly_accepted")))
