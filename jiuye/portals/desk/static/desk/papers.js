// A picture that was handed in is shown within the page. A PDF opens in a tab of its own: not every browser shows one in a frame.
"use strict";

for (const frame of document.querySelectorAll("iframe[data-shows-papers]")) {
  for (const button of document.querySelectorAll("button[data-picture]")) button.formTarget = frame.name;
  frame.addEventListener("load", () => {
    if (frame.contentWindow.location.href === "about:blank") return;
    frame.hidden = false;
    frame.scrollIntoView({ block: "nearest" });
  });
}
