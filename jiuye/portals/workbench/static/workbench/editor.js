// The editor's margin keeps up with the text until the server's answer comes, and a remark leads to its line.
"use strict";

(() => {
  const text = document.getElementById("editor-text");
  if (!text) return;

  function count() {
    const wanted = text.value.split("\n").length + 3;
    text.rows = wanted;
    for (const id of ["editor-numbers", "editor-notes"]) {
      const list = document.getElementById(id);
      while (list.children.length > wanted) list.lastElementChild.remove();
      while (list.children.length < wanted) {
        const item = document.createElement("li");
        if (id === "editor-numbers") item.textContent = String(list.children.length + 1);
        list.append(item);
      }
    }
  }
  text.addEventListener("input", count);
  document.addEventListener("htmx:oobAfterSwap", count);

  // The first mistake is in sight when the page opens.
  const editor = text.closest("[data-editor]");
  const first = document.querySelector("#editor-numbers .is-bad, #editor-numbers .is-watch");
  if (first && !location.hash) editor.scrollTop = Math.max(0, first.offsetTop - editor.offsetTop - editor.clientHeight / 3);

  // Two blanks for a tabulator, which YAML does not take; Escape first leaves the field by Tab (WCAG 2.1.2).
  let leaving = false;
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { leaving = true; return; }
    if (event.key === "Tab" && !event.shiftKey && !leaving && !text.readOnly) {
      event.preventDefault();
      text.setRangeText("  ", text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "s" && !text.readOnly) {
      event.preventDefault();
      text.form.requestSubmit();
    }
    if (event.key !== "Tab") leaving = false;
  });
  text.addEventListener("blur", () => { leaving = false; });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-line]");
    if (!link) return;
    // Following the link would take the focus out of the field again.
    event.preventDefault();
    document.getElementById(`L${link.dataset.line}`)?.scrollIntoView({ block: "center" });
    const lines = text.value.split("\n").slice(0, Number(link.dataset.line) - 1);
    const at = lines.reduce((sum, line) => sum + line.length + 1, 0);
    text.focus({ preventScroll: true });
    text.setSelectionRange(at, at);
  });

  // What was typed and not saved is not lost by a slip.
  const saved = text.defaultValue;
  let sending = false;
  text.form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && !text.readOnly && text.value !== saved) event.preventDefault();
  });
})();
