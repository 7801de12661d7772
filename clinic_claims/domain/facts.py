"""Everything one letter may say, frozen at one moment. What is not here cannot be printed.

A yes/no property of `LetterFacts` can be named in `needs` of rules/arguments.toml and in `holds` of
rules/evidence.toml; its one-line docstring is what staff read.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from .comparison import DIAGNOSIS_SIDES, SIDES, Compared, comparison
from .exhibits import DocumentFacts
from .letter_parts import (
    AuthorizationFacts,
    ClaimFacts,
    ClinicFacts,
    CoverageFacts,
    DenialFacts,
    FilingFacts,
    Finding,
    LineFacts,
    MissedDuty,
    PaidFacts,
    PatientFacts,
    PolicyFacts,
    PriorInjection,
    PriorTreatment,
    RecoupmentFacts,
    SignerFacts,
    TreatmentFacts,
)

CONDITIONS = {
    "hemifacial_spasm": "hemifacial spasm",
    "blepharospasm": "blepharospasm",
    "cervical_dystonia": "cervical dystonia",
    "chronic_migraine": "chronic migraine",
    "spasmodic_dysphonia": "adductor spasmodic dysphonia",
    "synkinesis": "facial synkinesis",
    "trigeminal_neuralgia": "trigeminal neuralgia",
    "glossopharyngeal_neuralgia": "glossopharyngeal neuralgia",
}
TWELVE_WEEKS = 84


@dataclass(frozen=True, kw_only=True)
class LetterFacts:
    """All that a letter about one case may say, as known on `today`.

    `recipient` holds the address of a letter that does not go to the payer's appeals address: to the patient, to a
    regulator or to another desk. `following` counts the pages that a fax cover goes before; `paid_earlier` holds what
    the same payer paid for the same treatment of the patient.
    """

    today: date
    clinic: ClinicFacts
    signer: SignerFacts
    patient: PatientFacts
    coverage: CoverageFacts
    treatment: TreatmentFacts
    findings: tuple[Finding, ...]
    prior_treatments: tuple[PriorTreatment, ...]
    injections: tuple[PriorInjection, ...]
    documents: tuple[DocumentFacts, ...]
    authorization: AuthorizationFacts | None
    claim: ClaimFacts | None
    denial: DenialFacts | None
    policy: PolicyFacts | None
    recipient: tuple[str, ...] = ()
    filing: FilingFacts | None = None
    missed: tuple[MissedDuty, ...] = ()
    recoupment: RecoupmentFacts | None = None
    following: int | None = None
    paid_earlier: tuple[PaidFacts, ...] = ()

    @property
    def age(self) -> int:
        """Age in whole years today."""
        born, today = self.patient.birth_date, self.today
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    @property
    def condition(self) -> str:
        """The condition in words, with its side when it has one."""
        name = CONDITIONS.get(self.treatment.condition, self.treatment.condition)
        return f"{self.treatment.side} {name}" if self.treatment.side in SIDES.values() else name

    @property
    def lines(self) -> tuple[LineFacts, ...]:
        """The lines in question: as billed, else as asked for."""
        if self.claim:
            return self.claim.lines
        return self.authorization.lines if self.authorization else ()

    def found(self, *kinds: str) -> tuple[Finding, ...]:
        """Findings of these kinds, newest first."""
        return tuple(sorted((f for f in self.findings if f.kind in kinds), key=lambda f: f.on, reverse=True))

    @property
    def intervals(self) -> tuple[int, ...]:
        """Days between consecutive toxin sessions, the billed one included, oldest first."""
        days = {session.on for session in self.injections}
        if self.claim and self.treatment.treatment == "toxin":
            days.add(self.claim.service_from)
        ordered = sorted(days)
        return tuple((later - earlier).days for earlier, later in pairwise(ordered))

    @property
    def compared(self) -> tuple[Compared, ...]:
        """The approval beside the claim, row by row; empty without both."""
        return comparison(self.authorization, self.claim) if self.authorization and self.claim else ()

    @property
    def service_given(self) -> bool:
        """The service was given and billed."""
        return self.claim is not None

    @property
    def service_awaited(self) -> bool:
        """The service has not been given yet."""
        return self.claim is None

    @property
    def diagnosis_recorded(self) -> bool:
        """An examination that describes the spasm is on file."""
        return bool(self.found("examination"))

    @property
    def severity_recorded(self) -> bool:
        """A severity scale with its date is on file."""
        return bool(self.found("severity"))

    @property
    def function_recorded(self) -> bool:
        """What the patient cannot do is on file."""
        return bool(self.found("function"))

    @property
    def imaging_recorded(self) -> bool:
        """An MRI or MRA report is on file."""
        return bool(self.found("imaging"))

    @property
    def imaging_concordant(self) -> bool:
        """An MRI or MRA report on file speaks of the side that is treated."""
        return any(finding.side == self.treatment.side for finding in self.found("imaging"))

    @property
    def differential_recorded(self) -> bool:
        """Other causes of facial movement were looked for."""
        return bool(self.found("differential"))

    @property
    def fitness_recorded(self) -> bool:
        """Fitness for anesthesia and surgery is on file."""
        return bool(self.found("fitness"))

    @property
    def risks_discussed(self) -> bool:
        """The talk about the risks of surgery is on file."""
        return bool(self.found("consent"))

    @property
    def medicines_tried(self) -> bool:
        """At least one medicine was tried, with dose, dates and result."""
        return bool(self.prior_treatments)

    @property
    def toxin_tried(self) -> bool:
        """Toxin was injected before, with units and response."""
        return bool(self.injections)

    @property
    def response_recorded(self) -> bool:
        """The length of relief after an earlier session is on file."""
        return any(session.benefit_weeks for session in self.injections)

    @property
    def twelve_weeks_apart(self) -> bool:
        """Every session was at least 84 days after the one before."""
        return bool(self.intervals) and min(self.intervals) >= TWELVE_WEEKS

    @property
    def criteria_on_file(self) -> bool:
        """The payer's policy with its criteria is on file."""
        return bool(self.policy and self.policy.criteria)

    @property
    def approval_on_file(self) -> bool:
        """The payer approved this service in advance."""
        return self.authorization is not None and self.authorization.status == "approved"

    @property
    def given_under_approval(self) -> bool:
        """The payer approved before the service, and the service fell within the dates approved."""
        approval, claim = self.authorization, self.claim
        if not (self.approval_on_file and approval and claim and approval.decided_on):
            return False
        starts, ends = approval.valid_from or approval.decided_on, approval.valid_to or claim.service_to
        return approval.decided_on <= claim.service_from and starts <= claim.service_from and claim.service_to <= ends

    @property
    def billed_as_approved(self) -> bool:
        """Codes, side, units, provider and place were billed as approved."""
        return self.given_under_approval and all(row.same for row in self.compared)

    @property
    def sides_agree(self) -> bool:
        """The modifier of each line names the side that was treated."""
        named = {SIDES[m] for line in self.lines for m in line.modifiers if m in SIDES}
        return named <= {self.treatment.side} or self.treatment.side == "both"

    @property
    def diagnosis_sides(self) -> dict[str, str]:
        """The side that each diagnosis code of the case names, by code."""
        return {code: DIAGNOSIS_SIDES[code] for code in self.treatment.diagnosis_codes if code in DIAGNOSIS_SIDES}

    @property
    def in_time(self) -> bool:
        """Today is not past the last lawful day."""
        return bool(self.denial and self.denial.legal and self.today <= self.denial.legal)

    @property
    def differs_from_approval(self) -> bool:
        """The claim differs from the approval in code, side, units, provider or place."""
        return self.given_under_approval and not self.billed_as_approved

    @property
    def explained(self) -> bool:
        """The clinic's account of what happened is on file."""
        return bool(self.denial and self.denial.explanation)

    @property
    def urgency_stated(self) -> bool:
        """The clinician has stated why the standard time is too long."""
        return bool(self.denial and self.denial.expedited_reason)

    @property
    def early_session(self) -> bool:
        """A session came sooner than 84 days after the one before."""
        return bool(self.intervals) and min(self.intervals) < TWELVE_WEEKS

    @property
    def discard_billed(self) -> bool:
        """Discarded drug is billed on a line of its own."""
        return any("JW" in line.modifiers for line in self.lines)

    @property
    def side_coded(self) -> bool:
        """The diagnosis codes are specific, with the side where the code has one."""
        return bool(self.treatment.diagnosis_codes) and not {"G51.3", "G51.39"} & set(self.treatment.diagnosis_codes)

    def _holds(self, kind: str) -> bool:
        return any(document.kind == kind for document in self.documents)

    @property
    def timely_proof_on_file(self) -> bool:
        """Proof that the claim was accepted in time is on file."""
        return self._holds("timely_filing_proof")

    @property
    def payer_statement_on_file(self) -> bool:
        """The payer's own statement that no approval was needed is on file."""
        return self._holds("payer_statement")

    @property
    def network_searched(self) -> bool:
        """A search for an in-network specialist is on file."""
        return self._holds("network_search")

    @property
    def paid_before(self) -> bool:
        """The payer paid this claim and wants the money back."""
        return self.recoupment is not None

    @property
    def answer_overdue(self) -> bool:
        """The payer's time to answer has run out."""
        return bool(self.filing and self.filing.due_on < self.today)

    @property
    def duties_missed(self) -> bool:
        """Duties that the payer missed are on record."""
        return bool(self.missed)

    @property
    def paid_for_it_before(self) -> bool:
        """The same payer paid for the same treatment of this patient before."""
        return bool(self.paid_earlier)

    @property
    def upheld_before(self) -> bool:
        """An earlier level has been decided."""
        return bool(self.denial and self.denial.earlier)


def question(name: str) -> str | None:
    """Return the docstring of a yes/no property of LetterFacts, or None when there is none of that name."""
    found = vars(LetterFacts).get(name)
    read = found.fget if isinstance(found, property) else None
    return read.__doc__ if read and read.__annotations__.get("return") is bool else None
