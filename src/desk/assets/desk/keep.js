// What is done here is kept in this browser until the file has it: over a closed tab, a server that is away, a sleeping laptop. Saves go one
// after the other; each says on which version of the file it was made, and one that was answered is never made again.

// Of a team's desk every edition has its own address.
export const home = location.pathname === "/" ? document.body.dataset.slug : location.pathname;

// A list in the browser's store, which every tab of this edition shares. A browser that stores nothing keeps it as long as the page lives.
function stored(name) {
  let last = [];
  const key = `desk ${home} ${name}`;
  return {
    read() {
      try {
        last = JSON.parse(localStorage.getItem(key)) ?? [];
      } catch {}
      return last;
    },
    write(list) {
      last = list;
      try {
        if (list.length) localStorage.setItem(key, JSON.stringify(list));
        else localStorage.removeItem(key);
      } catch {}
    },
  };
}

const waiting = stored("waiting");
// What a person is asked: both changed it, or it cannot be saved.
const asking = stored("asking");
// By what is edited: the version that last took it from here. What is done next to the same thing is done on that.
const taken = new Map();

export const pending = () => waiting.read();
export const asks = () => asking.read();
export const state = { sending: false, lost: null, saved: null };

export function target(edit) {
  if (edit.do === "words") return `${edit.which} ${edit.url}`;
  if (["move", "put_in", "take_out"].includes(edit.do)) return `place ${edit.url}`;
  return edit.url ? `${edit.do} ${edit.url}` : edit.do;
}

const touches = (item) => (item.edits ?? []).map(target);
const since = (item, from) => Math.max(from, ...touches(item).map((name) => taken.get(name) ?? 0));

let heard = () => {};
let done = () => {};
let renew = async () => {};

export function start(callbacks) {
  ({ heard, done, renew } = callbacks);
  send();
}

// `same`: a run of these (letters in one field, steps of one story) is one way back. Words that are not on their way yet are replaced.
export function keep(item, delay = 0) {
  const list = waiting.read();
  const last = list.at(-1);
  if (item.same?.startsWith("words") && last?.same === item.same && !last.sent) last.edits = item.edits;
  else list.push({ id: `${Date.now()} ${Math.random()}`, ...item, from: since(item, item.from ?? 0) });
  waiting.write(list);
  heard();
  clearTimeout(keep.timer);
  keep.timer = setTimeout(send, delay);
}

const without = (list, id) => list.filter((item) => item.id !== id);

export function settle(id) {
  asking.write(without(asking.read(), id));
  heard();
}

export async function send() {
  clearTimeout(keep.timer);
  if (state.sending) return;
  state.sending = true;
  try {
    await handOver();
  } finally {
    state.sending = false;
    heard();
  }
  if (state.lost) keep.timer = setTimeout(send, 2000);
}

async function handOver() {
  let again = 0;
  for (let item; (item = waiting.read()[0]); ) {
    waiting.write(waiting.read().map((one) => (one.id === item.id ? { ...one, sent: true } : one)));
    heard();
    let answer, said;
    try {
      answer = await fetch("save", {
        method: "POST",
        headers: { "content-type": "application/json", "x-desk": document.body.dataset.token },
        body: JSON.stringify(item.undo ? { undo: item.undo } : { from: item.from || Number(document.body.dataset.edition), edits: item.edits }),
      });
      if (answer.status === 403 && !again++) {
        await renew();
        continue;
      }
      said = await answer.json();
    } catch {}
    if (!said || answer.status === 403 || answer.status === 503) {
      state.lost ??= new Date();
      break;
    }
    state.lost = null;
    again = 0;
    waiting.write(without(waiting.read(), item.id));
    if (answer.ok) took(item, said);
    else if (item.undo) done(item, null, said.problem);
    else ask(item, item.edits.map((edit) => ({ edit, problem: said.problem, hint: said.hint })));
  }
}

function took(item, said) {
  state.saved = new Date();
  const names = touches(item);
  for (const name of names) taken.set(name, said.version);
  waiting.write(waiting.read().map((other) => (touches(other).some((name) => names.includes(name)) ? { ...other, from: Math.max(other.from, said.version) } : other)));
  // What somebody changed since stays when an older change is undone.
  if (item.edits) ask(item, said.clashes.map((clash) => ({ ...clash, edit: item.edits[clash.edit] })));
  done(item, said, item.undo && said.clashes.length ? "somebody changed it since" : null);
}

function ask(item, found) {
  if (!found.length) return;
  const list = asking.read();
  for (const one of found) {
    const same = list.findIndex((other) => target(other.edit) === target(one.edit));
    if (same >= 0) list.splice(same, 1);
    list.push({ id: `${item.id} ${target(one.edit)}`, ...one });
  }
  asking.write(list);
  heard();
}

addEventListener("online", send);
addEventListener("storage", () => heard());
