"""How fast letters are printed, beside WeasyPrint itself on the same pages and beside a browser's printing."""

import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import sync_playwright

from clinic_claims import pdf, press, rulebook
from clinic_claims.domain import letters
from clinic_claims.domain.facts import LetterFacts
from clinic_claims.examples import facts_example
from clinic_claims.reading import from_json

from .harness import Figure, Results, interleaved, seconds

CASE = "appeal_toxin_approved"
BATCH = 200
BROWSED = 25  # letters each browser prints
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


def browse(page: str) -> None:
    """Let one browser print the same page again and again."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        for _ in range(BROWSED):
            tab.set_content(page)
            tab.pdf(format="Letter")
        browser.close()


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
    warm = interleaved(12, {"ours": ours, "floor": lambda: bare(page)})
    results.add(Figure("letter, warm", warm["ours"], warm["floor"], "ms", "<= 1.10", "floor: bare WeasyPrint"))
    _again(results, warm["ours"])
    _one_shot(results, page)
    _batch(results, warm["ours"], page)


def _again(results: Results, warm_ms: float) -> None:
    """The page beside its facts after an edit, and a letter that did not change since it was printed."""
    edits = [seconds(lambda: pdf.html(compose())) * 1000 for _ in range(60)]
    ours()
    unchanged = [seconds(lambda: pdf.pdf(compose())) * 1000 for _ in range(60)]
    results.add(
        Figure("preview after an edit, p95", quantiles(edits, n=20)[-1], warm_ms, "ms", "<= 1 s", "floor: a print"),
        Figure("unchanged letter again", median(unchanged), warm_ms, "ms", "<= 20 ms", "floor: a print"),
    )


def _one_shot(results: Results, page: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        facts, source = Path(folder, "facts.json"), Path(folder, "page.html")
        source.write_text(page, "utf-8")
        command = [sys.executable, "-m", "clinic_claims.cli", "letter"]
        facts.write_bytes(subprocess.check_output([*command, "--facts-example", CASE]))
        floor = f"from weasyprint import HTML; HTML(filename={str(source)!r}).write_pdf({folder!r} + '/floor.pdf')"
        works = {
            "ours": lambda: _run([*command, "--facts", str(facts), "--out", f"{folder}/ours.pdf"]),
            "floor": lambda: _run([sys.executable, "-c", floor]),
            "browser": lambda: _run(
                [*CHROMIUM, f"--print-to-pdf={folder}/browser.pdf", f"--user-data-dir={folder}/u", str(source)]
            ),
        }
        once = interleaved(3, works)
    results.add(
        Figure("letter, one process each", once["ours"], once["floor"], "ms", "", "floor: bare WeasyPrint"),
        Figure("letter, one process each", once["ours"], once["browser"], "ms", "", "floor: Chromium"),
    )


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _batch(results: Results, warm_ms: float, page: str) -> None:
    """All cores against cores × one worker's rate; then against as many browsers."""
    cores = cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        first = max(pool.map(one, range(cores)))  # every worker has printed once
        held: list[float] = []
        spent, memory = at_most(lambda: held.extend(pool.map(one, range(BATCH), chunksize=5)))
    rate, ideal = BATCH / spent, cores * 1000 / warm_ms
    each = (max(held) - first) / (BATCH / cores)
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        browsed, theirs = at_most(lambda: list(pool.map(browse, [page] * cores)))
    browsers = cores * BROWSED / browsed
    results.add(
        Figure(f"batch of {BATCH} on {cores} cores", rate, ideal, "/s", ">= 0.9", "floor: cores x one worker"),
        Figure(f"batch on {cores} cores", rate, browsers, "/s", ">= 1", "floor: Chromium, start included"),
        Figure("memory of the batch", memory, theirs, "MB", "<= 0.25", "floor: Chromium"),
        Figure("memory of a worker after 500 letters", first + 500 * each, first, "MB", "", "reckoned; floor: after 1"),
    )
