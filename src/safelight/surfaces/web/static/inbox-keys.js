// The keys of the inbox. They press what stands on the page: everything works without them.

const rows = [...document.querySelectorAll("[data-inbox] [data-row]")];
const opens = rows.map((row) => row.querySelector("[data-open]"));
const keys = document.getElementById("keys");

function at() {
  return rows.findIndex((row) => row.contains(document.activeElement));
}

function go(by) {
  const here = at();
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1);
  opens[next]?.focus();
}

function take() {
  rows[at()]?.querySelector("[data-take]")?.click();
}

function filter() {
  document.querySelector("[data-inbox] select")?.focus();
}

function tell() {
  if (!keys) return;
  keys.open = !keys.open;
  if (keys.open) keys.querySelector("summary").focus();
}

const DONE = { j: () => go(1), k: () => go(-1), a: take, "/": filter, "?": tell };
// Where somebody scrolls, the arrows scroll: they move between rows once one was chosen.
const IN_A_ROW = { ArrowDown: () => go(1), ArrowUp: () => go(-1) };

window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const act = DONE[event.key] ?? (at() < 0 ? undefined : IN_A_ROW[event.key]);
  if (!act) return;
  event.preventDefault();
  act();
});
