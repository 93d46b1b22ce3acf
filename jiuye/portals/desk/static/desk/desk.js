// The keyboard of the desk: j and k choose a row, Enter opens it, / finds, a button's letter presses it.
"use strict";

(() => {
  const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll("[data-rows] > tr")].filter((row) => row.querySelector("a"));

  function choose(step) {
    const all = rows();
    if (!all.length) return;
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1);
    all[next].querySelector("a").focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") {
      choose(event.key === "j" ? 1 : -1);
      event.preventDefault();
    } else if (event.key === "/") {
      const field = document.querySelector("input[name=q]");
      if (!field) return;
      field.focus();
      event.preventDefault();
    } else if (event.key.length === 1) {
      const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (!target) return;
      event.preventDefault();
      target.click();
    }
  });

  // --- One box for all boxes of its form. ---
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-check-all]")) return;
    for (const box of event.target.form.querySelectorAll("input[type=checkbox][name=case]")) {
      box.checked = event.target.checked;
    }
  });
})();
