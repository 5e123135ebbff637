/**
 * <crm-lookup data-url="…">: makes a lookup out of the <select> or text <input> inside it.
 *
 * Without JavaScript the field inside works as it is. With it, typing asks data-url?q=TEXT, which answers JSON
 * {found: [{id, label, sub, entity}], create: [{entity, label}]}, and choosing sets the field's value to the id.
 * The field keeps its name, its label and its `required`; a change is a normal "change" event on it. What `create`
 * names stands last in the list and opens the short form of that entity in a dialog; inside a dialog it is left out.
 *
 * A <select multiple> takes several; each has a button to take it out, and Backspace takes out the last.
 *
 * Attributes: data-url; data-limit (how many to ask for, 20); data-label (the text of the value that an
 * <input> has now); data-typed (ids are ENTITY/ID); data-addresses (a typed e-mail address is taken as it is). The words stand on the page in the user's language: <body data-word-none data-word-searching>.
 */

import TomSelect from "tom-select/base";
import { quickCreate } from "./quick-create.js";

/** @typedef {{id: string, label: string, sub?: string, entity?: string, make?: boolean}} Choice */

const WAIT = 180; // Milliseconds after the last key before the server is asked.
const ADDRESS = /^[^\s@<>;,]+@[^\s@<>;,]+\.[^\s@<>;,]+$/;
const MAKE = "+"; // What the value of a choice that makes a record begins with; no id does.

class CrmLookup extends HTMLElement {
  /** @type {TomSelect | undefined} */
  #select;
  /** @type {AbortController | undefined} */
  #asking;

  connectedCallback() {
    const field = this.querySelector("select, input:not([type=hidden])");
    if (this.#select || !(field instanceof HTMLSelectElement || field instanceof HTMLInputElement)) return;
    this.#select = new TomSelect(field, this.#settings(field));
    this.#offerToMake(this.#select);
    this.#nameForScreenReaders(field);
    field.addEventListener("change", () => this.#tellEntity(field));
  }

  /** A lookup of several entities also posts which one the choice is of, in the hidden field beside it. */
  #tellEntity(/** @type {HTMLSelectElement | HTMLInputElement} */ field) {
    const entity = this.querySelector("input[type=hidden][name$='__type']");
    const chosen = this.#select?.options[field.value]?.entity;
    if (entity instanceof HTMLInputElement && chosen) entity.value = chosen;
  }

  disconnectedCallback() {
    this.#asking?.abort();
    // HTMX may only be moving the element; what is gone for good needs no select any more.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#select?.destroy();
      this.#select = undefined;
    });
  }

  get #takesAddresses() {
    return this.dataset.addresses !== undefined;
  }

  /** @param {HTMLSelectElement | HTMLInputElement} field */
  #settings(field) {
    /** @type {any} */
    const settings = {
      valueField: "id",
      labelField: "label",
      searchField: [],
      maxItems: field instanceof HTMLSelectElement && field.multiple ? null : 1,
      maxOptions: null,
      allowEmptyOption: false,
      openOnFocus: true,
      closeAfterSelect: true,
      selectOnTab: true,
      loadThrottle: WAIT,
      preload: "focus",
      hidePlaceholder: true,
      highlight: false,
      placeholder: field.getAttribute("placeholder") ?? this.dataset.placeholder ?? "",
      // The server has searched already: show its answer whole and in its order.
      score: () => () => 1,
      sortField: [{ field: "$order" }],
      shouldLoad: () => Boolean(this.dataset.url),
      load: (/** @type {string} */ text, /** @type {(found?: Choice[]) => void} */ show) => this.#ask(text, show),
      render: this.#renderers(),
      create: this.#takesAddresses && ((/** @type {string} */ text) => ({ id: text, label: text })),
      createFilter: ADDRESS,
      persist: false,
    };
    if (field instanceof HTMLSelectElement) {
      settings.options = [...field.options].filter((option) => option.value).map(choiceOf);
      settings.items = [...field.selectedOptions].map((option) => option.value).filter(Boolean);
    } else if (field.value) {
      settings.options = [{ id: field.value, label: this.dataset.label ?? field.value }];
      settings.items = [field.value];
    }
    return settings;
  }

  /**
   * @param {string} text
   * @param {(found?: Choice[]) => void} show
   */
  async #ask(text, show) {
    this.#asking?.abort();
    this.#asking = new AbortController();
    const url = new URL(this.dataset.url ?? "", document.baseURI);
    url.searchParams.set("q", text);
    url.searchParams.set("limit", this.dataset.limit ?? "20");
    try {
      const answer = await fetch(url, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        signal: this.#asking.signal,
      });
      const { found, create } = answer.ok ? await answer.json() : { found: [], create: [] };
      this.#forgetOldChoices();
      const makes = !this.closest("dialog") && !(this.#takesAddresses && ADDRESS.test(text));
      show([...found, ...(makes ? create.map(toMake) : [])]);
    } catch {
      show(); // Replaced by a later question, or the network is gone; what was found stays.
    }
  }

  /** Only what is chosen stays beside a new answer. */
  #forgetOldChoices() {
    this.#select?.clearOptions((/** @type {any} */ choice) => this.#select?.items.includes(choice.id) ?? false);
  }

  /** @param {TomSelect} select */
  #offerToMake(select) {
    const choose = select.onOptionSelect.bind(select);
    select.hook("instead", "onOptionSelect", (/** @type {any} */ event, /** @type {HTMLElement} */ option) => {
      const choice = /** @type {any} */ (select.options[option.dataset.value ?? ""]);
      if (choice?.make) void this.#make(select, choice);
      else choose(event, option);
    });
    // Tab takes the first choice, but goes on to the next field when that would make a record.
    this.addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Tab" && select.activeOption?.dataset.value?.startsWith(MAKE)) select.clearActiveOption();
      },
      { capture: true },
    );
  }

  /**
   * @param {TomSelect} select
   * @param {Choice} choice
   */
  async #make(select, choice) {
    const typed = select.inputValue();
    select.close();
    const made = await quickCreate(choice.entity ?? "", typed);
    if (made) {
      const id = this.dataset.typed === undefined ? made.id : `${choice.entity}/${made.id}`;
      select.addOption({ ...made, id });
      select.addItem(id);
    } else {
      select.setTextboxValue(typed);
    }
    this.#focusClosed(select);
  }

  /** Back to the text box, without opening the list again. */
  #focusClosed(/** @type {TomSelect} */ select) {
    select.settings.openOnFocus = false;
    select.focus();
    setTimeout(() => {
      select.settings.openOnFocus = true;
    }, 50);
  }

  #renderers() {
    const words = document.body.dataset;
    return {
      option: (/** @type {Choice} */ choice) =>
        element("div", choice.make ? "lookup-option lookup-make" : "lookup-option", [
          element("span", "lookup-label", [choice.label]),
          ...(choice.sub ? [element("span", "lookup-sub", [choice.sub])] : []),
        ]),
      item: (/** @type {Choice} */ choice) => this.#item(choice),
      option_create: (/** @type {{input: string}} */ typed) => element("div", "create lookup-option", [typed.input]),
      no_results: () => element("div", "lookup-note", [words.wordNone ?? "Nothing found"]),
      loading: () => element("div", "lookup-note", [words.wordSearching ?? "Searching…"]),
    };
  }

  /** What is chosen; of several each can be taken out with the mouse. */
  #item(/** @type {Choice} */ choice) {
    const made = element("div", "lookup-item", [choice.label]);
    if (!this.querySelector("select[multiple]")) return made;
    const remove = element("button", "lookup-remove", ["×"]);
    remove.setAttribute("type", "button");
    remove.setAttribute("tabindex", "-1"); // The keyboard has Backspace.
    remove.setAttribute("aria-label", `${document.body.dataset.wordRemove ?? ""} ${choice.label}`);
    remove.addEventListener("mousedown", (event) => {
      event.preventDefault();
      event.stopPropagation();
    });
    remove.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#select?.removeItem(choice.id);
    });
    made.append(remove);
    return made;
  }

  /** Tom Select takes over the field's <label>; this adds what else the field says, and hides the field itself. */
  #nameForScreenReaders(/** @type {HTMLElement} */ field) {
    const select = this.#select;
    if (!select) return;
    field.setAttribute("aria-hidden", "true");
    const name = field.getAttribute("aria-label");
    if (name) {
      select.control_input.setAttribute("aria-label", name);
      select.dropdown_content.setAttribute("aria-label", name);
    }
    for (const attribute of ["aria-describedby", "aria-invalid"]) {
      const value = field.getAttribute(attribute);
      if (value) select.control_input.setAttribute(attribute, value);
    }
    if (field.hasAttribute("required")) select.control_input.setAttribute("aria-required", "true");
  }
}

/** @param {HTMLOptionElement} option */
function choiceOf(option) {
  return { id: option.value, label: option.text.trim(), sub: option.dataset.sub, entity: option.dataset.entity };
}

/**
 * The last lines of the list: they make a record of their entity.
 * @param {{entity: string, label: string}} kind
 * @returns {Choice}
 */
function toMake(kind) {
  return { id: MAKE + kind.entity, label: `+ ${kind.label}`, entity: kind.entity, make: true };
}

/**
 * An element with text: nothing the server sent is ever read as HTML.
 * @param {string} tag
 * @param {string} className
 * @param {(Node | string)[]} content
 */
function element(tag, className, content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

customElements.define("crm-lookup", CrmLookup);
