// Built from javascript/ by make javascript: do not edit.

// shared/elements.js
function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== void 0 && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
var html = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);
var liveRegion = (className) => html("div", { class: className, role: "status", "aria-live": "polite" });
function keepKeys(root) {
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => {
    const runsCell = event.key === "Enter" && event.shiftKey;
    if (!(event.ctrlKey || event.metaKey || event.altKey || runsCell)) event.stopPropagation();
  });
}

// shared/kernel.js
var PATIENCE = 2e3;
var RESTARTED = "This is not kept: the kernel was restarted after this cell ran. Run this cell again to go on, after the cells above it.";
var SILENT = "The kernel has not answered, so this is not kept yet. If it is busy with another cell, its answer comes when that is done. If it was restarted or stopped, run this cell again to go on, after the cells above it.";
function kernelTimer(model, say) {
  let timer = 0;
  let restarted = false;
  model.on("comm_live_update", () => {
    restarted = true;
  });
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    const silent = model.unanswered ?? SILENT;
    timer = setTimeout(() => say(restarted ? RESTARTED : silent), restarted ? 0 : PATIENCE);
  };
  return { start, stop };
}

// shared/choices.js
function choicesOf(model, explorer) {
  const answers = /* @__PURE__ */ new Map();
  const timer = kernelTimer(model, (text) => explorer.say(text));
  let pointed = {};
  const chosen = () => model.get("chosen");
  const wanted = () => ({ query: null, source: null, ...chosen(), ...pointed });
  const isSet = ([, value]) => value !== null;
  const keyOf = (values) => JSON.stringify(Object.entries(values).filter(isSet).sort());
  function show(answer) {
    timer.stop();
    explorer.root.classList.remove("unanswered");
    explorer.draw(answer, wanted());
  }
  function receive() {
    const answer = model.get("shown");
    answers.set(keyOf(answer.values), answer);
    if (keyOf(answer.values) === keyOf(wanted())) show(answer);
  }
  function refresh() {
    explorer.light(wanted());
    receive();
  }
  function ask() {
    explorer.light(wanted());
    const answer = answers.get(keyOf(wanted()));
    if (answer) {
      show(answer);
    } else {
      explorer.root.classList.add("unanswered");
      timer.start();
    }
    model.set("pointed", answer ? {} : pointed);
    model.save_changes();
  }
  function point(values) {
    pointed = values;
    ask();
  }
  function choose(values) {
    pointed = {};
    model.set("chosen", { ...chosen(), ...values });
    if (!answers.has(keyOf(wanted()))) explorer.say("");
    ask();
  }
  model.on("change:shown", receive);
  model.on("change:chosen", refresh);
  return { chosen, start: refresh, point, choose };
}

// shared/explorer.js
var Page = class {
  constructor({ model, el }, label) {
    this.data = model.get("data");
    this.start = model.get("chosen");
    this.controls = html("div", { class: "controls" });
    this.status = liveRegion("status");
    this.picture = html("div", { class: "picture" });
    this.note = html("p", { class: "note" });
    this.root = html("div", { class: "rollout-live", role: "group", "aria-label": label });
    this.root.append(this.controls, this.status, this.picture, this.note);
    keepKeys(this.root);
    el.append(this.root);
    this.choices = choicesOf(model, this);
  }
  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
};
function menu(label, options, value, onChoose) {
  const items = options.map(([text, name]) => html("option", { value: name }, text));
  const list = html("select", { change: () => onChoose(list.value) }, ...items);
  const set = (now) => {
    list.value = now;
  };
  set(value);
  return { element: html("label", {}, `${label} `, list), set };
}
function checkbox(label, value, onChoose) {
  const box = html("input", { type: "checkbox", change: () => onChoose(box.checked) });
  const set = (now) => {
    box.checked = now;
  };
  set(value);
  return { element: html("label", {}, box, ` ${label}`), set };
}
var widgetOf = (Kind) => ({
  render: (context) => {
    new Kind(context).choices.start();
  }
});

// shared/controls.js
function controlsOf(listed, choose) {
  const made = listed.map(([name, kind, label, options]) => {
    const onChoose = (value) => choose({ [name]: value });
    if (kind === "check") return [name, checkbox(label, false, onChoose)];
    const toOption = (index) => onChoose(options[index][1]);
    const { element, set: set2 } = (kind === "menu" ? menuOf : sliderOf)(label, options, toOption);
    return [name, { element, set: (value) => set2(options.findIndex((option) => option[1] === value)) }];
  });
  const set = (values) => {
    for (const [name, control] of made) control.set(values[name]);
  };
  return { elements: made.map(([, control]) => control.element), set };
}
function menuOf(label, options, onChoose) {
  const indexed = options.map(([text], index) => [text, index]);
  return menu(label, indexed, 0, (index) => onChoose(Number(index)));
}
function sliderOf(label, options, onChoose) {
  const input = () => onChoose(Number(range.value));
  const range = html("input", { type: "range", min: 0, max: options.length - 1, step: 1, input });
  const shown = html("output", { class: "number" });
  const set = (index) => {
    range.value = index;
    shown.textContent = options[index][0];
    range.setAttribute("aria-valuetext", options[index][0]);
  };
  return { element: html("label", {}, `${label} `, range, " ", shown), set };
}

// still/frames.js
var Frames = class extends Page {
  constructor(context) {
    super(context, context.model.get("data").label);
    this.made = controlsOf(this.data.controls, (values) => this.choices.choose(values));
    this.controls.append(...this.made.elements);
    this.note.textContent = this.data.note;
  }
  light(values) {
    this.made.set(values);
  }
  draw(answer) {
    const pictures = Object.keys(answer).filter((name) => name.startsWith("picture"));
    this.picture.innerHTML = pictures.map((name) => answer[name]).join("");
    this.say(answer.status);
  }
};
var frames_default = widgetOf(Frames);
export {
  frames_default as default
};
