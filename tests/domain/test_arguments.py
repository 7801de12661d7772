"""Arguments, hooks and citations: only what fits the case, only what may be printed."""

import re
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_claims import pdf
from clinic_claims.domain.arguments import choose, faults
from clinic_claims.domain.citations import overstatements
from clinic_claims.domain.exhibits import DOCUMENT_KINDS, DocumentFacts
from clinic_claims.domain.facts import LetterFacts
from clinic_claims.domain.hooks import requests
from clinic_claims.domain.letters import compose
from clinic_claims.rulebook import FOLDER, RulebookError, load
from tests.letter_cases import PAYER_CLASSES, book, changed, facts, words

ARGUMENTS = tuple(book().arguments.values())
HOOKS = tuple(book().hooks.values())


def source(argument) -> str:
    return (pdf.LETTERS / "arguments" / f"{argument.id}.html").read_text("utf-8")


@pytest.mark.parametrize("argument", ARGUMENTS, ids=lambda a: a.id)
def test_an_argument_cites_what_its_row_says_in_that_order(argument):
    assert tuple(re.findall(r'cite\("(\w+)"\)', source(argument))) == argument.cites
    assert set(re.findall(r"citation:(\w+)", source(argument))) == set(argument.cites)


@pytest.mark.parametrize("argument", ARGUMENTS, ids=lambda a: a.id)
def test_an_argument_overstates_nothing_and_keeps_to_its_own_ban(argument):
    said = re.sub(r"<[^>]*>|\{[{%#].*?[}%#]\}", " ", source(argument)) + argument.heading + ". " + argument.summary
    assert overstatements(said, book().overstatements.values()) == []
    assert [phrase for phrase in argument.never if phrase.lower() in said.lower()] == []


@pytest.mark.parametrize("argument", ARGUMENTS, ids=lambda a: a.id)
def test_an_argument_asks_nothing_about_codes_or_payers(argument):
    conditions = " ".join(re.findall(r"\{%-? (?:if|elif) (.*?)%\}", source(argument)))
    assert not re.search(r"payer|carc|rarc|code|state|class|category", conditions)


def test_every_template_belongs_to_an_argument():
    assert {path.stem for path in (pdf.LETTERS / "arguments").glob("*.html")} == set(book().arguments)


def test_arguments_wait_for_what_they_need():
    case = facts("appeal_toxin_necessity")
    assert "toxin_response" in [argument.id for argument in choose(case, ARGUMENTS, "appeal").ready]
    options = choose(replace(case, injections=()), ARGUMENTS, "appeal")
    waiting = {argument.id: argument.lacks(replace(case, injections=())) for argument in options.waiting}
    assert waiting["toxin_response"] == ("response_recorded",)


def test_an_approval_is_argued_only_when_the_claim_agrees_with_it():
    case = facts("appeal_toxin_approved")
    assert case.billed_as_approved
    wrong_side = replace(case.claim, lines=(replace(case.claim.lines[0], modifiers=("LT",)), *case.claim.lines[1:]))
    late = replace(case.authorization, valid_to=case.authorization.valid_from)
    assert not replace(case, claim=wrong_side).billed_as_approved
    assert not replace(case, authorization=late).given_under_approval
    ready = choose(replace(case, claim=wrong_side), ARGUMENTS, "appeal").ready
    assert "approval_was_given" not in [argument.id for argument in ready]


def test_units_beyond_the_approval_are_no_agreement():
    case = facts("appeal_toxin_approved")
    more = replace(case.claim.lines[2], units=case.claim.lines[2].units * 10)
    assert not replace(case, claim=replace(case.claim, lines=(*case.claim.lines[:2], more))).billed_as_approved


def test_the_rulebook_refuses_a_citation_that_may_not_be_printed():
    known, argument = book().citations, ARGUMENTS[0]
    for cite in ("lee_2017_natural_history", "fda_botox_blepharospasm_vii_nerve", "yoshimura_1992", "nobody_1900"):
        found = list(faults({"a": replace(argument, cites=(cite,))}, known, book().kinds))
        assert found, cite
        assert cite in found[0][1]


def test_the_rulebook_refuses_a_need_that_nobody_can_know():
    found = list(faults({"a": replace(ARGUMENTS[0], needs=("age",))}, book().citations, book().kinds))
    assert found == [(ARGUMENTS[0].id, "needs age, which is no yes/no property of LetterFacts")]


def test_caution_is_printed_only_with_its_limit():
    limited = [citation for citation in book().citations.values() if citation.use == "caution" and citation.printable]
    assert limited
    assert all(citation.printed_limit for citation in limited)
    assert not replace(limited[0], printed_limit=None).printable


def test_references_hold_nothing_unseen():
    lines = {name: citation.reference for name, citation in book().citations.items() if citation.printable}
    assert lines["barker_1995_hfs_mvd"].endswith("Journal of Neurosurgery. 1995;82(2):201-210.")
    assert lines["tambasco_2021"].startswith("Tambasco N, Filidei M, Nigro P, Parnetti L, Simoni S. Botulinum")
    assert "Simpson DM, Blitzer A, Brashear A, et al." in lines["aan_2008_simpson_movement_disorders"]
    assert not [line for line in lines.values() if "None" in line or "recalled" in line or ".." in line]


@pytest.mark.parametrize(
    ("claimed", "better"),
    [
        ("Botox is FDA-approved for hemifacial spasm.", "disorder of the seventh nerve"),
        ("MVD is the only cure.", "prospect of a definitive cure"),
        ("Hemifacial spasm never remits.", "very rare"),
        ("The AAN gives Level B for hemifacial spasm.", "Level C"),
        ("ACA section 2719 requires it.", "Public Health Service Act"),
        ("The MRI proves the cause.", "supports"),
        ("There are no alternatives.", "alternatives were tried"),
        ("It can be repeated as needed.", "3 months"),
        ("Oral medications do not work.", "not been shown"),
        ("All LCDs cover it.", "LCD of this area"),
    ],
)
def test_overstatements_are_caught_with_better_words(claimed, better):
    found = overstatements(claimed, book().overstatements.values())
    assert len(found) == 1
    assert better in found[0][1]


def test_careful_words_pass():
    said = "the only option that offers the prospect of a definitive cure; Level C for hemifacial spasm; FDA-approved"
    assert overstatements(said, book().overstatements.values()) == []


@pytest.mark.parametrize("payer_class", PAYER_CLASSES)
def test_every_payer_class_is_asked_for_the_file_and_for_reasons(payer_class):
    case = changed(facts("appeal_toxin_necessity"), coverage={"payer_class": payer_class})
    kinds = {request.request for request in requests(case, HOOKS, ("file", "reasons", "specialist"))}
    assert kinds == {"file", "reasons", "specialist"}


def test_a_law_that_was_only_recalled_is_not_printed():
    recalled = [hook for hook in HOOKS if hook.confidence == "recalled" and hook.law]
    assert recalled
    for hook in recalled:
        case = changed(facts("appeal_mvd_necessity"), coverage={"payer_class": hook.payer_classes[0]})
        assert [request.law for request in requests(case, [hook], (hook.request,))] == [None]


def test_the_prior_authorization_rule_is_never_named_for_a_drug():
    drug = changed(facts("lmn_toxin"), coverage={"payer_class": "medicare_advantage_enrollee"})
    surgery = changed(facts("appeal_mvd_necessity"), coverage={"payer_class": "medicare_advantage_enrollee"})
    assert not [asked for asked in requests(drug, HOOKS, ("reasons",)) if asked.law]
    assert [asked for asked in requests(surgery, HOOKS, ("reasons",)) if "CMS-0057-F" in (asked.law or "")]


EVERY_DOCUMENT = tuple(DocumentFacts(id=kind, kind=kind, title=kind, pages=1) for kind in DOCUMENT_KINDS)


def case_for(argument) -> LetterFacts:
    """Change an example until the argument fits it."""
    treatment = argument.treatments[0] if argument.treatments else "toxin"
    approved = "differs_from_approval" in argument.needs or "given_under_approval" in argument.needs
    base = facts(f"appeal_{treatment}_{'approved' if approved else 'necessity'}")
    denial = {"explanation": "It was so.", "level": argument.levels[0] if argument.levels else 1}
    denial |= {
        "category": (argument.answers or ("medical_necessity",))[0],
        "earlier": facts("external_review").denial.earlier,
    }
    case = changed(base, denial=denial)
    if argument.conditions:
        case = changed(case, treatment={"condition": argument.conditions[0]})
    if argument.payer_classes:
        case = changed(case, coverage={"payer_class": argument.payer_classes[0]})
    if "differs_from_approval" in argument.needs:
        case = changed(case, claim={"place": "22 Hospital outpatient"})
    if "early_session" in argument.needs:
        case = changed(case, claim={"service_from": case.injections[-1].on + timedelta(70)})
    paid = facts("lmn_renewal").paid_earlier
    return replace(case, documents=EVERY_DOCUMENT, recoupment=facts("takeback").recoupment, paid_earlier=paid)


@pytest.mark.parametrize("argument", ARGUMENTS, ids=lambda a: a.id)
def test_every_argument_can_be_made_and_prints_its_words_and_references(argument):
    made = compose(case_for(argument), book(), argument.kinds[0], chosen=[argument.id])
    said = words(made)
    assert argument.heading in said
    assert all(f"[{made.note(cite)}]" in said for cite in argument.cites)
    assert all(citation.reference in said for citation in made.citations)
    assert not re.search(r"None|Undefined|\{|\}|  ", said)


CATEGORIES = {answer for argument in ARGUMENTS for answer in argument.answers}
OF_TOXIN_ALONE = {"frequency", "units_wastage"}  # an operation is not refused for these


@pytest.mark.parametrize(
    ("category", "treatment"),
    [(name, "toxin") for name in sorted(CATEGORIES)] + [(name, "mvd") for name in sorted(CATEGORIES - OF_TOXIN_ALONE)],
)
def test_every_reason_has_an_argument_for_either_treatment(category, treatment):
    case = changed(facts(f"appeal_{treatment}_necessity"), denial={"category": category})
    options = choose(case, ARGUMENTS, "appeal")
    assert options.ready or options.waiting


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"tan_2004_hfs30"', '"tan_1904"', "cites tan_1904, which is not in citations.toml"),
        ('"tan_2004_hfs30"', '"pourmomeny_2019_synkinesis"', "which may not be printed"),
        ('"criteria_on_file"', '"criteria_on_moon"', "needs criteria_on_moon"),
        ('exhibits = ["policy_page"]', 'exhibits = ["poem"]', "which is no kind of document"),
        ('"lmn_mvd"]', '"sonnet"]', "which is no letter of letters.toml"),
    ],
)
def test_a_faulty_argument_stops_the_rulebook_with_file_and_line(tmp_path, old, new, fault):
    folder = tmp_path / "rules"
    shutil.copytree(FOLDER, folder)
    path = folder / "arguments.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(RulebookError) as refused:
        load(folder)
    assert len(refused.value.faults) == 1
    assert re.match(r"arguments\.toml:\d+: argument \w+: ", refused.value.faults[0])
    assert fault in refused.value.faults[0]
