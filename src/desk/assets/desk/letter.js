// The letter in its frame: as tall as it is, in the colors that are asked for, with a mark beside the story that is current in the lists. It
// runs no script of its own; its policy forbids it.

const $ = (selector, root = document) => root.querySelector(selector);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let scheme = null;
let pointed = null;
const frame = () => $("#pane iframe:not(.coming)");

export function fit() {
  const one = frame();
  const root = one?.contentDocument?.documentElement;
  if (!root) return;
  one.style.height = `${Math.max(Math.ceil(root.getBoundingClientRect().height), 120)}px`;
  point(pointed, false);
}

const sizes = new ResizeObserver(fit);

function settle(one) {
  const letter = one.contentDocument;
  if (!letter?.documentElement || letter.URL === "about:blank") return;
  const base = letter.createElement("base");
  base.target = "_blank";
  letter.head?.append(base);
  letter.documentElement.style.overflowY = "hidden";
  sizes.observe(letter.documentElement);
  fit();
}

// The next letter loads behind the old one and takes its place when its words are there: no white flash, no jump.
export function reframe(address) {
  const old = frame();
  if (!old || old.getAttribute("src") === address) return;
  for (const late of document.querySelectorAll("#pane iframe.coming")) late.remove();
  const next = old.cloneNode();
  next.classList.add("coming");
  const come = () => {
    clearInterval(patience);
    if (!next.isConnected || !next.classList.contains("coming")) return;
    next.style.height = `${Math.ceil(next.contentDocument.documentElement.getBoundingClientRect().height)}px`;
    old.remove();
    next.classList.remove("coming");
    settle(next);
  };
  const patience = setInterval(() => {
    const letter = next.contentDocument;
    if (!next.isConnected || (letter?.URL !== "about:blank" && letter?.readyState === "interactive")) come();
  }, 15);
  next.addEventListener("load", come, { once: true });
  next.setAttribute("src", address);
  old.after(next);
}

export function colors(wanted) {
  scheme = wanted ?? scheme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  $("#letter").dataset.scheme = scheme;
  for (const button of document.querySelectorAll("[data-scheme]")) if (button.localName === "button") button.setAttribute("aria-pressed", button.dataset.scheme === scheme);
}

// A bar beside that story; `url` may be in several lists, `nth` says in which of its places.
export function point(at, scroll = true) {
  pointed = at;
  const letter = frame()?.contentDocument;
  const mark = $("#mark");
  if (!mark) return;
  const links = at && letter ? [...letter.querySelectorAll("a[href]")].filter((a) => a.href.startsWith(at.url) && a.textContent.trim()) : [];
  const titled = links.filter((a) => a.textContent.trim() === at?.headline);
  const link = (titled.length ? titled : links)[at?.nth ?? 0] ?? titled[0] ?? links[0];
  mark.hidden = !link;
  if (!link) return;
  const box = (link.closest("td, li") ?? link).getBoundingClientRect();
  const height = Math.min(box.height, 320);
  mark.style.top = `${box.top}px`;
  mark.style.height = `${height}px`;
  const pane = $("#pane");
  if (scroll && (box.top < pane.scrollTop || box.top + Math.min(height, 200) > pane.scrollTop + pane.clientHeight)) {
    pane.scrollTo({ top: Math.max(0, box.top - 60), behavior: calm.matches ? "auto" : "smooth" });
  }
}

export function start() {
  const one = frame();
  colors();
  if (!one) return;
  one.addEventListener("load", () => settle(one), { once: true });
  if (one.contentDocument?.readyState === "complete") settle(one);
  addEventListener("resize", fit);
}
