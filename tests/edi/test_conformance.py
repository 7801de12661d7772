"""Sample files of other makers: each is recognised and either read to the referee's cent or refused with places."""

import csv

import pytest

from clinic_claims.edi import era835
from clinic_claims.edi.envelope import recognise
from clinic_claims.edi.era835 import balance, referee
from clinic_claims.edi.findings import NotRecognised
from tests.edi.conftest import SAMPLES

FILES = [path for path in sorted(SAMPLES.glob("*/*")) if path.is_file()]
REMITTANCES = [path for path in FILES if path.parent.name == "835"]
MIXED = {"pyx12_multiple_trn.x12"}
REFUSED = {
    "derived_d_no_trailers.835": "SE is missing",
    "linuxforhealth_cob-contractural-adjustment.835": "SVC01 has no procedure code",
    "pyx12_multiple_trn.x12": "mixes 278 and 835 and 837P",
}


def named(path):
    return path.name


def defects():
    with (SAMPLES / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["file"].split("/")[-1]: row["exercises"] for row in csv.DictReader(lines, delimiter="\t")}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_it_is_recognised(path):
    if path.name in MIXED:
        with pytest.raises(NotRecognised, match="mixes"):
            recognise(path.read_bytes())
    else:
        assert recognise(path.read_bytes()).lower() == path.parent.name


@pytest.mark.parametrize("path", REMITTANCES, ids=named)
def test_it_is_read_to_the_cent_or_refused(path):
    data = path.read_bytes()
    file = era835.read(data)
    assert all(fault.message for fault in (*file.faults, *file.warnings))
    if path.name not in REFUSED and "lowercase" not in path.name:
        assert [balance.totals(each) for each in file.remittances] == list(referee.totals(data))


@pytest.mark.parametrize("path", REMITTANCES, ids=named)
def test_it_may_be_posted_unless_it_is_known_to_be_defective(path):
    said = " ".join(str(fault) for fault in era835.read(path.read_bytes()).faults)
    if path.name in REFUSED:
        assert REFUSED[path.name] in said
    else:
        assert bool(said) == ("BAD" in defects().get(path.name, ""))
