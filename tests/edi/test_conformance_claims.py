"""Sample 837, 277, 278 and 999 files of other makers: each is read whole, or refused with its places."""

from decimal import Decimal

import pytest

from clinic_claims.edi import ack999, auth278, claim837, status277
from clinic_claims.edi.envelope import interchanges
from tests.edi.conftest import SAMPLES

READERS = {
    "837p": claim837.read,
    "837i": claim837.read,
    "277": status277.read,
    "277ca": status277.read,
    "278": auth278.read,
    "999": ack999.read,
}
FILES = [path for path in sorted(SAMPLES.glob("*/*")) if path.parent.name in READERS]
REFUSED = {
    "imsweb_x12_999_accepted.txt": 'IEA02 "000000001" does not match ISA13 "000000286"',
    "imsweb_x12_ambiguous_loop.txt": "its lines charge 12.25 but CLM02 says 500.00",
    "imsweb_x12_complex.txt": "claim A37YH556: HI01 has no code",
    "imsweb_x12_multiple_gs.txt": 'IEA01 declares "1" but the count is 3',
    "linuxforhealth_ppo-repriced-claim.837i": "claim 456DFH43: SV202 has no code",
    "oopfactory_Example_3_1_1_Request.txt": "this is a request for review",
}


def named(path):
    return path.name


def of_kind(*kinds):
    return [path for path in FILES if path.parent.name in kinds]


def counted(data, *tags):
    """Cut a file into segments without the reader's help: the elements of those of some tags."""
    for part in interchanges(data):
        element = part.element.decode("latin-1")
        found = (frame.decode("latin-1").split(element) for frame in part.frames)
        yield from (elements for elements in found if elements[0] in tags)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_it_may_be_posted_unless_it_is_known_to_be_defective(path):
    file = READERS[path.parent.name](path.read_bytes())
    said = " ".join(str(fault) for fault in file.faults)
    assert REFUSED.get(path.name, "") in said
    assert bool(said) == (path.name in REFUSED)


@pytest.mark.parametrize("path", of_kind("837p", "837i"), ids=named)
def test_claims_lines_and_charges_are_all_there(path):
    data = path.read_bytes()
    claims = claim837.read(data).claims
    sent = list(counted(data, "CLM"))
    assert [(claim.claim_number, claim.charged) for claim in claims] == [(each[1], Decimal(each[2])) for each in sent]
    lines = [each[2] if each[0] == "SV1" else each[3] for each in counted(data, "SV1", "SV2")]
    assert [line.charged for claim in claims for line in claim.lines] == [Decimal(charge) for charge in lines]
    assert {claim.kind.lower() for claim in claims} == {path.parent.name}


@pytest.mark.parametrize("path", of_kind("277", "277ca"), ids=named)
def test_every_status_is_there(path):
    data = path.read_bytes()
    reports = status277.read(data).reports
    found = [status for report in reports for owner in (report, *report.lines) for status in owner.statuses]
    assert len(found) == len(list(counted(data, "STC")))
    assert {report.kind.lower() for report in reports} == {path.parent.name}


@pytest.mark.parametrize("path", of_kind("278"), ids=named)
def test_every_decision_is_there(path):
    data = path.read_bytes()
    reviews = auth278.read(data).reviews
    found = [owner.decision for review in reviews for owner in (review, *review.services) if owner.decision]
    assert [(each.action, each.number) for each in found] == [(each[1], each[2]) for each in counted(data, "HCR")]


@pytest.mark.parametrize("path", of_kind("999"), ids=named)
def test_every_set_is_there(path):
    data = path.read_bytes()
    sets = [made for group in ack999.read(data).groups for made in group.sets]
    assert [made.code for made in sets] == [each[1] for each in counted(data, "IK5")]
