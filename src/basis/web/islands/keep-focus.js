/**
 * The keyboard user stays where he was when HTMX replaces a part of the page.
 *
 * HTMX itself gives the focus back to an element with the same id. What has no id is found again by its
 * name or link. An answer that wants the focus elsewhere says so with autofocus. What was typed while the answer was
 * under way is newer than the answer, so it is kept.
 */

/** @type {string | null} */
let selector = null;

/** @param {Element | null} element */
function describe(element) {
  if (!element || element === document.body || element.id) return null;
  for (const attribute of ["name", "href", "hx-get"]) {
    const value = element.getAttribute(attribute);
    if (value) return `${element.localName}[${attribute}="${CSS.escape(value)}"]`;
  }
  return null;
}

/** The text box in which somebody types. @type {HTMLInputElement | HTMLTextAreaElement | null} */
let typing = null;

function textBox() {
  const element = document.activeElement;
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element : null;
}

/** Put what was typed into the box that came in the place of the one it was typed in. */
function retype() {
  const old = typing;
  typing = null;
  if (!old || old.isConnected || !old.name || ["checkbox", "radio", "file", "hidden"].includes(old.type)) return;
  const fresh = document.querySelector(`[name="${CSS.escape(old.name)}"]`);
  const same = fresh instanceof HTMLInputElement || fresh instanceof HTMLTextAreaElement;
  if (!same || fresh.type !== old.type || fresh.value === old.value) return;
  fresh.value = old.value;
  fresh.focus({ preventScroll: true });
  fresh.dispatchEvent(new Event("input", { bubbles: true }));
}

function restore() {
  if (!selector || document.activeElement !== document.body) return;
  const again = document.querySelector(selector);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

export function keepFocus() {
  document.addEventListener("htmx:before:swap", () => {
    selector = describe(document.activeElement);
    typing = textBox();
  });
  document.addEventListener("htmx:after:swap", () => {
    retype();
    restore();
  });
}
