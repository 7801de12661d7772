import json
from dataclasses import replace
from typing import get_args

import pytest

from clinic_claims.domain.denial_codes import DenialCodes, Kind, Remedy, misfits
from clinic_claims.domain.denials import read, read_line, to_json
from clinic_claims.rulebook import load

CODES = load().denial_codes


def test_a_rejection_is_fixed_and_sent_again_and_never_appealed() -> None:
    reading = read(CODES, "CO", ["16"], ["MA130"])
    assert (reading.kind, reading.remedy, reading.appealable) == ("rejection", "correct_resubmit", False)
    assert not reading.is_denial


@pytest.mark.parametrize(
    ("group", "carcs", "rarcs", "kind", "category"),
    [
        ("PR", ["1"], [], "patient_responsibility", "patient_responsibility"),
        ("CO", ["45"], [], "contractual", "contractual"),
        ("CO", ["253", "45"], [], "contractual", "contractual"),
        ("CO", ["252"], ["N29"], "records_request", "missing_documentation"),
        ("CO", ["226"], ["N706"], "records_request", "missing_documentation"),
        ("CO", ["16"], ["N29"], "records_request", "missing_documentation"),
        ("PR", ["227"], ["N358"], "records_request", "missing_documentation"),
        ("OA", ["133"], [], "information", "review_or_recoupment"),
        ("OA", ["23"], [], "information", "cob"),
        ("CO", ["197"], [], "denial", "prior_auth_missing"),
        ("PR", ["96"], ["N383"], "denial", "cosmetic"),
        ("PR", ["96"], ["N425"], "denial", "noncovered_benefit"),
        ("CO", ["16"], ["M76"], "denial", "diagnosis_not_covered"),
    ],
)
def test_only_a_denial_is_shown_as_one(
    group: str, carcs: list[str], rarcs: list[str], kind: str, category: str
) -> None:
    reading = read(CODES, group, carcs, rarcs)
    assert (reading.kind, reading.category) == (kind, category)
    assert reading.is_denial == (kind == "denial")
    assert reading.appealable == (kind == "denial")


@pytest.mark.parametrize(
    ("group", "carcs", "rarcs"),
    [
        ("", ["9999"], []),
        ("CO", ["50", "9999"], []),
        ("ZZ", ["50"], []),
        ("CO", ["46"], []),
        ("CO", ["16"], ["N9999"]),
        ("CO", [], ["MA01"]),
        ("CO", [], []),
    ],
)
def test_what_is_not_known_is_not_guessed(group: str, carcs: list[str], rarcs: list[str]) -> None:
    reading = read(CODES, group, carcs, rarcs)
    assert (reading.category, reading.remedy, reading.kind) == ("unclassified", None, "unclassified")
    assert reading.is_denial
    assert reading.warnings


def test_an_unread_remark_beside_a_plain_reason_is_a_warning() -> None:
    reading = read(CODES, "CO", ["50"], ["N9999"])
    assert reading.category == "medical_necessity"
    assert "N9999" in reading.warnings[0]


@pytest.mark.parametrize("carcs", [["45", "50"], ["1", "2", "50"], ["23", "50"], ["50", "59"], ["50", "11"]])
def test_the_first_code_that_asks_for_a_deed_decides(carcs: list[str]) -> None:
    assert read(CODES, "CO", carcs).deciding_codes == ("50",)


@pytest.mark.parametrize("code", [code for code, row in CODES.carcs.items() if row.needs_remark])
def test_a_code_that_leans_on_a_remark_warns_when_it_is_missing(code: str) -> None:
    row = CODES.carcs[code]
    assert any("must come with a remark" in warning for warning in read(CODES, row.usual_group[0], [code]).warnings)
    alerted = read(CODES, row.usual_group[0], [code], ["MA01"])
    assert alerted.category == row.category
    assert any("must come with a remark" in warning for warning in alerted.warnings)
    assert alerted.alerts


def test_the_codes_named_by_the_rules_must_come_with_a_remark() -> None:
    assert {code for code, row in CODES.carcs.items() if row.needs_remark} == {
        *("16", "96", "129", "148", "226", "227", "234", "250", "251", "252", "A1"),
    }


@pytest.mark.parametrize("remark", [code for code, row in CODES.rarcs.items() if row.bars_appeal])
def test_a_remark_may_take_the_right_of_appeal_away(remark: str) -> None:
    reading = read(CODES, "CO", ["50"], [remark])
    assert not reading.appealable
    assert any(warning.startswith(remark) for warning in reading.warnings)


@pytest.mark.parametrize("carc", ["50", "216", "55", "272"])
def test_a_necessity_denial_after_an_approval_is_its_own_case(carc: str) -> None:
    assert read(CODES, "CO", [carc], approved_before=True).category == "pre_approved_then_denied"
    assert read(CODES, "CO", [carc]).category != "pre_approved_then_denied"


def test_an_approval_on_file_turns_a_missing_authorization_into_a_corrected_claim() -> None:
    assert read(CODES, "CO", ["197"]).remedy == "either"
    assert read(CODES, "CO", ["197"], approved_before=True).remedy == "correct_resubmit"


def test_the_answer_travels_as_json() -> None:
    answer = json.loads(json.dumps(to_json(read(CODES, "CO", ["197"], ["N54"]))))
    assert list(answer)[:7] == ["category", "remedy", "appealable", "next_action", "evidence", "plain", "sources"]
    assert (answer["remedy"], answer["appealable"]) == ("either", True)
    assert answer["evidence"]
    assert to_json(read(CODES, "", ["9999"]))["remedy"] is None


def test_a_claim_status_speaks_even_without_reason_codes() -> None:
    assert read(CODES, "", [], claim_status="25").rule == "predetermination"
    assert read(CODES, "", [], claim_status="1").category == "unclassified"


def test_a_reversal_repeats_old_codes_and_is_no_new_denial() -> None:
    assert not read(CODES, "CO", ["50"], claim_status="22").is_denial
    assert read(CODES, "CO", ["50"], ["N688"], claim_status="22").category == "pre_approved_then_denied"


def test_an_ended_code_is_read_as_its_successor_with_a_warning() -> None:
    reading = read(CODES, "CO", ["15"])
    assert reading.category == "prior_auth_missing"
    assert "2018-05-01" in reading.warnings[0]
    assert "197 or 284" in reading.warnings[0]


def test_an_unusual_group_is_pointed_out() -> None:
    assert any("PR" in warning for warning in read(CODES, "PR", ["197"]).warnings)


def test_codes_are_read_however_they_are_typed() -> None:
    assert read(CODES, "co", [" 16 "], ["ma130"]).kind == "rejection"


@pytest.mark.parametrize("code", CODES.carcs)
def test_every_reason_code_reads_as_its_row_says(code: str) -> None:
    row = CODES.carcs[code]
    reading = read(CODES, row.usual_group[0], [code])
    assert (reading.category, reading.remedy, reading.kind) == (row.category, row.remedy, row.says)
    assert row.category in CODES.categories
    assert row.remedy in get_args(Remedy)
    assert reading.kind in get_args(Kind)
    assert reading.next_action
    assert code in " ".join(reading.sources)


@pytest.mark.parametrize("code", CODES.rarcs)
def test_every_remark_explains_or_only_alerts(code: str) -> None:
    row = CODES.rarcs[code]
    reading = read(CODES, "CO", ["A1"], [code])
    if row.alert_only:
        assert reading.rule == "A1"
        assert any(code in words for words in (*reading.alerts, *reading.warnings))
    elif not reading.rule.isidentifier() or reading.rule == code:
        assert (reading.category, reading.remedy) == (row.category, row.remedy)
    assert row.category in CODES.categories
    assert row.remedy in get_args(Remedy)


@pytest.mark.parametrize("name", CODES.combinations)
def test_every_combination_decides_its_own_examples(name: str) -> None:
    row = CODES.combinations[name]
    assert row.examples
    for example in row.examples:
        reading = read_line(CODES, example)
        assert reading.rule == name
        assert reading.category == (row.category or reading.category)
        assert reading.remedy == (row.remedy or reading.remedy)


@pytest.mark.parametrize("code", CODES.ended)
def test_every_ended_code_is_mapped_or_unclassified(code: str) -> None:
    row = CODES.ended[code]
    reading = read(CODES, "CO", [code], ["N54"])
    assert code not in CODES.carcs
    assert (reading.category == "unclassified") == (not row.read_as)
    assert any(code in warning for warning in reading.warnings)


def test_what_can_be_fixed_is_never_offered_as_a_write_off() -> None:
    for row in CODES.carcs.values():
        reading = read(CODES, row.usual_group[0], [row.code])
        assert not (reading.fixable and "write off" in reading.next_action.lower())


def test_a_rulebook_that_points_nowhere_is_refused() -> None:
    broken = replace(CODES, carcs={"50": replace(CODES.carcs["50"], category="nonsense")})
    assert ("carc", "code", "50", "category: nonsense is not defined") in set(misfits(broken))
    assert not list(misfits(CODES))


def test_the_lists_are_complete() -> None:
    assert isinstance(CODES, DenialCodes)
    counts = (CODES.categories, CODES.groups, CODES.carcs, CODES.rarcs, CODES.ended)
    assert [len(rows) for rows in counts] == [28, 5, 134, 145, 40]
