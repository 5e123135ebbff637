/**
 * How a cell of <crm-grid> is edited where plain text will not do: a choice from its options, a lookup by searching.
 *
 * An editor is what RevoGrid asks for: it renders an element and saves its text, or closes without saving.
 */

/** @typedef {{key: string, options: string[], url: string}} Column */

const LISTS = new Map(); // Lists of suggestions by the editor that asked; one at a time.

/** @param {Column[]} columns @param {any} cell @returns {Column | undefined} */
function columnOf(columns, cell) {
  return columns[Number(String(cell.prop).slice(1))];
}

/** @param {Column[]} columns */
export function choiceEditor(columns) {
  return (/** @type {any} */ cell, /** @type {(text: string) => void} */ save, /** @type {() => void} */ close) => {
    /** @type {any} */
    const editor = {
      element: null,
      editCell: undefined,
      componentDidRender: () => editor.element?.focus(),
      getValue: () => editor.element?.value ?? "",
      render(/** @type {any} */ h) {
        const column = columnOf(columns, cell);
        const now = editor.editCell?.val ?? cell.value ?? cell.model?.[cell.prop] ?? "";
        const options = ["", ...(column?.options ?? [])].map((text) => h("option", { value: text, selected: text === now }, text));
        return h(
          "select",
          {
            class: "grid-editor",
            ref: (/** @type {Element} */ element) => (editor.element = element),
            onChange: (/** @type {any} */ event) => save(event.target.value),
            onKeyDown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close(),
          },
          options,
        );
      },
    };
    return editor;
  };
}

/** @param {Column[]} columns */
export function lookupEditor(columns) {
  return (/** @type {any} */ cell, /** @type {(text: string) => void} */ save, /** @type {() => void} */ close) => {
    /** @type {any} */
    const editor = {
      element: null,
      editCell: undefined,
      componentDidRender() {
        if (document.activeElement === editor.element) return;
        editor.element?.focus();
        editor.element?.select();
      },
      getValue: () => editor.element?.value ?? "",
      disconnectedCallback: () => LISTS.get(editor)?.remove(),
      render(/** @type {any} */ h) {
        const now = editor.editCell?.val || cell.value || cell.model?.[cell.prop] || "";
        return h("input", {
          class: "grid-editor",
          value: now,
          list: "grid-suggestions",
          ref: (/** @type {Element} */ element) => (editor.element = element),
          onInput: (/** @type {any} */ event) => suggest(editor, columnOf(columns, cell)?.url ?? "", event.target.value),
          onKeyDown: (/** @type {any} */ event) => {
            if (event.key === "Enter" || event.key === "Tab") save(event.target.value);
            else if (event.key === "Escape") close();
            else event.stopPropagation();
          },
        });
      },
    };
    return editor;
  };
}

/** Show the records whose name begins so, as the browser's own list of suggestions. @param {object} editor @param {string} url @param {string} text */
async function suggest(editor, url, text) {
  const answer = await fetch(`${url}&${new URLSearchParams({ q: text, limit: "8" })}`, { credentials: "same-origin" });
  if (!answer.ok) return;
  const { found } = await answer.json();
  const list = LISTS.get(editor) ?? document.createElement("datalist");
  LISTS.set(editor, list);
  list.id = "grid-suggestions";
  list.replaceChildren(
    ...found.map((/** @type {{label: string}} */ each) => Object.assign(document.createElement("option"), { value: each.label })),
  );
  document.body.append(list);
}
