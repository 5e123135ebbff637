/**
 * <crm-board>: a card of a kanban is dragged into another column.
 *
 * Every card holds a form with a <select> of the columns, which works by keyboard and without JavaScript. Dropping
 * a card chooses the column in it and sends the form; the server answers the board anew, or why it may not be so.
 */

export class CrmBoard extends HTMLElement {
  /** @type {HTMLElement | null} */
  #dragged = null;

  connectedCallback() {
    this.addEventListener("dragstart", (event) => this.#start(event));
    this.addEventListener("dragend", () => this.#end());
    this.addEventListener("dragover", (event) => this.#over(event));
    this.addEventListener("drop", (event) => this.#drop(event));
    this.addEventListener("htmx:response:error", () => this.#putBack());
  }

  /** @param {DragEvent} event */
  #start(event) {
    const card = event.target instanceof Element ? event.target.closest(".record-card") : null;
    if (!(card instanceof HTMLElement)) return;
    this.#dragged = card;
    card.classList.add("is-dragged");
    event.dataTransfer?.setData("text/plain", card.id);
  }

  #end() {
    this.#dragged?.classList.remove("is-dragged");
    this.#dragged = null;
    this.#mark(null);
  }

  /** @param {DragEvent} event */
  #over(event) {
    const column = this.#column(event);
    if (!this.#dragged || !column) return;
    event.preventDefault();
    this.#mark(column);
  }

  /** @param {DragEvent} event */
  #drop(event) {
    const column = this.#column(event);
    const select = this.#dragged?.querySelector("select");
    if (!column || !select) return;
    event.preventDefault();
    const value = column.dataset.value ?? "";
    if (select.value === value || ![...select.options].some((option) => option.value === value)) return;
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** What was refused did not happen: the choices are again those of the board. */
  #putBack() {
    for (const form of this.querySelectorAll("form")) form.reset();
  }

  /** @param {DragEvent} event */
  #column(event) {
    const found = event.target instanceof Element ? event.target.closest(".board-column") : null;
    return found instanceof HTMLElement ? found : null;
  }

  /** @param {HTMLElement | null} column */
  #mark(column) {
    for (const each of this.querySelectorAll(".board-column")) each.classList.toggle("is-over", each === column);
  }
}

customElements.define("crm-board", CrmBoard);
