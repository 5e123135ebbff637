/**
 * Making a record in a dialog, from the place on a page that needs one; the page behind keeps all that was typed.
 *
 * The short form comes from /{entity}/quick as a part of a page and is posted back there. What is wrong with it
 * comes back as the form again (422), a saved record as JSON.
 */

/** @typedef {{id: string, label: string, sub?: string, entity?: string}} Choice */

const AS_PART = { "HX-Request": "true", "HX-Target": "quick-create" }; // What the server takes for a part of a page.
const EMPTY = `<form class="dialog-body"><h2 class="visually-hidden" id="quick-title">Basis</h2>
  <div class="dialog-actions"><button class="button" type="button" data-dialog-close></button></div></form>`;

/**
 * Ask for a new record; answers it, or nothing when the user thought better of it.
 * @param {string} entity
 * @param {string} title what it shall be called, as far as that was typed already
 * @returns {Promise<Choice | undefined>}
 */
export async function quickCreate(entity, title) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog quick-dialog";
  dialog.setAttribute("aria-labelledby", "quick-title");
  await show(dialog, `/${entity}/quick?${new URLSearchParams({ ".title": title })}`);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    /** @type {Choice | undefined} */
    let made;
    dialog.addEventListener("click", goToField);
    dialog.addEventListener("submit", async (event) => {
      event.preventDefault();
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || form.dataset.sent) return;
      form.dataset.sent = "yes"; // A second press of the button is no second record.
      made = await show(dialog, form.action, { method: "POST", body: new FormData(form) });
      delete form.dataset.sent;
      if (made) dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(made);
    });
  });
}

/**
 * Put the server's answer into the dialog, unless it is the record that was made.
 * @param {HTMLDialogElement} dialog
 * @param {string} url
 * @param {RequestInit} [options]
 * @returns {Promise<Choice | undefined>}
 */
async function show(dialog, url, options = {}) {
  let answer;
  try {
    answer = await fetch(url, { ...options, headers: AS_PART, credentials: "same-origin" });
  } catch {
    return complain(dialog);
  }
  const kind = answer.headers.get("Content-Type") ?? "";
  if (answer.ok && kind.startsWith("application/json")) return answer.json();
  if (answer.status >= 500) return complain(dialog);
  const part = await answer.text();
  if (answer.status === 401 || !part.includes("<form")) return complain(dialog, part);
  dialog.innerHTML = part;
  const first = dialog.querySelector("[data-focus]");
  if (first instanceof HTMLElement) first.focus();
  return undefined;
}

/**
 * Say above what was typed that it did not work, in the server's markup if it gave any.
 * @param {HTMLDialogElement} dialog
 * @param {string} [part]
 * @returns {undefined}
 */
function complain(dialog, part = "") {
  const note = document.createElement("div");
  note.className = "field-error quick-note";
  note.setAttribute("role", "alert");
  if (part) note.innerHTML = part;
  else note.textContent = document.body.dataset.wordFailed ?? "This did not work; try again.";
  if (!dialog.querySelector("form")) dialog.innerHTML = EMPTY;
  const cancel = dialog.querySelector("button:empty");
  if (cancel) cancel.textContent = document.body.dataset.wordNo ?? "Cancel";
  dialog.querySelector(".quick-note")?.remove();
  dialog.querySelector("h2")?.after(note);
}

/** A link to a field puts the cursor there; the address, which may name a tab of the page behind, stays. */
function goToField(/** @type {MouseEvent} */ event) {
  const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
  if (!link) return;
  event.preventDefault();
  const field = document.getElementById((link.getAttribute("href") ?? "").slice(1));
  const box = field?.closest("crm-lookup")?.querySelector(".ts-control input") ?? field;
  if (box instanceof HTMLElement) box.focus();
}
