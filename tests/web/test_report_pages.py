"""The overview, whose figures open their lists; measures, scorecard, what works; and the reports that people keep."""

import html
import io
import re

import openpyxl
import pypdf
import pytest

from clinic_claims.db import db
from clinic_claims.models import Event, SavedReport
from clinic_claims.services import seeding
from clinic_claims.services.deeds import Deed
from clinic_claims.web.worklist import PAGE

from .conftest import PASSWORD, send

FIGURE = re.compile(
    r'<a class="figure[^"]*" href="([^"]+)"[^>]*><span class="figure-label">([^<]+)</span>'
    r'<span class="figure-count">([^<]+)</span><span class="figure-sum">([^<]*)</span>'
)
TOTAL = re.compile(r'<th scope="row"[^>]*>Total</th>(.*?)</tr>', re.S)
LISTED = re.compile(r'id="rows">\s*<h2>([\d,]+) denial')
LABELS = ("Denials", "Won", "Denied", "Won back", "Written off", "Open")
PAPERS = ("measures", "approved-then-denied", "scorecard", "what-works")


@pytest.fixture
def busy(app, clock):
    """A clinic of 300 made-up claims, some denied and some of those won in the last 90 days."""
    with app.app_context():
        for seed in (3, 6):
            seeding.load(150, seed, Deed("seed", clock(), app.extensions["rulebook"]))
        db.session.remove()


@pytest.fixture
def reader(sign_in):
    return sign_in("manager")


def figures(client):
    """Read the six figures: label, value, what stands below it, and the address of its list."""
    found = FIGURE.findall(client.get("/reports/").text)
    return {label: (value, told, html.unescape(address).removesuffix("#rows")) for address, label, value, told in found}


def totals(client, address):
    """Read the total of a denied-claims report: cells by their heading."""
    (row,) = TOTAL.findall(client.get(address).text)
    return {label: re.search(rf'data-label="{label}">(.*?)</td>', row, re.S)[1] for label in LABELS}


def words(cell):
    return re.sub(r"<[^>]+>", "", cell).strip()


def first_number(text):
    return text.split()[0]


@pytest.mark.parametrize(
    ("label", "value_is", "told_is"),
    [
        ("Still open", "Open", "Denials"),
        ("Denied, 90 days", None, "Denials"),
        ("Won back, 90 days", "Won back", "Denials"),
        ("Windows missed, 12 months", "Denials", None),
    ],
)
def test_each_figure_is_the_total_of_the_list_it_opens(busy, reader, label, value_is, told_is):
    value, told, address = figures(reader)[label]
    total = totals(reader, address)
    assert value_is is None or value == words(total[value_is])
    assert told_is is None or first_number(told) == words(total[told_is])
    assert LISTED.findall(reader.get(address).text) == [words(total["Denials"])]


def test_the_denial_rate_is_that_of_the_claims_in_its_list(busy, reader):
    value, told, address = figures(reader)["Denied, 90 days"]
    denied, of = map(int, re.search(r"on (\d+) of (\d+) claims", told).groups())
    rows = reader.get(address + "&format=csv").text.splitlines()
    assert len({row.split(",")[2] for row in rows[1:]}) == denied > 0
    assert value == f"{100 * denied / of:.1f} %"


def test_the_week_opens_as_many_items_as_it_counts(busy, reader):
    _, told, address = figures(reader)["To act on within 7 days"]
    text = reader.get(address).text
    assert first_number(told) == words(re.search(r'aria-current="true">.*?figure-count">(.*?)</span>', text, re.S)[1])
    assert text.count('name="rows"') == min(int(first_number(told)), PAGE)


def test_broken_approvals_are_as_many_as_their_page_sums(denied, reader):
    value, _, address = figures(reader)["Approvals broken, 12 months"]
    rows = re.findall(r"<tr[^>]*total.*?</tr>|<tr[^>]*>\s*<t[hd][^>]*>Total.*?</tr>", reader.get(address).text, re.S)
    assert value == "1"
    assert value in re.findall(r">(\d+)<", rows[0])


def test_every_address_on_the_overview_leads_somewhere(busy, reader):
    text = reader.get("/reports/").text.split("<main")[1].split("</main>")[0]
    for address in {html.unescape(found) for found in re.findall(r'href="(/(?!static)[^"]+)"', text)}:
        page, _, anchor = address.partition("#")
        answer = reader.get(page)
        assert answer.status_code == 200, address
        assert not anchor or f'id="{anchor}"' in answer.text, address


def test_each_measure_says_how_it_is_counted_and_what_others_published(busy, reader):
    text = html.unescape(reader.get("/reports/measures").text)
    cards = text.split('<section class="card-box measure"')[1:]
    assert len(cards) > 12
    for card in cards:
        assert all(f"<dt>{name}</dt><dd>" in card for name in ("Numerator", "Denominator", "Dated by", "Cases"))
    rate = next(card for card in cards if 'id="initial_denial_rate"' in card)
    assert re.search(r"95 % sure: between \d+ and \d+ %|may lie anywhere from \d+ to \d+ %", rate)
    assert re.search(r'class="anchors".*20\d\d', rate, re.S)
    assert "Kodiak" in rate or "KFF" in rate


@pytest.mark.parametrize("page", PAPERS)
@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "pdf"])
def test_every_report_comes_as_a_file_and_is_noted(denied, reader, read, page, kind):
    answer = reader.get(f"/reports/{page}?format={kind}")
    assert answer.status_code == 200
    assert len(answer.data) > 100
    noted = read(lambda: db.session.query(Event).filter_by(action="export").one())
    assert noted.data["format"] == kind


def test_the_scorecard_names_late_answers_broken_approvals_and_proof(denied, reader):
    text = reader.get("/reports/scorecard?payer=Lone+Prairie").text
    for said in ("In short", "Late answers", "Approvals broken", "Reasons missing", "Denials that did not hold"):
        assert f"<h2>{said}</h2>" in text
    assert "PA-8841" in text
    assert "DEN-00001" in text


def test_the_scorecard_prints_the_same_on_paper_and_in_cells(denied, reader):
    pages = pypdf.PdfReader(io.BytesIO(reader.get("/reports/scorecard?payer=Lone+Prairie&format=pdf").data)).pages
    printed = " ".join(" ".join(page.extract_text() for page in pages).split())
    for said in ("Scorecard: Lone Prairie", "PA-8841", "DEN-00001", "Page 1 of"):
        assert said in printed
    data = reader.get("/reports/scorecard?payer=Lone+Prairie&format=xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Approvals broken"]
    assert (sheet["A2"].number_format, sheet["A2"].is_date, sheet["I2"].data_type) == ("yyyy-mm-dd", True, "n")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "From November 23, 2025 to November 22, 2026."),
        ("span=last_month", "From October 1, 2026 to October 31, 2026."),
        ("span=last_month&since=2026-11-01", "From November 1, 2026."),
        ("span=", "All days."),
    ],
)
@pytest.mark.parametrize("page", PAPERS)
def test_a_range_moves_with_the_calendar_and_typed_days_come_first(denied, reader, page, query, said):
    assert f'<p class="quiet report-covers">{said}</p>' in reader.get(f"/reports/{page}?{query}").text


def test_denied_claims_take_a_range_too(denied, reader):
    assert "Denials from November 1, 2026 to November 22, 2026" in reader.get("/reports/denied?span=month").text
    assert reader.get("/reports/denied?span=whim").status_code == 422


def test_an_unknown_payer_has_no_scorecard(denied, reader):
    assert reader.get("/reports/scorecard?payer=Nobody").status_code == 422


@pytest.mark.parametrize("page", PAPERS)
def test_days_in_the_wrong_order_get_a_sentence(denied, reader, page):
    answer = reader.get(f"/reports/{page}?since=2026-12-01&until=2026-11-01")
    assert answer.status_code == 422
    assert "The last day lies before the first day." in answer.text


def keep(client, **answers):
    told = {"name": "Monday", "report": "denied", "query": "payer=Lone+Prairie&format=csv", "every": "week"}
    return send(client, "/reports/kept", "/reports/denied", **told | answers)


def test_a_report_is_kept_listed_opened_and_removed(denied, reader):
    assert keep(reader).location == "/reports/kept"
    assert "Every week" in reader.get("/reports/kept").text
    assert reader.get("/reports/kept/1").location == "/reports/denied?payer=Lone+Prairie"
    assert send(reader, "/reports/kept/1/remove", "/reports/kept").location == "/reports/kept"
    assert "No report kept yet" in reader.get("/reports/kept").text


def test_a_scheduled_report_stands_on_the_overview_until_it_is_opened(denied, reader, clock):
    keep(reader)
    assert "Due:" not in reader.get("/reports/").text
    clock.forward(days=1)  # a Monday; the session did not last the night
    send(reader, "/login", email="manager@clinic.example", password=PASSWORD)
    assert "Due:" in reader.get("/reports/").text
    reader.get("/reports/kept/1")
    assert "Due:" not in reader.get("/reports/").text


@pytest.mark.parametrize(
    ("answers", "said"),
    [({"name": ""}, "Give the report a name."), ({"report": "whim"}, "This report, or this rhythm, is not known.")],
)
def test_what_cannot_be_kept_says_why(denied, reader, read, answers, said):
    address = keep(reader, **answers).location
    assert said in html.unescape(reader.get(address).text)
    assert read(lambda: db.session.query(SavedReport).count()) == 0


def test_only_what_is_shared_opens_to_others(denied, sign_in):
    manager = sign_in("manager")
    keep(manager)
    keep(manager, name="For all", shared="y")
    send(manager, "/logout", "/reports/kept")
    biller = sign_in("biller")
    listed = biller.get("/reports/kept").text
    assert ("For all" in listed, "Monday" in listed) == (True, False)
    assert [biller.get(f"/reports/kept/{number}").status_code for number in (1, 2)] == [404, 302]
    assert "Only Pat Manager" in html.unescape(
        biller.get(send(biller, "/reports/kept/2/remove", "/reports/kept").location).text
    )
