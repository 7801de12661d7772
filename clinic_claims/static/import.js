/* An upload shows the files chosen and how far it is; without this the form sends itself. */
"use strict";

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.id === "scan") input.form.querySelector("[name=show]").click();
  if (input.id !== "files") return;
  const names = [...input.files].map((file) => `${file.name} (${Math.ceil(file.size / 1e3).toLocaleString()} KB)`);
  document.querySelector("[data-file-names]").textContent = names.join(", ");
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-upload") || !form.querySelector("input[type=file]").files.length) return;
  event.preventDefault();
  const part = form.querySelector(".upload-progress");
  const bar = part.querySelector("progress");
  const request = new XMLHttpRequest();
  const again = () => {
    part.hidden = true;
    form.removeAttribute("aria-busy");
    form.submit(); /* the browser itself says what is wrong with the connection */
  };
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    part.querySelector("p").textContent = "All sent. Reading and posting.";
  });
  request.addEventListener("load", () => {
    if (request.status >= 400) again();
    else window.location.assign(request.responseURL);
  });
  request.addEventListener("error", again);
  part.hidden = false;
  request.open("POST", form.action);
  request.send(new FormData(form));
});
