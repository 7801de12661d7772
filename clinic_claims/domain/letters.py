"""Compose a letter: facts, then arguments, then citations, exhibits and gaps. Words and looks are the templates'."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .arguments import Argument, Options, choose
from .arguments import faults as argument_faults
from .citations import Citation, Overstatement
from .enclosing import without
from .evidence import Evidence
from .evidence import faults as evidence_faults
from .exhibits import CLINICAL, DOCUMENT_KINDS, Exhibit, lettered
from .facts import LetterFacts, question
from .gaps import Gap, find_gaps, uncited
from .hooks import Column, Hook, Request, own_law, requests
from .hooks import faults as hook_faults
from .identifiers import Identifier, coded, identifiers
from .letter_parts import MissedDuty
from .merge_fields import Shown
from .own_words import OwnParagraph, bare, references
from .paragraphs import Paragraph, paragraph_faults
from .typed_gaps import typed_gaps
from .words import listed, lowered, period

OWN = "own"  # type of a citation that the clinic added
QUOTING = frozenset({
    "opening", "file_opening", "retro", "records", "corrected", "takeback_opening", "brief", "patient",
})  # fmt: skip
"""Sections that print the payer's own words."""
OF_TREATMENT = frozenset({"history", "tried", "plan", "specialist", "peer_to_peer"})
"""Sections that tell of the treatment, and requests that somebody judge it."""


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """One [[letter]] of rules/letters.toml: a document, its sections in order and the requests it makes.

    `parts` names what must be in the facts, such as denial or claim, and `needs` yes/no properties that must hold.
    `when` tells staff in what case it is sent, `to` who reads it; `argued` whether arguments and evidence belong in
    it, and `argued_as` the kind whose arguments it takes; `timed` whether it must be filed by the last lawful day;
    `asks` whether it repeats what the payer should do; `identified` whether it carries the block of identifiers, and
    `levelled` whether these name the level of appeal; `encloses` the kinds of document that go with it, where not
    everything on file is needed to answer it; `hinges_on` those of which it must enclose one at least.
    """

    id: str
    title: str
    when: str
    subject: str
    salutation: str
    sections: tuple[str, ...]
    parts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    to: Literal["payer", "reviewer", "patient", "regulator", "staff"] = "payer"
    argued: bool = True
    argued_as: str | None = None
    timed: bool = False
    asks: bool = True
    identified: bool = True
    levelled: bool = False
    hinges_on: tuple[str, ...] = ()
    encloses: tuple[str, ...] = ()
    ending: tuple[str, ...] = ("signature", "references", "enclosures")

    @property
    def quotes(self) -> bool:
        """Whether it prints the payer's own words."""
        return not QUOTING.isdisjoint(self.sections)

    @property
    def points(self) -> bool:
        """Whether it points at documents: those that it encloses, or those on file for staff."""
        return "enclosures" in self.ending or self.to == "staff"

    @property
    def dated(self) -> bool:
        """Whether its identifiers name the last day to file: who reads it must file by then, or see that we did."""
        return self.timed or self.to == "staff"


@dataclass(frozen=True)
class LetterBook:
    """The rules a letter is composed from, by id."""

    citations: Mapping[str, Citation]
    overstatements: Mapping[str, Overstatement]
    arguments: Mapping[str, Argument]
    hooks: Mapping[str, Hook]
    columns: Mapping[str, Column]
    kinds: Mapping[str, LetterKind]
    evidence: Mapping[str, Evidence]
    paragraphs: Mapping[str, Paragraph]

    def own(self, citation: str | None, facts: LetterFacts) -> str | None:
        """Return what of a citation is law for the payer class of the case."""
        return own_law(citation, facts.coverage.payer_class, self.columns.values())

    def faults(self) -> Iterable[tuple[str, str, str]]:
        """Name table, row and fault of whatever does not fit together."""
        yield from (("argument", *fault) for fault in argument_faults(self.arguments, self.citations, self.kinds))
        yield from (("hook", *fault) for fault in hook_faults(self.hooks, self.citations))
        yield from (("letter", *fault) for fault in kind_faults(self.kinds.values()))
        yield from (("evidence", *fault) for fault in evidence_faults(self.evidence.values()))
        yield from (("paragraph", *fault) for fault in paragraph_faults(self.paragraphs.values()))


@dataclass(frozen=True)
class Letter:
    """A composed letter. While `gaps` is not empty it is a draft and may not leave. `logo` is a data: address."""

    kind: LetterKind
    facts: LetterFacts
    identifiers: tuple[Identifier, ...]
    arguments: tuple[Argument, ...]
    waiting: tuple[Argument, ...]
    requests: tuple[Request, ...]
    grounds: Mapping[str, tuple[Request, ...]]
    citations: tuple[Citation, ...]
    exhibits: tuple[Exhibit, ...]
    time_rule: str | None
    filing_rule: str | None
    missed: tuple[MissedDuty, ...]
    edits: Mapping[str, str]
    own: tuple[OwnParagraph, ...]
    gaps: tuple[Gap, ...]
    paragraphs: Mapping[str, Paragraph]
    logo: str = ""

    @property
    def writable(self) -> bool:
        """Whether what the document is about is on file; without it even a draft would have nothing to say."""
        needs = (*self.kind.parts, *self.kind.needs)
        return all(getattr(self.facts, need) for need in needs)

    @property
    def address(self) -> tuple[str, ...]:
        """The lines that show through the envelope's window."""
        return self.facts.recipient or (self.facts.coverage.appeals_address if self.kind.to == "payer" else ())

    @property
    def title(self) -> str:
        """The title of the document, as its metadata and the packet name it."""
        return f"{self.kind.title}: {self.facts.patient.name}"

    @property
    def salutation(self) -> str:
        """How the letter greets its reader."""
        return self.kind.salutation.replace("{patient}", self.facts.patient.called)

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that it prints, in order, the ending left aside."""
        return _told(self.kind.sections, self.arguments)

    @property
    def subject(self) -> str:
        """The subject line: the document, what it is about and, for an appeal, its level."""
        denial = self.facts.denial
        level = lowered(denial.level_name) if denial else ""
        return self.kind.subject.replace("{case}", lowered(self.reference)).replace("{level}", level)

    @property
    def reference(self) -> str:
        """What the payer files it under."""
        return reference_of(self.facts)

    def own_after(self, place: str) -> tuple[OwnParagraph, ...]:
        """Return the clinic's own paragraphs that follow a section or an argument; at the last one, all strays too."""
        known = {*self.sections, *(argument.id for argument in self.arguments)}
        at_end = place == self.sections[-1]
        return tuple(p for p in self.own if p.after == place or (at_end and p.after not in known))

    def shown(self) -> Shown:
        """Return what the merge fields of its standard paragraphs may tell."""
        reasons = tuple(argument.summary for argument in sorted(self.arguments, key=lambda a: not a.lead))
        return Shown(self.facts, self.ask, reasons, self.exhibits, self.time_rule, self.filing_rule)

    @property
    def ask(self) -> str:
        """What the reader is asked to do, in the imperative: an outside reviewer decides for the plan."""
        told = ask(self.facts)
        payer = self.facts.coverage.payer
        return f"overturn this decision and require {payer} to {told}" if self.kind.to == "reviewer" else told

    def argues(self, *arguments: str) -> bool:
        """Whether one of these arguments is made, so that its facts need not be told twice."""
        return any(argument.id in arguments for argument in self.arguments)

    def note(self, citation: str) -> int:
        """Return the number of a citation. Raises ValueError when the letter does not cite it."""
        return [known.id for known in self.citations].index(citation) + 1

    def added(self, argument: Argument) -> tuple[Citation, ...]:
        """Return the clinic's own references for an argument, whose words do not name them."""
        return tuple(one for one in self.citations if one.type == OWN and one.id in argument.cites)

    def exhibit(self, document: str | None) -> Exhibit | None:
        """Return the exhibit of a document id; None when it is not enclosed."""
        return next((exhibit for exhibit in self.exhibits if exhibit.document.id == document), None)

    def kind_of(self, *kinds: str) -> tuple[Exhibit, ...]:
        """Return the exhibits of these kinds."""
        return tuple(exhibit for exhibit in self.exhibits if exhibit.document.kind in kinds)


def compose(
    facts: LetterFacts,
    book: LetterBook,
    kind: str = "appeal",
    chosen: Sequence[str] | None = None,
    edits: Mapping[str, str] | None = None,
    own: Sequence[OwnParagraph] = (),
) -> Letter:
    """Gather what a letter says and what still stops it from leaving.

    `chosen` gives argument ids in the order wanted; without it every argument that is ready is made, strongest
    first. `edits` holds the text of arguments that staff have rewritten, which keeps the references that it names,
    and `own` their own paragraphs. Raises KeyError for a kind or an argument that the rules do not know, or one that
    this case does not allow.
    """
    edits = edits or {}
    form = book.kinds[kind]
    facts = _least(facts, form)
    options = choose(facts, book.arguments.values(), form.argued_as or kind) if form.argued else Options((), ())
    arguments = _picked(options, chosen)
    facts = _of_papers(facts) if _papers_alone(arguments) else facts
    asked = requests(facts, book.hooks.values(), _told(form.requests, arguments))
    grounds = {a.id: requests(facts, book.hooks.values(), a.grounds) for a in arguments}
    kept = {a.id: _cites(a, grounds[a.id], edits.get(a.id)) for a in arguments}
    cited = dict.fromkeys((*(c for cites in kept.values() for c in cites), *(c for ask in asked for c in ask.cites)))
    citations = tuple(book.citations[cite] for cite in cited)
    typed, edited = _typed(arguments, grounds, edits, own), [a for a in arguments if a.id in edits]
    return Letter(
        kind=form,
        facts=facts,
        identifiers=identifiers(facts, level=form.levelled, last_day=form.dated),
        arguments=arguments,
        waiting=options.waiting,
        requests=asked,
        grounds=grounds,
        citations=citations,
        exhibits=lettered(facts.documents),
        time_rule=book.own(facts.denial.time_rule, facts) if facts.denial else None,
        filing_rule=book.own(facts.filing.rule, facts) if facts.filing else None,
        missed=tuple(replace(duty, rule=book.own(duty.rule, facts)) for duty in facts.missed),
        edits=edits,
        own=tuple(own),
        gaps=(
            *find_gaps(facts, form, arguments, options, book.evidence.values()),
            *uncited(citations),
            *typed_gaps(facts, typed, edited, book.overstatements.values(), book.columns.values()),
        ),
        paragraphs=book.paragraphs,
    )


def _least(facts: LetterFacts, form: LetterKind) -> LetterFacts:
    """Return the facts with the documents that a kind of letter needs, and no more: the minimum necessary.

    A letter that lists no enclosures takes none along; what staff read points at the documents on file.
    """
    if not form.points:
        return replace(facts, documents=())
    wanted = tuple(document for document in facts.documents if document.kind in form.encloses)
    return replace(facts, documents=wanted) if form.encloses else facts


def _papers_alone(arguments: Sequence[Argument]) -> bool:
    """Whether dates and papers answer the denial, so that nothing of the treatment need be told."""
    return bool(arguments) and all(argument.papers_alone for argument in arguments)


def _told(names: tuple[str, ...], arguments: Sequence[Argument]) -> tuple[str, ...]:
    """Return the sections or the requests that stand beside these arguments."""
    return tuple(name for name in names if name not in OF_TREATMENT) if _papers_alone(arguments) else names


def _of_papers(facts: LetterFacts) -> LetterFacts:
    return without(facts, [document.id for document in facts.documents if document.kind in CLINICAL])


def _cites(argument: Argument, grounds: Iterable[Request], edit: str | None) -> tuple[str, ...]:
    """Return the references of an argument as it prints: all its rules name, or those that the edited words keep."""
    known = citable(argument, grounds)
    return known if edit is None else references(edit, known)


def citable(argument: Argument, grounds: Iterable[Request]) -> tuple[str, ...]:
    """Return the references that the words of an argument may name, the law lent to it included."""
    return (*argument.cites, *(cite for ground in grounds for cite in ground.cites))


def _typed(
    arguments: Iterable[Argument],
    grounds: Mapping[str, tuple[Request, ...]],
    edits: Mapping[str, str],
    own: Iterable[OwnParagraph],
) -> dict[str, str]:
    """Return what staff typed, by place, without marks; an argument that is switched off says nothing."""
    edited = {f"edited:{a.id}": bare(edits[a.id], citable(a, grounds[a.id])) for a in arguments if a.id in edits}
    return edited | {f"own:{paragraph.id}": paragraph.text for paragraph in own}


def _picked(options: Options, chosen: Sequence[str] | None) -> tuple[Argument, ...]:
    ready = {argument.id: argument for argument in options.ready}
    return tuple(ready[name] for name in (ready if chosen is None else chosen))


def kind_faults(kinds: Iterable[LetterKind]) -> Iterable[tuple[str, str]]:
    """Name each kind of letter that needs what nobody can know, or encloses what is no document."""
    for kind in kinds:
        for document in (*kind.encloses, *kind.hinges_on):
            if document not in DOCUMENT_KINDS:
                yield kind.id, f"encloses {document}, which is no kind of document"
        for need in kind.needs:
            if not question(need):
                yield kind.id, f"needs {need}, which is no yes/no property of LetterFacts"


def reference_of(facts: LetterFacts) -> str:
    """Say what the payer files a case under: its claim number, else the request's number, else the member's."""
    if facts.claim:
        return f"Claim {facts.claim.payer_control_number}"
    if facts.authorization and facts.authorization.decided_on:
        return f"Request {facts.authorization.number}"
    return f"Member {facts.coverage.member_id}"


def ask(facts: LetterFacts) -> str:
    """Say in the imperative what the payer is asked to do."""
    if claim := facts.claim:
        return f"pay claim {claim.payer_control_number} for service on {period(claim.service_from, claim.service_to)}"
    lines = listed(f"{coded(line)} ({lowered(line.label)})" for line in facts.lines) if facts.lines else "it"
    return f"approve {lines}"


def said(request: Request, notes: str = "") -> str:
    """Return a request as one sentence, with its law and the numbers of its references."""
    return f"{request.text}{f', under {request.law}' if request.law else ''}{notes}."
