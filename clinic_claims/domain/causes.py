"""Where a denial begins, and whether the check before billing looks for it: what to change so that it stays away."""

from collections.abc import Iterable
from dataclasses import dataclass

# The place in the clinic where each reason begins, and what stops it there.
CAUSES: dict[str, tuple[str, str]] = {
    "prior_auth_missing": ("Approval", "Ask before the visit is booked, and put the number on the claim."),
    "prior_auth_mismatch": ("Approval", "Compare approval, visit and claim before billing."),
    "prior_auth_exceeded": ("Approval", "Count units used against units approved; renew in time."),
    "prior_auth_denied": ("Approval", "Send the whole file with the request: criteria, trials, findings."),
    "pre_approved_then_denied": ("Payer", "Hold the payer to its approval; bring it to the contract talk."),
    "medical_necessity": ("Chart", "Write down severity, function and trials at each visit."),
    "experimental": ("Chart", "Send the evidence with the request."),
    "cosmetic": ("Chart", "Write down function lost, and the diagnosis with its side."),
    "step_therapy": ("Chart", "Write down each medicine tried: dose, dates, result."),
    "frequency": ("Scheduling", "Book no session before its earliest payable day."),
    "coding_modifier": ("Coding", "Read the check before billing, and cure what it finds."),
    "bundling": ("Coding", "Check code pairs and their modifiers before billing."),
    "diagnosis_not_covered": ("Coding", "Use the specific diagnosis that the policy lists."),
    "units_wastage": ("Coding", "Bill used and discarded units on their own lines, from the vial log."),
    "duplicate": ("Coding", "Ask for the status before a claim is sent again."),
    "global_period": ("Coding", "Check days of surgery and modifiers before billing."),
    "timely_filing": ("Billing", "Send each claim within days; keep the acceptance report."),
    "missing_documentation": ("Billing", "Send records the day they are asked for."),
    "review_or_recoupment": ("Billing", "Answer an audit within its days, with the whole record."),
    "eligibility": ("Front desk", "Check coverage two days before each visit."),
    "cob": ("Front desk", "Ask for other coverage at each check."),
    "noncovered_benefit": ("Front desk", "Ask for benefits before the visit; have the patient choose in writing."),
    "wrong_benefit": ("Front desk", "Ask whether the drug runs under the medical or the pharmacy benefit."),
    "out_of_network": ("Front desk", "Check the network at scheduling; ask for an exception first."),
    "patient_responsibility": ("Front desk", "Estimate the share before the visit."),
    "provider_eligibility": ("Enrollment", "Keep each provider's enrollment with each payer up to date."),
    "contractual": ("Contract", "Compare what was paid with the contract."),
    "appeal_process": ("Appeals", "File in time, with proof, to the right address."),
    "unclassified": ("Unknown", "Ask the payer for the specific reason."),
}
GENERIC = ("16", "50")
"""Reason codes that say too little by themselves: a remark code must say which check would have found it."""


@dataclass(frozen=True)
class Drawn:
    """A rule of the check before billing, with the codes of the denial that it would have drawn."""

    label: str
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]


def cause_of(category: str) -> tuple[str, str]:
    """Return where a reason begins, and what stops it there."""
    return CAUSES.get(category, CAUSES["unclassified"])


def looked_for(rules: Iterable[Drawn], carcs: Iterable[str], rarcs: Iterable[str]) -> tuple[str, ...]:
    """Name the checks that look for what these codes say."""
    reasons, remarks = set(carcs), set(rarcs)
    found = (
        rule.label
        for rule in rules
        if (reasons & set(rule.carcs) - set(GENERIC)) or (reasons & set(rule.carcs) and remarks & set(rule.rarcs))
    )
    return tuple(dict.fromkeys(found))
