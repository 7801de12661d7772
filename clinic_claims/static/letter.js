/* The letter's page: a sentence shows where it came from; a switch redraws the letter without leaving the page. */
"use strict";

const paper = () => document.getElementById("paper");

function show(marks) {
  const box = document.querySelector("[data-source-shown]");
  const found = marks.flatMap((mark) => [...document.querySelectorAll(`template[data-source="${CSS.escape(mark)}"]`)]);
  box.replaceChildren(...found.map((template) => template.content.cloneNode(true)));
  document.querySelector("[data-source-hint]").hidden = found.length > 0;
}

/* The frame runs no script of its own; this page listens in its place. */
function listen() {
  const sheet = paper().contentDocument;
  sheet?.addEventListener("click", (event) => {
    const sentence = event.target.closest("[data-src]");
    if (!sentence) return;
    sheet.querySelectorAll(".picked").forEach((old) => old.classList.remove("picked"));
    sentence.classList.add("picked");
    show(sentence.dataset.src.split(" "));
  });
}

function watch() {
  if (!paper()) return;
  paper().addEventListener("load", listen);
  if (paper().contentDocument?.readyState === "complete") listen();
}
watch();

document.addEventListener("change", (event) => {
  if (event.target.hasAttribute("data-submit")) event.target.form.requestSubmit();
});

/* Send the form, then take over what changed; the sheet keeps the place where it was read. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const place = form.dataset.swap;
  if (!place) return;
  event.preventDefault();
  const at = paper().contentWindow.scrollY;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  watch();
  paper()?.addEventListener("load", () => paper().contentWindow.scrollTo(0, at), { once: true });
});
