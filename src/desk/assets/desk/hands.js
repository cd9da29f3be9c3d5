// Stories that are moved: dragged by hand, or picked up and moved by keys.

import { $$, above, close, editable, flip, move, number, place, row, say, short, title, ui } from "./rows.js";

// By hand: with the mouse from anywhere in a row, with a finger from its number, so that a thumb still scrolls.

let drag = null;

function back() {
  const { li, home } = drag;
  home.list.insertBefore(li, home.next);
  li.dataset.list = home.list.dataset.list;
}

export function dragging() {
  const end = (keepIt) => {
    if (!drag) return;
    const { li, on, tick } = drag;
    clearInterval(tick);
    document.body.classList.remove("dragging");
    li.classList.remove("lifted");
    if (on) {
      const [to, after] = [li.parentNode.dataset.list, above(li)];
      const stays = to === drag.home.list.dataset.list && after === drag.home.after;
      flip(back);
      drag = null;
      if (keepIt && !stays) move(li, to, after);
      number();
      // The click that ends it opens nothing.
      const swallow = (event) => { event.stopPropagation(); event.preventDefault(); };
      addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
    }
    drag = null;
  };
  const hover = () => {
    const url = drag.li.dataset.url;
    const lists = $$("#lists ol").filter((ol) => ol === drag.home.list || !row(ol.dataset.list, url));
    const others = lists.flatMap((ol) => [...ol.children]).filter((li) => li !== drag.li && !li.classList.contains("gone"));
    const near = others.map((li) => { const box = li.getBoundingClientRect(); return { li, middle: box.top + box.height / 2 }; }).sort((a, b) => Math.abs(a.middle - drag.y) - Math.abs(b.middle - drag.y))[0];
    if (!near) return;
    const before = drag.y < near.middle;
    if ((before ? near.li.previousElementSibling : near.li.nextElementSibling) === drag.li) return;
    flip(() => { before ? near.li.before(drag.li) : near.li.after(drag.li); number(); });
  };
  document.addEventListener("pointerdown", (event) => {
    const li = event.target.closest?.("#lists .story");
    if (!li || event.button || !editable() || event.target.closest(".panel")) return;
    const grip = event.target.closest(".grip");
    if (event.pointerType === "mouse" ? !grip && event.target.closest(".acts, a, input, textarea") : !grip) return;
    drag = { li, x: event.clientX, y: event.clientY, pointer: event.pointerId, on: false, home: { list: li.parentNode, next: li.nextElementSibling, after: above(li) } };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.on && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 5) return;
    drag.y = event.clientY;
    if (!drag.on) {
      drag.on = true;
      close(false);
      drag.li.classList.add("lifted");
      document.body.classList.add("dragging");
      getSelection()?.removeAllRanges();
      say(`Dragging ${short(title(drag.li))}`);
      drag.tick = setInterval(() => {
        const by = drag.y < 110 ? -12 : drag.y > innerHeight - 90 ? 12 : 0;
        if (by) { scrollBy(0, by); hover(); }
      }, 16);
    }
    hover();
  });
  document.addEventListener("pointerup", (event) => { if (drag?.pointer === event.pointerId) end(true); });
  document.addEventListener("pointercancel", (event) => { if (drag?.pointer === event.pointerId) end(false); });
  return { drop: () => { if (!drag?.on) return false; end(false); return true; } };
}

// By keys: picked up by its number.

export function grab(li) {
  ui.held = { id: li.id, list: li.dataset.list, after: above(li) };
  li.classList.add("held");
  say(`Picked up ${short(title(li))}, ${place(li)}. Arrow keys move it, Enter puts it down, Escape puts it back.`, true);
}

export function letGo(keepIt) {
  const li = document.getElementById(ui.held.id);
  const { list, after } = ui.held;
  ui.held = null;
  if (!li) return;
  li.classList.remove("held");
  if (!keepIt && (li.dataset.list !== list || above(li) !== after)) move(li, list, after, true);
  say(keepIt ? `Put down: ${place(li)}` : `Put back: ${place(li)}`, true);
}
