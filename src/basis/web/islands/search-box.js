/**
 * What the search box at the top has found is walked through with the arrow keys: a combobox whose list HTMX fetches.
 *
 * The text box keeps the focus. Enter opens the marked line, or the page with everything found when none is marked;
 * Escape puts the list away.
 */

const LIST = "search-list";

/** @returns {HTMLInputElement | null} */
function box() {
  const found = document.getElementById("global-search");
  return found instanceof HTMLInputElement ? found : null;
}

/** @returns {HTMLElement[]} */
function lines() {
  return [...document.querySelectorAll(`#${LIST} a[role=option]`)].filter((each) => each instanceof HTMLElement);
}

function marked() {
  return lines().findIndex((line) => line.getAttribute("aria-selected") === "true");
}

/** @param {number} at no line of the list: none is marked */
function mark(at) {
  const input = box();
  lines().forEach((line, number) => line.setAttribute("aria-selected", String(number === at)));
  const line = lines()[at];
  if (line) input?.setAttribute("aria-activedescendant", line.id);
  else input?.removeAttribute("aria-activedescendant");
  line?.scrollIntoView({ block: "nearest" });
}

function putAway() {
  document.getElementById("search-hits")?.replaceChildren();
  refresh();
}

/** Say whether there is a list; a new one has no line marked. */
function refresh() {
  box()?.setAttribute("aria-expanded", String(document.getElementById(LIST) !== null));
  mark(-1);
}

/** From line to line and, at either end, to none; key → the next one. @type {Record<string, (at: number, count: number) => number>} */
const STEPS = {
  ArrowDown: (at, count) => (at + 1 < count ? at + 1 : -1),
  ArrowUp: (at, count) => (at < 0 ? count - 1 : at - 1),
};

/** @param {KeyboardEvent} event */
function keys(event) {
  if (event.target !== box() || lines().length === 0) return;
  const step = STEPS[event.key];
  if (step) {
    event.preventDefault();
    mark(step(marked(), lines().length));
  } else if (event.key === "Enter" && marked() >= 0) {
    event.preventDefault();
    lines()[marked()].click();
  } else if (event.key === "Escape") {
    event.preventDefault();
    putAway();
  }
}

export function searchWhileTyping() {
  const input = box();
  if (!input) return;
  const pattern = { role: "combobox", "aria-autocomplete": "list", "aria-controls": LIST, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(pattern)) input.setAttribute(name, value);
  document.addEventListener("keydown", keys);
  document.addEventListener("htmx:after:swap", refresh);
}
