"""NPIs: ten digits, the last of which checks the others."""

import pytest

from clinic_claims.domain.npi import npi_fault


@pytest.mark.parametrize("npi", ["1234567893", "1245319599"])
def test_what_can_be_an_npi(npi):
    assert npi_fault(npi) is None


@pytest.mark.parametrize("npi", ["1234567890", "1234567839", "2134567893"])
def test_a_slip_is_found(npi):
    assert "does not fit" in (npi_fault(npi) or "")


@pytest.mark.parametrize("npi", ["", "123456789", "12345678931", "12345x7893", "１２３４５６７８９３"])
def test_ten_digits(npi):
    assert npi_fault(npi) == "An NPI has ten digits."
