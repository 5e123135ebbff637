/**
 * The tabs of a form. Which one shows is the style sheet's doing (the address names it); here the current one is
 * marked for screen readers, the page does not jump, and saving comes back to the same tab.
 */

/** The tab whose panel is, or holds, what the address names. */
function current() {
  const named = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  return named?.closest(".tab-panel")?.id ?? document.querySelector(".tab-panel.is-first")?.id;
}

function mark() {
  const id = current();
  for (const tab of document.querySelectorAll("[data-tabs] .tab")) {
    if (tab.getAttribute("href") === `#${id}`) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  const form = document.querySelector("form.record-form");
  if (form instanceof HTMLFormElement && id) form.action = form.action.replace(/#.*|$/, `#${id}`);
}

export function markTabs() {
  mark();
  window.addEventListener("hashchange", mark);
}
