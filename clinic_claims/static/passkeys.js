/* Asks the browser for a passkey and sends its answer. The server's options stand in the form's data-options. */
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function create(options) {
  const user = { ...options.user, id: bytes(options.user.id) };
  const excludeCredentials = known(options.excludeCredentials);
  const publicKey = { ...options, user, excludeCredentials, challenge: bytes(options.challenge) };
  const made = await navigator.credentials.create({ publicKey });
  const response = {
    attestationObject: text(made.response.attestationObject),
    clientDataJSON: text(made.response.clientDataJSON),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  };
  const extensions = JSON.stringify(made.getClientExtensionResults());
  return { id: made.id, rawId: text(made.rawId), type: made.type, response, extensions };
}

async function get(options) {
  const allowCredentials = known(options.allowCredentials);
  const publicKey = { ...options, allowCredentials, challenge: bytes(options.challenge) };
  const shown = await navigator.credentials.get({ publicKey });
  const handle = shown.response.userHandle;
  const response = {
    authenticatorData: text(shown.response.authenticatorData),
    clientDataJSON: text(shown.response.clientDataJSON),
    signature: text(shown.response.signature),
    userHandle: handle && handle.byteLength ? text(handle) : null,
  };
  return { id: shown.id, rawId: text(shown.rawId), type: shown.type, response };
}

const form = document.querySelector("form[data-passkey]");
if (form) {
  const ask = form.dataset.passkey === "create" ? create : get;
  ask(JSON.parse(form.dataset.options))
    .then((credential) => {
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    })
    .catch(() => {
      document.querySelector("[data-passkey-fault]").textContent = "The browser gave no passkey. Go back and try again.";
    });
}
