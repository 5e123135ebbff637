/**
 * Selecting rows in a list: the box in the header selects all, and what acts on a selection shows how many.
 *
 * The list stands in [data-select-table]; its header has input[data-select-all], its rows have
 * input[data-select-row]. In the same part of the page an element with [data-selected-count] shows the
 * number, and [data-needs-selection] is hidden while there is none.
 */

/** @param {Element} table */
function rows(table) {
  return /** @type {HTMLInputElement[]} */ ([...table.querySelectorAll("input[data-select-row]")]);
}

/** The box that means all records of the list, those of other pages too; it comes when a whole page is selected. */
function everything() {
  const box = document.querySelector("[data-needs-all] input");
  return box instanceof HTMLInputElement ? box : null;
}

/** @param {Element} table */
function show(table) {
  const all = rows(table);
  const count = all.filter((box) => box.checked).length;
  const every = everything();
  if (every) {
    const whole = count > 0 && count === all.length;
    if (!whole) every.checked = false;
    every.closest("[data-needs-all]")?.toggleAttribute("hidden", !whole);
  }
  for (const box of table.querySelectorAll("input[data-select-all]")) {
    if (!(box instanceof HTMLInputElement)) continue;
    box.checked = count > 0 && count === all.length;
    box.indeterminate = count > 0 && count < all.length;
  }
  for (const box of all) box.closest("tr")?.classList.toggle("is-selected", box.checked);
  for (const place of document.querySelectorAll("[data-selected-count]")) place.textContent = String(count);
  for (const action of document.querySelectorAll("[data-needs-selection]")) {
    action.toggleAttribute("hidden", count === 0);
  }
}

/** The row whose box was pressed last, from which Shift selects a range. @type {HTMLInputElement | null} */
let last = null;

/** Shift and a click select, or free, all rows from the one before. @param {MouseEvent} event */
function range(event) {
  const box = event.target;
  const table = box instanceof HTMLInputElement && box.matches("[data-select-row]") ? box.closest("[data-select-table]") : null;
  if (!table || !(box instanceof HTMLInputElement)) return;
  const all = rows(table);
  const from = last ? all.indexOf(last) : -1;
  const to = all.indexOf(box);
  if (event.shiftKey && from >= 0) {
    for (const row of all.slice(Math.min(from, to), Math.max(from, to) + 1)) row.checked = box.checked;
    show(table);
  }
  last = box;
}

/** @param {Event} event */
function changed(event) {
  const box = event.target;
  const table = box instanceof HTMLInputElement ? box.closest("[data-select-table]") : null;
  if (!table || !(box instanceof HTMLInputElement)) return;
  if (box.matches("[data-select-all]")) {
    for (const row of rows(table)) row.checked = box.checked;
  }
  if (box.matches("[data-select-all], [data-select-row]")) show(table);
}

function showAll() {
  document.querySelectorAll("[data-select-table]").forEach(show);
}

export function selectRows() {
  document.addEventListener("change", changed);
  document.addEventListener("click", range);
  document.addEventListener("htmx:after:swap", showAll);
  window.addEventListener("pageshow", showAll);
}
