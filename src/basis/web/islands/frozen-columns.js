/**
 * The first columns of a list in table[data-frozen] stay where they are when it scrolls sideways. How far from the
 * edge each stands is measured, since columns are as wide as there is room for.
 */

/** @param {HTMLTableElement} table */
function freeze(table) {
  const boxes = table.querySelector("thead .select-cell") ? 1 : 0;
  const count = Number(table.dataset.frozen) + boxes;
  const widths = [...(table.tHead?.rows[0]?.cells ?? [])].slice(0, count).map((cell) => cell.offsetWidth);
  if (widths.reduce((sum, width) => sum + width, 0) > table.offsetWidth * 0.7) return; // Nothing else would be seen.
  for (const row of table.rows) {
    let left = 0;
    widths.forEach((width, at) => {
      const cell = row.cells[at];
      if (!cell || cell.colSpan > 1) return;
      cell.classList.add("is-frozen");
      cell.style.left = `${left}px`;
      left += width;
    });
  }
}

function freezeAll() {
  document.querySelectorAll("table[data-frozen]").forEach((table) => table instanceof HTMLTableElement && freeze(table));
}

export function freezeColumns() {
  freezeAll();
  document.addEventListener("htmx:after:swap", freezeAll);
  window.addEventListener("resize", freezeAll);
}
