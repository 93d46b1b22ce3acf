// The keyboard of the desk: j and k walk the rows of a list, Enter opens one, / goes to the search field, and
// every element with data-key answers to that key. ? lists them. Off wherever somebody types, and can be switched
// off altogether (WCAG 2.1.4).
"use strict";

(() => {
  const STORE = "jiuye-keys";
  let enabled = true;
  try { enabled = localStorage.getItem(STORE) !== "off"; } catch { /* A browser that keeps nothing has keys on. */ }

  const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const visible = (element) => element.getClientRects().length > 0;

  function walk(step) {
    const rows = [...document.querySelectorAll("[data-rows] > *")].filter(visible);
    if (!rows.length) return;
    const here = rows.findIndex((row) => row.classList.contains("is-here"));
    const next = Math.min(Math.max(here + step, 0), rows.length - 1);
    for (const row of rows) row.classList.toggle("is-here", row === rows[next]);
    const link = rows[next].querySelector("a, button");
    link?.focus({ preventScroll: true });
    rows[next].scrollIntoView({ block: "nearest" });
  }

  function press(key) {
    const scope = document.querySelector("dialog[open]") ?? document;
    const found = [...scope.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && visible(one));
    if (!found) return false;
    if (found.matches("input, textarea, select")) found.focus();
    else found.click();
    return true;
  }

  function help() {
    const dialog = document.getElementById("keys");
    const list = dialog?.querySelector("[data-keys-list]");
    if (!list) return;
    for (const old of list.querySelectorAll("[data-made]")) old.remove();
    for (const one of [...document.querySelectorAll("[data-key]")].filter(visible)) {
      const row = list.querySelector("div").cloneNode(true);
      row.dataset.made = "";
      row.querySelector("dt").firstElementChild.textContent = one.dataset.key;
      const copy = one.cloneNode(true);
      for (const kbd of copy.querySelectorAll("kbd")) kbd.remove();
      row.querySelector("dd").textContent = one.getAttribute("aria-label") ?? copy.textContent.trim();
      list.append(row);
    }
    dialog.querySelector("[data-keys-switch]").checked = enabled;
    dialog.showModal();
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-keys-switch]")) return;
    enabled = event.target.checked;
    try { localStorage.setItem(STORE, enabled ? "on" : "off"); } catch { /* Then for this page only. */ }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (event.key === "?") { event.preventDefault(); help(); return; }
    if (!enabled) return;
    if (event.key === "j" || event.key === "k") {
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      walk(event.key === "j" ? 1 : -1);
      return;
    }
    if (press(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-keys-open]")) help();
  });
})();
