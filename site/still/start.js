// Built from javascript/ by make javascript: do not edit.

// still/tables.js
function answerOf(still, chosen, pointed) {
  const values = { ...chosen, ...pointed };
  const answer = found(still, values);
  if (answer || !still.resets) return { values, answer: answer ?? words(still) };
  const last = still.traits.shown.values;
  const moved2 = Object.keys(values).find((name) => values[name] !== last[name]);
  const block = still.blocks.find(({ by }) => by.includes(moved2)) ?? still.blocks[0];
  const kept = Object.fromEntries(block.by.map((name) => [name, values[name]]));
  const near = { ...block.fixed, ...kept };
  return { values: near, answer: found(still, near) };
}
function found({ blocks, choices }, values) {
  const block = blocks.find(({ fixed }) => Object.keys(fixed).every((name) => fixed[name] === values[name]));
  if (!block) return null;
  const answer = {};
  for (const [name, field] of Object.entries(block.fields)) {
    let place2 = 0;
    for (const choice of field.by) {
      const index = choices[choice].indexOf(values[choice]);
      if (index < 0) return null;
      place2 = place2 * choices[choice].length + index;
    }
    answer[name] = field.values[field.at ? field.at[place2] : place2];
  }
  return answer;
}
var STATUS = "The numbers are in the picture; this sentence about them needs the live edition.";
var words = ({ blocks }) => Object.keys(blocks[0].fields).join() === "status" ? { status: STATUS } : null;
function numberOf(text, { number, power }) {
  const plain = text.trim().replaceAll("−", "-").replaceAll(",", ".");
  if (!plain) return "empty";
  if (/(?!\d)\p{Nd}/u.test(plain)) return "digits of another script";
  const raised = new RegExp(`^${power}$`).exec(plain);
  if (raised) return Number(raised[1]) ** Number(raised[2]);
  const [, over, under = "1", percent] = new RegExp(`^${number}$`, "i").exec(plain) ?? [];
  if (over === void 0 || Number(under) === 0) return "unread";
  const value = Number(over) / Number(under) / (percent ? 100 : 1);
  return Number.isFinite(value) ? value : "large";
}
function numbersOf(text, { count: count2, alone, read }) {
  const whole = numberOf(alone ? text : text.replace(/^\s*\[|\]\s*$/g, ""), read);
  if (alone || typeof whole === "number" || whole === "empty") {
    return typeof whole === "number" ? [whole] : whole;
  }
  const close = text.replace(/\s*(\/|\^|\*\*)\s*/g, "$1").replace(/\s+%/g, "%");
  let numbers = [];
  for (const separator of [/[\s;[\]()]+/, /[\s,;[\]()]+/]) {
    numbers = close.split(separator).filter(Boolean).map((each) => numberOf(each, read));
    if (numbers.length === count2 && numbers.every(Number.isFinite)) break;
  }
  return numbers.find((each) => typeof each === "string") ?? numbers;
}
function judgeOf(judge, given) {
  const { rows, exact, near, otherwise, others } = judge;
  if (!near) return rows[exact[JSON.stringify(given)] ?? otherwise] ?? null;
  const text = String(given ?? "");
  const numbers = numbersOf(text, judge);
  if (typeof numbers === "string") {
    const [feedback, ...rest] = rows[others[numbers]] ?? [];
    return feedback === void 0 ? null : [feedback.replace("“#”", `“${text.trim()}”`), ...rest];
  }
  const inside = (place2, index) => place2.some(([low, high]) => low <= numbers[index] && numbers[index] <= high);
  const fits = near.find(([, places]) => places.length === numbers.length && places.every(inside));
  if (fits) return rows[fits[0]];
  return rows[others[numbers.length === judge.count ? "otherwise" : `${numbers.length} numbers`]] ?? null;
}

// still/still.js
var KEPT = "rollout-lab.answers";
var ONLY_LIVE = "This page has no answer to that; the lesson has one where Python runs.";
var LIVE = "This page cannot read that. The lesson can, where Python runs.";
var Model = class {
  constructor(traits, respond) {
    Object.assign(this, { traits, respond, heard: /* @__PURE__ */ new Map(), changed: /* @__PURE__ */ new Set(), unanswered: ONLY_LIVE });
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
    this.heard.set(name, [...this.heard.get(name) ?? [], listener]);
  }
  off(name, listener) {
    this.heard.set(
      name,
      (this.heard.get(name) ?? []).filter((each) => each !== listener)
    );
  }
  save_changes() {
    const changed = this.changed;
    this.changed = /* @__PURE__ */ new Set();
    this.respond(changed);
  }
  send() {
  }
};
var memory = {};
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
  }
}
function forget() {
  for (const name of Object.keys(memory)) delete memory[name];
  try {
    localStorage.removeItem(KEPT);
  } catch {
  }
  location.reload();
}
function explorerModel(still, moved2) {
  const model = new Model(still.traits, (changed) => {
    if (!changed.has("chosen") && !changed.has("pointed")) return;
    const { values, answer } = answerOf(still, model.get("chosen"), model.get("pointed"));
    if (still.resets) model.set("chosen", values);
    if (answer) model.set("shown", { values, ...answer });
    moved2(model.get("chosen"));
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
    const before2 = allKept()[kept] ?? {};
    const was = before2.replies?.[belief];
    if (given && row && (verdict || still.predicts)) {
      const value = { [answer]: model.get(answer), belief, replies: before2.replies ?? {} };
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
    const before2 = allKept()[kept] ?? {};
    const said = { was: model.get("reply"), thought: model.get("thought") };
    keep(kept, { ...before2, replies: { ...before2.replies, [model.get("belief")]: said } });
    model.set("thanks", "Kept in this browser, for you alone. Thank you.");
  }
  const before = allKept()[kept]?.[answer];
  if (before !== void 0 && before !== null) {
    model.traits[answer] = before;
    tell(judgeOf(still.judge, before), false);
  }
  return model;
}
var base64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
async function load(address2) {
  const bytes = new Uint8Array(await (await fetch(address2)).arrayBuffer());
  const packed = bytes[0] === 31 && bytes[1] === 139;
  const stream = new Blob([bytes]).stream();
  const plain = packed ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  return new Response(plain).json();
}
var styles = /* @__PURE__ */ new Map();
function style(name) {
  if (!styles.has(name)) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: new URL(name, import.meta.url) });
    styles.set(name, new Promise((done) => Object.assign(link, { onload: done, onerror: done })));
    document.head.append(link);
  }
  return styles.get(name);
}
async function show(place2, still, { live = "", moved: moved2 = () => {
}, predicted = () => {
}, start } = {}) {
  for (const [name, value] of Object.entries(still.traits)) {
    if (value?.$bytes) still.traits[name] = new DataView(base64(value.$bytes).buffer);
  }
  const model = still.blocks ? explorerModel(still, moved2) : questionModel(still, live, predicted);
  const [widget] = await Promise.all([import(new URL(still.script, import.meta.url)), style(still.style)]);
  if (start && still.blocks) moveTo(model, still, start);
  const el = document.createElement("div");
  widget.default.render({ model, el });
  place2.replaceChildren(el);
  place2.dataset.still = "moves";
  return model;
}
function moveTo(model, still, start) {
  const values = { ...model.get("chosen") };
  for (const [name, text] of Object.entries(start)) {
    const found2 = still.choices[name]?.find((each) => String(each) === text);
    if (found2 !== void 0) values[name] = found2;
  }
  model.set("pointed", {});
  model.set("chosen", values);
  model.save_changes();
}
var stateOf = (hash) => Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));
var hashOf = (values) => `#${new URLSearchParams(Object.entries(values).map(([n, v]) => [n, `${v}`]))}`;
function followTheme() {
  const set = () => {
    const [r, g, b, a = 1] = (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? []).map(
      Number
    );
    const root = getComputedStyle(document.documentElement);
    const [x, y, z] = a ? [r, g, b] : (root.backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    const light = String(
      !(0.3 * x + 0.59 * y + 0.11 * z < 110) || !a && root.backgroundColor.endsWith(", 0)")
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
  const place2 = document.querySelector("[data-still-forget]");
  if (place2) place2.append(line);
  else after.after(line);
}
async function begin(script2) {
  followTheme();
  const page = await load(new URL(script2.dataset.still, document.baseURI));
  const predicted = (name, letter) => {
    for (const outcome of document.querySelectorAll(`[data-rollout-reveal="${name}"]`)) {
      const told2 = page.reveals[name]?.[letter];
      if (!told2) continue;
      outcome.querySelector(".told").innerHTML = told2;
      outcome.open = true;
    }
  };
  const before = allKept();
  for (const name of Object.keys(page.reveals)) predicted(name, before[`prediction-${name}`]?.chosen);
  const shown2 = [...document.querySelectorAll("[data-rollout-view]")].map(async (place2) => {
    const still = page.widgets[place2.dataset.rolloutView];
    if (!still) return null;
    try {
      await show(place2, still, { live: script2.dataset.live, predicted });
    } catch (error) {
      console.error(error);
    }
    return still.judge ? place2 : null;
  });
  const questions = (await Promise.all(shown2)).filter(Boolean);
  if (questions.length) offerForgetting(questions.at(-1));
}
var script = typeof document === "undefined" ? null : document.querySelector("script[data-still]");
if (script) begin(script);

// still/start.js
var place = document.getElementById("tracer");
var sentences = document.getElementById("sentence");
var guesses = document.querySelector(".guesses");
var [told, also, more, next] = ["told", "also", "more", "next"].map((id) => document.getElementById(id));
var files = /* @__PURE__ */ new Map();
var shown = null;
var writing;
var written = location.hash;
var address = () => `${location.href.split("#")[0]}${hashOf({ sentence: shown.name, ...shown.chosen })}`;
function moved(chosen) {
  if (!shown || JSON.stringify(chosen) === JSON.stringify(shown.chosen)) return;
  shown.chosen = chosen;
  clearTimeout(writing);
  writing = setTimeout(() => {
    history.replaceState(null, "", address());
    written = location.hash;
  }, 300);
}
async function open(name, state) {
  if (!files.has(name)) files.set(name, load(new URL(`${name}.still`, import.meta.url)));
  let page;
  try {
    page = await files.get(name);
  } catch (error) {
    files.delete(name);
    throw error;
  }
  const still = structuredClone(page.widgets.w1);
  shown = null;
  const model = await show(place, still, { moved, start: state });
  shown = { name, still, model, chosen: model.get("chosen") };
  sentences.value = name;
  const option = sentences.selectedOptions[0];
  document.getElementById("look").textContent = option.dataset.look;
}
async function openAddress() {
  written = location.hash;
  const state = stateOf(location.hash);
  const known = [...sentences.options].some((option) => option.value === state.sentence);
  if (known) await open(state.sentence, state);
  return known;
}
async function move(state) {
  if (shown?.name !== "cards") await open("cards", state);
  else moveTo(shown.model, shown.still, state);
  moved(shown.model.get("chosen"));
}
var entry = (residual) => ({ ...guesses.dataset, k: "1", residual });
async function settle(button) {
  for (const each of guesses.children) each.setAttribute("aria-pressed", String(each === button));
  told.querySelector(".verdict").textContent = button.dataset.guess;
  told.hidden = more.hidden = false;
  also.hidden = next.hidden = true;
  if (matchMedia("(max-width: 60rem)").matches) guesses.scrollIntoView();
  await move(entry("none"));
  place.querySelector(".controls .act").click();
}
async function count() {
  also.hidden = next.hidden = false;
  told.hidden = more.hidden = true;
  next.querySelector("a").focus({ preventScroll: true });
  await move(entry(more.querySelector("button").dataset.residual));
}
async function copy() {
  const said = document.getElementById("copied");
  const link = document.getElementById("link");
  said.textContent = "";
  try {
    await navigator.clipboard.writeText(address());
    link.hidden = true;
    said.textContent = "Copied. The link opens this sentence, output, source and formula.";
  } catch {
    const field = link.querySelector("input");
    link.hidden = false;
    field.value = address();
    field.select();
    said.textContent = "This browser does not let the page copy. Here is the link: copy it yourself.";
  }
}
async function begin2() {
  followTheme();
  if (!await openAddress()) await open("cards");
  for (const button of guesses.children) button.addEventListener("click", () => settle(button));
  more.querySelector("button").addEventListener("click", count);
  sentences.addEventListener("change", async () => {
    await open(sentences.value);
    place.scrollIntoView();
    history.replaceState(null, "", address());
    written = location.hash;
  });
  document.getElementById("copy").addEventListener("click", copy);
  addEventListener("hashchange", () => location.hash !== written && openAddress());
  document.documentElement.dataset.alive = "yes";
}
begin2().catch((error) => {
  console.error(error);
  document.documentElement.classList.remove("scripted");
});
