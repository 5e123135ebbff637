/**
 * The keyboard user stays where he was when HTMX replaces a part of the page.
 *
 * HTMX itself gives the focus back to an element with the same id. What has no id is found again by its
 * name or link. An answer that wants the focus elsewhere says so with autofocus.
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

function restore() {
  if (!selector || document.activeElement !== document.body) return;
  const again = document.querySelector(selector);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

export function keepFocus() {
  document.addEventListener("htmx:before:swap", () => {
    selector = describe(document.activeElement);
  });
  document.addEventListener("htmx:after:swap", restore);
}
