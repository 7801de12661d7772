"""How fast letters are printed, beside WeasyPrint itself on the same pages and beside a browser's printing."""

import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from clinic_claims import pdf, press, rulebook
from clinic_claims.domain import letters
from clinic_claims.domain.facts import LetterFacts
from clinic_claims.examples import facts_example
from clinic_claims.reading import from_json

from .harness import Figure, Results, interleaved, seconds
from .typesetting import typeset

CASE = "appeal_toxin_approved"
BATCH = 200
BROWSED = 25  # letters each browser prints
LIFE = 500  # letters of one worker
CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
)


def compose() -> letters.Letter:
    return letters.compose(from_json(facts_example(CASE), LetterFacts), rulebook.load().letters, "appeal")


def ours() -> bytes:
    """A letter that nobody printed before."""
    pdf.pages.cache_clear()
    return pdf.pdf(compose())


def bare(page: str) -> bytes:
    """WeasyPrint with the very same page, style sheet and fonts, and nothing of ours around it."""
    fetcher = press.Offline({name: press._FONTS / name for name in press.FAMILIES})
    sheet = press._press.sheet(pdf.LETTERS / "letter.css", fetcher)
    document = press.HTML(string=page, url_fetcher=fetcher)
    return document.write_pdf(stylesheets=[sheet], font_config=press._press.fonts, pdf_variant="pdf/ua-1")


def one(_: int) -> float:
    """Print a letter; megabytes at most that this worker has held so far."""
    ours()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def browser_tab() -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


def printed(tab: Page, source: Path) -> bytes:
    tab.goto(source.as_uri())
    return tab.pdf(prefer_css_page_size=True, tagged=True)


def browse(source: Path) -> None:
    """Let one browser print the same page again and again."""
    with browser_tab() as tab:
        for _ in range(BROWSED):
            printed(tab, source)


def shared_out() -> float:
    """Megabytes of all our processes' children, what they share counted once (PSS)."""
    parents = dict(_parents())
    mine = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(_pss(process) for process in mine - {os.getpid()})


def _parents() -> Iterator[tuple[int, int]]:
    """Give each process with its parent; one may end while we look."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                yield int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])


def _pss(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def at_most(work: Callable[[], object]) -> tuple[float, float]:
    """Run something; seconds it took and megabytes its processes held at most."""
    over, seen = threading.Event(), [0.0]

    def watch() -> None:
        while not over.wait(0.3):
            seen[0] = max(seen[0], shared_out())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        spent = seconds(work)
    finally:
        over.set()
        watcher.join()
    return spent, seen[0]


def measure(results: Results) -> None:
    page = pdf.html(compose())
    with tempfile.TemporaryDirectory() as folder:
        source = styled(page, Path(folder))
        _warm(results, page, source)
        _again(results)
        _one_shot(results, source)
        _batch(results, source)


def styled(page: str, folder: Path) -> Path:
    """Write the page for programs that fetch for themselves: its style sheet linked, its fonts by their files."""
    sheet = press._font_faces().replace("app:", f"{press._FONTS.as_uri()}/") + (pdf.LETTERS / "letter.css").read_text()
    (folder / "letter.css").write_text(sheet, "utf-8")
    source = folder / "page.html"
    source.write_text(page.replace("</head>", '<link rel="stylesheet" href="letter.css"></head>'), "utf-8")
    return source


def _warm(results: Results, page: str, source: Path) -> None:
    with browser_tab() as tab:
        works = {"floor": lambda: bare(page), "browser": lambda: printed(tab, source), "hint": lambda: typeset(page)}
        warm = interleaved(12, {"ours": ours, **works})
    results.add(
        Figure("letter, warm", warm["ours"], warm["floor"], "ms", "<= 1.10", "floor: bare WeasyPrint"),
        Figure("letter, warm, beside a browser", warm["ours"], warm["browser"], "ms", "", "floor: Chromium"),
        Figure("letter, warm, beside a hint", warm["ours"], warm["hint"], "ms", "", "floor: Typst, the words alone"),
    )


def _again(results: Results) -> None:
    """The page beside its facts after an edit, and a letter that did not change since it was printed."""
    edits = [seconds(lambda: pdf.html(compose())) * 1000 for _ in range(60)]
    warm_ms = median(seconds(ours) * 1000 for _ in range(5))
    unchanged = [seconds(lambda: pdf.pdf(compose())) * 1000 for _ in range(60)]
    results.add(
        Figure("preview after an edit, p95", quantiles(edits, n=20)[-1], warm_ms, "ms", "<= 1 s", "floor: a print"),
        Figure("unchanged letter again", median(unchanged), warm_ms, "ms", "<= 20 ms", "floor: a print"),
    )


def _one_shot(results: Results, source: Path) -> None:
    folder, facts = source.parent, source.with_name("facts.json")
    command = [sys.executable, "-m", "clinic_claims.cli", "letter"]
    facts.write_bytes(subprocess.check_output([*command, "--facts-example", CASE]))
    write = f"write_pdf({str(folder / 'floor.pdf')!r}, pdf_variant='pdf/ua-1')"
    floor = f"from weasyprint import HTML; HTML(filename={str(source)!r}).{write}"
    to = f"--print-to-pdf={folder}/browser.pdf"
    works = {
        "ours": lambda: _run([*command, "--facts", str(facts), "--out", f"{folder}/ours.pdf"]),
        "floor": lambda: _run([sys.executable, "-c", floor]),
        "browser": lambda: _run([*CHROMIUM, to, f"--user-data-dir={folder}/u", str(source)]),
    }
    once = interleaved(3, works)
    results.add(
        Figure("letter, one process each", once["ours"], once["floor"], "ms", "", "floor: bare WeasyPrint"),
        Figure("letter, one process each", once["ours"], once["browser"], "ms", "", "floor: Chromium"),
    )


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _batch(results: Results, source: Path) -> None:
    """All cores against cores × one worker's rate; then against as many browsers."""
    cores = cpu_count() or 1
    alone, first, last = _one_worker()
    with workers(cores) as pool:
        list(pool.map(one, range(cores)))  # every worker has printed once
        spent, memory = at_most(lambda: list(pool.map(one, range(BATCH), chunksize=5)))
    with workers(cores) as pool:
        browsed, theirs = at_most(lambda: list(pool.map(browse, [source] * cores)))
    rate, browsers = BATCH / spent, cores * BROWSED / browsed
    results.add(
        Figure(f"batch of {BATCH} on {cores} cores", rate, cores * alone, "/s", ">= 0.9", "floor: cores x one worker"),
        Figure(f"batch on {cores} cores", rate, browsers, "/s", ">= 1", "floor: Chromium, start included"),
        Figure("memory of the batch", memory, theirs, "MB", "<= 0.25", "floor: Chromium"),
        Figure(f"memory of a worker after {LIFE} letters", last, first, "MB", "", "floor: after 1"),
    )


def _one_worker() -> tuple[float, float, float]:
    """Letters a second of one worker by itself, and its megabytes after the first and after the last of its life."""
    with workers(1) as pool:
        first = pool.submit(one, 0).result()
        held: list[float] = []
        spent = seconds(lambda: held.extend(pool.map(one, range(LIFE - 1), chunksize=5)))
    return (LIFE - 1) / spent, first, max(held)


def workers(number: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(number, mp_context=get_context("spawn"))
