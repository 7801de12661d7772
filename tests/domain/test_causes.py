"""Where denials begin, and which the check before billing looks for."""

from clinic_claims.domain.causes import CAUSES, looked_for
from clinic_claims.services.exposure import drawn


def test_every_reason_of_the_rulebook_has_its_place(book):
    assert set(book.denial_codes.categories) | {"unclassified"} == set(CAUSES)


def test_a_code_names_its_checks(book):
    assert "Interval" in looked_for(drawn(book), ["151"], ["N640"])
    assert looked_for(drawn(book), ["50"], []) == ()


def test_a_code_that_says_too_little_needs_its_remark(book):
    assert looked_for(drawn(book), ["16"], []) == ()
    assert looked_for(drawn(book), ["16"], ["M53"]) != ()
