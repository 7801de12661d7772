/* An upload shows how far it is; without this the form sends itself. */
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-upload") || !form.querySelector("input[type=file]").files.length) return;
  event.preventDefault();
  const bar = form.querySelector("progress");
  const request = new XMLHttpRequest();
  const again = () => {
    bar.hidden = true;
    form.removeAttribute("aria-busy");
    form.submit(); /* the browser itself says what is wrong with the connection */
  };
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
  });
  request.upload.addEventListener("load", () => bar.removeAttribute("value")); /* sent; now it is posted */
  request.addEventListener("load", () => {
    if (request.status >= 400) again();
    else window.location.assign(request.responseURL);
  });
  request.addEventListener("error", again);
  bar.hidden = false;
  request.open("POST", form.action);
  request.send(new FormData(form));
});
