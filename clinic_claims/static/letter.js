/* The letter's page: a sentence shows where it came from; a switch or a word typed redraws the letter at once. */
"use strict";

const paper = () => document.getElementById("paper");
let read = 0; // how far down the sheet was read, kept when the page is redrawn

function show(marks) {
  const box = document.querySelector("[data-source-shown]");
  if (!box) return;
  const found = marks.flatMap((mark) => [...document.querySelectorAll(`template[data-source="${CSS.escape(mark)}"]`)]);
  box.replaceChildren(...found.map((template) => template.content.cloneNode(true)));
  document.querySelector("[data-source-hint]").hidden = found.length > 0;
  box.parentElement.scrollIntoView({ block: "nearest" });
}

/* The frame runs no script of its own; this page listens in its place, as soon as there is a sheet to click. */
function watch() {
  const sheet = paper()?.contentDocument;
  if (!sheet?.body || sheet.URL === "about:blank") return paper() && setTimeout(watch, 50);
  sheet.addEventListener("click", (event) => {
    const sentence = event.target.closest("[data-src]");
    if (!sentence) return;
    sheet.querySelectorAll(".picked").forEach((old) => old.classList.remove("picked"));
    sentence.classList.add("picked");
    show(sentence.dataset.src.split(" "));
  });
  sheet.addEventListener("scroll", () => (read = sheet.defaultView.scrollY));
  if (sheet.readyState === "complete") turn();
  else sheet.defaultView.addEventListener("load", turn);
}
watch();

/* Show the place that was read, or the words that are edited. */
function turn() {
  const sheet = paper().contentDocument;
  const [, name] = (paper().dataset.show || "").split(":");
  const edited = sheet.querySelector(`[data-argument="${name}"], [data-src="own:${name}"]`);
  sheet.defaultView.scrollTo(0, read || (edited ? edited.getBoundingClientRect().top - 40 : 0));
}

/* After a switch the frame is a new one; after a word typed only its page is. */
document.addEventListener("htmx:after:swap", () => {
  const fresh = document.querySelector("template[data-sheet]");
  if (!fresh) return watch();
  paper().contentDocument.body.replaceChildren(fresh.content);
  turn();
});
