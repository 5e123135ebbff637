/**
 * Nothing typed is lost: a form with data-dirty-guard warns before the page is left with changes.
 * The form carries `data-dirty` while it has any, so that the page can show it.
 */

/** @param {HTMLFormElement} form */
function contents(form) {
  return new URLSearchParams(/** @type {any} */ (new FormData(form))).toString();
}

/** @type {WeakMap<HTMLFormElement, string>} */
const loaded = new WeakMap();
/** @type {WeakSet<HTMLFormElement>} */
const leaving = new WeakSet();

function guarded() {
  return /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-dirty-guard]"));
}

function remember() {
  for (const form of guarded()) {
    if (!loaded.has(form)) loaded.set(form, contents(form));
  }
}

/** A form that came back with errors carries data-dirty-guard="dirty": it was changed before it was sent. */
function isDirty(/** @type {HTMLFormElement} */ form) {
  if (form.dataset.dirtyGuard === "dirty") return true;
  return loaded.has(form) && loaded.get(form) !== contents(form);
}

/** @param {Event} event */
function mark(event) {
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  if (!form?.matches("[data-dirty-guard]")) return;
  form.toggleAttribute("data-dirty", isDirty(form));
  for (const place of document.querySelectorAll("[data-dirty-text]")) {
    if (isDirty(form) && place instanceof HTMLElement) place.textContent = place.dataset.dirtyText ?? "";
  }
}

/** Watch every guarded form, those that HTMX brings later included. */
export function guardUnsavedChanges() {
  remember();
  document.addEventListener("htmx:after:swap", remember);
  document.addEventListener("input", mark);
  document.addEventListener("change", mark);
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement) leaving.add(event.target);
  });
  window.addEventListener("pageshow", () => guarded().forEach((form) => leaving.delete(form)));
  window.addEventListener("beforeunload", (event) => {
    for (const form of guarded()) {
      if (isDirty(form) && !leaving.has(form)) event.preventDefault();
    }
  });
}
