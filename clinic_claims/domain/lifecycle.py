"""What may happen next to an authorization, a claim, a denial or an appeal: four tables, one engine.

A row says: action · button words · leaves · reaches · needs · starts clocks · stops clocks. Buttons, refusals
and the drawings in the README derive from these rows. `needs` are keys of NEEDS; the record answers each with
yes or no. Clocks are ids of rules/deadlines.toml or plain reminders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AuthorizationState(StrEnum):
    """Where a request for prior authorization stands."""

    PLANNED = "planned"
    SUBMITTED = "submitted"
    PENDED = "pended"
    OVERDUE = "overdue"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    MODIFIED = "modified"
    DENIED = "denied"
    NOT_REQUIRED = "not_required"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


class ClaimState(StrEnum):
    """Where a claim stands."""

    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting_approval"
    READY_TO_SCHEDULE = "ready_to_schedule"
    SERVICE_GIVEN = "service_given"
    READY_TO_BILL = "ready_to_bill"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDING = "pending"
    INFORMATION_REQUESTED = "information_requested"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    DENIED = "denied"
    REVERSED = "reversed"
    RECOUPED = "recouped"
    CLOSED = "closed"


class DenialState(StrEnum):
    """Where the work on a denial stands."""

    OPEN = "open"
    CORRECTING = "correcting"
    PEER_TO_PEER = "peer_to_peer"
    APPEALING = "appealing"
    OVERTURNED = "overturned"
    PARTLY_OVERTURNED = "partly_overturned"
    UPHELD = "upheld"
    PATIENT_BALANCE = "patient_balance"
    WRITE_OFF_PROPOSED = "write_off_proposed"
    WRITTEN_OFF = "written_off"


class AppealState(StrEnum):
    """Where one level of appeal stands."""

    DRAFTING = "drafting"
    IN_REVIEW = "in_review"
    READY = "ready"
    FILED = "filed"
    OVERDUE = "overdue"
    OVERTURNED = "overturned"
    PARTLY_OVERTURNED = "partly_overturned"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


# What a step may ask for, in the words a refusal shows.
NEEDS = {
    "lines_on_file": "at least one line with a code and units is entered",
    "approval_required": "the plan asks for approval of this service",
    "approval_on_file": "an approval is on file and covers the claim",
    "approval_settled": "an approval is on file, or the plan asks for none",
    "number_on_file": "the payer's authorization number is entered",
    "past_valid_to": "the last approved day has passed",
    "clock_run_out": "the payer's time to decide has run out",
    "service_date_on_file": "the date of service is entered and not in the future",
    "billed_on_file": "every service line carries its charge",
    "check_clear": "the check before billing finds no error, or each was let pass with a reason",
    "paid_in_full": "the payer's payment and adjustments leave nothing open",
    "something_paid": "the payer paid a part",
    "nothing_paid": "the payer paid nothing",
    "no_open_denial": "every denial of the claim is settled",
    "another_level": "the payer class has a further level of appeal",
    "patient_may_be_billed": "the payer made it the patient's share, or the patient agreed in writing to pay",
    "second_person": "somebody other than the proposer signs the write-off",
    "not_fixable": "the codes leave nothing to correct or send, or that was tried",
    "letter_without_gaps": "a finished letter without gaps is on file",
    "letter_signed": "the physician signed the letter that is on file, unchanged since",
    "proof_or_reason": "a proof of delivery is on file, or a reason why there is none",
}


@dataclass(frozen=True)
class Step:
    """One row of a table: an action, its button, the states it leaves, the state it reaches, needs and clocks."""

    action: str
    label: str
    leaves: tuple[str, ...]
    reaches: str
    needs: tuple[str, ...]
    starts: tuple[str, ...]
    stops: tuple[str, ...]


@dataclass(frozen=True)
class Lifecycle:
    """One of the four tables, with the state a new record is in."""

    name: str
    states: type[StrEnum]
    first: str
    steps: tuple[Step, ...]


def _table(name: str, states: type[StrEnum], rows: str) -> Lifecycle:
    """Read the rows below: action | label | leaves | reaches | needs | starts | stops."""
    cells = [[cell.strip() for cell in line.split("|")] for line in rows.strip().splitlines()]
    steps = tuple(
        Step(
            action, label, tuple(leaves.split()), reaches, tuple(needs.split()), tuple(starts.split()), tuple(s.split())
        )
        for action, label, leaves, reaches, needs, starts, s in cells
    )
    return Lifecycle(name, states, next(iter(states)).value, steps)


# ruff: noqa: E501 (a table is read across)
AUTHORIZATION = _table(
    "authorization",
    AuthorizationState,
    """
    submit            | Mark as submitted          | planned                                              | submitted       | lines_on_file  | authorization_decision | authorization_renewal
    note_not_required | No approval needed         | planned submitted                                    | not_required    |                |                        | authorization_decision
    note_pended       | Payer asks for more        | submitted overdue                                    | pended          |                |                        |
    send_information  | Information sent           | pended                                               | submitted       |                |                        |
    note_overdue      | Mark as overdue            | submitted pended                                     | overdue         | clock_run_out  |                        |
    approve           | Record approval            | submitted pended overdue denied modified             | approved        | number_on_file | authorization_end authorization_renewal | authorization_decision
    approve_in_part   | Record part approval       | submitted pended overdue denied                      | partly_approved | number_on_file | authorization_end authorization_renewal | authorization_decision
    modify            | Record changed approval    | submitted pended overdue denied approved partly_approved modified expired | modified        | number_on_file | authorization_end authorization_renewal | authorization_decision
    deny              | Record denial              | submitted pended overdue                             | denied          |                |                        | authorization_decision
    expire            | Mark as expired            | approved partly_approved modified                    | expired         | past_valid_to  |                        | authorization_end authorization_renewal
    revoke            | Payer revoked it           | approved partly_approved modified                    | revoked         |                |                        | authorization_end authorization_renewal
    cancel            | Cancel request             | planned submitted pended overdue                     | cancelled       |                |                        | authorization_decision
    """,
)

CLAIM = _table(
    "claim",
    ClaimState,
    """
    ask_approval        | Ask for approval         | planned                                                                                     | awaiting_approval     | approval_required          |                 |
    note_approval       | Approval is on file      | awaiting_approval                                                                           | ready_to_schedule     | approval_on_file           |                 |
    clear_to_schedule   | Clear for scheduling     | planned                                                                                     | ready_to_schedule     | approval_settled           |                 |
    record_service      | Record the service       | planned awaiting_approval ready_to_schedule                                                 | service_given         | service_date_on_file       | timely_filing   |
    finish_coding       | Coding is done           | service_given                                                                               | ready_to_bill         | lines_on_file              |                 |
    submit              | Mark as submitted        | ready_to_bill                                                                               | submitted             | billed_on_file check_clear | payer_answer    | timely_filing
    note_accepted       | Payer accepted it        | submitted pending                                                                           | accepted              |                            |                 |
    note_rejected       | Rejected: fix and resend | submitted accepted pending                                                                  | rejected              |                            | timely_filing   | payer_answer
    note_pending        | Pending at payer         | submitted accepted                                                                          | pending               |                            |                 |
    request_information | Payer asks for records   | submitted accepted pending                                                                  | information_requested |                            | records_request |
    send_records        | Records sent             | information_requested                                                                       | pending               |                            |                 | records_request
    correct             | Correct the claim        | rejected denied partly_paid                                                                 | ready_to_bill         |                            | timely_filing   |
    post_payment        | Post payment             | service_given ready_to_bill submitted accepted pending information_requested rejected denied partly_paid reversed recouped paid closed | paid                  | paid_in_full               |                 | payer_answer records_request timely_filing takeback
    post_part_payment   | Post part payment        | service_given ready_to_bill submitted accepted pending information_requested rejected denied reversed recouped partly_paid paid closed | partly_paid           | something_paid             |                 | payer_answer records_request timely_filing takeback
    post_denial         | Post denial              | service_given ready_to_bill submitted accepted pending information_requested rejected denied reversed | denied                | nothing_paid               |                 | payer_answer records_request timely_filing takeback
    reverse             | Payer reversed payment   | paid partly_paid denied closed                                                              | reversed              |                            | takeback        |
    recoup              | Payer took money back    | reversed paid partly_paid closed                                                            | recouped              |                            |                 | takeback
    close               | Close the claim          | paid partly_paid denied reversed recouped                                                   | closed                | no_open_denial             |                 | payer_answer takeback
    """,
)

DENIAL = _table(
    "denial",
    DenialState,
    """
    correct           | Correct and resend          | open upheld                                                     | correcting         |                       |        |
    ask_peer_to_peer  | Ask for a peer-to-peer call | open                                                            | peer_to_peer       |                       |        |
    appeal            | Start an appeal             | open correcting peer_to_peer upheld partly_overturned           | appealing          | another_level         |        |
    note_overturned   | Denial overturned           | open correcting peer_to_peer appealing upheld partly_overturned | overturned         |                       |        | appeal
    note_partly       | Partly overturned           | open correcting peer_to_peer appealing upheld                   | partly_overturned  |                       | appeal | appeal
    note_upheld       | Denial upheld               | correcting peer_to_peer appealing                               | upheld             |                       | appeal | appeal
    resume            | Back to open                | correcting peer_to_peer appealing                               | open               |                       |        |
    bill_patient      | Move to patient balance     | open upheld partly_overturned                                   | patient_balance    | patient_may_be_billed |        | appeal
    propose_write_off | Propose a write-off         | open upheld partly_overturned                                   | write_off_proposed | not_fixable           |        |
    refuse_write_off  | Refuse the write-off        | write_off_proposed                                              | open               |                       |        |
    sign_write_off    | Sign the write-off          | write_off_proposed                                              | written_off        | second_person         |        | appeal
    """,
)

APPEAL = _table(
    "appeal",
    AppealState,
    """
    send_for_review   | Send for signature     | drafting                              | in_review         | letter_without_gaps |                 |
    hand_back         | Return with a reason   | in_review ready                       | drafting          |                     |                 |
    sign              | Sign the letter        | in_review                             | ready             | letter_signed       |                 |
    file              | Mark as filed          | ready                                 | filed             | proof_or_reason     | appeal_decision |
    note_overdue      | Payer is late          | filed                                 | overdue           | clock_run_out       |                 |
    decide_overturned | Decision: overturned   | filed overdue                         | overturned        |                     |                 | appeal_decision
    decide_partly     | Decision: partly       | filed overdue                         | partly_overturned |                     |                 | appeal_decision
    decide_upheld     | Decision: upheld       | filed overdue                         | upheld            |                     |                 | appeal_decision
    dismiss           | Dismissed by the payer | filed overdue                         | dismissed         |                     |                 | appeal_decision
    withdraw          | Withdraw               | drafting in_review ready filed overdue | withdrawn        |                     |                 | appeal_decision
    """,
)

LIFECYCLES = {table.name: table for table in (AUTHORIZATION, CLAIM, DENIAL, APPEAL)}

STAGES = ("Pre-approval", "Billing", "Denial", "Appeal")


class StepRefused(Exception):
    """The record may not take this step now; `reasons` are sentences for the person at the screen."""

    def __init__(self, action: str, reasons: list[str]) -> None:
        super().__init__(f"{action}: {' '.join(reasons)}")
        self.action = action
        self.reasons = reasons


def words(state: str) -> str:
    """Return a state or an action as people say it: `partly_paid` is "partly paid"."""
    return state.replace("_", " ")


def unmet(step: Step, holds: Mapping[str, bool]) -> list[str]:
    """Say which needs of the step do not hold, each as a sentence."""
    return [f"Not yet: {NEEDS[need]}." for need in step.needs if not holds[need]]


def find(table: Lifecycle, state: str, action: str) -> Step:
    """Return the row for this action in this state. Raises StepRefused when there is none."""
    for step in table.steps:
        if step.action == action and state in step.leaves:
            return step
    raise StepRefused(action, [f"This {table.name} is {words(state)}; “{words(action)}” is not open to it."])


def take(table: Lifecycle, state: str, action: str, holds: Mapping[str, bool]) -> Step:
    """Return the step, or raise StepRefused with every reason."""
    step = find(table, state, action)
    if reasons := unmet(step, holds):
        raise StepRefused(action, reasons)
    return step


def is_final(table: Lifecycle, state: str) -> bool:
    """Say whether nothing more can happen from this state."""
    return not any(state in step.leaves for step in table.steps)


def mermaid(table: Lifecycle) -> str:
    """Draw the table; the README holds this drawing and a test keeps it true."""
    arrows = [f"    {state} --> {step.reaches}: {words(step.action)}" for step in table.steps for state in step.leaves]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {table.first}", *arrows])
