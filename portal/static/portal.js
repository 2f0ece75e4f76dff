// Makes smoother what already works without it. Nothing on any page depends on this file.
"use strict";

const words = document.body.dataset;

// A part of the page renews itself instead of the whole page: a form with data-swap="id" of that part.
async function renew(form, submitter) {
  const data = new URLSearchParams(new FormData(form, submitter));
  if (form.method === "get") return filter(form, data);
  const [, page] = await read(form.action, { method: "POST", body: data });
  replace(page, form.dataset.swap);
  // The button that was pressed may be gone: reading goes on where something changed.
  const part = document.getElementById(form.dataset.swap) ?? document.body;
  part.tabIndex = -1;
  (part.querySelector(".summary") ?? part).focus();
}
async function read(url, options) {
  const answer = await fetch(url, options);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // A form that comes back with errors is a part like any other; what the whole page has to say is not.
  if (!answer.ok && (answer.status !== 422 || page.getElementById("returned"))) throw new Error(answer.status);
  return [answer, page];
}
// Where no script ran, these would be sent with another form, to bring back what is half written there: see forms.html.
function rejoin(part) {
  for (const one of part.querySelectorAll("[data-rejoin]")) for (const name of ["form", "formaction"]) one.removeAttribute(name);
}
rejoin(document);
function replace(page, swap) {
  rejoin(page);
  for (const id of [swap, "flashes"]) {
    const fresh = page.getElementById(id);
    if (!fresh) throw new Error(id);
    document.getElementById(id).replaceChildren(...fresh.childNodes);
  }
}

// A list with other filters is another view of it: Back leads to the one before, its filters as they were.
const here = () => location.href.split("#")[0];
let shown = here();
let asked = 0;
async function filter(form, data) {
  const target = new URL(form.action);
  target.search = data;
  const [answer, page] = await list(target);
  if (!page) return;
  if (answer.url !== shown) history.pushState(null, "", answer.url);
  shown = here();
  if (!answer.ok) restore(form, page);
  replace(page, form.dataset.swap);
  tell(form.dataset.swap);
}
// Of answers to quick choices only that to the last one counts.
async function list(url) {
  const turn = ++asked;
  const [answer, page] = await read(url);
  return turn === asked ? [answer, page] : [answer, null];
}
function restore(form, page) {
  const focused = document.activeElement?.id;
  form.replaceChildren(...page.querySelector(`form[data-swap="${form.dataset.swap}"]`).childNodes);
  if (focused) document.getElementById(focused)?.focus();
}
// How many there are is said aloud, though it be as many as before.
function tell(swap) {
  const said = document.getElementById("announced");
  const text = document.getElementById(swap).querySelector("[data-counted], .empty-sentence")?.textContent.trim() ?? "";
  said.textContent = "";
  setTimeout(() => { said.textContent = text; }, 100);
}
addEventListener("popstate", async () => {
  if (here() === shown) return;
  shown = here();
  const form = document.querySelector("form[data-swap][method=get]");
  try {
    const [, page] = await list(shown);
    if (!page) return;
    restore(form, page);
    replace(page, form.dataset.swap);
    tell(form.dataset.swap);
  } catch { location.reload(); }
});

// How a text will look is shown below its field instead of in another tab.
async function showPreview(button) {
  const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(button.form, button)) });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = page.getElementById("preview");
  if (!shown) throw new Error("preview");
  shown.removeAttribute("id");
  button.parentElement.querySelector("section")?.remove();
  button.parentElement.append(shown);
  shown.focus();
}
for (const button of document.querySelectorAll("button[name=preview]")) {
  button.querySelector("[data-plain]")?.remove();
  button.addEventListener("click", (event) => {
    event.preventDefault();
    showPreview(button).catch(() => button.form.requestSubmit(button));
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.name === "preview") return;
  form.dataset.sent = "yes";
  if (!form.dataset.swap) return;
  event.preventDefault();
  // When it did not work nothing was saved: send it the plain way, and the site says what is wrong.
  renew(form, event.submitter).catch(() => form.submit());
});

// A filter chosen from a list applies at once where only the list changes, so the reader stays where they are.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.dataset.swap && form.method === "get" && event.target.matches("select, [type=checkbox]")) form.requestSubmit();
});

// What was typed and not sent is not lost by a slip of the hand.
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && "guard" in form.dataset) form.dataset.changed = "yes";
});
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]:not([data-sent])")) event.preventDefault();
});

// Nor by another language, a search, or another form of the same page: it waits in this tab, and goes at signing out.
const guarded = () => [...document.querySelectorAll("form[data-guard]")];
const place = (form) => `typed ${words.me} ${form.action}`;
const typed = (form) => [...form.elements].filter((one) => one.name && !/hidden|password|submit|fieldset/.test(`${one.type} ${one.autocomplete}`));
const said = (one) => (/checkbox|radio/.test(one.type) ? "checked" : "value");
for (const form of guarded()) {
  const kept = JSON.parse(sessionStorage.getItem(place(form)));
  sessionStorage.removeItem(place(form));
  // What the site gives back is newer; a form that looks different by now has other fields.
  if (!words.me || !kept || "changed" in form.dataset || kept.length !== typed(form).length) continue;
  typed(form).forEach((one, index) => { one[said(one)] = kept[index]; });
  form.dataset.changed = "yes";
}
addEventListener("pagehide", () => {
  for (const form of guarded()) {
    if (!words.me || !("changed" in form.dataset) || "sent" in form.dataset) continue;
    sessionStorage.setItem(place(form), JSON.stringify(typed(form).map((one) => one[said(one)])));
  }
});
document.addEventListener("submit", (event) => {
  if (!event.target.action.endsWith("/people/sign-out")) return;
  delete words.me;
  sessionStorage.clear();
});

// A password can be looked at while it is typed; not once it is sent, or browsers would keep it like any other text.
function addEye(input) {
  const button = Object.assign(document.createElement("button"), { className: "button small", type: "button" });
  button.setAttribute("aria-controls", input.id);
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.textContent = isShown ? input.dataset.hide : input.dataset.show;
  };
  show(false);
  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false));
  addEventListener("pagehide", () => show(false));
  const tools = Object.assign(document.createElement("div"), { className: "password-tools" });
  tools.append(button);
  input.after(tools);
}
for (const input of document.querySelectorAll("input[data-show]")) addEye(input);

// How hard a new password looks to guess, roughly: nothing typed leaves the browser for it, and the site has the last word.
const COMMON = /pass(word|wort)|motdepasse|contrasena|qwert[yz]?|azerty|asdf|zxcv|1q2w3e|1qaz2wsx|q1w2e3|letmein|welcome|bienvenue|iloveyou|jetaime|admin|dragon|monkey|sunshine|soleil|princess|football|baseball|superman|batman|master|shadow|bonjour|secret|hello|summer|winter/g;
const LOOKALIKES = { 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t", "@": "a", $: "s", "!": "i" };
const folded = (text) => text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(/[013457@$!]/g, (one) => LOOKALIKES[one]);
function withoutKnown(text, known) {
  const plain = folded(text);
  const left = known.reduce((rest, one) => rest.replaceAll(one, " "), plain).replace(COMMON, " ");
  return left === plain ? text : left;
}
function bitsOf(text) {
  // What repeats, or follows in order, counts once.
  const signs = [...text.replace(/(.+?)\1+/g, "$1")];
  const fresh = signs.filter((one, at) => at === 0 || Math.abs(one.codePointAt() - signs[at - 1].codePointAt()) > 1);
  const kind = (one) => (/\p{Ll}/u.test(one) ? 2 : /\p{Lu}/u.test(one) ? 2.1 : /\d/.test(one) ? 1.5 : 3);
  return fresh.reduce((bits, one, at) => bits + kind(one) + (at && kind(one) !== kind(fresh[at - 1]) ? 1.5 : 0), 0);
}
function strengthOf(text, known) {
  if ([...text].length < 12) return "short";
  const bits = new Set(text).size < 6 ? 0 : bitsOf(withoutKnown(text, known));
  return bits < 22 ? "weak" : bits < 33 ? "fair" : "good";
}
function knownIn(form) {
  const said = [...form.querySelectorAll("[name=username], [name=display_name], [name=email], [autocomplete=username]")].map((one) => one.value);
  const all = [...said, words.me ?? "", document.querySelector(".site-name").textContent];
  return all.flatMap((one) => folded(one).split(/[^\p{L}\p{N}]+/u)).filter((one) => one.length > 2);
}
function addMeter(input) {
  const levels = ["short", "weak", "fair", "good"];
  const meter = Object.assign(document.createElement("meter"), { max: 3, low: 1.5, high: 2.5, optimum: 3 });
  meter.setAttribute("aria-hidden", "true");
  const said = document.createElement("span");
  said.setAttribute("aria-live", "polite");
  const part = Object.assign(document.createElement("p"), { className: "password-strength", hidden: true });
  part.append(meter, " ", said);
  input.after(part);
  const judge = () => {
    const level = strengthOf(input.value, knownIn(input.form));
    part.hidden = !input.value;
    meter.value = levels.indexOf(level);
    // Said aloud only where it changes.
    const sentence = input.value ? input.dataset[level] : "";
    if (said.textContent !== sentence) said.textContent = sentence;
  };
  input.form.addEventListener("input", judge);
  judge();
}
for (const input of document.querySelectorAll("input[data-good]")) addMeter(input);

// Menus close when one looks elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector("details.menu[open] > summary")?.focus();
  closeMenus(null);
});

// A button that offers what a field could hold writes it there, to be looked at before the form is sent.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fills]");
  if (!button) return;
  event.preventDefault();
  const field = button.form.elements[button.dataset.fills];
  field.value = button.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  button.parentElement.hidden = true;
  field.focus();
});

// Where the browser says one is: offered, never taken by itself. Browsers still call some places as they were called once.
for (const offer of document.querySelectorAll("[data-zone-offer]")) {
  const told = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = JSON.parse(offer.dataset.old)[told] ?? told;
  const button = offer.querySelector("button");
  const isKnown = [...document.querySelectorAll("#time-zones option")].some((one) => one.value === zone);
  if (!isKnown || button.form.elements[offer.dataset.zoneOffer].value === zone) continue;
  button.value = zone;
  button.querySelector("bdi").textContent = zone.replaceAll("_", " ");
  offer.hidden = false;
}

// A single key does nothing for who speaks to the computer and switched it off; browsers may keep no choice at all.
const kept = { get: (name) => { try { return localStorage.getItem(name); } catch { return null; } }, set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* for this page only */ } } };
let hasKey = kept.get("key") !== "off";
const keySwitch = document.getElementById("key-switch");
function tellOfKey() {
  for (const box of document.querySelectorAll('input[name="q"]')) hasKey ? box.setAttribute("aria-keyshortcuts", "/") : box.removeAttribute("aria-keyshortcuts");
}
if (keySwitch) {
  keySwitch.closest("[hidden]").hidden = false;
  keySwitch.checked = hasKey;
  keySwitch.addEventListener("change", () => { hasKey = keySwitch.checked; kept.set("key", hasKey ? "on" : "off"); tellOfKey(); });
}
tellOfKey();

// "/" leads to the search box, but not while somebody types or writes with it.
document.addEventListener("keydown", (event) => {
  if (!hasKey) return;
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.altKey || event.metaKey) return;
  const box = [...document.querySelectorAll('input[name="q"]')].find((one) => one.checkVisibility());
  if (!box) return;
  event.preventDefault();
  box.select();
  box.focus();
});

// "4 minutes ago" stays true while the page stays open; not where we would say it otherwise than the site did (a clock is off).
// Each unit, its seconds, and of how many of it on it is used: the table of core/formats.py.
const units = [
  ["year", 31536000, 1.5], ["month", 2592000, 1.5], ["week", 604800, 1.5],
  ["day", 86400, 23.5 / 24], ["hour", 3600, 59.5 / 60], ["minute", 60, 59.5 / 60], ["second", 1, 0],
];
const language = document.documentElement.lang;
function inWords(time) {
  const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
  if (seconds > -5 && seconds < 60) return time.dataset.seen === "ago" ? words.now : words.brief;
  const [unit, size] = units.find(([, size, least]) => Math.abs(seconds) / size >= least);
  const count = Math.round(seconds / size);
  if (time.dataset.seen === "ago") return new Intl.RelativeTimeFormat(language).format(-count, unit);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}
const times = () => [...document.querySelectorAll("time[data-seen]")];
if (times().every((time) => inWords(time) === time.textContent)) {
  setInterval(() => times().forEach((time) => { time.textContent = inWords(time); }), 60000);
}

// Commands are there to be copied; what a command answers is marked as text, and only read.
if (navigator.clipboard) {
  for (const { parentElement: block } of document.querySelectorAll(".prose pre > code[class]:not(.language-text)")) {
    const button = Object.assign(document.createElement("button"), { className: "button small copy", type: "button", textContent: words.copy });
    const text = block.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    block.append(button);
  }
}

// A picture is made small and square before it is sent, and shown as it will look.
async function showSquare(input) {
  const picture = input.files.length && (await createImageBitmap(input.files[0]));
  if (!picture) return;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Number(input.dataset.square);
  canvas.className = "disc large";
  const edge = Math.min(picture.width, picture.height);
  const corner = [(picture.width - edge) / 2, (picture.height - edge) / 2];
  canvas.getContext("2d").drawImage(picture, ...corner, edge, edge, 0, 0, canvas.width, canvas.height);
  const small = new DataTransfer();
  small.items.add(new File([await new Promise((done) => canvas.toBlob(done))], "picture.png"));
  input.files = small.files;
  input.closest("section").querySelector(".disc").replaceWith(canvas);
}
for (const input of document.querySelectorAll("input[data-square]")) {
  // What cannot be read here is sent as it is, and the site says what is wrong.
  input.addEventListener("change", () => showSquare(input).catch(() => {}));
}
