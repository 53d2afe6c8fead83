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

// shared/graph.js
var LETTER = 6.7;
var BAR = 30;
var GAP = 19;
var widest = (tokens, letter, margin) => Math.max(...tokens.map((token) => token.length)) * letter + margin;
function brief(value) {
  if (value === 0) return "0";
  if (value < 1e-3) return "< 0.001";
  return value >= 0.0995 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}

// shared/token_row.js
function goalOf(key, steps, position, count) {
  const goals = { Home: 0, End: count - 1, " ": position, Enter: position };
  return key in steps ? (position + steps[key] + count) % count : goals[key];
}
var TokenRow = class {
  // `trait` is what is chosen here; `optional` where a second click, or Escape, chooses nothing.
  constructor({ layout, choices, data }, { role, label, trait, above, optional }) {
    Object.assign(this, { layout, choices, trait, above, optional });
    this.bars = svg("g", { class: "bars", "aria-hidden": "true" });
    this.marks = data.names.map((name, position) => this.markOf(`${role} ${name}`, position));
    const attributes = { role: "radiogroup", "aria-label": label, class: "tokens" };
    this.element = svg("g", attributes, this.bars, ...this.marks);
    this.place(above ? layout.layers : 0);
  }
  markOf(name, position) {
    const point = () => this.choices.point({ [this.trait]: position });
    const events = {
      pointerenter: (event) => event.pointerType !== "touch" && point(),
      pointerleave: () => this.choices.point({}),
      click: () => this.clicked(position),
      keydown: (event) => this.pressed(event, position)
    };
    const look = { role: "radio", "aria-checked": "false", "aria-label": name, tabindex: -1, class: "token" };
    return svg("g", { ...look, ...events }, ...this.shapesOf(position));
  }
  // What the pointer finds, the ring of the focus, the arrow of what is lit, and the token's name.
  shapesOf(position) {
    const { layout, above } = this;
    const token = layout.tokens[position];
    const x = layout.x(position);
    const side = above ? -1 : 1;
    const y = side * (BAR + GAP + 6);
    const length = token.length * LETTER + 10;
    const baseline = layout.leaning || above ? y : y + 8;
    let [transform, anchor, start] = [null, "middle", x - length / 2];
    if (layout.leaning) {
      transform = `rotate(-45 ${x} ${y}) translate(${above ? "-2 2" : "2 6"})`;
      [anchor, start] = above ? ["start", x - 5] : ["end", x - length + 5];
    }
    const half = Math.max(layout.pitch / 2, 12);
    const height = BAR + GAP + (layout.leaning ? 2 : 8 + layout.names);
    const target = { x: x - half, y: above ? -height : 0, width: 2 * half, height };
    const ring = { x: start, y: baseline - 13, width: length, height: 18, rx: 3, transform };
    return [
      svg("rect", { ...target, class: "target" }),
      svg("rect", { ...ring, class: "ring" }),
      svg("path", { d: `M${x - 5} ${side * 16}l5 ${side * -8}l5 ${side * 8}z`, class: "arrow" }),
      svg("text", { class: "name", x, y: baseline, "text-anchor": anchor, transform }, token)
    ];
  }
  place(level) {
    this.element.style.transform = `translate(0px, ${this.layout.y(level)}px)`;
  }
  choose(position) {
    this.choices.choose({ [this.trait]: position });
  }
  clicked(position) {
    const again = this.optional && this.choices.chosen()[this.trait] === position;
    this.choose(again ? null : position);
    this.marks[position].focus();
  }
  // The keys to the token before and to the next one, and to the other row.
  get keys() {
    return [{ ArrowLeft: -1, ArrowRight: 1 }, this.above ? "ArrowDown" : "ArrowUp"];
  }
  pressed(event, position) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const [steps, across] = this.keys;
    const to = goalOf(event.key, steps, position, this.marks.length);
    if (to !== void 0) {
      this.choose(to);
      this.marks[to].focus();
    } else if (event.key === across) {
      this.opposite.focus();
    } else if (event.key === "Escape" && this.optional) {
      this.choose(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
  focus() {
    this.marks.find((mark) => mark.getAttribute("tabindex") === "0")?.focus();
  }
  mark(lit) {
    const chosen = this.choices.chosen()[this.trait];
    this.marks.forEach((mark, position) => {
      mark.setAttribute("aria-checked", String(position === chosen));
      mark.setAttribute("tabindex", position === (chosen ?? 0) ? 0 : -1);
      mark.classList.toggle("lit", position === lit);
    });
  }
  // `lit` is shown now, which need not be what is chosen; `values` are drawn as bars, with numbers beside
  // those that `numbered` lists.
  update(lit, values, numbered) {
    this.mark(lit);
    const { layout, above } = this;
    const most = Math.max(...values, 1e-12);
    const width = Math.max(5, Math.min(14, layout.pitch * 0.42));
    const bars = values.map((value, position) => {
      const length = BAR * value / most;
      const [x, y] = [layout.x(position) - width / 2, above ? -GAP - length : GAP];
      const height = Math.max(length, value > 0 ? 0.7 : 0);
      return svg("rect", { class: position === lit ? "bar lit" : "bar", x, y, width, height });
    });
    this.bars.replaceChildren(...bars, ...this.numbersOf(values, numbered, width / 2 + 3, most));
  }
  // The numbers of the larger first, and none upon another.
  numbersOf(values, numbered, aside, most) {
    const placed = [];
    for (const position of [...numbered].sort((one, other) => values[other] - values[one])) {
      const x = this.layout.x(position) + aside;
      if (!placed.some(([, taken]) => Math.abs(taken - x) < 36)) placed.push([position, x]);
    }
    return placed.map(([position, x]) => {
      const length = BAR * values[position] / most;
      const y = this.above ? -GAP - Math.max(length - 9, 0) : GAP + Math.max(length, 9);
      return svg("text", { class: "value", x, y }, brief(values[position]));
    });
  }
};

// shared/explorer.js
var hidden = { "aria-hidden": "true" };
var layer = (name, attributes) => svg("g", { class: name, ...hidden, ...attributes });
function graphOf({ width, height }, label, ...children) {
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  return svg("svg", { class: "rollout-graph", role: "group", "aria-label": label, ...size }, ...children);
}
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
function slider(label, max, value, onChoose) {
  const input = () => onChoose(Number(range.value));
  const range = html("input", { type: "range", min: 1, max, step: 1, input });
  const number = html("output");
  const set = (now) => {
    range.value = number.textContent = now;
  };
  set(value);
  return { element: html("label", {}, `${label} `, range, " ", number), set };
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

// shared/matrix.js
var CIVIDIS = "#00224e #123570 #3b496c #575d6d #707173 #8a8678 #a59c74 #c3b369 #e1cc55 #fee838".split(" ");
var SHADES = Array.from({ length: 256 }, (_, index) => {
  const place = index / 255 * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const [low, high] = [CIVIDIS[below], CIVIDIS[below + 1]].map(
    (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  );
  return `rgb(${low.map((value, channel) => Math.round(value + (place - below) * (high[channel] - value)))})`;
});

// shared/head_maps.js
var SIDE = 46;
var STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
var SHADES2 = Array.from({ length: 256 }, (_, index) => {
  const place = Math.sqrt(index / 255) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const [low, high] = [CIVIDIS[below], CIVIDIS[below + 1]].map(
    (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  );
  return low.map((value, channel) => value + (place - below) * (high[channel] - value));
});
var HeadMaps = class {
  // Map 0 is the mean of the others.
  constructor(choices, maps, count) {
    this.choices = choices;
    this.count = count;
    const side = Math.max(1, Math.round(SIDE / count)) * count;
    this.marks = Array.from({ length: maps }, (_, head) => this.markOf(head, side));
    const attributes = { class: "heads", role: "radiogroup", "aria-label": "Heads of this layer" };
    this.element = html("div", attributes, ...this.marks);
  }
  markOf(head, side) {
    const point = (event) => event.pointerType !== "touch" && this.choices.point({ head });
    const leave = () => this.choices.point({});
    const events = {
      pointerenter: point,
      pointerleave: leave,
      click: () => this.choose(head),
      keydown: (event) => this.pressed(event, head)
    };
    const size = { width: this.count, height: this.count, style: `width:${side}px;height:${side}px` };
    const name = head === 0 ? "mean of the heads" : `head ${head}`;
    const look = { type: "button", role: "radio", "aria-label": name, class: "head-map", ...events };
    const map = html("span", { class: "map" }, html("canvas", size), html("span", { class: "at" }));
    return html("button", look, map, html("span", {}, head === 0 ? "mean" : head));
  }
  choose(head) {
    this.choices.choose({ head });
    this.marks[head].focus();
  }
  pressed(event, head) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const to = goalOf(event.key, STEPS, head, this.marks.length);
    if (to === void 0) return;
    this.choose(to);
    event.preventDefault();
  }
  // `rowsOf` gives the map of a head; the row or the column of the token that stands out is outlined in each.
  update(layer2, lit, rowsOf, query, source) {
    const chosen = this.choices.chosen().head ?? 0;
    const sides = (at) => [100 * at / this.count, 100 - 100 * (at + 1) / this.count];
    const [before, after] = sides(query ?? source ?? 0);
    const place = query === null ? `0 ${after}% 0 ${before}%` : `${before}% 0 ${after}% 0`;
    this.marks.forEach((mark, head) => {
      mark.setAttribute("aria-checked", String(head === chosen));
      mark.setAttribute("tabindex", head === chosen ? 0 : -1);
      mark.classList.toggle("lit", head === lit);
      if (this.layer !== layer2) paint(mark.querySelector("canvas"), rowsOf(head));
      const at = mark.querySelector(".at");
      at.hidden = query === null && source === null;
      at.style.inset = place;
    });
    this.layer = layer2;
  }
};
function paint(canvas, rows) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(rows.length, rows.length);
  rows.forEach((row, i) => {
    row.forEach((weight, j) => {
      const [red, green, blue] = SHADES2[Math.round(255 * Math.min(weight, 1))];
      image.data.set([red, green, blue, 255], 4 * (i * rows.length + j));
    });
  });
  context.putImageData(image, 0, 0);
}

// shared/token_column.js
var TOP = 44;
var HEAD = 7;
var ColumnLayout = class {
  constructor(tokens) {
    const count = tokens.length;
    this.tokens = tokens;
    this.pitch = count <= 4 ? 44 : count <= 14 ? 27 : 20;
    this.label = Math.max(widest(tokens, LETTER, 8), 66);
    this.left = this.label + 8;
    this.right = this.left + (count <= 14 ? 170 : 210);
    this.width = this.right + this.left;
    this.height = TOP + count * this.pitch + 4;
  }
  y(position) {
    return TOP + (position + 0.5) * this.pitch;
  }
  // The line from a source to its reader; it leaves and arrives level, so that neighbours stay apart.
  line(source, query) {
    const [y, to] = [this.y(source), this.y(query)];
    const middle = (this.left + this.right) / 2;
    return `M${this.left} ${y}C${middle} ${y} ${middle} ${to} ${this.right - HEAD} ${to}`;
  }
  // The head of a line so many pixels wide.
  arrow(query, width) {
    const y = this.y(query);
    const half = 3.5 + width / 2;
    const back = this.right - HEAD - 4;
    return `M${back} ${y - half}L${this.right - 2} ${y}L${back} ${y + half}z`;
  }
  headings() {
    const lines = [
      [this.left, "end", ["source", "key j"]],
      [(this.left + this.right) / 2, "middle", ["is read by →"]],
      [this.right, "start", ["reader", "query i"]]
    ];
    return lines.map(([x, anchor, words]) => {
      const spans = words.map((word, index) => svg("tspan", { x, y: 14 + 15 * index }, word));
      return svg("text", { class: "level", "text-anchor": anchor, "aria-hidden": "true" }, ...spans);
    });
  }
};
var TokenColumn = class extends TokenRow {
  get keys() {
    return [{ ArrowUp: -1, ArrowDown: 1 }, this.above ? "ArrowLeft" : "ArrowRight"];
  }
  place() {
  }
  // One token stands out, of one column or the other.
  only(position) {
    return { [this.trait === "query" ? "source" : "query"]: null, [this.trait]: position };
  }
  choose(position) {
    this.choices.choose(this.only(position));
  }
  markOf(name, position) {
    const point = (event) => event.pointerType !== "touch" && this.choices.point(this.only(position));
    const leave = () => this.choices.point({});
    const click = () => this.clicked(position);
    const keydown = (event) => this.pressed(event, position);
    const events = { pointerenter: point, pointerleave: leave, focus: point, blur: leave, click, keydown };
    const look = { role: "radio", "aria-checked": "false", "aria-label": name, tabindex: -1, class: "token" };
    return svg("g", { ...look, ...events }, ...this.shapesOf(position));
  }
  // What the pointer finds, the ring of the focus, the token's node and its name.
  shapesOf(position) {
    const { layout, above } = this;
    const token = layout.tokens[position];
    const [x, y] = [above ? layout.right : layout.left, layout.y(position)];
    const place = { y: y - layout.pitch / 2, height: layout.pitch, width: layout.left + 30 };
    const length = token.length * LETTER + 10;
    const ring = { x: above ? x + 5 : x - 5 - length, y: y - 10, width: length, height: 20, rx: 3 };
    const name = {
      class: "name",
      x: above ? x + 9 : x - 9,
      y: y + 4,
      "text-anchor": above ? "start" : "end"
    };
    return [
      svg("rect", { ...place, x: above ? x - 30 : 0, class: "target" }),
      svg("rect", { ...ring, class: "ring" }),
      svg("circle", { class: "node", cx: x, cy: y, r: 3.5 }),
      svg("text", name, token)
    ];
  }
  // `values` are drawn as bars under the names, for the column of `quiet` tokens in grey.
  update(lit, values, quiet) {
    this.mark(lit);
    const { layout, above } = this;
    const most = Math.max(...values, 1e-12);
    const bars = [...values].map((value, position) => {
      const width = value / most * (layout.label - 8);
      const x = above ? layout.right + 9 : layout.left - 9 - width;
      const place = { x, y: layout.y(position) + Math.min(layout.pitch / 2 - 3, 8), width, height: 3 };
      return svg("rect", { class: quiet.has(position) ? "bar" : "bar lit", ...place });
    });
    this.bars.replaceChildren(...bars);
  }
};

// widgets/head_view.js
var PER_TOKEN = 5;
var TINY = 0.02;
var FAINT = 5e-3;
var widthOf = (weight) => Number((0.8 + 12 * weight).toFixed(1));
var share = (value) => value > 0 && value < 5e-4 ? "< 0.001" : value.toFixed(3);
var HeadView = class extends Page {
  constructor(context) {
    super(context, "Head view");
    const { names, layers, maps } = this.data;
    this.count = names.length;
    const bytes = context.model.get("weights");
    const end = bytes.byteOffset + bytes.byteLength;
    this.weights = new Float32Array(bytes.buffer.slice(bytes.byteOffset, end));
    this.root.classList.add("head-view");
    const release = (event) => {
      if (event.key === "Escape") this.choices.choose({ query: null, source: null });
    };
    this.root.addEventListener("keydown", release);
    this.layer = slider("Layer", layers, this.start.layer, (to) => this.choices.choose({ layer: to }));
    this.fade = checkbox("Fade the sinks", this.start.fade, (fade) => this.choices.choose({ fade }));
    this.controls.append(this.layer.element, this.fade.element);
    this.heads = new HeadMaps(this.choices, maps, this.count);
    if (maps > 1) this.controls.after(this.heads.element);
    this.picture.after(this.status);
    this.makeGraph();
  }
  makeGraph() {
    this.layout = new ColumnLayout(this.data.tokens);
    const row = (role, label2, trait) => ({ role, label: label2, trait, above: trait === "query", optional: true });
    this.sources = new TokenColumn(this, row("Source", "Sources: who is read by whom", "source"));
    this.readers = new TokenColumn(this, row("Reader", "Readers: who reads what", "query"));
    [this.sources.opposite, this.readers.opposite] = [this.readers, this.sources];
    this.links = layer("links");
    this.lit = layer("ribbons");
    const label = "Sources on the left, readers on the right, joined by lines";
    this.graph = graphOf(this.layout, label, ...this.layout.headings(), this.links, this.lit);
    this.graph.append(this.sources.element, this.readers.element);
    this.title = html("p", { class: "title" });
    this.list = html("ol");
    this.sum = html("p", { class: "sum" });
    this.picture.append(this.graph, html("div", { class: "shares" }, this.title, this.list, this.sum));
  }
  // The map of a layer and a head, as its rows.
  rowsOf(layer2, head) {
    const { count, weights } = this;
    const start = ((layer2 - 1) * this.data.maps + head) * count * count;
    return Array.from(
      { length: count },
      (_, row) => weights.subarray(start + row * count, start + (row + 1) * count)
    );
  }
  // All is drawn here: nothing of it needs the kernel.
  light({ layer: layer2, head = 0, query, source, fade }) {
    const shown = `${layer2} ${head} ${fade}`;
    if (this.shown !== shown) {
      this.shown = shown;
      this.rows = this.rowsOf(layer2, head);
      this.sinks = new Set(this.data.sinks[layer2 - 1][head]);
      this.quiet = fade ? this.sinks : /* @__PURE__ */ new Set();
      this.drawLinks();
    }
    this.layer.set(layer2);
    this.fade.set(fade);
    this.heads.update(layer2, head, (index) => this.rowsOf(layer2, index), query, source);
    this.drawLit(query, source);
    this.drawShares(query, source);
  }
  draw(answer) {
    this.say(answer.status);
  }
  // The heavier lines of all tokens, the heaviest last; those from a faded sink thin and beneath the others.
  drawLinks() {
    const { layout, rows, quiet } = this;
    const lines = rows.flatMap((row, query) => [...row].map((weight, source) => ({ weight, source, query }))).filter(({ weight }) => weight >= TINY);
    lines.sort((one, other) => one.weight - other.weight);
    const loud = lines.filter(({ source }) => !quiet.has(source));
    const rest = loud.at(-PER_TOKEN * this.count - 1)?.weight ?? 0;
    const cut = Math.max(TINY, Math.ceil(100 * rest) / 100);
    const most = loud.at(-1)?.weight ?? 1;
    const paths = lines.filter(({ weight }) => weight >= cut).sort((one, other) => quiet.has(other.source) - quiet.has(one.source)).map(({ weight, source, query }) => {
      const [shade, width] = quiet.has(source) ? [18, 0.7] : [15 + 75 * weight / most, 0.6 + 8 * weight];
      const look = { "stroke-width": width.toFixed(1), style: `--shade:${Math.round(shade)}%` };
      return svg("path", { d: layout.line(source, query), ...look });
    });
    this.links.replaceChildren(...paths);
    this.noteRule(cut);
  }
  noteRule(cut) {
    const { names, rule } = this.data;
    const found = [...this.sinks].map((position) => `“${names[position]}”`).join(" and ");
    this.note.textContent = `Lines go from the token that is read to the token that reads, wider where the weight is larger; while no token stands out, lines under ${cut} are left out. Sinks: ${rule}; here: ${found || "none"}. Hover over a token or a head to look, click to stay; or Tab, then arrow keys. Esc: all lines.`;
  }
  // The lines of the token that stands out, and what they weigh, as bars under the names they lead to.
  drawLit(query, source) {
    const { layout, rows, quiet } = this;
    const alone = query !== null || source !== null;
    this.links.classList.toggle("behind", alone);
    const none = /* @__PURE__ */ new Set();
    const row = query === null ? [] : [...rows[query]];
    const column = source === null ? [] : rows.map((row2) => row2[source]);
    this.sources.update(source, row, quiet);
    this.readers.update(query, column, source !== null && quiet.has(source) ? new Set(rows.keys()) : none);
    const lines = [
      ...column.map((weight, to) => ({ weight, from: source, to })),
      ...row.map((weight, from) => ({ weight, from, to: query }))
    ];
    const drawn = lines.filter(({ weight }) => weight >= FAINT).sort((one, other) => one.weight - other.weight);
    const paths = drawn.map(({ weight, from, to }) => {
      const look = quiet.has(from) ? { class: "faint" } : { "stroke-width": widthOf(weight) };
      return svg("path", { d: layout.line(from, to), ...look });
    });
    const widths = new Map(drawn.map(({ weight, from, to }) => [to, quiet.has(from) ? 1 : widthOf(weight)]));
    const arrows = [...widths].map(
      ([to, width]) => svg("path", { class: "arrowhead", d: layout.arrow(to, width) })
    );
    this.lit.replaceChildren(...paths, ...arrows);
  }
  // The numbers, largest first: a row, a column, or the mean of all rows.
  drawShares(query, source) {
    const { rows, count } = this;
    const { names } = this.data;
    const means = () => names.map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / count);
    const values = query !== null ? [...rows[query]] : source !== null ? rows.map((row) => row[source]) : means();
    const heading = query !== null ? `“${names[query]}” reads` : `“${names[source]}” is read by`;
    this.title.textContent = query === null && source === null ? "A position reads, on average" : heading;
    const most = Math.max(...values, 1e-12);
    const order = [...values.keys()].sort((one, other) => values[other] - values[one]);
    const items = order.map((j) => {
      const look = this.quiet.has(source ?? j) ? "quiet" : null;
      const bar = html("span", { class: "length", style: `--part:${(values[j] / most).toFixed(3)}` });
      const number = html("span", { class: "number" }, share(values[j]));
      return html("li", { class: look }, number, bar, html("span", {}, names[j]));
    });
    this.list.replaceChildren(...items);
    const total = values.reduce((sum, value) => sum + value, 0).toFixed(2);
    this.sum.textContent = source === null ? `sum ${total}` : `sum over ${count} readers ${total}`;
  }
};
var head_view_default = widgetOf(HeadView);
export {
  head_view_default as default
};
