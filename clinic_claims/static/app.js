/* Small helps; every page works without them. No inline script, nothing kept in the browser's storage. */
"use strict";

const token = () => document.querySelector("meta[name=csrf-token]").content;

/* htmx requests carry the session's token, as forms do. */
document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRFToken"] = token();
});

/* `/` goes to the search box, unless somebody is typing; Ctrl-K always does. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const find = document.getElementById("find");
  const command = event.ctrlKey || event.metaKey;
  if (find && (command ? event.key === "k" : event.key === "/" && !typing)) {
    event.preventDefault();
    find.focus();
    find.select();
  }
});

/* A form is sent once, however often its button is pressed; coming back to the page opens it again. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-again")) return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  form.removeAttribute("data-changed");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

/* Leaving a form with typed words asks first. */
document.addEventListener("input", (event) => {
  event.target.closest("form[data-guard]")?.setAttribute("data-changed", "");
});
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]")) event.preventDefault();
});

/* A menu closes when something else is clicked, and with Escape. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* The tour: one stop at a time; that it was seen is remembered for the person. */
const tour = document.getElementById("tour");
const stops = [...(tour?.querySelectorAll("[data-stop]") || [])];
function stopAt(next) {
  if (next >= stops.length) tour.hidePopover();
  else if (next >= 0) stops.forEach((stop, place) => (stop.hidden = place !== next));
}
tour?.addEventListener("click", (event) => {
  stopAt(stops.findIndex((stop) => !stop.hidden) + Number(event.target.dataset.go));
});
tour?.addEventListener("toggle", (event) => {
  if (event.newState === "open") {
    stopAt(0);
    tour.querySelector("[data-go]").focus();
  } else fetch(tour.dataset.done, { method: "POST", headers: { "X-CSRFToken": token() } });
});
if (tour?.hasAttribute("data-first")) tour.showPopover();

/* Faults of a form are read out and reached first. */
document.querySelector("[data-faults]")?.focus();
