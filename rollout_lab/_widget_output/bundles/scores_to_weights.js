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
var svg = (tag, attributes = {}, ...children) => build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
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

// shared/number_table.js
var decimal = (value, digits = 2) => {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
};
var NumberTable = class {
  // `point(row)` is called for the row under the pointer, and with null when it leaves.
  constructor(names, point) {
    this.head = html("thead");
    this.rows = names.map((name, index) => {
      const sample = svg("line", { x1: 0, y1: 4, x2: 22, y2: 4 });
      const swatch = svg("svg", { class: "swatch", width: 22, height: 8, "aria-hidden": "true" }, sample);
      const label = html("th", { scope: "row" }, swatch, html("span", { class: "token-name" }, name));
      const enter = ({ pointerType }) => pointerType !== "touch" && point(index);
      return html("tr", { pointerenter: enter, pointerleave: () => point(null) }, label);
    });
    const body = html("tbody", {}, ...this.rows);
    this.foot = html("tfoot");
    this.caption = html("caption");
    this.element = html("table", { class: "numbers" }, this.caption, this.head, body, this.foot);
    this.titles = [];
  }
  // `columns` are `{ title, values, most }`, with bars where there is a `most`; `sums` ends the table with
  // the sum of each column that has bars.
  update(columns, { lit = null, sums = false } = {}) {
    if (this.titles.length !== columns.length) this.build(columns, sums);
    for (const [place, { title, values, most }] of columns.entries()) {
      this.titles[place].textContent = title;
      for (const [row, value] of values.entries()) {
        const [bar, number] = this.cells[row][place];
        number.textContent = decimal(value);
        bar.style.width = most ? `${Math.max(100 * value / most, 0)}%` : "0";
      }
      const sum = values.reduce((total, value) => total + value, 0);
      if (sums) this.totals[place].textContent = most ? decimal(sum) : "";
    }
    for (const [row, element] of this.rows.entries()) element.classList.toggle("lit", row === lit);
  }
  build(columns, sums) {
    this.titles = columns.map(() => html("th", { scope: "col" }));
    this.head.replaceChildren(html("tr", {}, html("td"), ...this.titles));
    this.cells = this.rows.map((row) => {
      const pairs = columns.map(() => [html("span", { class: "bar" }), html("span", { class: "number" })]);
      const cells = pairs.map(([bar, number], place) => {
        const track = html("span", { class: "track" }, bar);
        return html("td", {}, number, ...columns[place].most ? [track] : []);
      });
      row.replaceChildren(row.firstChild, ...cells);
      return pairs;
    });
    this.totals = columns.map(() => html("span", { class: "number" }));
    const totals = this.totals.map((total) => html("td", {}, total));
    if (sums) this.foot.replaceChildren(html("tr", {}, html("th", { scope: "row" }, "sum"), ...totals));
  }
};

// shared/query_plane.js
var SIDE = 330;
var EDGE = 16;
var STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
var FIVE = 5;
var QueryPlane = class {
  // `move({ x, y })` is called with a place among the steps.
  constructor({ tokens, names, keys, reader, reach, steps }, move) {
    Object.assign(this, { tokens, keys, reach, steps, move });
    this.unit = (SIDE / 2 - EDGE) / reach;
    const middle = SIDE / 2;
    this.shadows = svg("g");
    this.marks = keys.map((_, index) => this.keyOf(index));
    this.line = svg("line", { class: "query-line", x1: middle, y1: middle });
    this.handle = this.handleOf(names[reader]);
    const size = { viewBox: `0 0 ${SIDE} ${SIDE}`, width: SIDE, height: SIDE };
    const label = `Plane with the keys of ${names.join(", ")} and a query`;
    const look = { class: "plane", role: "group", "aria-label": label, ...size };
    const arrows = svg("g", { "aria-hidden": "true" }, this.axes(), this.shadows, ...this.marks, this.line);
    this.element = svg("svg", { ...look, ...this.events() }, arrows, this.handle);
  }
  axes() {
    const [low, middle, high] = [4, SIDE / 2, SIDE - 4];
    const lines = [
      [low, middle, high, middle],
      [middle, low, middle, high]
    ];
    return svg("g", { class: "axis" }, ...lines.map(([x1, y1, x2, y2]) => svg("line", { x1, y1, x2, y2 })));
  }
  keyOf(index) {
    const [x, y] = this.point(this.keys[index]);
    const [across, up] = [x - SIDE / 2, y - SIDE / 2];
    const length = Math.hypot(across, up) || 1;
    const turn = Math.atan2(up, across) * 180 / Math.PI;
    const short = Math.max(length - 9, 0) / length;
    const middle = SIDE / 2;
    const end = { x2: middle + across * short, y2: middle + up * short };
    const place = { x: x + across / length * 13, y: y + up / length * 13 + 4, "text-anchor": "middle" };
    return svg(
      "g",
      { class: "key" },
      svg("line", { x1: middle, y1: middle, ...end }),
      svg("path", { class: "tip", d: "M0 0l-13 -7v14z", transform: `translate(${x} ${y}) rotate(${turn})` }),
      svg("text", { class: "plane-name", ...place }, this.tokens[index])
    );
  }
  handleOf(name) {
    const label = `Query of ${name}, moved with the arrow keys`;
    const [valuemin, valuemax] = [-this.reach, this.reach];
    const range = { "aria-valuemin": valuemin, "aria-valuemax": valuemax };
    const look = { class: "handle", role: "slider", tabindex: 0, "aria-label": label, ...range };
    this.label = svg("text", { class: "plane-name", y: -14, "text-anchor": "middle" }, `q of ${name}`);
    return svg(
      "g",
      { ...look, keydown: (event) => this.pressed(event) },
      svg("circle", { class: "ring", r: 20 }),
      svg("circle", { class: "dot", r: 8 }),
      this.label
    );
  }
  point([x, y]) {
    return [SIDE / 2 + x * this.unit, SIDE / 2 - y * this.unit];
  }
  // A finger elsewhere in the plane scrolls the page; a tap moves the query.
  events() {
    let dragging = false;
    const stop = () => {
      dragging = false;
    };
    return {
      pointerdown: (event) => {
        if (event.pointerType === "touch" && !this.handle.contains(event.target)) return;
        dragging = true;
        this.element.setPointerCapture(event.pointerId);
        this.moveTo(event);
        this.handle.focus({ preventScroll: true });
        event.preventDefault();
      },
      pointermove: (event) => dragging && this.moveTo(event),
      pointerup: stop,
      pointercancel: stop,
      click: (event) => this.moveTo(event)
    };
  }
  moveTo({ clientX, clientY }) {
    const box = this.element.getBoundingClientRect();
    const [across, down] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    this.go((across - 0.5) * (SIDE / this.unit), (0.5 - down) * (SIDE / this.unit));
  }
  go(x, y) {
    const kept = (value) => {
      const within = Math.min(Math.max(value, -this.reach), this.reach);
      return Math.round(within * this.steps) / this.steps;
    };
    const [to, [wasX, wasY]] = [{ x: kept(x), y: kept(y) }, this.query];
    if (to.x !== wasX || to.y !== wasY) this.move(to);
  }
  pressed(event) {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const far = (event.shiftKey ? FIVE : 1) / this.steps;
    this.go(this.query[0] + step[0] * far, this.query[1] + step[1] * far);
    event.preventDefault();
  }
  update(query, weights, lit) {
    const [x, y] = this.point(query);
    this.query = query;
    this.line.setAttribute("x2", x);
    this.line.setAttribute("y2", y);
    this.handle.setAttribute("transform", `translate(${x} ${y})`);
    this.label.setAttribute("y", query[1] < 0 ? 24 : -14);
    const words = `x ${decimal(query[0], 1)}, y ${decimal(query[1], 1)}`;
    this.handle.setAttribute("aria-valuenow", query[0]);
    this.handle.setAttribute("aria-valuetext", words);
    for (const [index, mark] of this.marks.entries()) {
      mark.classList.toggle("lit", index === lit);
      mark.firstChild.setAttribute("stroke-width", (1.2 + 7 * weights[index]).toFixed(1));
    }
    this.shadows.replaceChildren(...this.keys.flatMap((key) => this.shadowOf(key)));
  }
  // From the end of a key straight to the line of the query.
  shadowOf(key) {
    const [x, y] = this.query;
    const length = x * x + y * y;
    if (length === 0) return [];
    const part = (key[0] * x + key[1] * y) / length;
    const [[x1, y1], [x2, y2]] = [this.point(key), this.point([part * x, part * y])];
    return [
      svg("line", { class: "shadow", x1, y1, x2, y2 }),
      svg("circle", { class: "foot", cx: x2, cy: y2, r: 2.6 })
    ];
  }
};

// widgets/scores_to_weights.js
var NOTE = "Drag the query, or click where it should point; or Tab to it, then arrow keys, with Shift faster. Dotted: where a key falls on the line of the query. How far out that is, times the length of q, is q · k. The plane shows d = 2 numbers of a vector. For a larger d, dot products are multiplied by √(d / 2): so much they grow on average.";
function rowOf(keys, { x, y, temperature, d, divide }) {
  const dots = keys.map(([across, up]) => Math.sqrt(d / 2) * (across * x + up * y));
  const scores = dots.map((dot) => divide ? dot / Math.sqrt(d) : dot);
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp((score - most) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return { dots, scores, weights: powers.map((power) => power / total) };
}
var ScoresToWeights = class extends Page {
  constructor(context) {
    super(context, "From scores to weights");
    const { tokens, controls } = this.data;
    this.made = controlsOf(controls, (values) => this.choices.choose(values));
    this.controls.append(...this.made.elements);
    this.lit = null;
    this.plane = new QueryPlane(this.data, (place) => this.choices.choose(place));
    this.table = new NumberTable(tokens, (key) => {
      this.lit = key;
      this.light(this.choices.chosen());
    });
    this.goal = html("p", { class: "goal" });
    this.picture.append(this.plane.element, html("div", { class: "beside" }, this.table.element, this.goal));
    this.note.textContent = NOTE;
  }
  light(values) {
    const { names, reader, keys } = this.data;
    const { dots, scores, weights } = rowOf(keys, values);
    const { x, y, d, divide, temperature } = values;
    this.made.set(values);
    this.plane.update([x, y], weights, this.lit);
    const place = `(${decimal(x, 1)}, ${decimal(y, 1)})`;
    this.table.caption.textContent = `What “${names[reader]}” reads with q = ${place}`;
    const softmax = temperature === 1 ? "softmax of the scores" : `softmax of the scores ÷ ${temperature}`;
    const columns = [
      { title: `q · k, d = ${d}`, values: dots },
      { title: divide ? `score: q · k ÷ √${d}` : "score: q · k, not divided", values: scores },
      { title: `weight: ${softmax}`, values: weights, most: 1 }
    ];
    this.table.update(columns, { lit: this.lit, sums: true });
    this.showGoal(weights);
  }
  // What there is to find: a sign and words, not colour alone.
  showGoal(weights) {
    const { names, reader } = this.data;
    const others = weights.filter((_, key) => key !== reader);
    const reached = weights[reader] > Math.max(...others);
    const name = `“${names[reader]}”`;
    this.goal.classList.toggle("reached", reached);
    this.goal.textContent = reached ? `✓ Here ${name} reads more from itself than from any other.` : `Can you find a query with which ${name} reads more from itself than from any other?`;
  }
  draw(answer) {
    this.say(answer.status);
  }
};
var scores_to_weights_default = widgetOf(ScoresToWeights);
export {
  scores_to_weights_default as default,
  rowOf
};
