/* Keys for people who work through lists; `?` shows them. Each has a button or a link that does the same. */
"use strict";

const link = (line) => line.querySelector("a[href]:not([popover] *)");
const rows = () => [...document.querySelectorAll("table.rows tbody tr")].filter(link);
const row = () => document.activeElement.closest("table.rows tbody tr");
const box = (line) => line?.querySelector("input[type=checkbox][name=rows]");

function move(step) {
  const all = rows();
  const next = row() ? all.indexOf(row()) + step : 0;
  if (all.length) link(all[Math.max(0, Math.min(all.length - 1, next))]).focus();
}

/* Where nothing is chosen yet, the row the keys stand on is meant. */
function act(field) {
  const target = document.getElementById(field);
  if (!target) return;
  if (!document.querySelector("input[name=rows]:checked")) box(row())?.click();
  target.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => box(row())?.click(),
  e: () => act("owner"),
  s: () => act("aside-reason"),
  "?": () => document.getElementById("keys")?.togglePopover(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const deed = KEYS[event.key] || (own && (() => own.click()));
  if (!deed) return;
  event.preventDefault();
  deed();
});
