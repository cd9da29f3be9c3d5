// The desk's page. The server draws it; this asks for it again when something changed, puts the new parts in place of the old, and hands
// what a person does to `rows` and `keep`.

import { asks, home, keep, pending, send, start, state } from "./keep.js";
import { dragging, grab, letGo } from "./hands.js";
import { colors, fit, point, reframe, start as frame } from "./letter.js";
import { quarrels } from "./quarrels.js";
import { $, $$, choose, close, current, drop, editable, growAll, nudge, open, overlay, pin, renew, say, step, take, typed, ui } from "./rows.js";

const body = document.body;

// Views, by the address's fragment

const views = $$("#views a").map((a) => a.hash.slice(1));
function view() {
  const asked = location.hash.slice(1);
  body.dataset.view = views.includes(asked) ? asked : "stories";
  for (const a of $$("#views a")) {
    if (a.hash.slice(1) === body.dataset.view) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
  fit();
}
function go(name) {
  history.replaceState(null, "", `${location.pathname}${location.search}#${name}`);
  view();
  scrollTo(0, 0);
  if (name === "versions") $("#versions-title").focus({ preventScroll: true });
}

// New versions

let latest = 0;
async function ask() {
  const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function refresh() {
  const mine = ++latest;
  let fresh;
  try {
    fresh = await ask();
  } catch {
    return;
  }
  if (mine !== latest) return;
  Object.assign(body.dataset, { version: fresh.body.dataset.version, edition: fresh.body.dataset.edition, token: fresh.body.dataset.token, open: fresh.body.dataset.open });
  body.classList.toggle("stale", fresh.body.classList.contains("stale"));
  document.title = fresh.title;
  for (const part of $$("[data-part]")) {
    const next = fresh.getElementById(part.id);
    if (!next || part.innerHTML === next.innerHTML || part.contains(document.activeElement) && document.activeElement.matches("input")) continue;
    part.replaceChildren(...document.adoptNode(next).childNodes);
  }
  const address = $("#pane iframe", fresh)?.getAttribute("src");
  if (!$("#pane") && address) return location.reload();
  renew(fresh);
  quarrels();
  growAll();
  if (address) reframe(address);
  if (!ui.held) choose(current(), { focus: false, scroll: false });
  if (document.activeElement === body && ui.current && !ui.open) $(".headline", current())?.focus({ preventScroll: true });
  status();
  tell();
  clock();
  people();
}

// What is saved, and what is kept here

const time = (at) => at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
function status() {
  const place = $("#saved");
  const [count, asked] = [pending().length, asks().length];
  const kept = `${count} ${count === 1 ? "change" : "changes"} kept here`;
  const [kind, words] = state.lost ? ["lost", count ? kept : "No connection"]
    : asked ? ["asks", `${asked} ${asked === 1 ? "question asks" : "questions ask"} you`]
    : count ? ["saving", "Saving"]
    : ["", `${state.saved ? `Saved ${time(state.saved)}, version` : "Version"} ${body.dataset.edition}`];
  place.className = kind;
  if (place.textContent !== words) place.textContent = words;
  $("#undo").disabled = !steps.back.length || !editable();
  $("#redo").disabled = !steps.forth.length || !editable();
  $("#undo").title = steps.back.at(-1)?.what ?? "";
  $("#redo").title = steps.forth.at(-1)?.what ?? "";
}
function tell() {
  const words = state.lost ? `No connection since ${time(state.lost)}. Go on: your words are kept in this browser until the desk has them.` : "";
  const place = $("#as-of");
  if (place.textContent !== words) place.textContent = words;
}

// The way back: the versions that were made here. What others did in between stays.

const steps = { back: [], forth: [] };
try { Object.assign(steps, JSON.parse(sessionStorage.getItem(`desk ${home}`))); } catch {}
function remember() {
  try { sessionStorage.setItem(`desk ${home}`, JSON.stringify({ back: steps.back.slice(-50), forth: steps.forth.slice(-50) })); } catch {}
  status();
}
function done(item, said, problem) {
  if (problem) say(`Not ${item.walk === "redo" ? "redone" : "undone"}: ${problem}`, true);
  if (!said || said.version === said.before) return;
  const to = item.walk === "undo" ? steps.forth : steps.back;
  const last = to.at(-1);
  const step = { what: item.what, same: item.same, of: said.version, to: said.before };
  const joins = item.same && last?.same === item.same && last.of === said.before && !item.walk;
  if (joins) last.of = said.version;
  else to.push(step);
  if (!item.walk) steps.forth = [];
  remember();
  if (!pending().length) later.splice(0, 1).forEach((walk) => walk());
}
// An undo waits until what it undoes is in the file.
const later = [];
function walk(from, way) {
  if (pending().length && !state.lost) return later.push(() => walk(from, way));
  const step = steps[from].pop();
  if (!step || !editable()) return say(way === "undo" ? "Nothing to undo" : "Nothing to redo");
  keep({ undo: { of: step.of, to: step.to }, what: step.what, walk: way });
  say(`${way === "undo" ? "Undid" : "Redid"}: ${step.what}`);
  remember();
}
const undo = () => walk("back", "undo");
const redo = () => walk("forth", "redo");

function hold() {
  const on = $("#hold")?.getAttribute("aria-pressed") !== "true";
  keep({ edits: [{ do: "hold", on }], what: on ? "Held it" : "Let it go", from: Number(body.dataset.edition) });
  overlay();
  say(on ? "Held: it is not sent until you let it go" : "Let go");
}

function clock() {
  for (const at of $$(".timeline time")) at.textContent = time(new Date(at.dateTime));
  const left = $("#left");
  if (!left) return;
  const minutes = Math.round((new Date(left.dataset.at) - Date.now()) / 60000);
  if (minutes >= 0 && minutes < 600) left.textContent = `in ${minutes} min`;
}

async function prove(form) {
  const button = $("button", form);
  button.disabled = true;
  try {
    await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    $("#proof").open = false;
    await refresh();
    scrollTo(0, 0);
  } catch {
    say("No connection: nothing was sent", true);
  }
  button.disabled = false;
}

// What is done with mouse and finger

const hands = dragging();
const acts = {
  up: (li) => nudge(li, -1),
  down: (li) => nudge(li, 1),
  edit: (li) => (ui.open?.id === li.id && ui.open.mode === "edit" ? close() : open(li, "edit")),
  swap: (li) => (ui.open?.id === li.id && ui.open.mode === "swap" ? close() : open(li, "swap")),
  done: () => close(),
  take, drop, pin,
};
document.addEventListener("click", (event) => {
  const at = event.target instanceof Element ? event.target : body;
  if (!at.closest("#proof")) $("#proof").open = false;
  if (at.closest("#saved.asks")) $(".quarrel button")?.focus();
  const button = at.closest("[data-act], [data-reset], [data-restore], [data-return], [data-scheme], #bar button, #write-note, #views a");
  const li = at.closest(".story");
  if (li && !button) choose(li, { focus: !at.closest(".panel, a, .grip") });
  if (!button) return;
  if (button.matches("#views a")) { event.preventDefault(); return go(button.hash.slice(1)); }
  if (button.dataset.act) { if (ui.current !== li.id) choose(li, { focus: false }); return acts[button.dataset.act](li); }
  if (button.dataset.reset != null) {
    const field = $("textarea", button.closest(".source").previousElementSibling);
    field.value = button.dataset.reset;
    field.focus();
    return typed(field, 0);
  }
  if (button.dataset.restore) {
    keep({ undo: { of: Number(body.dataset.edition), to: Number(button.dataset.restore) }, what: `Went back to version ${button.dataset.restore}` });
    return say(`Version ${button.dataset.restore} is in the letter again`);
  }
  if (button.dataset.return) {
    const last = $$("#lists ol[data-list=latest] .story").at(-1)?.dataset.url ?? null;
    return keep({ edits: [{ do: "put_in", list: "latest", url: button.dataset.return, after: last }], what: "Put a story back", from: Number(body.dataset.edition) });
  }
  if (button.dataset.scheme) return colors(button.dataset.scheme);
  if (button.id === "write-note") { $("#line-note").hidden = false; button.hidden = true; return $("#note").focus(); }
  ({ undo, redo, hold, keys: () => $("#help").showModal() })[button.id]?.();
});
document.addEventListener("input", (event) => { if (event.target.dataset?.field && editable()) typed(event.target); });
document.addEventListener("focusout", (event) => { if (event.target.dataset?.field && pending().length) send(); });
document.addEventListener("change", (event) => {
  const at = event.target;
  const li = at.closest(".story");
  if (at.name?.startsWith("picture-")) keep({ edits: [{ do: "picture", list: li.dataset.list, url: li.dataset.url, picture: at.value || null }], what: "Chose a picture", from: Number(body.dataset.edition) });
  if (at.id === "variant") {
    const query = new URLSearchParams(location.search);
    query.set("variant", at.value);
    history.replaceState(null, "", `${location.pathname}?${query}${location.hash}`);
    refresh();
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "ask") return;
  event.preventDefault();
  prove(event.target);
});

// Keys

const single = {
  j: () => step(1), k: () => step(-1),
  e: () => acts.edit(current()), r: () => acts.swap(current()), f: () => pin(current()), x: () => drop(current()),
  u: undo, U: redo,
  s: () => $("#subject").focus(),
  n: () => {
    const asked = $(".quarrel button");
    if (asked) return asked.focus();
    const found = $$("#lists .story").filter((li) => $(".flag", li));
    if (!found.length) return say("No findings");
    open(found[(found.indexOf(current()) + 1) % found.length], "edit");
  },
  m: () => { $("#proof").open = true; $("#to").focus(); },
  l: () => colors("light"), d: () => colors("dark"), v: () => $("#variant").focus(),
  1: () => go("stories"), 2: () => go("letter"), 3: () => go("versions"),
  "?": () => $("#help").showModal(),
};
const forEditing = ["e", "r", "f", "x", "u", "U"];

document.addEventListener("keydown", (event) => {
  const at = event.target;
  const writes = at.matches?.("input:not([type=radio]), select, textarea, dialog, dialog *");
  const { key } = event;
  const stop = (work) => { event.preventDefault(); work(); };
  if (key === "Escape") {
    if (hands.drop()) return;
    if (ui.held) return stop(() => letGo(false));
    if ($("#proof").open) return stop(() => { $("#proof").open = false; $("#proof summary").focus(); });
    if (ui.open) return stop(() => close());
    if (writes && at.dataset.field) return stop(() => choose(current()));
    return;
  }
  if (ui.held) {
    const li = document.getElementById(ui.held.id);
    const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[key];
    if (by) return stop(() => { nudge(li, by); $(".grip", li).focus({ preventScroll: true }); li.scrollIntoView({ block: "nearest" }); });
    if (["Enter", " "].includes(key)) return stop(() => letGo(true));
  }
  if (at.matches?.(".grip") && key === " " && editable()) return stop(() => grab(at.closest(".story")));
  const steps = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1, "∆": 1, "˚": -1 }[key];
  if (event.altKey && steps && !writes) return stop(() => { const li = current(); nudge(li, steps); $(".headline", li)?.focus({ preventScroll: true }); li.scrollIntoView({ block: "nearest" }); });
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z" && !writes) return stop(event.shiftKey ? redo : undo);
  if (at.name === "offer" && key === "Enter") return stop(() => take(at.closest(".story")));
  if (at.matches?.("textarea:not(#note)") && key === "Enter") return stop(() => (at.closest(".story") ? close() : choose(current())));
  if (writes || at.name === "offer" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (["ArrowDown", "ArrowUp"].includes(key) && at.closest?.(".story")) return stop(() => step(steps));
  if (!$("#keyed").checked || !single[key] || (forEditing.includes(key) && !editable())) return;
  stop(single[key]);
});

// The server's word of every change

const tab = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
const events = new EventSource(`events?tab=${tab}`);

// Who else is here, and where: said to the others when it changes.
let at = "";
function whereabouts() {
  const field = document.activeElement?.dataset?.field;
  const li = document.getElementById(ui.current);
  const now = field && !document.activeElement.closest(".story") ? field : li ? `${li.dataset.list} ${li.dataset.url}` : "";
  if (now === at) return;
  at = now;
  clearTimeout(whereabouts.timer);
  whereabouts.timer = setTimeout(() => fetch("here", { method: "POST", headers: { "content-type": "application/json", "x-desk": body.dataset.token }, body: JSON.stringify({ tab, at }) }).catch(() => {}), 150);
}
for (const what of ["focusin", "click", "keyup"]) document.addEventListener(what, whereabouts);
let others = [];
events.addEventListener("here", ({ data }) => {
  const seats = JSON.parse(data);
  if (at && !seats.some((seat) => seat.tab === tab && seat.at)) { at = ""; whereabouts(); }
  others = seats.filter((seat) => seat.tab !== tab);
  people();
});
// By their names where somebody says them; who has the desk open twice is one more.
const called = (seats) => {
  const names = [...new Set(seats.map((seat) => seat.who).filter((who) => who && who !== body.dataset.who))];
  return names.length ? names.join(", ") : "";
};
function people() {
  const names = called(others);
  const more = others.length === 1 ? "1 more" : `${others.length} more`;
  $("#here").textContent = others.length ? `${names || more} here` : "";
  for (const li of $$("#lists .story")) {
    const who = $(".who", li);
    const here = others.filter((seat) => seat.at === `${li.dataset.list} ${li.dataset.url}`);
    const words = here.length ? `${called(here) || "somebody"} is here` : "";
    if (who && who.textContent !== words) who.textContent = words;
  }
  for (const line of $$("#envelope .line")) {
    const here = others.filter((seat) => `line-${seat.at}` === line.id);
    line.classList.toggle("shared", here.length > 0);
    line.title = here.length ? `${called(here) || "somebody"} is here` : "";
  }
}
events.onmessage = ({ data }) => {
  const lost = state.lost;
  state.lost = null;
  if (pending().length) send();
  if (data !== body.dataset.version || lost) refresh();
  status();
  tell();
};
events.onerror = () => { state.lost ??= new Date(); status(); tell(); };

addEventListener("hashchange", view);
for (const field of $$("textarea")) field.from = Number(body.dataset.edition);
growAll();
addEventListener("resize", growAll);
frame();
view();
overlay();
quarrels();
choose(current(), { focus: false, scroll: false });
start({ heard: () => { status(); tell(); quarrels(); }, done, renew: async () => { try { body.dataset.token = (await ask()).body.dataset.token; } catch {} } });
status();
clock();
setInterval(clock, 20000);

$("#keyed").checked = (() => { try { return localStorage.getItem("keys") !== "off"; } catch { return true; } })();
$("#keyed").addEventListener("change", ({ target }) => { try { localStorage.setItem("keys", target.checked ? "on" : "off"); } catch {} });
