/**
 * What every page has: HTMX and a handful of small behaviours. Pages work without any of them.
 *
 * Each behaviour listens on the document, so that it also holds for what HTMX puts on the page later.
 * A behaviour that needs more than a few lines is an island: a custom element in a file of its own,
 * fetched only when its tag is on the page.
 *
 * HTMX 4 under our content security policy (no unsafe-inline, no unsafe-eval):
 * - It evaluates text as code only for `hx-on:*`, `js:` values and filters in `hx-trigger`. There is no
 *   setting that turns this off; the policy refuses it and our templates do not use it.
 * - Its indicator styles come as a constructed style sheet, which a policy allows; ours replace them.
 * - `inlineScriptNonce` stays unset, so a script inside an answer never runs.
 * - It reads its settings once, from <meta name="htmx-config">, which must stand in the head. Ours is
 *   content='includeIndicatorCSS:false, extensions:"none"'
 *   (a non-empty `extensions` admits only those it names; answers of 4xx and 5xx are swapped, as by default;
 *   a list such as noSwap:[204] is not read from this form of settings and breaks every request).
 * - `mode` is same-origin by default and cannot be changed by an element.
 */

import "htmx.org";
import { freezeColumns } from "./frozen-columns.js";
import { guardUnsavedChanges } from "./unsaved-changes.js";
import { keepFocus } from "./keep-focus.js";
import { searchWhileTyping } from "./search-box.js";
import { selectRows } from "./select-rows.js";
import { sortRows } from "./sortable-rows.js";
import { markTabs } from "./tabs.js";

/** Tag → the island that defines it. @type {Record<string, () => Promise<unknown>>} */
const ISLANDS = {
  "crm-grid": () => import("./crm-grid.js"),
  "crm-board": () => import("./crm-board.js"),
  "crm-lookup": () => import("./crm-lookup.js"),
  "crm-rich-text": () => import("./crm-rich-text.js"),
};

/**
 * The nearest element around an event's target that matches.
 * @param {Event} event
 * @param {string} selector
 */
function closest(event, selector) {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/** Fetch the islands whose tag is on the page. */
function loadIslands() {
  for (const [tag, load] of Object.entries(ISLANDS)) {
    if (!customElements.get(tag) && document.querySelector(tag)) void load();
  }
}

/** Ctrl (or Cmd) and a letter → what it does; answers whether it did. @type {Record<string, () => boolean>} */
const SHORTCUTS = { k: goToSearch, s: save };

/** @param {KeyboardEvent} event */
function keyboard(event) {
  if (event.defaultPrevented) return;
  const shortcut = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (shortcut && SHORTCUTS[event.key.toLowerCase()]?.()) {
    event.preventDefault();
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const open = closest(event, "details.menu[open]");
    closeMenus();
    open?.querySelector("summary")?.focus();
    if (document.body.classList.contains("nav-open")) toggleNavigation(false);
  }
}

function goToSearch() {
  const search = document.getElementById("global-search");
  if (!(search instanceof HTMLInputElement) || document.querySelector("dialog[open]")) return false;
  search.focus();
  search.select();
  return true;
}

/** Press the save button: that of the open dialog, else that of the page. */
function save() {
  const dialog = document.querySelector("dialog[open]");
  const button = (dialog ?? document).querySelector("[data-save]");
  if (!(button instanceof HTMLButtonElement)) return false;
  button.click();
  return true;
}

/**
 * Close every open menu that does not hold the element.
 * @param {EventTarget | null} [keep]
 */
function closeMenus(keep = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!(keep instanceof Node && menu.contains(keep))) menu.removeAttribute("open");
  }
}

/**
 * Open or close the navigation drawer of a narrow screen.
 * @param {boolean} [open] the other way round when left out
 */
function toggleNavigation(open) {
  const isOpen = document.body.classList.toggle("nav-open", open);
  const button = document.querySelector("[data-nav-toggle][aria-expanded]");
  button?.setAttribute("aria-expanded", String(isOpen));
  const next = isOpen ? document.querySelector(".sidebar a, .sidebar button") : button;
  if (next instanceof HTMLElement) next.focus();
}

/** Light or dark, on this page at once and by a cookie on the next ones. */
function toggleTheme() {
  const root = document.documentElement;
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${secure}`;
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.setAttribute("aria-pressed", String(theme === "dark"));
  }
  document.dispatchEvent(new CustomEvent("basis:theme", { detail: { theme } }));
}

/**
 * Ask before a click or a submit on [data-confirm="the question"], with data-confirm-title,
 * data-confirm-yes and data-confirm-no for its words; <body data-word-yes data-word-no> has the usual ones.
 * @param {Event} event
 */
function confirmFirst(event) {
  const submitter = event instanceof SubmitEvent ? event.submitter : null;
  const asked = submitter?.closest("[data-confirm]") ?? closest(event, "[data-confirm]");
  if (!(asked instanceof HTMLElement) || asked.dataset.confirmed === "yes") return;
  if (event.type === "click" && (asked.matches("form") || asked.matches("[type=submit], button:not([type])"))) {
    return; // Its form's submit asks.
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = confirmDialog(asked.dataset);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return asked.focus();
    asked.dataset.confirmed = "yes";
    if (event.target instanceof HTMLFormElement) event.target.requestSubmit(submitter);
    else asked.click();
    delete asked.dataset.confirmed;
  });
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {DOMStringMap} words
 * @returns {HTMLDialogElement}
 */
function confirmDialog(words) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "confirm-title");
  dialog.innerHTML = `<form method="dialog" class="dialog-body">
    <h2 class="dialog-title" id="confirm-title"></h2><p class="dialog-text"></p>
    <div class="dialog-actions"><button class="button" value="no"></button>
    <button class="button button-primary" value="yes"></button></div></form>`;
  const [no, yes] = dialog.querySelectorAll("button");
  const [title, text] = dialog.querySelectorAll("h2, p");
  title.textContent = words.confirmTitle ?? words.confirm ?? "";
  text.textContent = words.confirmTitle ? (words.confirm ?? "") : "";
  no.textContent = words.confirmNo ?? document.body.dataset.wordNo ?? "Cancel";
  yes.textContent = words.confirmYes ?? document.body.dataset.wordYes ?? "OK";
  yes.classList.toggle("button-danger", words.confirmDanger !== undefined);
  no.autofocus = true;
  return dialog;
}

/** What went wrong with a form is where its reader starts. */
function focusOn(/** @type {Element | null} */ element) {
  if (element instanceof HTMLElement) element.focus();
}

/** Open or close the <dialog> that a button names, and close flash messages. */
function clicks(/** @type {MouseEvent} */ event) {
  closeMenus(event.target);
  const navigation = closest(event, "[data-nav-toggle], .nav-backdrop");
  if (navigation) {
    event.preventDefault(); // It is a link to the navigation, for a browser without JavaScript.
    toggleNavigation();
  }
  if (closest(event, "[data-theme-toggle]")) toggleTheme();
  closest(event, "[data-dismiss]")?.closest(".flash")?.remove();
  const opener = closest(event, "[data-dialog]");
  const dialog = document.getElementById(opener?.dataset.dialog ?? "");
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
  const closer = closest(event, "[data-dialog-close]")?.closest("dialog");
  if (closer) {
    event.preventDefault();
    closer.close();
  }
}

document.addEventListener("click", confirmFirst, { capture: true });
document.addEventListener("submit", confirmFirst, { capture: true });
document.addEventListener("click", clicks);
document.addEventListener("keydown", keyboard);
document.addEventListener("htmx:after:swap", loadIslands);
document.documentElement.classList.add("js");
focusOn(document.querySelector("[data-focus]"));
guardUnsavedChanges();
freezeColumns();
keepFocus();
searchWhileTyping();
selectRows();
sortRows();
markTabs();
loadIslands();
