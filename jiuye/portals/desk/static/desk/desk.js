// One box that ticks all boxes of its form; and an act on many that goes on by itself, portion by portion.
"use strict";

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-check-all]")) return;
  for (const box of event.target.form.querySelectorAll("input[type=checkbox][name=case]")) {
    box.checked = event.target.checked;
  }
});

document.querySelector("form[data-go-on]")?.requestSubmit();
