// The stories in their lists: which is current, what is open in it, how they move. Every act is an edit, kept and shown at once; the server
// draws the row anew when the file says it.

import { keep, pending, target } from "./keep.js";
import { point } from "./letter.js";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
export const rows = () => $$("#lists .story:not(.gone)");
const NAMES = { top: "Top stories", most_read: "Most read", latest: "Latest" };

export const ui = { current: null, open: null, held: null };
export const editable = () => document.body.dataset.open === "true";
export const edition = () => Number(document.body.dataset.edition);

export function say(words, now = false) {
  const place = $(now ? "#say-now" : "#say");
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = words; });
}

export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { dataset, ...rest } = properties;
  Object.assign(made, rest);
  Object.assign(made.dataset, dataset);
  made.append(...children.filter((child) => child != null));
  return made;
}

export const row = (list, url) => rows().find((li) => li.dataset.list === list && li.dataset.url === url);
export const title = (li) => $(".headline", li)?.textContent ?? li.dataset.title ?? "";
export const short = (words, most = 44) => (words.length > most ? `${words.slice(0, most).replace(/\s+\S*$/, "")}…` : words);
export const place = (li) => `${NAMES[li.dataset.list]} ${[...li.parentNode.children].filter((one) => !one.classList.contains("gone")).indexOf(li) + 1}`;
export const above = (li) => { let one = li.previousElementSibling; while (one?.matches(".gone")) one = one.previousElementSibling; return one?.dataset.url ?? null; };

// Whatever changes its place slides there, unless motion is unwelcome.
export function flip(work) {
  const was = new Map(rows().map((li) => [li.id, li.getBoundingClientRect().top]));
  work();
  if (calm.matches) return;
  for (const li of rows()) {
    const by = (was.get(li.id) ?? li.getBoundingClientRect().top) - li.getBoundingClientRect().top;
    if (by && Math.abs(by) < 900) li.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 160, easing: "ease-out" });
  }
}

export function number() {
  for (const ol of $$("#lists ol")) {
    const here = [...ol.children].filter((li) => !li.classList.contains("gone"));
    here.forEach((li, index) => {
      const rank = $(".rank", li) ?? $(".grip", li);
      if (rank && rank.textContent !== String(index + 1)) rank.textContent = index + 1;
      li.classList.toggle("lede", ol.dataset.list === "top" && index === 0);
    });
    ol.classList.toggle("empty", !here.length);
  }
}

// Which row is current: only its buttons are in the order of the Tab key.
export function choose(li, { focus = true, scroll = true } = {}) {
  if (!li) return;
  for (const one of rows()) {
    const on = one === li;
    one.classList.toggle("current", on);
    for (const button of $$(".grip, .headline, .acts button", one)) button.tabIndex = on ? 0 : -1;
  }
  ui.current = li.id;
  $("#because").textContent = $(".why", li)?.textContent ?? "Nothing is known of that.";
  const same = rows().filter((one) => one.dataset.url === li.dataset.url);
  point({ url: li.dataset.url, headline: title(li), nth: same.indexOf(li) }, scroll);
  if (focus) {
    $(".headline", li)?.focus({ preventScroll: true });
    li.scrollIntoView({ block: "nearest" });
  }
}

export const current = () => document.getElementById(ui.current) ?? rows()[0];

export function step(by) {
  const all = rows();
  choose(all[Math.min(all.length - 1, Math.max(0, all.indexOf(current()) + by))]);
}

// What is kept and not in the file yet is shown over what the server drew.
export function overlay() {
  for (const item of pending()) for (const edit of item.edits ?? []) show(edit);
  number();
}

function show(edit) {
  const li = edit.url && row(edit.list, edit.url);
  const write = (field, words) => {
    if (!field || field === document.activeElement || field.value === words) return;
    field.value = words;
  };
  if (["subject", "opening", "note"].includes(edit.do)) write($(`#${edit.do}`), edit.words);
  if (edit.do === "hold") $("#hold")?.setAttribute("aria-pressed", edit.on);
  if (edit.do === "put_in" && !row(edit.list, edit.url)) {
    const offer = $$("#offers li").find((one) => one.dataset.url === edit.url);
    const words = $("b", offer ?? document.createElement("p"))?.textContent ?? edit.url;
    put(el("li", { className: "story coming", id: `coming ${edit.list} ${edit.url}`, dataset: { list: edit.list, url: edit.url, title: words } }, el("p", { className: "grip" }), el("div", { className: "what" }, el("h3", {}, words), el("p", { className: "facts" }, "put in"))), edit.list, edit.after);
  }
  if (!li) return;
  if (edit.do === "words") {
    write($(`[data-which="${edit.which}"]`, li), edit.words);
    if (edit.which === "headline" && edit.words.trim()) $(".headline", li).textContent = edit.words;
  }
  if (edit.do === "move") put(li, edit.to, edit.after);
  if (edit.do === "take_out") li.classList.add("gone");
  if (edit.do === "pin") pinned(li, edit.on);
}

function pinned(li, on) {
  const button = $("[data-act=pin]", li);
  button?.setAttribute("aria-pressed", on);
  if (button) button.textContent = on ? "Pinned" : "Pin";
}

function put(li, list, after) {
  const ol = $(`#lists ol[data-list="${list}"]`);
  const one = after && row(list, after);
  const next = one ? one.nextElementSibling : ol.firstElementChild;
  li.dataset.list = list;
  if (li === next || (li.parentNode === ol && li.nextElementSibling === next)) return;
  const focus = li.contains(document.activeElement) ? document.activeElement : null;
  ol.insertBefore(li, next);
  focus?.focus({ preventScroll: true });
}

function act(edits, what, same = "") {
  keep({ edits, what, same, from: edition() });
  flip(overlay);
}

export function move(li, to, after, run = false) {
  const { list, url } = li.dataset;
  const words = short(title(li));
  if (list !== to && row(to, url)) return say(`${words} is in ${NAMES[to]} already`, true);
  act([{ do: "move", list, url, to, after }], `Moved “${words}”`, run ? `move ${url}` : "");
  choose(li, { focus: false });
  say(`${words}: now ${place(li)}`, true);
}

// A step up or down: within the list, or over its edge into the next that does not have it.
export function nudge(li, by) {
  if (!li || !editable()) return;
  const all = [...li.parentNode.children].filter((one) => !one.classList.contains("gone"));
  const at = all.indexOf(li) + by;
  const { list, url } = li.dataset;
  if (at >= 0 && at < all.length) {
    const rest = all.filter((one) => one !== li);
    return move(li, list, rest[at - 1]?.dataset.url ?? null, true);
  }
  const names = Object.keys(NAMES);
  for (let next = names.indexOf(list) + by; names[next]; next += by) {
    if (row(names[next], url)) continue;
    const there = rows().filter((one) => one.dataset.list === names[next]);
    return move(li, names[next], by > 0 ? null : (there.at(-1)?.dataset.url ?? null), true);
  }
  say(by < 0 ? "This is the first place" : "This is the last place", true);
}

export function pin(li) {
  const { list, url } = li.dataset;
  const on = $("[data-act=pin]", li)?.getAttribute("aria-pressed") !== "true";
  act([{ do: "pin", list, url, on }], `${on ? "Pinned" : "Unpinned"} “${short(title(li))}”`);
  say(on ? "Pinned" : "Unpinned");
}

export function drop(li) {
  const all = rows();
  if (all.length < 2) return say("This is the only story", true);
  const next = all[all.indexOf(li) + 1] ?? all[all.indexOf(li) - 1];
  const { list, url } = li.dataset;
  const words = short(title(li));
  close(false);
  act([{ do: "take_out", list, url }], `Dropped “${words}”`);
  choose(next);
  say(`Dropped ${words} from ${NAMES[list]}`);
}

// Open in the row: its words, or what may be put in its place.

export function open(li, mode) {
  if (!editable()) return;
  close(false);
  ui.open = { id: li.id, mode };
  opened();
  choose(li, { focus: false });
  $(mode === "edit" ? "textarea" : "[name=offer]", li)?.focus({ preventScroll: true });
  if (mode === "edit") for (const field of $$("textarea", li)) grow(field);
  li.scrollIntoView({ block: "nearest" });
}

export function opened() {
  const li = ui.open && document.getElementById(ui.open.id);
  if (!li) { ui.open = null; return; }
  li.classList.add("open");
  $(`[data-act=${ui.open.mode}][aria-expanded]`, li)?.setAttribute("aria-expanded", "true");
  if (ui.open.mode === "edit") $(".editor", li).hidden = false;
  if (ui.open.mode === "swap" && !$(".swapper", li)) swapper(li);
}

export function close(focus = true) {
  const li = ui.open && document.getElementById(ui.open.id);
  ui.open = null;
  if (!li) return;
  li.classList.remove("open");
  for (const button of $$("[aria-expanded]", li)) button.setAttribute("aria-expanded", "false");
  if ($(".editor", li)) $(".editor", li).hidden = true;
  $(".swapper", li)?.remove();
  if (focus) choose(li);
}

// The best for this place: as that list is ranked, of what is printed nowhere or at the end, in Latest.
function candidates(li, words) {
  const { list } = li.dataset;
  const ranked = { top: "score", most_read: "views", latest: "published" }[list];
  const asked = words.trim().toLowerCase();
  return $$("#offers li")
    .filter((one) => !row(list, one.dataset.url))
    .filter((one) => (asked ? one.textContent.toLowerCase().includes(asked) : ["", "latest"].includes(one.dataset.lists) && one.dataset.dropped !== "true" && Number(one.dataset.score) >= 0))
    .sort((a, b) => Number(b.dataset[ranked]) - Number(a.dataset[ranked]))
    .slice(0, asked ? 8 : 3);
}

function swapper(li) {
  const offers = el("fieldset", { className: "offers" });
  const search = el("input", { type: "search", id: "asked", placeholder: "Words of any candidate", autocomplete: "off" });
  const fill = () => {
    const found = candidates(li, search.value);
    const choices = found.map((one, index) => el("label", { className: "offer" }, el("input", { type: "radio", name: "offer", value: one.dataset.url, checked: index === 0 }), ...[...one.cloneNode(true).childNodes]));
    const none = search.value ? "No candidate has these words." : "No other candidate is left.";
    offers.replaceChildren(el("legend", {}, "Candidates"), ...(choices.length ? choices : [el("p", { className: "fine" }, none)]));
  };
  fill();
  search.addEventListener("input", fill);
  const all = $$("#offers li").length;
  li.append(el("div", { className: "panel swapper", role: "group", ariaLabel: `Swap ${title(li)}` },
    el("div", { className: "ask" }, el("label", { htmlFor: "asked" }, "Any story"), search, el("p", { className: "fine" }, `The next for ${place(li)}, of ${all} candidates`)),
    offers,
    el("p", { className: "close" }, el("button", { type: "button", className: "strong", dataset: { act: "take" } }, "Take it"), el("button", { type: "button", dataset: { act: "done" } }, "Leave it as it is"), el("span", { className: "fine" }, "What it replaces is dropped and is not chosen again today."))));
}

export function take(li) {
  const url = $("[name=offer]:checked", li)?.value;
  if (!url) return;
  const { list } = li.dataset;
  const after = above(li);
  const words = short(title(li), 30);
  close(false);
  // What is in Latest leaves it: that list repeats nothing from above.
  const later = list !== "latest" && row("latest", url);
  const come = later ? { do: "move", list: "latest", url, to: list, after } : { do: "put_in", list, url, after };
  act([{ do: "take_out", list, url: li.dataset.url }, come], `Swapped “${words}”`);
  ui.current = later ? later.id : `coming ${list} ${url}`;
  say(`Swapped ${words}`);
}

// Fields: every letter is kept; the file gets it when the hands rest.

export function grow(field) {
  field.style.height = "auto";
  if (field.scrollHeight) field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

// Also after the window has another width: a phone that was turned, a pane that was dragged.
export function growAll() {
  for (const field of $$("#envelope textarea, .story.open textarea")) grow(field);
}

export function typed(field, delay = 450) {
  const li = field.closest(".story");
  const words = field.value.replaceAll("\n", field.id === "note" ? "\n" : " ");
  const edit = li ? { do: "words", list: li.dataset.list, url: li.dataset.url, which: field.dataset.which, words } : { do: field.dataset.field, words };
  grow(field);
  measure(field);
  if (edit.which === "headline" && !words.trim()) return;
  if (edit.which === "headline") $(".headline", li).textContent = words;
  const name = { words: field.dataset.which, subject: "subject", opening: "opening", note: "note" }[edit.do];
  keep({ edits: [edit], what: `Wrote the ${name}`, same: `words ${target(edit)}`, from: field.from ?? edition() }, delay);
}

const lines = (length) => (length <= 27 ? "1 line" : `${Math.ceil(length / 27)} lines`);

function measure(field) {
  const length = [...field.value].length;
  const place = $(".measure", field.parentNode);
  if (field.dataset.most) {
    const count = $("b", place);
    count.textContent = length || [...field.placeholder].length;
    count.classList.toggle("asks", length > Number(field.dataset.most));
    $(".flag", place)?.remove();
  } else if (field.dataset.which) place.textContent = `${length} characters${field.dataset.which === "headline" ? `, about ${lines(length)} on a phone` : ""}`;
}

// What the server drew for a new version comes into the page; a field in which somebody writes is left alone.
export function renew(fresh) {
  const version = Number(fresh.body.dataset.edition);
  const focus = document.activeElement;
  // A row has another name in another list.
  const at = document.getElementById(ui.current)?.dataset;
  const held = ui.held && document.getElementById(ui.held.id)?.dataset;
  const busy = (unit) => unit.contains(focus) && focus.matches("textarea, input");
  const took = (unit) => { for (const field of $$("textarea", unit)) field.from = version; };
  const inPlace = (old, next) => {
    for (const field of $$("textarea", old)) {
      const other = $(field.id ? `#${CSS.escape(field.id)}` : "textarea", next);
      if (!other) continue;
      if (field !== focus) field.value = other.value;
      if (field.value === other.value) field.from = version;
    }
    for (const part of [".facts", ".curve", ".why", ".headline"]) {
      const [a, b] = [$(part, old), $(part, next)];
      if (a && b && a.innerHTML !== b.innerHTML) a.replaceChildren(...b.childNodes);
    }
  };
  const unit = (old, next) => {
    if (old && busy(old)) { inPlace(old, next); return old; }
    took(next);
    return next;
  };
  for (const line of $$("#envelope .line")) {
    const next = fresh.getElementById(line.id);
    const now = next && unit(line, next);
    if (next && now !== line) {
      if (line.id === "line-note" && !line.hidden && next.hidden && $("#note").value) continue;
      line.replaceWith(document.adoptNode(next));
    }
  }
  flip(() => {
    for (const ol of $$("#lists ol")) {
      const next = $(`#lists ol[data-list="${ol.dataset.list}"]`, fresh);
      const head = ol.previousElementSibling;
      if (!next) continue;
      head.innerHTML = next.previousElementSibling.innerHTML;
      const nodes = [...next.children].map((li) => {
        const old = document.getElementById(li.id);
        return old && old.closest("ol") === ol ? unit(old, document.adoptNode(li)) : unit(null, document.adoptNode(li));
      });
      const kept = nodes.find((li) => li.contains(focus) && li.parentNode === ol);
      if (!kept) { ol.replaceChildren(...nodes); continue; }
      for (const li of [...ol.children]) if (!nodes.includes(li)) li.remove();
      let before = true;
      for (const li of nodes) {
        if (li === kept) before = false;
        else if (before) kept.before(li);
        else ol.append(li);
      }
    }
    overlay();
    const was = at && row(at.list, at.url);
    if (was) ui.current = was.id;
    const hand = held && row(held.list, held.url);
    if (hand) {
      ui.held.id = hand.id;
      hand.classList.add("held");
    }
    opened();
  });
}
