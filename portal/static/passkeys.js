// Asks the browser to make or show a passkey, and sends its answer with the form in which [data-passkey] stands. Where
// it cannot, the form goes without one, and the site says what it needs.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

// What the site says in JSON, as the browser wants it, and back (browsers of 2025 know both themselves).
function asked(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (options.user) return { publicKey: { ...publicKey, user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: named(options.excludeCredentials) } };
  return { publicKey: { ...publicKey, allowCredentials: named(options.allowCredentials) } };
}
function answered(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} });
}

// Browsers say neither who stopped nor that time was up: only the clock tells these two apart.
function trouble(error, took, options) {
  if (error.name === "InvalidStateError") return "known";
  if (error.name === "NotAllowedError" || error.name === "AbortError") return took < options.timeout ? "stopped" : "late";
  return "failed";
}
async function ask(form, part) {
  const answer = await fetch(part.dataset.passkey, { cache: "no-store", redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  const options = await answer.json();
  const began = Date.now();
  try {
    const request = asked(options);
    const made = await (options.user ? navigator.credentials.create(request) : navigator.credentials.get(request));
    form.elements.answer.value = answered(made);
    form.submit();
  } catch (error) { say(part, trouble(error, Date.now() - began, options)); }
}
function say(part, what) {
  const said = part.querySelector("[role=alert]");
  said.textContent = part.dataset[what];
  said.hidden = false;
}

for (const part of document.querySelectorAll("[data-passkey]")) {
  const form = part.closest("form");
  const isPossible = Boolean(window.PublicKeyCredential && navigator.credentials);
  if (!isPossible) say(part, "unsupported");
  let isAsking = false;
  form.addEventListener("submit", async (event) => {
    // What else is wrong with the form is said before the device makes anything.
    if (isPossible && !form.checkValidity()) return;
    event.preventDefault();
    if (!isPossible || isAsking) return;
    isAsking = true;
    part.querySelector("[role=alert]").hidden = true;
    await ask(form, part).catch(() => form.submit());
    isAsking = false;
  });
}
