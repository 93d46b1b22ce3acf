// What was handed in is shown within the page: a picture by every browser, a PDF by those that say they can; else it opens in a tab of its own.
"use strict";

for (const frame of document.querySelectorAll("iframe[data-shows-papers]")) {
  const shown = navigator.pdfViewerEnabled ? "button[data-picture], button[data-pdf]" : "button[data-picture]";
  for (const button of document.querySelectorAll(shown)) button.formTarget = frame.name;
  frame.addEventListener("load", () => {
    if (frame.contentWindow.location.href === "about:blank") return;
    frame.hidden = false;
    frame.scrollIntoView({ block: "nearest" });
  });
}
