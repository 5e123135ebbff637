/**
 * <crm-grid>: a list edited in place, like a sheet. Ours around RevoGrid, so that it can be replaced.
 *
 * Attributes: data-rows (where rows come from, by offset and limit), data-save (where changes are posted),
 * data-columns (key, label, width, align, editor, options, url), data-count, data-frozen, data-word-*.
 *
 * RevoGrid draws, scrolls, selects ranges, copies, pastes and fills. Here: rows are fetched when they come into
 * sight; what is typed is posted, one request at a time, and every cell shows whether it was taken; undo and redo.
 * A cell is text in the reader's language throughout; the server reads it.
 */

import { defineCustomElements, setNonce } from "@revolist/revogrid/loader";
import { choiceEditor, lookupEditor } from "./grid-editors.js";

/** @typedef {{key: string, label: string, width: number, align: string, editor: string, options: string[], url: string}} Column */
/** @typedef {{id: string, version: number, cells: Record<string, string>, errors?: Record<string, string>, stale?: boolean}} Row */
/** @typedef {{row: number, prop: string, old: string, fresh: string}} Edit */

const BLOCK = 200; // So many rows are fetched at once.
const PAUSE = 60; // Milliseconds without scrolling before rows are fetched.
const GATHER = 120; // Milliseconds in which changes are gathered into one request.

class CrmGrid extends HTMLElement {
  /** @type {any} */
  #grid;
  /** @type {Column[]} */
  #columns = [];
  /** What RevoGrid shows: an object for each row, with a property c0, c1 … for each column. @type {Record<string, string>[]} */
  #source = [];
  /** The rows as the server last told them. @type {Map<number, Row>} */
  #rows = new Map();
  /** @type {Set<number>} */
  #blocks = new Set();
  /** Row → property → why it was refused. @type {Map<number, Map<string, string>>} */
  #refused = new Map();
  /** Row → property → text that waits to be saved. @type {Map<number, Map<string, string>>} */
  #waiting = new Map();
  /** @type {Edit[][]} */
  #undo = [];
  /** @type {Edit[][]} */
  #redo = [];
  #saving = false;
  #timer = 0;

  connectedCallback() {
    if (this.#grid) return;
    const script = document.querySelector("script[nonce]");
    if (script instanceof HTMLElement && script.nonce) setNonce(script.nonce);
    defineCustomElements();
    this.#columns = JSON.parse(this.dataset.columns ?? "[]");
    this.#source = Array.from({ length: Number(this.dataset.count ?? 0) }, () => ({}));
    this.#grid = this.#build();
    this.querySelector("[data-grid]")?.append(this.#grid);
    this.querySelector("[data-undo]")?.addEventListener("click", () => this.#turn(this.#undo, this.#redo, "old"));
    this.querySelector("[data-redo]")?.addEventListener("click", () => this.#turn(this.#redo, this.#undo, "fresh"));
    this.addEventListener("keydown", (event) => this.#keys(event), { capture: true });
    document.addEventListener("basis:theme", () => this.#dress());
    window.addEventListener("beforeunload", (event) => this.#waiting.size > 0 && event.preventDefault());
    void this.#load(0);
  }

  #build() {
    const grid = /** @type {any} */ (document.createElement("revo-grid"));
    const frozen = Number(this.dataset.frozen ?? 1);
    Object.assign(grid, {
      columns: this.#columns.map((column, at) => this.#column(column, at, at < frozen)),
      source: this.#source,
      editors: { choice: choiceEditor(this.#columns), lookup: lookupEditor(this.#columns) },
      range: true,
      resize: true,
      rowHeaders: true,
      rowSize: 32,
      canFocus: true,
      useClipboard: true,
      accessible: true,
      hideAttribution: true,
      applyOnClose: true,
    });
    grid.setAttribute("aria-label", this.dataset.label ?? "");
    grid.addEventListener("viewportscroll", (/** @type {CustomEvent} */ event) => this.#scrolled(event.detail));
    grid.addEventListener("afteredit", (/** @type {CustomEvent} */ event) => this.#edited(event.detail));
    grid.addEventListener("afterfocus", (/** @type {CustomEvent} */ event) => this.#focused(event.detail));
    grid.addEventListener("beforesorting", (/** @type {Event} */ event) => event.preventDefault());
    this.#dress(grid);
    return grid;
  }

  #dress(grid = this.#grid) {
    const dark = document.documentElement.dataset.bsTheme === "dark";
    if (grid) grid.theme = dark ? "darkCompact" : "compact";
  }

  /** @param {Column} column @param {number} at @param {boolean} frozen */
  #column(column, at, frozen) {
    const prop = `c${at}`;
    return {
      prop,
      name: column.label,
      size: Math.max(column.width, 80),
      readonly: column.editor === "none",
      editor: ["choice", "lookup"].includes(column.editor) ? column.editor : undefined,
      ...(frozen ? { pin: "colPinStart" } : {}),
      cellProperties: (/** @type {{rowIndex: number}} */ { rowIndex }) => {
        const reason = this.#refused.get(rowIndex)?.get(prop);
        const waits = this.#waiting.get(rowIndex)?.has(prop);
        return {
          class: { "is-refused": Boolean(reason), "is-waiting": Boolean(waits), "is-end": column.align === "end" },
          ...(reason ? { title: reason, "aria-invalid": "true" } : {}),
        };
      },
    };
  }

  // -- rows

  /** @param {{dimension: string, coordinate: number}} place */
  #scrolled(place) {
    if (place.dimension !== "rgRow") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetchAround(place.coordinate), PAUSE);
  }

  /** @param {number} coordinate */
  #fetchAround(coordinate) {
    const first = Math.floor(coordinate / 32);
    const last = Math.min(first + 80, this.#source.length - 1);
    void this.#load(Math.floor(first / BLOCK));
    void this.#load(Math.floor(Math.max(0, last) / BLOCK));
  }

  /** @param {number} block */
  async #load(block) {
    if (this.#blocks.has(block) || this.#source.length === 0) return;
    this.#blocks.add(block);
    try {
      const answer = await fetch(`${this.dataset.rows}&offset=${block * BLOCK}&limit=${BLOCK}`, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      /** @type {{rows: Row[]}} */
      const { rows } = await answer.json();
      rows.forEach((row, at) => this.#take(block * BLOCK + at, row));
      await this.#grid.refresh("all");
    } catch {
      this.#blocks.delete(block);
    }
  }

  /** What the server says of a row is what is shown, but for what waits or was refused. @param {number} at @param {Row} row */
  #take(at, row) {
    const held = this.#rows.get(at);
    this.#rows.set(at, { ...row, cells: { ...held?.cells, ...row.cells } });
    this.#columns.forEach((column, number) => {
      const prop = `c${number}`;
      const kept = this.#waiting.get(at)?.has(prop) || this.#refused.get(at)?.has(prop);
      if (column.key in row.cells && !kept) this.#source[at][prop] = row.cells[column.key];
    });
  }

  // -- changes

  /** One cell, or many by pasting, filling and deleting. @param {any} detail */
  #edited(detail) {
    /** @type {Edit[]} */
    const edits = [];
    const typed = detail.data ?? { [detail.rowIndex]: { [detail.prop]: detail.val } };
    for (const [row, cells] of Object.entries(typed)) {
      for (const [prop, value] of Object.entries(/** @type {Record<string, any>} */ (cells))) {
        const edit = { row: Number(row), prop, old: this.#shownBefore(Number(row), prop), fresh: String(value ?? "") };
        if (edit.old !== edit.fresh) edits.push(edit);
      }
    }
    if (edits.length === 0) return;
    this.#undo.push(edits);
    this.#redo = [];
    this.#wait(edits.map((edit) => ({ ...edit, text: edit.fresh })));
  }

  /** @param {number} row @param {string} prop */
  #shownBefore(row, prop) {
    const column = this.#columns[Number(prop.slice(1))];
    return this.#rows.get(row)?.cells[column?.key] ?? "";
  }

  /** @param {{row: number, prop: string, text: string}[]} changes */
  #wait(changes) {
    for (const { row, prop, text } of changes) {
      if (!this.#rows.has(row)) continue;
      this.#source[row][prop] = text;
      this.#refused.get(row)?.delete(prop);
      const cells = this.#waiting.get(row) ?? new Map();
      this.#waiting.set(row, cells.set(prop, text));
    }
    this.#tell();
    void this.#grid.refresh("all");
    setTimeout(() => this.#save(), GATHER);
  }

  async #save() {
    if (this.#saving || this.#waiting.size === 0) return;
    this.#saving = true;
    const batch = new Map([...this.#waiting].slice(0, 500));
    const numbers = [...batch.keys()];
    const changes = numbers.map((row) => this.#change(row, batch.get(row) ?? new Map()));
    try {
      const body = new URLSearchParams({ changes: JSON.stringify(changes) });
      const answer = await fetch(this.dataset.save ?? "", { method: "POST", body, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      /** @type {{rows: Row[]}} */
      const { rows } = await answer.json();
      rows.forEach((row, at) => this.#answered(numbers[at], row, batch.get(numbers[at]) ?? new Map()));
      this.#saving = false;
      this.#tell();
      await this.#grid.refresh("all");
      void this.#save();
    } catch {
      this.#saving = false;
      this.#tell(this.dataset.wordFailed);
    }
  }

  /** @param {number} row @param {Map<string, string>} cells */
  #change(row, cells) {
    const held = this.#rows.get(row);
    const named = [...cells].map(([prop, text]) => [this.#columns[Number(prop.slice(1))].key, text]);
    return { id: held?.id, version: held?.version, cells: Object.fromEntries(named) };
  }

  /** @param {number} at @param {Row} row @param {Map<string, string>} sent */
  #answered(at, row, sent) {
    const waiting = this.#waiting.get(at);
    const refused = this.#refused.get(at) ?? new Map();
    for (const [prop, text] of sent) {
      if (waiting?.get(prop) === text) waiting.delete(prop);
      const reason = row.errors?.[this.#columns[Number(prop.slice(1))].key];
      if (row.stale) this.#tell((this.dataset.wordStale ?? "%s").replace("%s", text));
      if (reason) refused.set(prop, reason);
      else refused.delete(prop);
    }
    if (waiting?.size === 0) this.#waiting.delete(at);
    if (refused.size > 0) this.#refused.set(at, refused);
    else this.#refused.delete(at);
    this.#take(at, row);
  }

  // -- undo and what is said

  /** @param {Edit[][]} from @param {Edit[][]} to @param {"old" | "fresh"} which */
  #turn(from, to, which) {
    const edits = from.pop();
    if (!edits) return;
    to.push(edits);
    this.#wait(edits.map((edit) => ({ row: edit.row, prop: edit.prop, text: edit[which] })));
  }

  /** @param {KeyboardEvent} event */
  #keys(event) {
    if (!(event.ctrlKey || event.metaKey) || event.target instanceof HTMLInputElement) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) this.#turn(this.#undo, this.#redo, "old");
    else if (key === "y" || (key === "z" && event.shiftKey)) this.#turn(this.#redo, this.#undo, "fresh");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The reason of a refused cell is said when one comes to it. @param {any} detail */
  #focused(detail) {
    const reason = this.#refused.get(detail.rowIndex)?.get(detail.column?.prop);
    this.#say("[data-problem]", reason ?? "");
  }

  /** @param {string} [problem] */
  #tell(problem) {
    const refused = [...this.#refused.values()].reduce((sum, cells) => sum + cells.size, 0);
    const words = [this.#waiting.size > 0 ? this.dataset.wordSaving : this.dataset.wordSaved];
    if (refused > 0) words.push(`${this.dataset.wordRefused}: ${refused}`);
    this.#say("[data-status]", words.join(" · "));
    if (problem !== undefined) this.#say("[data-problem]", problem);
    this.querySelector("[data-undo]")?.toggleAttribute("disabled", this.#undo.length === 0);
    this.querySelector("[data-redo]")?.toggleAttribute("disabled", this.#redo.length === 0);
  }

  /** @param {string} place @param {string} text */
  #say(place, text) {
    const found = this.querySelector(place);
    if (found) found.textContent = text;
  }
}

customElements.define("crm-grid", CrmGrid);
