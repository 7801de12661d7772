"""The parts of a letter's facts: who, what was asked for, approved and billed, and what was refused.

Money is in dollars. Units are billing units on a line and toxin units in a treatment. Weeks are whole weeks.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class ClinicFacts:
    """The letterhead and the billing provider's identifiers."""

    name: str
    address: tuple[str, ...]
    phone: str
    fax: str
    email: str
    npi: str
    tin: str
    taxonomy: str


@dataclass(frozen=True, kw_only=True)
class SignerFacts:
    """The treating clinician, who signs."""

    name: str
    specialty: str
    credentials: str
    npi: str
    direct_line: str


@dataclass(frozen=True, kw_only=True)
class PatientFacts:
    """The patient, with the name as on the card; `called` is how the letter speaks of them."""

    name: str
    called: str
    birth_date: date
    mrn: str


@dataclass(frozen=True, kw_only=True)
class CoverageFacts:
    """The plan that decides; `payer_class` is an id of the appeal rules, such as erisa_self_funded."""

    payer: str
    plan: str
    payer_class: str
    member_id: str
    group_number: str | None
    relationship: str
    funding: str
    state: str
    network: str
    appeals_address: tuple[str, ...]
    appeals_fax: str | None


@dataclass(frozen=True, kw_only=True)
class TreatmentFacts:
    """What is asked for and why; `side` is right, left or both."""

    treatment: str
    condition: str
    diagnosis_codes: tuple[str, ...]
    side: str
    onset: str
    product: str | None
    units: Decimal | None
    interval_weeks: int | None
    plan: str
    stop_rule: str | None
    without: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding of the chart in the clinician's words, with the page it stands on."""

    id: str
    kind: str
    on: date
    words: str
    value: str | None = None
    document: str | None = None
    page: int | None = None

    @property
    def side(self) -> str | None:
        """The one side that the words name; None when they name both or none."""
        named = set(re.findall(r"\b(left|right)\b(?!-handed)", self.words.lower()))
        return named.pop() if len(named) == 1 else None


@dataclass(frozen=True, kw_only=True)
class PriorTreatment:
    """A treatment already tried; `stopped` is None while it goes on."""

    name: str
    dose: str
    started: date
    stopped: date | None
    result: str
    reason_stopped: str
    document: str | None = None
    page: int | None = None

    @property
    def weeks(self) -> int | None:
        """Whole weeks of treatment, once it has ended."""
        return (self.stopped - self.started).days // 7 if self.stopped else None


@dataclass(frozen=True, kw_only=True)
class PriorInjection:
    """One toxin session; `benefit_weeks` is how long relief lasted."""

    on: date
    product: str
    units: Decimal
    response: str
    benefit_weeks: int | None = None
    document: str | None = None
    page: int | None = None


@dataclass(frozen=True, kw_only=True)
class LineFacts:
    """One line asked for, approved or billed; `label` is our own short wording."""

    code: str
    label: str
    units: Decimal
    modifiers: tuple[str, ...] = ()
    diagnosis: str | None = None
    charged: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class AuthorizationFacts:
    """The payer's answer before the service; `status` is an authorization state, such as approved."""

    number: str
    status: str
    requested_on: date
    decided_on: date | None
    valid_from: date | None
    valid_to: date | None
    provider: str
    place: str
    lines: tuple[LineFacts, ...]


@dataclass(frozen=True, kw_only=True)
class ClaimFacts:
    """The claim as billed."""

    number: str
    payer_control_number: str
    service_from: date
    service_to: date
    provider: str
    place: str
    billed: Decimal
    paid: Decimal
    submitted_on: date
    lines: tuple[LineFacts, ...]


@dataclass(frozen=True, kw_only=True)
class EarlierDecision:
    """A level already decided."""

    level_name: str
    filed_on: date
    decided_on: date
    outcome: str
    reasons: str

    @property
    def ended(self) -> str:
        """How it ended: a denial is upheld or overturned, an appeal dismissed or withdrawn."""
        return f"the {'appeal' if self.outcome in ('dismissed', 'withdrawn') else 'denial'} was {self.outcome}"


@dataclass(frozen=True, kw_only=True)
class FirstNotice:
    """The notice that began it, once a later decision is the one that a letter answers."""

    dated: date
    codes: str
    quoted: str


@dataclass(frozen=True, kw_only=True)
class DenialFacts:
    """What the payer refused, in its own words, and the time allowed to answer.

    The notice is the newest decision; `first` is the one that began it, where that is another. `explanation` is the
    clinic's plain account of what happened, where an error or a delay has to be explained; `expedited_reason` is what
    the clinician certifies.
    """

    reference: str
    category: str
    group: str | None
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]
    quoted: str
    notice_dated: date
    notice_received: date | None
    received_how: str | None
    policy_named: str | None
    level: int
    level_name: str
    legal: date | None
    act_by: date | None
    time_rule: str | None
    because: tuple[str, ...] = ()
    approved_before: bool = False
    expedited_reason: str | None = None
    explanation: str | None = None
    earlier: tuple[EarlierDecision, ...] = ()
    first: FirstNotice | None = None

    @property
    def codes(self) -> str:
        """The reason codes as a remittance prints them: CO-50, N115."""
        group = f"{self.group}-" if self.group else "CARC "
        return ", ".join([f"{group}{carc}" for carc in self.carcs] + list(self.rarcs))


@dataclass(frozen=True, kw_only=True)
class CriterionFacts:
    """One criterion of the payer's policy and where the chart meets it; `met` is None while nobody has answered it."""

    text: str
    met: str | None
    document: str | None = None
    page: int | None = None


@dataclass(frozen=True, kw_only=True)
class PolicyFacts:
    """The payer's own policy, in the version in force on the date of service."""

    number: str
    title: str
    version: str
    criteria: tuple[CriterionFacts, ...]


@dataclass(frozen=True, kw_only=True)
class FilingFacts:
    """A request or an appeal that was sent, with its proof, and the day its answer was due."""

    filed_on: date
    method: str
    proof: str
    due_on: date
    rule: str | None


@dataclass(frozen=True, kw_only=True)
class MissedDuty:
    """Something the payer had to do by a day and did not."""

    on: date
    what: str
    rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class PaidFacts:
    """An earlier service of the same kind that the same payer paid: its claim, the codes paid and their dollars."""

    number: str
    service_on: date
    codes: tuple[str, ...]
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class RecoupmentFacts:
    """Money that the payer paid and wants back."""

    paid_on: date
    demanded_on: date
    amount: Decimal
