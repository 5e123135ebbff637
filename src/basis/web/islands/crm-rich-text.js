/**
 * <crm-rich-text data-words='{…}'>: edits the HTML in the <textarea> inside it as formatted text.
 *
 * Without JavaScript the textarea works as it is. With it, the textarea is hidden and holds what the editor made of
 * it from the first change on: who changes nothing posts what was there. With data-html its text is HTML, else plain.
 * What is pasted keeps only formatting that the server keeps too; the server makes everything harmless again.
 *
 * Keys: Ctrl+B, I and U format, Ctrl+K links, Alt+F10 goes to the toolbar, where the arrows lead from tool to tool
 * and Escape leads back. Tab goes on to the next field.
 */

import DOMPurify from "dompurify";
import Squire from "squire-rte";

/** @typedef {{name: string, icon: string, tag?: string, keys?: string, use: (editor: Squire) => void}} Tool */

const TAGS = (
  "a abbr b blockquote br caption cite code div em h1 h2 h3 h4 hr i li ol p pre s small span strong sub sup " +
  "table tbody td tfoot th thead tr u ul"
).split(" ");
const ATTRIBUTES = ["href", "title", "colspan", "rowspan", "start"];
const SCHEMES = /^(https?:\/\/|mailto:)/i;
const BLOCKS = "p, div, h1, h2, h3, h4, pre";

/** @type {Tool[]} */
const TOOLS = [
  { name: "bold", icon: "bold", tag: "B", keys: "Control+B", use: (e) => toggle(e, "B", "bold", "removeBold") },
  { name: "italic", icon: "italic", tag: "I", keys: "Control+I", use: (e) => toggle(e, "I", "italic", "removeItalic") },
  {
    name: "underline",
    icon: "underline",
    tag: "U",
    keys: "Control+U",
    use: (e) => toggle(e, "U", "underline", "removeUnderline"),
  },
  {
    name: "strike",
    icon: "strikethrough",
    tag: "S",
    use: (e) => toggle(e, "S", "strikethrough", "removeStrikethrough"),
  },
  { name: "heading", icon: "heading", tag: "H2", use: (e) => asBlock(e, e.hasFormat("H2") ? "P" : "H2") },
  { name: "bullets", icon: "list", tag: "UL", use: (e) => toggle(e, "UL", "makeUnorderedList", "removeList") },
  { name: "numbers", icon: "list-numbers", tag: "OL", use: (e) => toggle(e, "OL", "makeOrderedList", "removeList") },
  {
    name: "quote",
    icon: "blockquote",
    tag: "BLOCKQUOTE",
    use: (e) => toggle(e, "BLOCKQUOTE", "increaseQuoteLevel", "decreaseQuoteLevel"),
  },
  { name: "link", icon: "link", tag: "A", keys: "Control+K", use: () => undefined },
  { name: "clear", icon: "clear-formatting", use: (e) => e.removeAllFormatting() },
];

/**
 * @param {Squire} editor
 * @param {string} tag
 * @param {"bold" | "italic" | "underline" | "strikethrough" | "makeUnorderedList" | "makeOrderedList" | "increaseQuoteLevel"} on
 * @param {"removeBold" | "removeItalic" | "removeUnderline" | "removeStrikethrough" | "removeList" | "decreaseQuoteLevel"} off
 */
function toggle(editor, tag, on, off) {
  editor[editor.hasFormat(tag) ? off : on]();
}

/**
 * Make the paragraphs of the selection blocks of another kind.
 * @param {Squire} editor
 * @param {string} tag
 */
function asBlock(editor, tag) {
  editor.modifyBlocks((fragment) => {
    for (const block of fragment.querySelectorAll(BLOCKS)) {
      const made = document.createElement(tag);
      made.append(...block.childNodes);
      block.replaceWith(made);
    }
    return fragment;
  });
}

/**
 * What may be pasted. Styles and handlers go first: reading them breaks the page's policy, so the browser complains.
 * @param {string} html
 */
function harmless(html) {
  const unstyled = html
    .replace(/<style\b[^]*?<\/style\s*>/gi, "")
    .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\s(?:style|on\w+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ""));
  return DOMPurify.sanitize(unstyled, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: SCHEMES,
    RETURN_DOM_FRAGMENT: true,
  });
}

class CrmRichText extends HTMLElement {
  /** @type {Squire | undefined} */
  #editor;
  /** @type {HTMLTextAreaElement | null} */
  #area = null;
  #room = document.createElement("div");
  #tools = document.createElement("div");
  #linking = document.createElement("div");
  #address = document.createElement("input");
  /** @type {Record<string, string>} */
  #words = {};

  connectedCallback() {
    this.#area = this.querySelector("textarea");
    if (this.#editor || !this.#area || this.#area.disabled) return;
    this.#words = JSON.parse(this.dataset.words ?? "{}");
    this.#makeToolbar();
    this.#makeLinking();
    this.#makeRoom(this.#area);
    this.#area.hidden = true;
    this.append(this.#tools, this.#linking, this.#room);
    this.#edit(this.#area);
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#editor?.destroy();
      this.#editor = undefined;
    });
  }

  /** The place to write: it takes over the name, the notes and the errors of the textarea. */
  #makeRoom(/** @type {HTMLTextAreaElement} */ area) {
    const label = area.labels?.[0];
    this.#room.className = "input rich rich-room";
    this.#room.setAttribute("role", "textbox");
    this.#room.setAttribute("aria-multiline", "true");
    if (area.required) this.#room.setAttribute("aria-required", "true");
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
      const value = area.getAttribute(name);
      if (value) this.#room.setAttribute(name, value);
    }
    if (label) {
      label.id ||= `${area.id}-label`;
      this.#room.setAttribute("aria-labelledby", label.id);
      label.addEventListener("click", () => this.#editor?.focus());
    }
  }

  /** @param {HTMLTextAreaElement} area */
  #edit(area) {
    const editor = new Squire(this.#room, { blockTag: "P", addLinks: true, sanitizeToDOMFragment: harmless });
    this.#editor = editor;
    if (area.value && this.dataset.html === undefined) editor.insertPlainText(area.value, false);
    else editor.setHTML(area.value);
    editor.setKeyHandler("Tab", null).setKeyHandler("Shift-Tab", null);
    editor.addEventListener("input", () => this.#keep());
    editor.addEventListener("pathChange", () => this.#showState());
    this.#room.addEventListener("keydown", (event) => this.#shortcut(event), { capture: true });
  }

  /** What was written goes into the textarea, as if it had been typed there. */
  #keep() {
    if (!this.#editor || !this.#area) return;
    const empty = !this.#room.textContent?.trim() && !this.#room.querySelector("hr");
    this.#area.value = empty ? "" : this.#editor.getHTML();
    this.#area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  #shortcut(event) {
    if (event.altKey && event.key === "F10") {
      event.preventDefault();
      this.#toolAt(0)?.focus();
    } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      this.#openLinking();
    }
  }

  // -- the toolbar: one stop for Tab, arrows lead from tool to tool

  #makeToolbar() {
    this.#tools.className = "rich-tools";
    this.#tools.setAttribute("role", "toolbar");
    this.#tools.setAttribute("aria-label", this.#words.tools ?? "");
    this.#tools.append(...TOOLS.map((tool, at) => this.#button(tool, at)));
    this.#tools.addEventListener("mousedown", (event) => event.preventDefault());
    this.#tools.addEventListener("keydown", (event) => this.#walk(event));
  }

  /**
   * @param {Tool} tool
   * @param {number} at
   */
  #button(tool, at) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "icon-button";
    made.dataset.tool = tool.name;
    made.tabIndex = at ? -1 : 0;
    made.title = this.#words[tool.name] ?? tool.name;
    made.setAttribute("aria-label", made.title);
    if (tool.tag) made.setAttribute("aria-pressed", "false");
    if (tool.keys) made.setAttribute("aria-keyshortcuts", tool.keys);
    made.append(icon(tool.icon));
    made.addEventListener("click", () => this.#use(tool));
    return made;
  }

  #use(/** @type {Tool} */ tool) {
    if (!this.#editor) return;
    if (tool.name === "link") return this.#openLinking();
    tool.use(this.#editor);
    this.#editor.focus();
    this.#showState();
  }

  /** @param {number} at */
  #toolAt(at) {
    const found = this.#tools.children[(at + TOOLS.length) % TOOLS.length];
    return found instanceof HTMLElement ? found : null;
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const here = [...this.#tools.children].findIndex((tool) => tool === document.activeElement);
    const there = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: TOOLS.length - 1 }[event.key];
    if (event.key === "Escape") this.#editor?.focus();
    if (there === undefined) return;
    event.preventDefault();
    const next = this.#toolAt(there);
    for (const tool of this.#tools.children) /** @type {HTMLElement} */ (tool).tabIndex = tool === next ? 0 : -1;
    next?.focus();
  }

  #showState() {
    for (const [at, tool] of TOOLS.entries()) {
      if (tool.tag) this.#toolAt(at)?.setAttribute("aria-pressed", String(this.#editor?.hasFormat(tool.tag) ?? false));
    }
  }

  // -- links

  #makeLinking() {
    this.#linking.className = "rich-linking";
    this.#linking.hidden = true;
    this.#address.className = "input";
    this.#address.type = "url";
    this.#address.placeholder = "https://";
    this.#address.setAttribute("aria-label", this.#words.address ?? "");
    // The address is no field of the form: it is not posted, and Enter does not save the record.
    this.#address.addEventListener("input", (event) => event.stopPropagation());
    this.#address.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#link();
      if (event.key === "Escape") this.#closeLinking();
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
    });
    this.#linking.append(
      this.#address,
      this.#plainButton(this.#words.apply ?? "", () => this.#link()),
      this.#plainButton(this.#words.unlink ?? "", () => {
        this.#editor?.removeLink();
        this.#closeLinking();
      }),
    );
  }

  /**
   * @param {string} text
   * @param {() => void} act
   */
  #plainButton(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-small";
    made.append(text);
    made.addEventListener("click", act);
    return made;
  }

  #openLinking() {
    const chosen = this.#editor?.getSelection().commonAncestorContainer;
    const around = chosen instanceof Element ? chosen : chosen?.parentElement;
    this.#address.value = around?.closest("a")?.getAttribute("href") ?? "";
    this.#linking.hidden = false;
    this.#address.focus();
  }

  #closeLinking() {
    this.#linking.hidden = true;
    this.#editor?.focus();
  }

  #link() {
    const typed = this.#address.value.trim();
    const address = SCHEMES.test(typed) ? typed : typed.includes("@") ? `mailto:${typed}` : `https://${typed}`;
    this.#closeLinking();
    if (typed) this.#editor?.makeLink(address);
  }
}

/**
 * An icon of the sprite that the page uses already.
 * @param {string} name
 */
function icon(name) {
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  made.append(use);
  return made;
}

customElements.define("crm-rich-text", CrmRichText);
