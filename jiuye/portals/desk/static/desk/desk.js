// One box that ticks all boxes of its form.
"use strict";

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-check-all]")) return;
  for (const box of event.target.form.querySelectorAll("input[type=checkbox][name=case]")) {
    box.checked = event.target.checked;
  }
});
