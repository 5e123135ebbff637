/**
 * Rows in [data-sortable] are dragged into another order by their .drag-handle.
 *
 * The order on the page is the order in which their inputs are posted, so nothing else needs to be told. The arrows
 * beside a row do the same by keyboard and without JavaScript.
 */

/** @type {HTMLElement | null} */
let dragged = null;

/** @param {EventTarget | null} target */
function rowOf(target) {
  const row = target instanceof Element ? target.closest("[data-sortable] > *") : null;
  return row instanceof HTMLElement ? row : null;
}

/** @param {MouseEvent} event */
function arm(event) {
  const handle = event.target instanceof Element ? event.target.closest(".drag-handle") : null;
  const row = handle ? rowOf(handle) : null;
  if (row) row.draggable = true;
}

/** @param {DragEvent} event */
function start(event) {
  const row = rowOf(event.target);
  if (!row?.draggable) return;
  dragged = row;
  row.classList.add("is-dragged");
  event.dataTransfer?.setData("text/plain", "");
}

/** @param {DragEvent} event */
function over(event) {
  const row = rowOf(event.target);
  if (!dragged || !row || row.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (row === dragged) return;
  const middle = row.getBoundingClientRect();
  row.parentElement?.insertBefore(dragged, event.clientY < middle.top + middle.height / 2 ? row : row.nextSibling);
}

/** @param {DragEvent} event */
function drop(event) {
  if (dragged) event.preventDefault();
}

function end() {
  if (!dragged) return;
  dragged.draggable = false;
  dragged.classList.remove("is-dragged");
  dragged = null;
}

export function sortRows() {
  document.addEventListener("mousedown", arm);
  document.addEventListener("dragstart", start);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", end);
}
