/* How long the session runs: a warning two minutes before its end, then a cover over the page. What was typed stays in
   the page alone; after signing in again in another tab as the same person it can be sent, with the new token. */
const box = document.querySelector("[data-time]");
const WARN = 120; // seconds before the end
const EVERY = 60; // seconds between two visits told by typing
let timer;
let told = Date.now();

async function ask(method) {
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
  const answer = await fetch(box.dataset.ask, { method, headers, cache: "no-store" });
  return answer.ok ? answer.json() : { left: 0 };
}

function show(part) {
  for (const name of ["soon", "over"]) box.querySelector(`[data-${name}]`).hidden = name !== part;
  box.classList.toggle("time-over", part === "over");
  if (part && !box.open) box.showModal();
  if (!part && box.open) box.close();
}

function take(answer) {
  clearTimeout(timer);
  if (!answer.left) return show("over");
  if (String(answer.who) !== box.dataset.who) return location.assign("/");
  document.querySelector("meta[name=csrf-token]").content = answer.token;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = answer.token;
  document.title = (answer.late ? `(${answer.late}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  show(answer.left > WARN ? "" : "soon");
  timer = setTimeout(look, 1000 * Math.max(1, answer.left > WARN ? answer.left - WARN : answer.left));
}

const look = () => ask("GET").then(take, () => take({ left: 0 }));
const stay = () => ask("POST").then(take, () => take({ left: 0 }));

if (box) {
  timer = setTimeout(look, 1000 * Math.max(1, Number(box.dataset.left) - WARN));
  box.querySelector("[data-stay]").addEventListener("click", stay);
  box.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => document.hidden || look());
  window.addEventListener("focus", () => box.open && look());
  document.addEventListener("input", () => {
    if (Date.now() - told < 1000 * EVERY) return;
    told = Date.now();
    stay();
  });
}
