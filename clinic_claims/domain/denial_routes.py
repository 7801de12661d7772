"""The ways to answer a denial: provider dispute, member appeal, corrected claim and the like, each open or not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .denial_codes import Category, Kind, Remedy
from .denial_reading import Reading
from .payer_classes import Confidence

Network = Literal["in", "out"]
Stage = Literal["pre_service", "post_service"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way to answer, with who signs and on which form. `level` is the step of the payer class's ladder."""

    id: str
    name: str
    kinds: tuple[Kind, ...]
    signer: str
    form: str
    why: str
    source: str
    confidence: Confidence
    payer_classes: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    categories: tuple[str, ...] = ()
    needs_appeal_right: bool = False
    network: Network | None = None
    stage: Stage | None = None
    assigned: bool | None = None
    level: str | None = None
    after: str | None = None
    closed: str | None = None
    citation: str | None = None

    def suits(self, reading: Reading, payer_class: str) -> bool:
        """Whether the route is worth showing for what was denied and by whom."""
        return (
            reading.kind in self.kinds
            and (not self.payer_classes or payer_class in self.payer_classes)
            and (not self.remedies or reading.remedy in self.remedies)
            and (not self.categories or reading.category in self.categories)
        )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What decides who may take which route; None means that it is not known yet."""

    network: Network | None = None
    stage: Stage | None = None
    assigned: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Way:
    """A route as it stands for one denial. `status` is "ask" while a fact that decides is not known."""

    route: Route
    status: Literal["open", "closed", "ask"]
    why: str
    level: str | None


def ways(routes: Iterable[Route], reading: Reading, payer_class: str, standing: Standing) -> tuple[Way, ...]:
    """Return the routes for this denial in the order of the rules, open ones first, each with its reason."""
    order = {"open": 0, "ask": 1, "closed": 2}
    found = [_way(route, reading, payer_class, standing) for route in routes if route.suits(reading, payer_class)]
    return tuple(sorted(found, key=lambda way: order[way.status]))


def _way(route: Route, reading: Reading, payer_class: str, standing: Standing) -> Way:
    level = f"{payer_class}/{route.level}" if route.level else None
    if route.needs_appeal_right and not reading.appealable:
        return Way(
            route=route, status="closed", why="The remark codes say that there is no right of appeal", level=level
        )
    facts = (
        ("network status", route.network, standing.network),
        ("whether the service was given", route.stage, standing.stage),
        ("whether the claim was assigned", route.assigned, standing.assigned),
    )
    if any(wanted is not None and known is not None and wanted != known for _, wanted, known in facts):
        return Way(route=route, status="closed", why=route.closed or "", level=level)
    missing = [name for name, wanted, known in facts if wanted is not None and known is None]
    if missing:
        return Way(route=route, status="ask", why=f"First find out: {', '.join(missing)}", level=level)
    why = f"{route.why}; open after {route.after}" if route.after else route.why
    return Way(route=route, status="open", why=why, level=level)


def faults(
    routes: Mapping[str, Route], categories: Mapping[str, Category], classes: Iterable[str], levels: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield route and sentence for every category, payer class or level that does not exist, or reason not given."""
    known_classes, known_levels = set(classes), set(levels)
    for name, route in routes.items():
        for category in route.categories:
            if category not in categories:
                yield name, f"categories: {category} is not defined"
        for payer_class in route.payer_classes:
            if payer_class not in known_classes:
                yield name, f"payer_classes: {payer_class} is not defined"
            elif route.level and f"{payer_class}/{route.level}" not in known_levels:
                yield name, f"level: {payer_class} has no level {route.level}"
        if not route.closed and (route.network, route.stage, route.assigned) != (None, None, None):
            yield name, "closed: say why the route may be closed"
