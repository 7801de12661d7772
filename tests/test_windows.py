"""Through the window of an envelope shows the address, however the sheet slides, and nothing about the patient."""

import re
import subprocess

import pytest

from clinic_claims import pdf
from clinic_claims.domain.gaps import WINDOW_LINES
from clinic_claims.domain.windows import ADDRESS, SENDER, Box

from .letter_cases import changed, facts, letter

WORD = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
KINDS = ("appeal_toxin_approved", "external_review", "patient_letter", "file_request")
HAIR = 0.02  # inches: a box of letters is a little taller than their ink


def words_of(data: bytes) -> list[tuple[Box, str]]:
    """The words of page one with their places in inches."""
    run = subprocess.run(["pdftotext", "-bbox", "-l", "1", "-", "-"], input=data, capture_output=True, check=True)
    found = WORD.findall(run.stdout.decode())
    return [(box(*(float(edge) / 72 for edge in edges)), word) for *edges, word in found]


def box(left: float, top: float, right: float, bottom: float) -> Box:
    return Box(left=left, top=top, right=right, bottom=bottom)


def touches(word: Box, place: Box) -> bool:
    beside = word.left >= place.right or word.right <= place.left
    return not beside and word.top < place.bottom - HAIR and word.bottom > place.top + HAIR


def lies_in(word: Box, place: Box) -> bool:
    sides = word.left >= place.left and word.right <= place.right
    return sides and word.top >= place.top - HAIR and word.bottom <= place.bottom + HAIR


@pytest.mark.parametrize("name", KINDS)
def test_the_window_shows_the_whole_address_and_nothing_else(name):
    made = letter(name)
    words = words_of(pdf.pdf(made))
    shown = [(at, word) for at, word in words if touches(at, ADDRESS.ever)]
    assert " ".join(word for _, word in shown) == " ".join(made.address)
    assert [word for at, word in shown if not lies_in(at, ADDRESS.always)] == []


def test_the_longest_address_that_is_let_through_shows_whole():
    lines = tuple(f"Line {number} of the address" for number in range(1, WINDOW_LINES + 1))
    made = letter("file_request")
    case = changed(facts("file_request"), coverage={"appeals_address": lines})
    long = type(made)(**{**vars(made), "facts": case})
    shown = [at for at, _ in words_of(pdf.pdf(long)) if touches(at, ADDRESS.ever)]
    assert len(shown) == 5 * WINDOW_LINES
    assert all(lies_in(at, ADDRESS.always) for at in shown)


@pytest.mark.parametrize("name", KINDS)
def test_the_upper_window_shows_the_clinic_and_the_day_alone(name):
    made = letter(name)
    shown = {word for at, word in words_of(pdf.pdf(made)) if touches(at, SENDER.ever)}
    assert not shown & {*made.facts.patient.name.split(), made.facts.coverage.member_id}
    street = made.facts.clinic.address[0].split()
    inside = [word for at, word in words_of(pdf.pdf(made)) if lies_in(at, SENDER.always)]
    assert inside[: len(street)] == street
