// What HTML alone does not do. Every page works without this file; with it, pages are quicker and safer to use.
"use strict";

document.documentElement.classList.add("js");

(() => {
  const words = () => document.getElementById("toast-words")?.dataset ?? {};

  function toast(text, kind) {
    const place = document.getElementById("toasts");
    if (!place || !text) return;
    const box = document.createElement("div");
    box.className = kind ? `toast toast--${kind}` : "toast";
    const line = document.createElement("span");
    line.textContent = text;
    box.append(line);
    if (kind === "bad") {
      // An error stays until it has been read.
      const close = document.createElement("button");
      close.type = "button";
      close.textContent = words().close ?? "×";
      close.addEventListener("click", () => box.remove());
      box.append(close);
    } else {
      setTimeout(() => box.remove(), 5000);
    }
    place.append(box);
  }

  // --- htmx: the token of forms, and errors in words. ---
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });
  // Signed in anew in another window: the page keeps what was typed and asks on with the new token.
  function renew(token) {
    if (!token) return;
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    for (const field of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) field.value = token;
  }
  document.addEventListener("jiuye:token", (event) => renew(event.detail.value));
  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-again")) return;
    renew(document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1]);
  });
  document.addEventListener("jiuye:toast", (event) => toast(event.detail.text, event.detail.kind));
  document.addEventListener("htmx:sendError", () => toast(words().offline, "bad"));

  // --- A form is posted once: its buttons rest until the answer is there. ---
  function rest(form, resting, submitter) {
    form.toggleAttribute("data-resting", resting);
    for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
      button.disabled = resting;
    }
    if (submitter) submitter.setAttribute("aria-busy", String(resting));
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-display")) return;
    // An answer that goes to another tab, or into a frame, leaves this page as it is: nothing would end the rest.
    if (event.submitter?.formTarget || form.target) return;
    if (form.hasAttribute("data-resting")) {
      event.preventDefault();
      return;
    }
    // After this turn, since a disabled button's own name and value would not be sent.
    setTimeout(() => rest(form, true, event.submitter), 0);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form?.hasAttribute("data-resting")) rest(form, false, form.querySelector("[aria-busy=true]"));
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-resting]")) {
      rest(form, false, form.querySelector("[aria-busy=true]"));
    }
  });

  // --- Long words: a browser cuts what is pasted at maxlength, and nobody sees it. Here it stays, and is said to be too long. ---
  function measure(area) {
    const most = Number(area.dataset.most);
    const over = area.value.trim().length - most;
    const said = over > 0 ? (words().over ?? "").replace("{most}", most).replace("{over}", over) : "";
    area.setCustomValidity(said);
    let line = area.nextElementSibling;
    if (!line?.classList.contains("field__over")) {
      if (!said) return;
      line = document.createElement("p");
      line.className = "field__over";
      line.setAttribute("role", "status");
      area.after(line);
    }
    line.textContent = said;
  }
  document.addEventListener("focusin", (event) => {
    const area = event.target;
    if (area.tagName !== "TEXTAREA" || !area.hasAttribute("maxlength")) return;
    area.dataset.most = area.getAttribute("maxlength");
    area.removeAttribute("maxlength");
  });
  document.addEventListener("input", (event) => {
    if (event.target.dataset?.most) measure(event.target);
  });

  // --- Large type and high contrast without loading the page again. ---
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-display")) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button");
    const data = new FormData(form);
    data.set("value", button.value);
    const name = data.get("name");
    document.documentElement.dataset[name] = button.value;
    const on = button.value === button.dataset.on;
    button.setAttribute("aria-pressed", String(on));
    button.value = on ? "normal" : button.dataset.on;
    fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => toast(words().offline, "bad"));
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });

  // --- Dialogs, where the browser does not know `command` yet. ---
  const knowsCommands = "command" in HTMLButtonElement.prototype;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[commandfor]");
    if (!button || knowsCommands) return;
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (button.getAttribute("command") === "show-modal") dialog?.showModal();
    if (button.getAttribute("command") === "close") dialog?.close();
  });

  // A dialog whose form was refused stands open again.
  document.querySelector("dialog[data-open]")?.showModal();
  // The first field with something wrong is where to go on; on a phone it may lie far below.
  const wrong = document.querySelector(".field .errorlist");
  wrong?.closest(".field").querySelector("input:not([type=hidden]), select, textarea")?.focus();

  // --- Menus close when one looks elsewhere. ---
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    }
  }
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-menu][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary")?.focus();
    }
  });

  // --- Copying. ---
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(words().copied);
    } catch {
      getSelection()?.selectAllChildren(button.previousElementSibling);
    }
  });

  // --- A protected value is masked again after its time. ---
  function maskLater(root) {
    for (const shown of root.querySelectorAll?.("[data-hide-after]") ?? []) {
      setTimeout(() => { shown.textContent = shown.dataset.masked; }, Number(shown.dataset.hideAfter) * 1000);
      shown.removeAttribute("data-hide-after");
    }
  }
  document.addEventListener("htmx:load", (event) => maskLater(event.target.parentElement ?? event.target));
  maskLater(document);

  // --- Dropping a file. ---
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      const place = event.target.closest?.("[data-upload]");
      if (!place) return;
      event.preventDefault();
      place.classList.toggle("is-over", type === "dragenter" || type === "dragover");
      if (type === "drop" && event.dataTransfer.files.length) {
        const input = place.querySelector("input[type=file]");
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
  document.addEventListener("change", (event) => {
    const place = event.target.closest?.("[data-upload]");
    if (!place || !event.target.files?.length) return;
    const names = [...event.target.files].map((file) => `${file.name} (${(file.size / 1048576).toFixed(1)} MB)`);
    place.querySelector("[data-upload-words]").textContent = names.join(", ");
  });
})();
