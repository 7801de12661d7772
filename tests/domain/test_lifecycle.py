import pytest

from clinic_claims.domain.lifecycle import (
    APPEAL,
    CLAIM,
    DENIAL,
    LIFECYCLES,
    NEEDS,
    StepRefused,
    find,
    is_final,
    mermaid,
    take,
    unmet,
)

TABLES = pytest.mark.parametrize("table", LIFECYCLES.values(), ids=LIFECYCLES)
NOTHING = dict.fromkeys(NEEDS, False)
EVERYTHING = dict.fromkeys(NEEDS, True)


@TABLES
def test_every_name_in_a_row_exists(table):
    states = {state.value for state in table.states}
    for step in table.steps:
        assert set(step.leaves) <= states
        assert step.reaches in states
        assert set(step.needs) <= NEEDS.keys()


@TABLES
def test_every_state_can_be_reached(table):
    assert {step.reaches for step in table.steps} | {table.first} == {state.value for state in table.states}


@TABLES
def test_an_action_leads_to_one_place_from_each_state(table):
    pairs = [(step.action, state) for step in table.steps for state in step.leaves]
    assert len(pairs) == len(set(pairs))


def test_every_need_is_asked_for_somewhere():
    asked = {need for table in LIFECYCLES.values() for step in table.steps for need in step.needs}
    assert asked == NEEDS.keys()


def test_every_clock_that_starts_can_stop():
    steps = [step for table in LIFECYCLES.values() for step in table.steps]
    assert {clock for step in steps for clock in step.starts} <= {clock for step in steps for clock in step.stops}


@pytest.mark.parametrize(
    ("table", "final"),
    [
        (DENIAL, {"overturned", "patient_balance", "written_off"}),
        (APPEAL, {"overturned", "partly_overturned", "upheld", "dismissed", "withdrawn"}),
        (CLAIM, set()),
    ],
    ids=["denial", "appeal", "claim"],
)
def test_final_states(table, final):
    assert {state.value for state in table.states if is_final(table, state.value)} == final


def test_a_refusal_names_every_reason():
    with pytest.raises(StepRefused) as refused:
        take(DENIAL, "write_off_proposed", "sign_write_off", NOTHING)
    assert refused.value.reasons == ["Not yet: somebody other than the proposer signs the write-off."]


def test_a_step_that_is_not_open_says_where_the_record_stands():
    with pytest.raises(StepRefused, match="This claim is partly paid; “ask approval” is not open to it"):
        take(CLAIM, "partly_paid", "ask_approval", EVERYTHING)


def test_a_fixable_denial_is_not_offered_as_a_write_off():
    step = find(DENIAL, "open", "propose_write_off")
    assert unmet(step, {**EVERYTHING, "not_fixable": False}) == [f"Not yet: {NEEDS['not_fixable']}."]
    assert unmet(step, EVERYTHING) == []


@TABLES
def test_the_drawing_has_an_arrow_for_each_leaving(table):
    assert mermaid(table).count("-->") == 1 + sum(len(step.leaves) for step in table.steps)
