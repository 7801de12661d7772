"""What each state that waits for us asks for next, whose work that is, and how long it takes."""

from datetime import date

from .lifecycle import AppealState, AuthorizationState, ClaimState, DenialState
from .permissions import Role

DENIAL_NEXT: dict[str, str] = {
    DenialState.OPEN: "Decide what to do",
    DenialState.CORRECTING: "Send the corrected claim",
    DenialState.PEER_TO_PEER: "Hold the peer-to-peer call",
    DenialState.UPHELD: "Appeal to the next level",
    DenialState.PARTLY_OVERTURNED: "Pursue or settle the rest",
    DenialState.WRITE_OFF_PROPOSED: "Sign or refuse the write-off",
}
APPEAL_NEXT: dict[str, str] = {
    AppealState.DRAFTING: "Finish the appeal letter",
    AppealState.IN_REVIEW: "Review and sign the letter",
    AppealState.READY: "File the appeal",
    AppealState.FILED: "Chase the decision",
    AppealState.OVERDUE: "Chase the decision",
}
CLAIM_NEXT: dict[str, tuple[str, str]] = {  # with the clock that bounds it
    ClaimState.SERVICE_GIVEN: ("Finish coding", "timely_filing"),
    ClaimState.READY_TO_BILL: ("Submit the claim", "timely_filing"),
    ClaimState.REJECTED: ("Fix and resend the claim", "timely_filing"),
    ClaimState.INFORMATION_REQUESTED: ("Send the records", "records_request"),
    ClaimState.SUBMITTED: ("Ask the payer", "payer_answer"),
    ClaimState.ACCEPTED: ("Ask the payer", "payer_answer"),
    ClaimState.PENDING: ("Ask the payer", "payer_answer"),
    ClaimState.REVERSED: ("Answer the takeback", "takeback"),
}
AT_PAYER = (ClaimState.SUBMITTED, ClaimState.ACCEPTED, ClaimState.PENDING)
AUTHORIZATION_NEXT: dict[str, str] = {
    AuthorizationState.PLANNED: "Submit the request",
    AuthorizationState.PENDED: "Answer the payer",
    AuthorizationState.SUBMITTED: "Call the payer",
    AuthorizationState.OVERDUE: "Press for the answer",
}
FIND_CLAIM = "Find the claim"
MEND_FILE = "Mend and resend the file"
PAYERS_TURN = ("Ask the payer", "Call the payer", "Chase the decision")  # within its time, nobody's work
RENEW = "Ask for the renewal"  # of what was granted, while its series goes on
ASK_ANEW = "Ask for a new approval"  # once it ended, there is nothing left to renew
# House estimates, as nobody published such figures: minutes of work still ahead until it lies with the payer again.
MINUTES = {
    DENIAL_NEXT[DenialState.OPEN]: 90,
    DENIAL_NEXT[DenialState.CORRECTING]: 25,
    DENIAL_NEXT[DenialState.PEER_TO_PEER]: 40,
    DENIAL_NEXT[DenialState.UPHELD]: 90,
    DENIAL_NEXT[DenialState.PARTLY_OVERTURNED]: 60,
    DENIAL_NEXT[DenialState.WRITE_OFF_PROPOSED]: 5,
    APPEAL_NEXT[AppealState.DRAFTING]: 60,
    APPEAL_NEXT[AppealState.IN_REVIEW]: 15,
    APPEAL_NEXT[AppealState.READY]: 15,
    APPEAL_NEXT[AppealState.OVERDUE]: 15,
    CLAIM_NEXT[ClaimState.SERVICE_GIVEN][0]: 10,
    CLAIM_NEXT[ClaimState.READY_TO_BILL][0]: 10,
    CLAIM_NEXT[ClaimState.REJECTED][0]: 20,
    CLAIM_NEXT[ClaimState.INFORMATION_REQUESTED][0]: 30,
    CLAIM_NEXT[ClaimState.SUBMITTED][0]: 15,
    CLAIM_NEXT[ClaimState.REVERSED][0]: 60,
    FIND_CLAIM: 15,
}
USUAL = 15  # minutes of everything else
SIGNERS = {
    APPEAL_NEXT[AppealState.IN_REVIEW]: Role.PHYSICIAN,
    DENIAL_NEXT[DenialState.PEER_TO_PEER]: Role.PHYSICIAN,
    DENIAL_NEXT[DenialState.WRITE_OFF_PROPOSED]: Role.MANAGER,
}
TO_SIGN = (APPEAL_NEXT[AppealState.IN_REVIEW], DENIAL_NEXT[DenialState.WRITE_OFF_PROPOSED])


def asked_on(action: str, ends: date | None, today: date) -> str:
    """Return what an action has become by a day: a renewal is one as long as the approval has not ended."""
    return ASK_ANEW if action == RENEW and ends is not None and ends < today else action
