"""Read the adjustment codes of one line: what the payer says, what to do next, and whether it is a denial at all.

A contractual write-down, the patient's share, a rejection and a request for records are no denials and are never
shown as such. A code that is not in the rulebook is answered with "unclassified", never with a guess.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .denial_codes import Carc, Combination, DenialCodes, Example, Kind, Rarc
from .denial_reading import KIND_IN_WORDS, UNCLASSIFIED, Reading


def read(
    codes: DenialCodes,
    group: str,
    carcs: Sequence[str],
    rarcs: Sequence[str] = (),
    *,
    claim_status: str = "",
    approved_before: bool = False,
) -> Reading:
    """Read one line's codes. `claim_status` is CLP02; `approved_before` says that an approval was on file.

    `group` may be empty when it is not known; it then fits no rule that asks for a group.
    """
    line = Example(
        group=group.strip().upper(),
        carcs=_clean(carcs),
        rarcs=_clean(rarcs),
        claim_status=claim_status.strip(),
        approved_before=approved_before,
    )
    return read_line(codes, line)


def read_line(codes: DenialCodes, given: Example) -> Reading:
    """Read one line's codes, given as one record."""
    line, aging = _in_todays_codes(codes, given)
    strangers = tuple(_strangers(codes, line))
    if strangers:
        return _unclassified(line, (*aging, *strangers))
    reading = _by_single_codes(codes, line)
    rule = next((row for row in codes.combinations.values() if row.fits(line, reading.category)), None)
    if rule:
        reading = _combined(line, reading, rule)
    alerts, bars = _alerts(codes, line)
    return replace(
        reading,
        appealable=reading.kind == "denial" and not bars,
        action_confidence="recalled" if aging else reading.action_confidence,
        alerts=alerts,
        warnings=(*aging, *reading.warnings, *_warnings(codes, line), *bars),
    )


def to_json(reading: Reading) -> dict[str, object]:
    """Return the answer as plain JSON values; `remedy` is null where nothing could be classified."""
    return {
        "category": reading.category,
        "remedy": reading.remedy,
        "appealable": reading.appealable,
        "next_action": reading.next_action,
        "evidence": list(reading.evidence),
        "plain": reading.plain,
        "sources": list(reading.sources),
        "kind": reading.kind,
        "is_denial": reading.is_denial,
        "deciding_codes": list(reading.deciding_codes),
        "confidence": reading.confidence,
        "action_confidence": reading.action_confidence,
        "alerts": list(reading.alerts),
        "warnings": list(reading.warnings),
    }


def _clean(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.strip().upper() for code in given if code.strip()))


def _in_todays_codes(codes: DenialCodes, line: Example) -> tuple[Example, tuple[str, ...]]:
    """Replace ended CARCs by the code they are read as now, with a warning for each."""
    swaps = {code: codes.ended[code] for code in line.carcs if code in codes.ended and codes.ended[code].read_as}
    carcs = (swaps[code].read_as[0] if code in swaps else code for code in line.carcs)
    warnings = tuple(
        f"CARC {code} has ended{f' on {row.ended_on}' if row.ended_on else ''}: read as {' or '.join(row.read_as)}"
        for code, row in swaps.items()
    )
    return replace(line, carcs=_clean(carcs)), warnings


def _strangers(codes: DenialCodes, line: Example) -> Iterable[str]:
    """Say which codes keep the line from being understood."""
    if line.group and line.group not in codes.groups:
        yield f"Group {line.group} is not known"
    for code in line.carcs:
        if code in codes.ended:
            yield f"CARC {code} has ended and has no known successor"
        elif code not in codes.carcs:
            yield f"CARC {code} is not in the rulebook"
    if _leans_on_remark(codes, line) and not _remarks(codes, line):
        yield from (f"Remark {code} is not in the rulebook" for code in _unread(codes, line))


def _decider(codes: DenialCodes, carcs: Iterable[str]) -> Carc | None:
    """Choose the code that decides: none that yields to others, and a deed before mere information."""
    known = [codes.carcs[code] for code in carcs if code in codes.carcs]
    deciding = [carc for carc in known if not carc.yields] or known
    return next((carc for carc in deciding if carc.remedy not in ("info", "patient")), next(iter(deciding), None))


def _remarks(codes: DenialCodes, line: Example) -> list[Rarc]:
    """Return the remarks that can explain an adjustment: alerts cannot."""
    known = [codes.rarcs[code] for code in line.rarcs if code in codes.rarcs]
    return [remark for remark in known if not remark.alert_only]


def _unread(codes: DenialCodes, line: Example) -> list[str]:
    return [code for code in line.rarcs if code not in codes.rarcs]


def _leans_on_remark(codes: DenialCodes, line: Example) -> bool:
    decider = _decider(codes, line.carcs)
    return decider is not None and decider.needs_remark and decider.says == "denial"


def _unclassified(line: Example, why: tuple[str, ...]) -> Reading:
    return Reading(
        category=UNCLASSIFIED,
        remedy=None,
        kind="unclassified",
        appealable=False,
        next_action="Read the notice, or call the payer and ask what the code means",
        plain=f"{'. '.join(why)}. {KIND_IN_WORDS['unclassified']}.",
        rule=UNCLASSIFIED,
        deciding_codes=line.carcs or line.rarcs,
        warnings=why,
    )


def _by_single_codes(codes: DenialCodes, line: Example) -> Reading:
    """Let the deciding CARC speak, or the remark where the CARC leans on one."""
    carc, remarks = _decider(codes, line.carcs), _remarks(codes, line)
    if carc is None:
        return _from_remark(remarks[0]) if remarks else _unclassified(line, ("No reason code explains this line",))
    if remarks and _leans_on_remark(codes, line):
        return _refined(_from_carc(carc), remarks[0])
    return _from_carc(carc)


def _from_carc(carc: Carc) -> Reading:
    return Reading(
        category=carc.category,
        remedy=carc.remedy,
        kind=carc.says,
        appealable=carc.says == "denial",
        next_action=carc.next_action,
        plain=f"{carc.short}. {KIND_IN_WORDS[carc.says]}.",
        rule=carc.code,
        evidence=carc.evidence,
        sources=(f"{carc.source}: {carc.code}",),
        deciding_codes=(carc.code,),
        confidence=carc.confidence,
        action_confidence=carc.action_confidence,
    )


def _from_remark(remark: Rarc) -> Reading:
    kind: Kind = "records_request" if remark.remedy == "records" else "denial"
    return Reading(
        category=remark.category,
        remedy=remark.remedy,
        kind=kind,
        appealable=kind == "denial",
        next_action=remark.next_action,
        plain=f"{remark.short}. {KIND_IN_WORDS[kind]}.",
        rule=remark.code,
        sources=(f"{remark.source}: {remark.code}",),
        deciding_codes=(remark.code,),
        confidence=remark.confidence,
        action_confidence=remark.action_confidence,
    )


def _refined(by_carc: Reading, remark: Rarc) -> Reading:
    """Let the remark say why, and keep what the reason code asks for as evidence."""
    return replace(
        _from_remark(remark),
        evidence=by_carc.evidence,
        sources=(*by_carc.sources, f"{remark.source}: {remark.code}"),
        deciding_codes=(*by_carc.deciding_codes, remark.code),
    )


def _combined(line: Example, reading: Reading, rule: Combination) -> Reading:
    kind = rule.kind or reading.kind
    partners = tuple(code for code in (*line.carcs, *line.rarcs) if code in (*rule.carcs, *rule.rarcs))
    return replace(
        reading,
        category=rule.category or reading.category,
        remedy=rule.remedy or reading.remedy,
        kind=kind,
        next_action=rule.next_action,
        plain=f"{rule.means}. {KIND_IN_WORDS[kind]}.",
        rule=rule.id,
        evidence=rule.evidence or reading.evidence,
        sources=(*reading.sources, rule.source),
        deciding_codes=tuple(dict.fromkeys((*reading.deciding_codes, *partners))),
        confidence=rule.confidence,
        action_confidence=rule.action_confidence,
        warnings=(),
    )


def _alerts(codes: DenialCodes, line: Example) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the alerts say, and apart from them the remarks that take the right of appeal away."""
    known = [codes.rarcs[code] for code in line.rarcs if code in codes.rarcs]
    told = {remark.code: f"{remark.code}: {remark.short}. {remark.next_action}" for remark in known}
    alerts = tuple(told[remark.code] for remark in known if remark.alert_only and not remark.bars_appeal)
    return alerts, tuple(told[remark.code] for remark in known if remark.bars_appeal)


def _warnings(codes: DenialCodes, line: Example) -> Iterable[str]:
    decider = _decider(codes, line.carcs)
    yield from (f"Remark {code} is not in the rulebook: read it in the notice" for code in _unread(codes, line))
    if decider and decider.needs_remark and not _remarks(codes, line):
        yield f"CARC {decider.code} must come with a remark code: call the payer and ask which"
    if decider and line.group and line.group not in decider.usual_group:
        usual = " or ".join(decider.usual_group)
        yield f"CARC {decider.code} usually comes under {usual}, not {line.group}: check who is said to owe the money"
