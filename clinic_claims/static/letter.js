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
}

/* The frame runs no script of its own; this page listens in its place, and shows the words that are edited. */
function listen() {
  const frame = paper().contentWindow;
  const [, name] = (paper().dataset.show || "").split(":");
  const edited = frame.document.querySelector(`[data-picked], [data-argument="${name}"], [data-src="own:${name}"]`);
  frame.scrollTo(0, read || (edited ? edited.getBoundingClientRect().top - 40 : 0));
  frame.addEventListener("scroll", () => (read = frame.scrollY));
  frame.document.addEventListener("click", (event) => {
    const sentence = event.target.closest("[data-src]");
    if (!sentence) return;
    frame.document.querySelectorAll(".picked").forEach((old) => old.classList.remove("picked"));
    sentence.classList.add("picked");
    show(sentence.dataset.src.split(" "));
  });
}

function watch() {
  paper()?.addEventListener("load", listen);
  if (paper()?.contentDocument?.URL !== "about:blank" && paper()?.contentDocument?.readyState === "complete") listen();
}
watch();

/* After a switch the frame is a new one; after a word typed only its page is. */
document.addEventListener("htmx:after:swap", () => {
  const fresh = document.querySelector("template[data-sheet]");
  if (fresh) paper().contentDocument.body.replaceChildren(fresh.content);
  else watch();
});
