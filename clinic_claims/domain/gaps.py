"""What still stops a letter from leaving, each with what to do about it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, Protocol

from .arguments import Argument, Options
from .citations import Citation
from .evidence import Evidence, missing
from .exhibits import DOCUMENT_KINDS
from .facts import LetterFacts, question
from .identifiers import identifiers
from .words import dated, day, listed, unstopped

WINDOW_LINES = 4
"""Address lines that show through the window of a #10 envelope."""
UNFILLED = re.compile(r"\[[^\]]*\]|\{\{|\}\}|\bT\.?B\.?D\b|\bTODO\b|\bX{3,}\b|_{3,}|<insert|\?\?+", re.IGNORECASE)
# What no font of a letter draws: it would print as an empty box. Latin, Greek, Cyrillic, Hebrew and Arabic are drawn.
UNDRAWN = re.compile("[^\t\n\r -~\u00a0-\u06ff\u1e00-\u1fff\u2000-\u22ff\u2500-\u27bf\ufb00-\ufdff\ufe70-\ufeff]+")


WHERE = {
    "clinic": "the clinic's letterhead",
    "signer": "the provider's record",
    "patient": "the patient's record",
    "coverage": "the patient's coverage",
    "treatment": "the treatment case",
    "authorization": "the authorization",
    "claim": "the claim",
    "denial": "the denial, under what the notice says",
}
"""Where staff enter a fact, by the part of the facts it stands in."""


Item = Literal["time", "level", "law", "filled", "enclosed", "side", "interval", "cited", "policy", "claims"]
"""The items of the quality gate that a gap can keep from being done."""


_ITEMS: dict[str, Item] = {"denial.legal": "time", "denial.level_name": "level", "treatment.side": "side"}


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: what, why it matters, what to do, the place of the fact, and its item of the gate.

    `better` is what can take the place of `phrase`, word for word, where the fault is one of wording.
    """

    what: str
    why: str
    do: str
    field: str
    item: Item = "filled"
    phrase: str = ""
    better: str = ""


class Form(Protocol):
    """What the gaps need to know of a letter's kind."""

    @property
    def parts(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def needs(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def to(self) -> str: ...  # noqa: D102

    @property
    def argued(self) -> bool: ...  # noqa: D102

    @property
    def timed(self) -> bool: ...  # noqa: D102

    @property
    def encloses(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def hinges_on(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def points(self) -> bool: ...  # noqa: D102

    @property
    def identified(self) -> bool: ...  # noqa: D102

    @property
    def levelled(self) -> bool: ...  # noqa: D102

    @property
    def dated(self) -> bool: ...  # noqa: D102

    @property
    def quotes(self) -> bool: ...  # noqa: D102


def find_gaps(
    facts: LetterFacts, form: Form, arguments: tuple[Argument, ...], options: Options, evidence: Iterable[Evidence]
) -> tuple[Gap, ...]:
    """Return every gap of a letter, identifiers first."""
    found = [
        *_parts(facts, form),
        *_needs(facts, form),
        *_identifiers(facts, form),
        *_hinge(facts, form),
        *_address(facts, form),
        *_unfilled(facts),
        *_side(facts),
        *_level(facts, options),
    ]
    if form.timed:
        found += _time(facts)
    if form.argued:
        found += [*_arguments(facts, arguments, options), *_evidence(facts, evidence), *_criteria(facts)]
        found += [*_interval(facts, arguments), *_policy(facts)]
    if form.points and not form.encloses:
        found += _exhibits(facts, arguments)
    return tuple(dict.fromkeys(found))


def _parts(facts: LetterFacts, form: Form) -> Iterator[Gap]:
    for part in form.parts:
        if getattr(facts, part) is None:
            yield Gap(f"No {part} on file", "This letter answers it.", f"Enter the {part} first.", part)


def _needs(facts: LetterFacts, form: Form) -> Iterator[Gap]:
    for need in form.needs:
        if not getattr(facts, need):
            yield Gap(f"Not yet so: {question(need)}", "This letter rests on it.", "Enter it first.", need)


def _identifiers(facts: LetterFacts, form: Form) -> Iterator[Gap]:
    clinic, signer = facts.clinic, facts.signer
    always = (
        ("Clinic NPI", clinic.npi, "clinic.npi"),
        ("Clinic TIN", clinic.tin, "clinic.tin"),
        ("Taxonomy code", clinic.taxonomy, "clinic.taxonomy"),
        ("Clinic phone", clinic.phone, "clinic.phone"),
        ("Signer", signer.name, "signer.name"),
        ("Signer NPI", signer.npi, "signer.npi"),
        ("Signer credentials", signer.credentials, "signer.credentials"),
        ("Direct line for a peer-to-peer call", signer.direct_line, "signer.direct_line"),
        ("Payer name", facts.coverage.payer, "coverage.payer"),
    )
    if form.quotes and facts.denial:
        always += (("Denial reason in the payer's words", facts.denial.quoted, "denial.quoted"),)
    block = identifiers(facts, level=form.levelled, last_day=form.dated) if form.identified else ()
    needed = [(i.label, i.value, i.source) for i in block if i.required]
    for label, value, field in (*needed, *always):
        if not value.strip():
            do = f"Enter it on {WHERE[field.partition('.')[0]]}."
            yield Gap(
                f"{label} is missing", "A payer returns letters without it.", do, field, _ITEMS.get(field, "filled")
            )


def _hinge(facts: LetterFacts, form: Form) -> Iterator[Gap]:
    """Give a gap for a letter that says it encloses what is not there."""
    if form.hinges_on and not {document.kind for document in facts.documents} & {*form.hinges_on}:
        names = " or ".join(DOCUMENT_KINDS[kind] for kind in form.hinges_on[:3])
        why = "The letter says that it is enclosed."
        yield Gap(f"Enclosure missing: {names}", why, "Attach it.", "documents", "enclosed")


def _address(facts: LetterFacts, form: Form) -> Iterator[Gap]:
    field = "recipient" if facts.recipient or form.to != "payer" else "coverage.appeals_address"
    lines = len(facts.recipient if field == "recipient" else facts.coverage.appeals_address)
    if not lines and form.to != "staff":
        yield Gap(f"Address of the {form.to} is missing", "The letter has nowhere to go.", "Enter it.", field)
    elif lines > WINDOW_LINES:
        do = f"Shorten it to {WINDOW_LINES} lines."
        yield Gap(f"The address has {lines} lines", "It does not fit the envelope's window.", do, field)


def _unfilled(facts: LetterFacts) -> Iterator[Gap]:
    for field, text in texts(facts, ""):
        if found := UNFILLED.search(text):
            do = f"Replace {found[0]} with the fact."
            yield Gap(f"Unfilled placeholder in {field}", "A reviewer would see it.", do, field)
        yield from undrawn(text, field)


def undrawn(text: str, field: str) -> Iterator[Gap]:
    """Give a gap for the first letters of a text that would print as empty boxes."""
    if found := UNDRAWN.search(text):
        do = "Write it in Latin letters, as on the patient's card."
        yield Gap(f"“{found[0][:20]}” cannot be printed", "The payer would see empty boxes.", do, field)


def uncited(citations: Iterable[Citation]) -> Iterator[Gap]:
    """Give a gap for each reference that is not verified or speaks against the case; the rules let none through."""
    for citation in citations:
        if not citation.printable:
            do = "Leave out what leans on it, or have it verified."
            yield Gap(f"Not verified: {citation.title}", "Only verified references print.", do, "citations", "cited")


def texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Walk every text of the facts with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from texts(item, f"{place}.{index}")
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name), f"{place}.{field.name}".lstrip("."))


def _side(facts: LetterFacts) -> Iterator[Gap]:
    if not facts.sides_agree:
        why = "A side that differs from the chart is refused as an error."
        yield Gap(
            "Modifier and treated side differ", why, "Correct the claim or the side of the case.", "lines", "side"
        )
    for code, side in facts.diagnosis_sides.items():
        if side != facts.treatment.side:
            why = "A diagnosis of another side is refused as an error."
            do = "Correct the diagnosis code or the side of the case."
            yield Gap(f"{code} names the {side} side", why, do, "treatment.diagnosis_codes", "side")
    for finding in facts.found("examination", "imaging", "emg"):
        if (said := finding.side) and said != facts.treatment.side and facts.treatment.side in ("right", "left"):
            why = "A reviewer reads the note beside the claim."
            do = "Correct the finding, or the side of the case."
            yield Gap(f"The note of {day(finding.on)} speaks of the {said} side alone", why, do, "findings", "side")


def _level(facts: LetterFacts, options: Options) -> Iterator[Gap]:
    denial = facts.denial
    if any("upheld_before" in argument.needs and "explained" in argument.lacks(facts) for argument in options.waiting):
        what, why = "The reasons of the last decision are not answered yet", "A higher level answers the new reasons."
        yield Gap(what, why, "Say in a few sentences why they are wrong.", "denial.explanation", "level")
    if denial and denial.level > 1 and not denial.earlier and facts.coverage.payer_class:
        do = "Note the decision of the level before on its appeal."
        yield Gap("No earlier decision is on file", "A higher level answers it.", do, "denial.earlier", "level")


def _interval(facts: LetterFacts, arguments: tuple[Argument, ...]) -> Iterator[Gap]:
    asked = facts.denial is not None and facts.denial.category == "frequency"
    if asked and facts.early_session and not any("early_session" in argument.needs for argument in arguments):
        what = f"A session came {min(facts.intervals)} days after the one before"
        do = "Enter the reason on the denial and switch its argument on."
        yield Gap(what, "An early date that is not explained loses the case.", do, "denial.explanation", "interval")


def _policy(facts: LetterFacts) -> Iterator[Gap]:
    policy, given = facts.policy, facts.claim.service_from if facts.claim else None
    starts = dated(policy.version) if policy else None
    if policy and not policy.version.strip():
        do = "Enter the version that was in force on the day of service."
        yield Gap(f"{policy.number} has no version", "Another version has other criteria.", do, "policy", "policy")
    elif policy and given and starts and starts > given:
        what = f"{policy.number} of {day(starts)} is younger than the service of {day(given)}"
        do = "Enter the version that was in force on the day of service."
        yield Gap(what, "The payer must judge by the version of the day.", do, "policy", "policy")


def _time(facts: LetterFacts) -> Iterator[Gap]:
    denial = facts.denial
    if denial and denial.legal and not facts.in_time:
        do = "Write a good-cause letter, or record the proof that it was filed in time."
        what = f"The time to appeal ended on {day(denial.legal)}"
        yield Gap(what, "The payer will dismiss it.", do, "denial.legal", "time")


def _arguments(facts: LetterFacts, arguments: tuple[Argument, ...], options: Options) -> Iterator[Gap]:
    if arguments:
        return
    lacking = dict.fromkeys(need for argument in options.waiting for need in argument.lacks(facts))
    needed = [unstopped(question(need) or need) for need in lacking]
    if options.ready:
        do = f"Switch one on: {listed(f'“{argument.heading}”' for argument in options.ready)}."
    else:
        do = f"One is made once this holds: {'; '.join(needed)}." if needed else "Write another kind of letter."
    yield Gap("The letter makes no argument", "It would say nothing.", do, "arguments")


def _evidence(facts: LetterFacts, evidence: Iterable[Evidence]) -> Iterator[Gap]:
    for item in missing(facts, evidence):
        yield Gap(f"{item.label} is not on file", item.why, item.fix, item.holds, "enclosed")


def _criteria(facts: LetterFacts) -> Iterator[Gap]:
    for index, criterion in enumerate(facts.policy.criteria if facts.policy else ()):
        if not criterion.met:
            do = "Say where the chart meets it, or why it does not apply."
            place = f"policy.criteria.{index}"
            yield Gap(f"Criterion not answered: {criterion.text}", "Reviewers decide by criterion.", do, place)


def _exhibits(facts: LetterFacts, arguments: tuple[Argument, ...]) -> Iterator[Gap]:
    on_file = {document.kind for document in facts.documents}
    for argument in arguments:
        for kind in argument.exhibits:
            if kind not in on_file:
                name = DOCUMENT_KINDS[kind]
                yield Gap(
                    f"Enclosure missing: {name}",
                    f"“{argument.heading}” leans on it.",
                    "Attach it.",
                    "documents",
                    "enclosed",
                )
    known = {document.id for document in facts.documents}
    for finding in facts.findings:
        if finding.document and finding.document not in known:
            do = "Attach it, or name another document."
            yield Gap(
                f"Document {finding.document} is not on file", "A finding points at it.", do, "documents", "enclosed"
            )
