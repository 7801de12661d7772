"""The denied-claims report: filters in the address, groups that add up, rows behind each, files."""

import csv
import html
import io
import re

import pytest

from clinic_claims.db import db
from clinic_claims.models import Event

PAGE = "/reports/denied"


@pytest.mark.parametrize("role", ["biller", "physician", "manager", "auditor", "authorization_coordinator"])
def test_the_report_opens_to_readers(sign_in, denied, role):
    text = sign_in(role).get(PAGE).text
    assert "Lone Prairie" in text
    assert "Prior authorization does not match" in text
    assert "$652" in text


def test_an_administrator_sees_no_report(sign_in, denied):
    assert sign_in("administrator").get(PAGE).status_code == 403


def test_the_chart_has_a_title_and_the_table_behind_it(sign_in, denied):
    text = sign_in().get(PAGE).text
    assert '<title id="denied-chart-title">Dollars denied, and won back</title>' in text
    assert "style=" not in text.split("<main")[1]


def test_a_group_opens_its_rows(sign_in, denied):
    client = sign_in()
    text = client.get(PAGE).text
    addresses = re.findall(r'href="([^"]+[?;]at=[^"]+)"', text)
    assert len(addresses) == 3  # the group's name, its number, and the number of the total
    assert "DEN-00001" not in text
    for address in addresses:
        rows = client.get(html.unescape(address)).text
        assert "DEN-00001" in rows
        assert "/denials/1" in rows


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("payer=Lone+Prairie", True),
        ("category=cosmetic", False),
        ("category=prior_auth_mismatch", True),
        ("treatment=mvd", False),
        ("state=overturned", False),
        ("approved_before=yes", True),
        ("approved_before=no", False),
        ("since=2026-11-19", False),
        ("since=2026-11-01&until=2026-11-30", True),
    ],
)
def test_filters_stand_in_the_address(sign_in, denied, query, found):
    text = sign_in().get(f"{PAGE}?{query}").text
    assert ("No denial in this range" not in text) is found


def test_groups_are_named_in_the_address(sign_in, denied):
    text = sign_in().get(f"{PAGE}?group_1=month&group_2=code&group_3=approved_before").text
    for said in ("Nov 2026", "CO-197", "Approved before"):
        assert said in text


def test_an_address_that_names_one_group_gets_that_alone(sign_in, denied):
    text = sign_in().get(f"{PAGE}?group_1=month").text
    assert ">Nov 2026</text>" in text
    assert "Nov 2026 ·" not in text


def test_of_very_many_groups_the_first_are_shown_under_the_total_of_all(sign_in, denied, monkeypatch):
    monkeypatch.setattr("clinic_claims.web.reports.MOST_GROUPS", 0)
    text = sign_in().get(f"{PAGE}?group_1=payer").text
    assert "The first 0 of 1 groups; the total is of all" in text
    assert re.search(r'<tr class="total">.*?aria-label="Open 1 denial">1</a></td>', text, re.DOTALL)


def test_no_group_at_all_gives_the_total_and_the_rows(sign_in, denied):
    text = sign_in().get(f"{PAGE}?group_1=").text
    assert "Total" in text
    assert "DEN-00001" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=2026-12-01&until=2026-11-01", "The last day lies before the first day."),
        ("since=yesterday", "Enter a date such as 11/22/2026."),
        ("group_1=favourite", "Not a valid choice."),
    ],
)
def test_a_wrong_filter_gets_a_plain_sentence(sign_in, denied, query, said):
    answer = sign_in().get(f"{PAGE}?{query}")
    assert answer.status_code == 422
    assert said in answer.text


def test_the_table_is_downloaded_and_noted(sign_in, denied, read):
    answer = sign_in().get(f"{PAGE}?format=csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=denied-claims-2026-11-22.csv"
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["reference"], row["denied"], row["claim"]) == ("DEN-00001", "652.00", "HL-26-1001")
    exports = read(lambda: db.session.query(Event).filter_by(action="export").one())
    assert exports.data["rows"] == 1


@pytest.mark.parametrize(("kind", "start"), [("xlsx", b"PK"), ("pdf", b"%PDF-")])
def test_the_report_comes_as_workbook_and_on_paper(sign_in, denied, kind, start):
    assert sign_in().get(f"{PAGE}?format={kind}").data.startswith(start)


def test_a_reader_without_export_takes_nothing_away(sign_in, denied):
    client = sign_in("auditor")
    assert "Download" not in client.get(PAGE).text
    assert client.get(f"{PAGE}?format=csv").status_code == 403


def test_an_unknown_kind_of_file_is_refused(sign_in, denied):
    answer = sign_in().get(f"{PAGE}?format=docx")
    assert answer.status_code == 409
    assert "Choose one of: csv, xlsx, pdf, json." in answer.text
