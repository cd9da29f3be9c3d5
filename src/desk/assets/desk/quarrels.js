// Two words for one thing: both are shown, and a person chooses.

import { asks, keep, settle } from "./keep.js";
import { $, $$, edition, el, overlay, row, rows, say } from "./rows.js";

const WORDS = { headline: "headline", dek: "dek", kicker: "kicker", byline: "byline", alt: "words about the picture", subject: "subject", opening: "opening", note: "note", place: "place", picture: "picture", pin: "pin", hold: "hold" };

export function quarrels() {
  const all = asks();
  for (const old of $$(".quarrel")) if (!all.some((ask) => ask.id === old.dataset.ask)) old.remove();
  for (const ask of all) {
    if ($$(".quarrel").some((old) => old.dataset.ask === ask.id)) continue;
    const li = ask.edit.url && (row(ask.edit.list, ask.edit.url) ?? rows().find((one) => one.dataset.url === ask.edit.url));
    const place = li || $("#kept");
    const made = quarrel(ask);
    made.dataset.ask = ask.id;
    const editor = li && $(".editor", li);
    if (editor) editor.before(made);
    else place.append(made);
  }
}

function quarrel(ask) {
  const name = WORDS[ask.field ?? ask.edit.which ?? ask.edit.do] ?? "change";
  const mine = ask.edit.words ?? ask.mine ?? "";
  const button = (words, work) => el("button", { type: "button", onclick: work }, words);
  const insist = (words) => {
    settle(ask.id);
    const edit = { ...ask.edit, ...(ask.edit.words == null ? {} : { words }) };
    keep({ edits: [edit], what: `Chose the ${name}`, from: edition() });
    quarrels();
    overlay();
    say(`Yours is in the letter: ${name}`);
  };
  const leave = () => {
    settle(ask.id);
    quarrels();
    say(`Left as it is: ${name}`);
  };
  const box = (head, note, words, ...buttons) => el("div", {}, el("h4", {}, head, " ", el("span", { className: "fine" }, note)), el("p", { className: "words" }, words || "nothing"), el("p", { className: "close" }, ...buttons));
  if (ask.problem) {
    return el("div", { className: "panel quarrel", role: "group", ariaLabel: `Not saved: ${name}` }, el("p", {}, el("b", {}, `Your ${name} is not saved: ${ask.problem}. `), ask.hint ?? ""), el("div", { className: "two" }, box("Yours", "kept here", mine, button("Try again", () => insist(mine)), button("Let it go", leave))));
  }
  const gone = ask.theirs == null;
  const third = ask.edit.words == null ? null : el("textarea", { rows: 1, value: mine, ariaLabel: `A third ${name}` });
  return el("div", { className: "panel quarrel", role: "group", ariaLabel: `Two words for one ${name}` },
    el("p", {}, el("b", {}, gone ? `Somebody took this story out while you changed its ${name}.` : `Somebody changed this ${name} while you did.`), " Both are kept. The rest of your save is in."),
    el("div", { className: "two" },
      box("Yours", "not in the letter yet", mine, gone ? null : button("Use mine", () => insist(mine))),
      box("Theirs", "in the letter", gone ? "The story is out" : ask.theirs, button(gone ? "Leave it out" : "Leave theirs", leave))),
    third && !gone ? el("div", { className: "field" }, el("label", {}, "Or a third ", third), el("p", { className: "close" }, button("Use this one", () => insist(third.value)), el("span", { className: "fine" }, ask.was ? `Before both: ${ask.was}` : ""))) : null);
}
