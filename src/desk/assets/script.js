// The server draws the page, whole, for every position of its switches. This script asks for it again when something changed and puts the
// changed parts in their place, so that scroll, view and focus stay; it also fits the frames to their letters. Nothing is drawn here.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const views = $$("#views a").map((a) => a.hash.slice(1));
const stage = $("#stage");

// Views: one at a time, named by the address's fragment.

const narrow = matchMedia("(max-width: 960px)");

function view() {
  const asked = location.hash.slice(1);
  return views.includes(asked) ? asked : narrow.matches ? "phone" : "both";
}

function show() {
  document.body.dataset.view = view();
  for (const a of $$("#views a")) {
    if (a.hash.slice(1) === view()) a.setAttribute("aria-current", "true");
    else a.removeAttribute("aria-current");
  }
  $$("iframe").forEach(fit);
}

function go(name) {
  history.replaceState(null, "", `${location.pathname}${location.search}#${name}`);
  show();
  const bar = $("#bar");
  if (stage.getBoundingClientRect().top < bar.offsetHeight) scrollTo(0, stage.offsetTop - bar.offsetHeight);
}

// Frames: as tall as their letter, never wider than their place. The letter itself runs no script; its policy forbids it.

function fit(frame) {
  const place = frame.closest("section").clientWidth;
  const root = frame.contentDocument?.documentElement;
  if (!place || !root) return;
  const width = Number(frame.width);
  const scale = Math.min(1, place / width);
  const height = Math.max(Math.ceil(root.getBoundingClientRect().height), 120);
  const screen = frame.parentElement;
  frame.style.height = `${height}px`;
  frame.style.transform = scale < 1 ? `scale(${scale})` : "";
  if (frame.classList.contains("coming")) return;
  screen.style.width = `${width * scale}px`;
  screen.style.height = `${height * scale}px`;
  if (frame.name === "desktop") annotate(frame, scale);
}

// The why of each story beside its headline. A story that stands in two lists has two notes, in the order of its links.
function annotate(frame, scale) {
  const links = $$("a[href]", frame.contentDocument);
  let end = 0;
  for (const note of $$("#margin li")) {
    const same = (a) => a.href.startsWith(note.dataset.url) || a.textContent.trim() === note.dataset.headline;
    const at = links.findIndex(same);
    const [link] = at < 0 ? [] : links.splice(at, 1);
    const top = link ? link.getBoundingClientRect().top * scale : end;
    note.style.top = `${Math.max(top, end)}px`;
    end = Math.max(top, end) + note.offsetHeight + 10;
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const frame = $$("iframe").find((frame) => frame.contentDocument === target.ownerDocument);
    if (frame) fit(frame);
  }
});

function settle(frame) {
  const letter = frame.contentDocument;
  if (!letter?.documentElement) return;
  // Links leave the preview alone; the letter's own bytes are not touched.
  const base = letter.createElement("base");
  base.target = "_blank";
  letter.head?.append(base);
  letter.addEventListener("keydown", pressed);
  // A scrollbar would narrow the letter, and so change the height that makes it needless.
  letter.documentElement.style.overflowY = "hidden";
  sizes.observe(letter.documentElement);
  fit(frame);
}

// The next letter loads behind the old one and takes its place when it is ready: no white flash, no jump.
function reframe(frame, address) {
  $$("iframe.coming", frame.parentElement).forEach((late) => late.remove());
  if (frame.getAttribute("src") === address) return;
  const next = frame.cloneNode();
  next.classList.add("coming");
  const come = () => {
    clearInterval(patience);
    if (!next.isConnected || !next.classList.contains("coming")) return;
    frame.remove();
    next.classList.remove("coming");
    settle(next);
  };
  // Pictures may take their time, or never come: the words do not wait for them.
  const patience = setInterval(() => {
    const letter = next.contentDocument;
    if (!next.isConnected || (letter?.URL !== "about:blank" && letter?.readyState === "interactive")) come();
  }, 30);
  next.addEventListener("load", come, { once: true });
  next.setAttribute("src", address);
  frame.after(next);
}

// Changes

let latest = 0;

async function refresh() {
  const mine = ++latest;
  let fresh;
  try {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return false;
  }
  if (mine !== latest) return false;

  const above = stage.getBoundingClientRect().top;
  const focused = document.activeElement?.id;
  const sought = $("#find")?.value;
  document.title = fresh.title;
  document.body.className = fresh.body.className;
  for (const part of $$("[data-part]")) swap(part, fresh.getElementById(part.id));
  const frames = $$("iframe:not(.coming)");
  const next = $$("iframe", fresh);
  const named = (frames) => frames.map((frame) => frame.name).join();
  if (frames.length && named(frames) === named(next)) {
    for (const frame of frames) reframe(frame, next.find((other) => other.name === frame.name).getAttribute("src"));
  } else {
    swap($("#both"), $("#both", fresh));
    watch();
  }
  if ($("#find")) seek(sought);
  show();
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  if (above < $("#bar").offsetHeight + 40) scrollBy(0, stage.getBoundingClientRect().top - above);
  return true;
}

// The element itself stays, so that live regions announce what is new in them. What is written in a form stays too: it is no attribute.
function swap(part, fresh) {
  if (fresh && part.innerHTML !== fresh.innerHTML) part.replaceChildren(...fresh.childNodes);
}

function watch() {
  for (const frame of $$("iframe")) {
    frame.addEventListener("load", () => settle(frame), { once: true });
    if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.URL !== "about:blank") settle(frame);
  }
}

function say(words, state) {
  const live = $("#live");
  live.className = state;
  live.textContent = words;
}

let version = document.body.dataset.version;
let lost = false;
const events = new EventSource("events");
events.onmessage = async ({ data }) => {
  if (data === version && !lost) return say("Live", "");
  lost = false;
  version = data;
  if (await refresh()) say(`Changed ${new Date().toLocaleTimeString([], { hourCycle: "h23" })}`, "fresh");
};
events.onerror = () => {
  lost = true;
  say("The preview has stopped", "lost");
};

// Switches: the form's own answer, without leaving the page.

function turn(form, button) {
  const switches = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) switches.set(name, value);
  for (const [name, usual] of [["variant", "0"], ["scheme", "light"], ["styles", "all"], ["pictures", "on"], ["compare", "0"]]) {
    if (switches.get(name) === usual) switches.delete(name);
  }
  const query = switches.toString();
  history.replaceState(null, "", `${location.pathname}${query && `?${query}`}${location.hash}`);
  refresh();
}

function next(id) {
  const select = document.getElementById(id);
  if (!select) return;
  select.selectedIndex = (select.selectedIndex + 1) % select.length;
  turn(select.form);
}

// The proof: sent and answered without leaving the page.
async function prove(form) {
  const button = $("button", form);
  const sent = new URLSearchParams(new FormData(form));
  button.disabled = true;
  say("Sending a proof", "");
  try {
    await fetch(form.action, { method: "POST", body: sent });
    $("#proof").open = false;
    await refresh();
    scrollTo(0, 0);
    say("Live", "");
  } catch {
    say("The preview has stopped", "lost");
  }
  button.disabled = false;
}

async function copy(button) {
  const words = button.firstChild;
  const before = words.data;
  try {
    const answer = await fetch(button.dataset.from);
    await navigator.clipboard.writeText(await answer.text());
    words.data = "Copied";
  } catch {
    words.data = "The browser forbids it";
  }
  setTimeout(() => { words.data = before; }, 2000);
}

function seek(words) {
  $("#find").value = words ?? "";
  const wanted = $("#find").value.trim().toLowerCase();
  for (const row of $$(".reasons > li")) row.hidden = !row.textContent.toLowerCase().includes(wanted);
}

document.addEventListener("submit", (event) => {
  const act = { switches: () => turn(event.target, event.submitter), ask: () => prove(event.target) }[event.target.id];
  if (!act) return;
  event.preventDefault();
  act();
});
document.addEventListener("change", (event) => {
  if (event.target.form?.id === "switches") turn(event.target.form);
});
document.addEventListener("input", (event) => {
  if (event.target.id === "find") seek(event.target.value);
});
document.addEventListener("click", (event) => {
  const tab = event.target.closest("a[href^='#']");
  if (tab && views.includes(tab.hash.slice(1)) && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    go(tab.hash.slice(1));
  }
  if (event.target.closest("#keys")) $("#help").showModal();
  if (event.target.closest("#copy")) copy($("#copy"));
  if (!event.target.closest("#proof")) $("#proof").open = false;
});

// Keys

const keys = {
  l: () => $("#light").click(),
  d: () => $("#dark").click(),
  i: () => $("#inverted").click(),
  s: () => next("styles"),
  p: () => $("#pictures").click(),
  b: () => $("#compare").click(),
  v: () => next("variant"),
  c: () => {
    go("code");
    $("#copy")?.click();
  },
  m: () => {
    $("#proof").open = true;
    $("#to").focus();
  },
  "/": () => {
    go("why");
    $("#find")?.focus();
  },
  "?": () => $("#help").showModal(),
};

function pressed(event) {
  if (event.key === "Escape" && $("#proof").open) {
    $("#proof").open = false;
    return $("#proof summary").focus();
  }
  if (!$("#keyed").checked || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, dialog")) return;
  const act = keys[event.key] ?? (views[event.key] && (() => go(views[event.key])));
  if (!act) return;
  event.preventDefault();
  act();
}

document.addEventListener("keydown", pressed);
addEventListener("hashchange", show);
addEventListener("resize", () => $$("iframe").forEach(fit));
watch();
show();

// Last, for a browser may forbid to remember anything.
$("#keyed").checked = localStorage.getItem("keys") !== "off";
$("#keyed").addEventListener("change", ({ target }) => localStorage.setItem("keys", target.checked ? "on" : "off"));
