// Moves the widgets of a page that has no kernel. What a choice comes to, and what an answer is told, Python
// has written into tables when the page was made: they are looked up here. No formula and no judge is here.

import { answerOf, judgeOf } from "./tables.js";

const KEPT = "rollout-lab.answers";
const ONLY_LIVE = "This page has no answer to that; the lesson has one where Python runs.";
const LIVE = "This page cannot read that. The lesson can, where Python runs.";

// What anywidget's scripts expect of a model. `respond(changed)` is called for what the script has saved.
class Model {
  constructor(traits, respond) {
    Object.assign(this, { traits, respond, heard: new Map(), changed: new Set(), unanswered: ONLY_LIVE });
  }

  get(name) {
    return this.traits[name];
  }

  set(name, value) {
    if (JSON.stringify(this.traits[name]) === JSON.stringify(value)) return;
    this.traits[name] = value;
    this.changed.add(name);
    for (const listener of this.heard.get(`change:${name}`) ?? []) listener();
  }

  on(name, listener) {
    this.heard.set(name, [...(this.heard.get(name) ?? []), listener]);
  }

  off(name, listener) {
    this.heard.set(
      name,
      (this.heard.get(name) ?? []).filter((each) => each !== listener),
    );
  }

  save_changes() {
    const changed = this.changed;
    this.changed = new Set();
    this.respond(changed);
  }

  send() {}
}

// What is kept on the reader's machine; where the browser keeps nothing, it lasts as long as the page.
const memory = {};
function allKept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return memory;
  }
}
function keep(name, value) {
  const all = { ...allKept(), [name]: value };
  Object.assign(memory, all);
  try {
    localStorage.setItem(KEPT, JSON.stringify(all));
  } catch {
    // It stands in memory.
  }
}
function forget() {
  for (const name of Object.keys(memory)) delete memory[name];
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // Nothing was kept.
  }
  location.reload();
}

function explorerModel(still, moved) {
  const model = new Model(still.traits, (changed) => {
    if (!changed.has("chosen") && !changed.has("pointed")) return;
    const { values, answer } = answerOf(still, model.get("chosen"), model.get("pointed"));
    if (still.resets) model.set("chosen", values);
    if (answer) model.set("shown", { values, ...answer });
    moved(model.get("chosen"));
  });
  return model;
}

function questionModel(still, live, predicted) {
  const { counter, answer, kept } = still;
  const model = new Model(still.traits, (changed) => {
    if (changed.has(counter)) tell(judgeOf(still.judge, model.get(answer)), true);
    if (changed.has("replies")) reply();
  });
  const link = live ? ` [Run this lesson](${live})` : "";

  function tell(row, given) {
    const [status, verdict, belief] = row ?? [`${LIVE}${link}`, "", ""];
    const before = allKept()[kept] ?? {};
    const was = before.replies?.[belief];
    if (given && row && (verdict || still.predicts)) {
      const value = { [answer]: model.get(answer), belief, replies: before.replies ?? {} };
      if (!still.predicts) value.right = verdict === "right";
      keep(kept, value);
    }
    model.set("belief", belief);
    model.set("reply", was?.was ?? null);
    model.set("thought", was?.thought ?? "");
    model.set("thanks", "");
    model.set("verdict", verdict);
    model.set("status", status);
    model.set("answered", model.get(counter));
    if (given && still.predicts) predicted(still.predicts, model.get(answer));
  }

  function reply() {
    const before = allKept()[kept] ?? {};
    const said = { was: model.get("reply"), thought: model.get("thought") };
    keep(kept, { ...before, replies: { ...before.replies, [model.get("belief")]: said } });
    model.set("thanks", "Kept in this browser, for you alone. Thank you.");
  }

  const before = allKept()[kept]?.[answer];
  if (before !== undefined && before !== null) {
    model.traits[answer] = before;
    tell(judgeOf(still.judge, before), false);
  }
  return model;
}

const base64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// The file of a page: JSON, compressed unless the server has sent it so.
export async function load(address) {
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const stream = new Blob([bytes]).stream();
  const plain = packed ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  return new Response(plain).json();
}

const styles = new Map();
function style(name) {
  if (!styles.has(name)) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: new URL(name, import.meta.url) });
    styles.set(name, new Promise((done) => Object.assign(link, { onload: done, onerror: done })));
    document.head.append(link);
  }
  return styles.get(name);
}

// Shows a widget in a place; `moved(chosen)` is called when an explorer was moved, `start` is where it opens.
export async function show(place, still, { live = "", moved = () => {}, predicted = () => {}, start } = {}) {
  for (const [name, value] of Object.entries(still.traits)) {
    if (value?.$bytes) still.traits[name] = new DataView(base64(value.$bytes).buffer);
  }
  const model = still.blocks ? explorerModel(still, moved) : questionModel(still, live, predicted);
  const [widget] = await Promise.all([import(new URL(still.script, import.meta.url)), style(still.style)]);
  if (start && still.blocks) moveTo(model, still, start);
  const el = document.createElement("div");
  widget.default.render({ model, el });
  place.replaceChildren(el);
  place.dataset.still = "moves";
  return model;
}

// Moves an explorer to values as a link holds them: texts; what is not on offer is left out.
export function moveTo(model, still, start) {
  const values = { ...model.get("chosen") };
  for (const [name, text] of Object.entries(start)) {
    const found = still.choices[name]?.find((each) => String(each) === text);
    if (found !== undefined) values[name] = found;
  }
  model.set("pointed", {});
  model.set("chosen", values);
  model.save_changes();
}

// The state in the address, `#sentence=coreference&output=3&...`, to be sent to someone.
export const stateOf = (hash) => Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));
export const hashOf = (values) =>
  `#${new URLSearchParams(Object.entries(values).map(([n, v]) => [n, `${v}`]))}`;

// JupyterLab's colours follow an attribute of the body; here it follows the page's own background.
export function followTheme() {
  const set = () => {
    const [r, g, b, a = 1] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? []).map(
      Number,
    );
    const root = getComputedStyle(document.documentElement);
    const [x, y, z] = a ? [r, g, b] : (root.backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    const light = String(
      !(0.3 * x + 0.59 * y + 0.11 * z < 110) || (!a && root.backgroundColor.endsWith(", 0)")),
    );
    if (document.body.dataset.jpThemeLight !== light) document.body.dataset.jpThemeLight = light;
  };
  const watch = new MutationObserver(() => requestAnimationFrame(set));
  for (const element of [document.documentElement, document.body]) {
    watch.observe(element, { attributes: true, attributeFilter: ["class", "data-theme", "data-mode"] });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(set));
  set();
}

function offerForgetting(after) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: "Forget them", onclick: forget });
  const line = document.createElement("p");
  line.className = "rollout-kept";
  line.append("Your answers on these pages are kept in this browser alone. ", button);
  const place = document.querySelector("[data-still-forget]");
  if (place) place.append(line);
  else after.after(line);
}

async function begin(script) {
  followTheme();
  const page = await load(new URL(script.dataset.still, document.baseURI));
  const predicted = (name, letter) => {
    for (const outcome of document.querySelectorAll(`[data-rollout-reveal="${name}"]`)) {
      const told = page.reveals[name]?.[letter];
      if (!told) continue;
      outcome.querySelector(".told").innerHTML = told;
      outcome.open = true;
    }
  };
  const before = allKept(); // of other pages, too
  for (const name of Object.keys(page.reveals)) predicted(name, before[`prediction-${name}`]?.chosen);
  const shown = [...document.querySelectorAll("[data-rollout-view]")].map(async (place) => {
    const still = page.widgets[place.dataset.rolloutView];
    if (!still) return null;
    try {
      await show(place, still, { live: script.dataset.live, predicted });
    } catch (error) {
      console.error(error); // what was saved goes on standing there
    }
    return still.judge ? place : null;
  });
  const questions = (await Promise.all(shown)).filter(Boolean);
  if (questions.length) offerForgetting(questions.at(-1));
}

const script = typeof document === "undefined" ? null : document.querySelector("script[data-still]");
if (script) begin(script);
