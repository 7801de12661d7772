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

/* Colors and row height change at once; the server remembers them in a cookie. */
const OTHER = { dark: "light", light: "dark", compact: "comfortable", comfortable: "compact" };
const LABELS = { dark: "Dark colors", light: "Light colors", compact: "Compact rows", comfortable: "Roomy rows" };
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.hasAttribute("data-prefer") || !button) return;
  event.preventDefault();
  form.removeAttribute("aria-busy");
  fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual" });
  document.documentElement.setAttribute(button.name === "theme" ? "data-bs-theme" : "data-density", button.value);
  button.value = OTHER[button.value];
  button.lastChild.textContent = LABELS[button.value];
});

/* Faults of a form are read out and reached first. */
document.querySelector("[data-faults]")?.focus();
