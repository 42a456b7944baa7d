// Forms with files show how far they are. Without this script they are sent as all other forms.
"use strict";
(() => {
  const texts = document.currentScript.dataset;
  let running = 0;
  const element = (name, properties = {}) => Object.assign(document.createElement(name), properties);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((field) => [...field.files]);
    if (event.defaultPrevented || form.enctype !== "multipart/form-data" || !files.length) return;
    event.preventDefault();
    send(form, event.submitter, files);
  });
  function send(form, button, files) {
    // Outside of the main part, which is put in anew when something happens.
    const box = element("section", { className: "upload" });
    const title = element("span", { textContent: files.map((file) => file.name).join(", ") });
    const progress = element("progress", { max: 1, value: 0 });
    progress.setAttribute("aria-label", texts.uploading);
    const percent = element("output", { textContent: "0 %" });
    const stop = element("button", { type: "button", className: "little", textContent: texts.cancel });
    box.append(title, progress, percent, stop);
    document.body.append(box);
    const request = new XMLHttpRequest();
    // The token's field is the first one of the form; the header says it before any byte.
    const data = new FormData(form, button);
    const token = document.querySelector("meta[name=csrf]");
    request.open("POST", form.action);
    if (token) request.setRequestHeader("X-CSRF-Token", token.content);
    request.setRequestHeader("Accept", "application/json, text/html");
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (!lengthComputable) return progress.removeAttribute("value");
      progress.value = loaded / total;
      percent.textContent = Math.floor(100 * loaded / total) + " %";
    };
    const end = (text) => {
      running--;
      if (button) button.disabled = false;
      if (text === undefined) return box.remove();
      progress.remove(); percent.remove();
      title.textContent = text;
      box.setAttribute("role", "alert");
      box.classList.add("failed");
      stop.textContent = texts.close;
      stop.onclick = () => box.remove();
    };
    request.onload = () => {
      if (request.status < 400) {
        running--;
        form.reset();
        // Where the answer led to, asked for as a page.
        if (request.responseURL === location.href) location.reload();
        else location.href = request.responseURL;
        return;
      }
      let said = texts.failed;
      try { const problem = JSON.parse(request.responseText); said = problem.title + ": " + problem.detail; } catch { /* Not ours. */ }
      end(said);
    };
    request.onerror = () => end(texts.failed);
    request.onabort = () => end();
    stop.onclick = () => request.abort();
    running++;
    request.send(data);
  }
  addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
})();
