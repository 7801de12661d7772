"""The promised commands that take files in and write letters, reports and lists out."""

import json
import re
import shutil

import openpyxl
import pypdf
import pytest

from clinic_claims import rulebook

from .contract import Office, is_day
from .services.era import claim, remittance

MONEY = re.compile(r"-?\d+\.\d\d")


@pytest.fixture
def era(tmp_path):
    """A remittance for a claim that is not ours: it posts, and the claim is listed as unmatched."""
    lines = [("64612:RT", "412", "0", "CO*197*412", "N54")]
    path = tmp_path / "era.835"
    path.write_bytes(remittance([claim("NOT-OURS", "4", "412", "0", lines)]))
    return path


IMPORT_KEYS = ["file", "kind", "status", "claims", "matched", "unmatched", "charged", "paid", "denials", "faults"]


def test_import_gives_the_promised_keys(office, era):
    (answer,) = office.ask("import", era, "--json")
    assert list(answer) == IMPORT_KEYS
    assert (answer["file"], answer["kind"], answer["status"]) == (str(era), "835", "posted")
    assert (answer["claims"], answer["matched"], answer["unmatched"]) == (1, 0, ["NOT-OURS"])
    assert (answer["charged"], answer["paid"]) == ("412.00", "0.00")


def test_a_file_is_posted_once(office, era):
    office.ask("import", era, "--json")
    result = office.call("import", era, "--json")
    (answer,) = json.loads(result.stdout)
    assert (result.exit_code, answer["status"]) == (1, "already_posted")
    assert f"{era}: This very file was posted on" in result.stderr


def test_a_dry_run_changes_nothing(office, era):
    before = office.ask("audit", "verify", "--json")
    assert office.ask("import", era, "--dry-run", "--json")[0]["status"] == "posted"
    assert office.ask("audit", "verify", "--json") == before
    assert office.ask("import", era, "--json")[0]["status"] == "posted"


def test_a_refused_file_is_told_with_its_place_and_the_others_are_posted(office, era, tmp_path):
    cut = tmp_path / "cut.835"
    cut.write_bytes(era.read_bytes().replace(b"BPR*I*0*", b"BPR*I*5*"))
    words = tmp_path / "words.txt"
    words.write_text("nothing of the kind")
    result = office.call("import", cut, words, tmp_path / "none.835", tmp_path, era, "--json")
    assert [answer["status"] for answer in json.loads(result.stdout)] == [*["refused"] * 4, "posted"]
    assert result.exit_code == 1
    assert re.search(rf"{re.escape(str(cut))}: segment \d+ \(BPR\): ", result.stderr)
    assert f"{words}: The file is neither X12" in result.stderr
    assert "none.835: The file cannot be read: No such file or directory." in result.stderr
    assert f"{tmp_path}: The file cannot be read: Is a directory." in result.stderr


def test_worklist_gives_the_promised_keys_in_working_order(clinic_office):
    found = clinic_office.ask("worklist", "--json")
    assert len(found) > 5
    for item in found:
        assert list(item) == ["item", "claim", "patient", "due", "act_by", "why", "amount", "next_action", "owner"]
        assert MONEY.fullmatch(item["amount"])
        assert is_day(item["due"])
        assert is_day(item["act_by"])
        assert item["why"]
    days = [item["act_by"] or "" for item in found]
    assert days == sorted(days)


def accounts_of(office: Office) -> dict[str, dict[str, str]]:
    rows = json.loads((office.folder / "demo-accounts.json").read_text("utf-8"))
    return {row["email"]: row for row in rows}


def test_worklist_of_one_user(clinic_office):
    everything = clinic_office.ask("worklist", "--json")
    of = {email: clinic_office.ask("worklist", "--user", email, "--json") for email in accounts_of(clinic_office)}
    assert any(of.values())
    for email, found in of.items():
        name = next(row["name"] for row in clinic_office.ask("user", "list", "--json") if row["email"] == email)
        assert found == [item for item in everything if item["owner"] == name]
    assert clinic_office.refuse("worklist", "--user", "nobody@x.example") == [
        "nobody@x.example: no account has this e-mail address."
    ]


def test_demo_prints_counts_and_a_finished_letter(clinic_office):
    summary = json.loads((clinic_office.folder / "summary.json").read_text())
    assert list(summary) == ["patients", "claims", "denials", "appeals", "letter"]
    assert all(summary[name] > 0 for name in ("patients", "claims", "denials", "appeals"))
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(summary["letter"]).pages)
    assert "DRAFT" not in text
    assert "{{" not in text


def test_a_second_demo_is_refused_without_reset(clinic_office):
    (sentence,) = clinic_office.refuse("demo", "--json")
    assert "--reset" in sentence


def test_a_letter_is_printed_or_its_gaps_are_listed(clinic_office, tmp_path):
    out = tmp_path / "letter.pdf"
    outcomes = {}
    for item in clinic_office.ask("worklist", "--json"):
        if item["item"].startswith("DEN-"):
            outcomes[item["item"]] = clinic_office.call("letter", item["item"], "--out", out)
    refused = {name: result for name, result in outcomes.items() if result.exit_code == 1}
    assert refused
    for name, result in refused.items():
        assert len(result.stderr.splitlines()) >= 2
        assert clinic_office.call("letter", name, "--draft", "--out", out).exit_code == 0
        assert out.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("kind", rulebook.load().letters.kinds)
def test_every_kind_of_letter_has_an_example_that_composes(office, tmp_path, kind):
    facts, out = tmp_path / "facts.json", tmp_path / "letter.pdf"
    facts.write_text(office.call("letter", "--facts-example", kind).stdout)
    result = office.call("letter", "--facts", facts, "--kind", kind, "--draft", "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_letter_from_facts_alone_needs_no_database(office, tmp_path):
    facts, out = tmp_path / "facts.json", tmp_path / "letter.pdf"
    facts.write_text(office.call("letter", "--facts-example", "appeal").stdout)
    result = office.call("letter", "--facts", facts, "--out", out, DATABASE_URL="whim")
    assert result.exit_code == 0, result.stderr
    assert out.read_bytes().startswith(b"%PDF-")
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"whim": 1}))
    assert any("whim" in sentence for sentence in office.refuse("letter", "--facts", facts, "--out", out))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["letter", "DEN-00999", "--out", "x.pdf"], "DEN-00999: no denial, appeal or authorization of that reference"),
        (["letter", "DEN-99999999999999999999", "--out", "x.pdf"], "no denial, appeal or authorization"),
        (["letter", "whim", "--out", "x.pdf"], "they look like DEN-00012"),
        (["letter", "--facts-example", "whim"], "“whim” has no example"),
        (["letter", "DEN-00001", "--draft", "--kind", "whim", "--out", "x.pdf"], "“whim” is no kind of letter"),
        (["letter", "DEN-00001", "--draft", "--out", "/none/x.pdf"], "/none/x.pdf: No such file or directory."),
        (["letter", "--facts", "/none.json", "--out", "x.pdf"], "/none.json: No such file or directory."),
        (["report", "denied", "--group-by", "whim"], "Cannot group by whim"),
        (["report", "denied", "--from", "2026-02-01", "--to", "2026-01-01"], "The last day lies before the first day."),
        (["backup", "/none/x.zip"], "/none: there is no such folder."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(clinic_office, words, said):
    assert said in clinic_office.refuse(*words)[0]


def test_facts_of_an_unknown_payer_class_are_refused(office, tmp_path):
    given = json.loads(office.call("letter", "--facts-example", "appeal").stdout)
    given["coverage"]["payer_class"] = "medicare_advantage_plan"
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(given))
    (told,) = office.refuse("letter", "--facts", path, "--out", tmp_path / "letter.pdf")
    assert told.startswith("coverage.payer_class: “medicare_advantage_plan” is no payer class. Choose one of: ")
    assert not (tmp_path / "letter.pdf").exists()


@pytest.mark.parametrize("text", ['{"a": 1', "\ufeff{}", "[1, 2]", "null", "[" * 100_000])
def test_facts_that_are_no_document_are_refused(office, tmp_path, text):
    facts = tmp_path / "facts.json"
    facts.write_text(text, "utf-8")
    assert office.refuse("letter", "--facts", facts, "--out", tmp_path / "x.pdf")
    facts.write_bytes(b"\xff\xfe\x00")
    assert "no JSON document" in office.refuse("letter", "--facts", facts, "--out", tmp_path / "x.pdf")[0]


def test_report_in_every_format(clinic_office, tmp_path):
    document = clinic_office.ask("report", "denied", "--group-by", "payer,month", "--format", "json")
    assert list(document) == ["filters", "group_by", "groups", "rows", "total"]
    total = document["total"]
    assert MONEY.fullmatch(total["denied"])
    assert sum(group["denials"] for group in document["groups"]) == total["denials"] == len(document["rows"])
    table = clinic_office.call("report", "denied", "--group-by", "payer,month").stdout
    assert f"{float(total['denied']):,.2f}" in table.splitlines()[-1]
    assert len(clinic_office.call("report", "denied", "--format", "csv").stdout.splitlines()) == total["denials"] + 1
    for form in ("csv", "xlsx", "pdf", "json", "table"):
        out = tmp_path / f"denied.{form}"
        assert clinic_office.call("report", "denied", "--format", form, "--out", out).stdout.startswith(f"{out}: ")
    assert openpyxl.load_workbook(tmp_path / "denied.xlsx").sheetnames == ["Summary", "Denials", "Definitions"]
    assert "Denied claims" in pypdf.PdfReader(tmp_path / "denied.pdf").pages[0].extract_text()
    assert json.loads((tmp_path / "denied.json").read_text("utf-8"))["total"] == total


def test_a_calendar_names_claims_and_no_patient(clinic_office, tmp_path):
    out, everything = tmp_path / "due.ics", clinic_office.ask("worklist", "--json")
    for email in accounts_of(clinic_office):
        assert clinic_office.call("calendar", "--user", email, "--out", out).exit_code == 0
        text = out.read_bytes()
        assert text.startswith(b"BEGIN:VCALENDAR\r\n")
        assert text.endswith(b"END:VCALENDAR\r\n")
        assert max(map(len, text.split(b"\r\n"))) <= 75
        unfolded = text.replace(b"\r\n ", b"").decode()
        assert not [item for item in everything if item["patient"].split(",")[0] in unfolded]
        mine = [item for item in clinic_office.ask("worklist", "--user", email, "--json") if item["act_by"]]
        assert [item["act_by"].replace("-", "") for item in mine] == re.findall(r"DTSTART;VALUE=DATE:(\d+)", unfolded)


def test_wrong_sums_are_posted_for_a_reason(office, era):
    era.write_bytes(era.read_bytes().replace(b"BPR*I*0*", b"BPR*I*5*"))
    (_, hint) = office.refuse("import", era)
    assert hint == f"{era}: only its sums are wrong; --accept-unbalanced REASON posts it all the same."
    (answer,) = office.ask("import", era, "--accept-unbalanced", "the bank shows 5.00", "--json")
    assert (list(answer), answer["status"], answer["faults"]) == (IMPORT_KEYS, "posted", [])


def test_a_watched_folder_is_emptied_once(office, era, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(era, folder / "drop.835")
    assert "drop.835: Remittance (835) posted" in office.call("watch", folder, "--once", "--settle", "0").stdout
    assert list(json.loads((folder / "done" / "drop.835.result.json").read_text())) == IMPORT_KEYS
    assert office.refuse("watch", tmp_path / "none", "--once") == [
        f"{tmp_path / 'none'} is no folder. Make it, or name the one your clearinghouse writes to."
    ]


def test_denials_and_appeals_are_written_out(clinic_office, tmp_path):
    rows = json.loads(clinic_office.call("export", "denials", "--format", "json").stdout)
    assert rows
    assert all(MONEY.fullmatch(row["amount"]) for row in rows)
    out = tmp_path / "appeals.csv"
    assert clinic_office.call("export", "appeals", "--out", out).exit_code == 0
    assert out.read_text("utf-8-sig").startswith("reference,denial,about,level,state")
