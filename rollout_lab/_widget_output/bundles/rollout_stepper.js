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
var GraphLayout = class {
  constructor({ tokens, layers, width, step }) {
    const gaps = tokens.length - 1;
    const label = widest(tokens, LETTER, 4);
    this.tokens = tokens;
    this.layers = layers;
    this.step = step ?? (layers <= 2 ? 130 : layers <= 4 ? 92 : 64);
    this.left = Math.max(104, label / 2 + 96);
    const room = width - this.left - 0.72 * label - 14;
    this.pitch = Math.max(21, Math.min(gaps <= 3 ? 150 : 84, room / Math.max(gaps, 1)));
    this.roomy = this.pitch > 60;
    this.leaning = label > this.pitch - 6;
    this.names = this.leaning ? 0.72 * label + 16 : 22;
    this.margin = BAR + GAP + 10 + this.names;
    const number = 64;
    const right = Math.max(this.leaning ? 0.72 * label + 14 : label / 2 + 14, number);
    this.width = Math.max(this.left + gaps * this.pitch + right, 300);
    this.height = 2 * this.margin + layers * this.step;
  }
  x(position) {
    return this.left + position * this.pitch;
  }
  y(level) {
    return this.margin + (this.layers - level) * this.step;
  }
  // A path through positions, the first of them at level `base`. It leaves and arrives upright, so that
  // neighbours stay apart.
  path(positions, shift = 0, base = 0) {
    const points = positions.map((position, index) => [this.x(position) + shift, this.y(base + index)]);
    const curves = points.slice(1).map(([x, y], index) => {
      const [fromX, fromY] = points[index];
      const middle = (fromY + y) / 2;
      return `C${fromX} ${middle} ${x} ${middle} ${x} ${y}`;
    });
    return `M${points[0].join(" ")}${curves.join("")}`;
  }
  link([level, to, from]) {
    return this.path([from, to], 0, level - 1);
  }
  // Where the weight of a link stands: at t = 0.62 of its curve, nearer to the upper end, where fewer links
  // cross.
  weightPoint([level, to, from], shift = 0) {
    const x = this.x(from) + 0.676544 * (this.x(to) - this.x(from)) + shift;
    return { x, y: this.y(level - 1) - 0.591728 * this.step + 4 };
  }
};
var ribbonsOf = (layout, links, thinnest, factor) => links.map(
  (link) => svg("path", { d: layout.link(link), "stroke-width": (thinnest + factor * link[3]).toFixed(1) })
);
function levelsOf(layout, top = layout.layers) {
  const group = svg("g", { "aria-hidden": "true" });
  for (let level = 0; level <= layout.layers; level += 1) {
    const name = level === 0 ? "input" : `after layer ${level}`;
    const lines = level === top ? ["output,", name] : [name];
    const spans = lines.map(
      (line, index) => svg("tspan", { x: 4, y: layout.y(level) + 4 + 13 * (index - (lines.length - 1) / 2) }, line)
    );
    group.append(svg("text", { class: level > top ? "level ahead" : "level", x: 4 }, ...spans));
    if (level <= top) {
      const place = { class: "node", cy: layout.y(level), r: layout.roomy ? 5 : 3.5 };
      group.append(...layout.tokens.map((_, token) => svg("circle", { ...place, cx: layout.x(token) })));
    }
  }
  return group;
}
function greyLinks(layout, edges, dashed) {
  const most = edges.at(-1)?.[3] ?? 1;
  const links = edges.map((edge) => {
    const [, to, from, weight] = edge;
    const shade2 = Math.round((to === from ? 0.6 : 1) * (22 + 78 * weight / most));
    return svg("path", {
      d: layout.link(edge),
      "stroke-width": (0.6 + 5 * weight).toFixed(1),
      style: `--shade:${shade2}%`,
      "stroke-dasharray": dashed && to === from ? "4 3" : null
    });
  });
  return svg("g", { class: "links", "aria-hidden": "true" }, ...links);
}
function weightsOf(layout, edges, taken = /* @__PURE__ */ new Set()) {
  if (layout.tokens.length > 4 || layout.layers > 3) return [];
  return edges.filter((edge) => !taken.has(edge.slice(0, 3).join(" "))).map((edge) => svg("text", { class: "weight quiet", ...layout.weightPoint(edge) }, edge[3].toFixed(2)));
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
var Explorer = class extends Page {
  constructor(context, { label, graphLabel, output, source, canvas }) {
    super(context, label);
    this.layout = new GraphLayout({ ...this.data, ...canvas });
    const { width, height } = this.layout;
    const id = `rollout-clip-${Math.random().toString(36).slice(2)}`;
    this.clip = svg("rect", { x: 0, y: 0, width, height });
    this.clipped = { "clip-path": `url(#${id})` };
    this.graph = graphOf(this.layout, graphLabel, svg("clipPath", { id }, this.clip));
    this.picture.append(this.graph);
    this.outputs = new TokenRow(this, { role: "Output", above: true, ...output });
    this.sources = new TokenRow(this, { role: "Source", above: false, ...source });
    [this.outputs.opposite, this.sources.opposite] = [this.sources, this.outputs];
    this.beginAtOutput();
    const choose = (residual) => this.choices.choose({ residual });
    this.residual = menu("Residual", this.data.residuals, this.start.residual, choose);
  }
  // Letters stay large enough to read: where there is little room the picture scrolls, and its output is in
  // sight at first.
  beginAtOutput() {
    const { graph, layout, outputs, picture } = this;
    graph.style.minWidth = `${0.7 * layout.width}px`;
    const scroll = (_, observer) => {
      if (!picture.clientWidth) return;
      observer.disconnect();
      const part = layout.x(this.start[outputs.trait]) / layout.width;
      picture.scrollLeft = part * graph.getBoundingClientRect().width - picture.clientWidth / 2;
    };
    new ResizeObserver(scroll).observe(picture);
  }
  // Shows what is clipped up to a height.
  growTo(y) {
    this.clip.setAttribute("y", y);
  }
  // Calls `draw` with what is done, 0 to 1, for so many milliseconds, unless the reader wants no motion.
  animate(duration, draw) {
    this.stop();
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const began = performance.now();
    const tick = (time) => {
      const part = Math.min(Math.max(time - began, 0) / duration, 1);
      draw(part);
      if (part < 1) this.request = requestAnimationFrame(tick);
      else this.stop();
    };
    tick(began);
  }
  stop() {
    cancelAnimationFrame(this.request);
    this.growTo(0);
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
var action = (text, click, look = "act") => html("button", { type: "button", class: look, click }, text);
var widgetOf = (Kind) => ({
  render: (context) => {
    new Kind(context).choices.start();
  }
});

// shared/matrix.js
var CIVIDIS = "#00224e #123570 #3b496c #575d6d #707173 #8a8678 #a59c74 #c3b369 #e1cc55 #fee838".split(" ");
var TOP = 22;
var SHADES = Array.from({ length: 256 }, (_, index) => {
  const place = index / 255 * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const [low, high] = [CIVIDIS[below], CIVIDIS[below + 1]].map(
    (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  );
  return `rgb(${low.map((value, channel) => Math.round(value + (place - below) * (high[channel] - value)))})`;
});
var shade = (part) => SHADES[Math.round(255 * Math.min(Math.max(part, 0), 1))];
var Matrix = class {
  // `named` writes the tokens beside the rows; `choices` are what the pointer works on, where it does; `room`
  // is how many pixels the cells take where there are many.
  constructor(tokens, { named, choices, room = 216 }) {
    const count = tokens.length;
    const label = widest(tokens, 6.6, 8);
    this.count = count;
    this.cell = count <= 3 ? 44 : count <= 8 ? 34 : Math.max(9, Math.floor(room / count));
    this.numbered = this.cell >= 34;
    this.left = named ? label : 4;
    const size = count * this.cell;
    const [width, height] = [this.left + size + 6, TOP + size + label * 0.72 + 8];
    this.title = svg("text", { class: "title", x: this.left, y: 14 });
    this.cells = svg("g");
    this.rows = tokens.map((_, row) => this.rowOf(row));
    this.marks = svg("g", { class: "marks" });
    const attributes = { class: "matrix", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" };
    const names = this.namesOf(tokens, named, TOP + size + 8);
    this.element = svg("svg", attributes, this.title, this.cells, names, this.marks);
    if (choices) this.listen(choices);
  }
  namesOf(tokens, named, bottom) {
    const name = (token, x, y, transform) => svg("text", { class: "small", x, y, "text-anchor": "end", transform }, token);
    const texts = tokens.flatMap((token, index) => {
      const middle = (index + 0.5) * this.cell;
      const x = this.left + middle + 3;
      const below = name(token, x, bottom, `rotate(-45 ${x} ${bottom})`);
      return named ? [name(token, this.left - 4, TOP + middle + 3.5), below] : [below];
    });
    return svg("g", { style: `--small:${Math.min(11, Math.max(7, this.cell - 1))}px` }, ...texts);
  }
  // The cell of the pointer is pointed at, and chosen by a click: its row is a query, its column a source.
  listen(choices) {
    const cellAt = ({ clientX, clientY }) => {
      const box = this.cells.getBoundingClientRect();
      const query = Math.floor((clientY - box.top) / box.height * this.count);
      const source = Math.floor((clientX - box.left) / box.width * this.count);
      const inside = Math.min(query, source) >= 0 && Math.max(query, source) < this.count;
      return inside ? { query, source } : null;
    };
    let under = "null";
    this.cells.addEventListener("pointermove", (event) => {
      const cell = event.pointerType === "touch" ? null : cellAt(event);
      if (cell && JSON.stringify(cell) !== under) choices.point(cell);
      under = JSON.stringify(cell);
    });
    this.cells.addEventListener("pointerleave", () => {
      under = "null";
      choices.point({});
    });
    this.cells.addEventListener("click", (event) => {
      const cell = cellAt(event);
      if (cell) choices.choose(cell);
    });
    this.cells.style.cursor = "pointer";
  }
  // `most` is the value of the brightest colour; `outlines` are `[row, column, rows, columns]`.
  update(title, values, most, outlines) {
    const { cell, left } = this;
    this.title.textContent = title;
    this.element.setAttribute("aria-label", `Matrix ${title}`);
    if (this.values !== values || this.most !== most) {
      for (const [row, line] of values.entries()) this.fill(this.rows[row], line, most);
    }
    Object.assign(this, { values, most });
    const marks = outlines.map(([row, column, rows, columns]) => {
      const place = { x: left + column * cell - 0.5, y: TOP + row * cell - 0.5 };
      return svg("rect", { ...place, width: columns * cell + 1, height: rows * cell + 1 });
    });
    this.marks.replaceChildren(...marks);
  }
  // The cells of a row, and their numbers or else a dot.
  rowOf(row) {
    const { cell, left, numbered, count } = this;
    const y = TOP + row * cell;
    const size = { y, width: cell + 0.4, height: cell + 0.4 };
    const lefts = Array.from({ length: count }, (_, column) => left + column * cell);
    const squares = lefts.map((x) => svg("rect", { ...size, x }));
    const place = { class: "entry", y: y + cell / 2 + 4 };
    const texts = numbered ? lefts.map((x) => svg("text", { ...place, x: x + cell / 2 })) : [];
    const dot = numbered ? null : svg("circle", { cy: y + cell / 2, r: cell / 6 });
    this.cells.append(...squares, ...texts, ...dot ? [dot] : []);
    return { squares, texts, dot };
  }
  fill({ squares, texts, dot }, values, most) {
    const parts = values.map((value) => dot ? Math.sqrt(value / most) : value / most);
    const ink = (part) => part > 0.55 ? "#111" : "#fff";
    for (const [column, square] of squares.entries()) square.setAttribute("fill", shade(parts[column]));
    for (const [column, text] of texts.entries()) {
      text.textContent = values[column].toFixed(2);
      text.style.fill = ink(parts[column]);
    }
    if (!dot) return;
    const largest = values.indexOf(Math.max(...values));
    dot.setAttribute("cx", this.left + (largest + 0.5) * this.cell);
    dot.setAttribute("fill", ink(parts[largest]));
  }
};

// widgets/rollout_stepper.js
var GROW = 500;
var FITS = 8;
var noteOf = ({ cut, identityIn }) => "Ribbons: the row of R, followed down to its sources; a disc is as large as the share that passes there. With a source chosen, the thin lines on them are what comes from it. " + (identityIn === "rollout" ? "Dotted: paths that leave the chain and skip all layers below. " : "") + `Grey: the other links${cut > 0.02 ? ` (from ${cut} on)` : ""}${identityIn === "layer" ? ", dashed with the residual in them" : ""}. Hover over a token or an entry of the last matrix to look, click to stay; or Tab, then arrow keys. Esc: the whole row.`;
var sign = (text) => html("span", { class: "sign", ...hidden }, text);
function canvasOf({ tokens, layers }) {
  if (tokens.length <= 4) return { width: 420 };
  return { width: 480, step: layers <= 4 ? 80 : Math.max(34, Math.min(58, 300 / layers)) };
}
var RolloutStepper = class extends Explorer {
  constructor(context) {
    super(context, {
      label: "Rollout stepper",
      graphLabel: "Layered graph: the layers multiplied so far, and where the row draws from",
      output: { trait: "query", label: "Output, the row to follow (top)" },
      source: { trait: "source", label: "Source, one entry of the row (bottom)", optional: true },
      canvas: canvasOf(context.model.get("data"))
    });
    this.drawn = {};
    const { layers } = this.data;
    const go = (to) => to >= 1 && to <= layers && this.choices.choose({ layer: to });
    this.back = action("◀ Back", () => go(this.choices.chosen().layer - 1));
    this.next = action("Next ▶", () => go(this.choices.chosen().layer + 1), "act first");
    this.depth = slider("Layers multiplied", layers, this.start.layer, go);
    this.controls.append(this.back, this.next, this.depth.element, this.residual.element);
    this.makeGraph();
    this.makeMatrices();
  }
  makeGraph() {
    this.links = svg("g");
    this.ribbons = svg("g", { class: "ribbons" });
    this.entry = svg("g", { class: "entry-links" });
    const growing = layer(null, this.clipped);
    growing.append(this.links, this.ribbons, this.entry);
    this.levels = svg("g");
    this.factors = layer("factors");
    this.weights = layer();
    this.held = layer("held");
    this.graph.append(growing, this.levels, this.factors, this.weights, this.held);
    this.graph.append(this.outputs.element, this.sources.element);
  }
  makeMatrices() {
    const { tokens } = this.data;
    this.factor = new Matrix(tokens, { named: true });
    this.before = new Matrix(tokens, { named: false });
    this.after = new Matrix(tokens, { named: tokens.length > FITS, choices: this.choices });
    this.times = sign("@");
    this.equals = sign("=");
    this.product = html("span", { class: "product" }, this.equals, this.after.element);
    this.matrices = html("div", { class: "matrices" });
    this.picture.append(this.matrices);
  }
  light({ layer: layer2, residual }) {
    this.back.setAttribute("aria-disabled", String(layer2 <= 1));
    this.next.setAttribute("aria-disabled", String(layer2 >= this.data.layers));
    this.depth.set(layer2);
    this.residual.set(residual);
  }
  draw(answer, values) {
    if (this.drawn.layer !== values.layer || this.drawn.residual !== values.residual) this.drawLayers(values);
    this.drawRow(answer);
    this.drawBars(answer, values);
    this.drawMatrices(answer, values);
    this.say(answer.status);
  }
  // The links of the layers multiplied so far, and their names.
  drawLayers({ layer: layer2, residual }) {
    const { layout, drawn } = this;
    const graph = this.data.graphs[residual];
    const { edges, factors, identityIn } = graph;
    const multiplied = edges.filter((edge) => edge[0] <= layer2);
    this.drawn = { layer: layer2, residual };
    this.links.replaceChildren(greyLinks(layout, multiplied, identityIn === "layer"));
    this.weights.replaceChildren(...weightsOf(layout, multiplied));
    this.levels.replaceChildren(levelsOf(layout, layer2));
    const names = factors.map((name, index) => {
      const state = index + 1 === layer2 ? "factor now" : index + 1 < layer2 ? "factor" : "factor ahead";
      return svg("text", { class: state, x: 4, y: layout.y(index + 0.5) + 4 }, name);
    });
    this.factors.replaceChildren(...names);
    this.outputs.place(layer2);
    this.note.textContent = noteOf(graph);
    this.stop();
    const grow = (part) => this.growTo(layout.y(layer2 - 1 + part));
    if (drawn.residual === residual && drawn.layer === layer2 - 1) this.animate(GROW, grow);
  }
  // The row of R, followed down to its sources.
  drawRow({ row, ends, entry, held }) {
    const { layout } = this;
    const skips = ends.map(([level, position, share]) => {
      const width = (1 + 9 * share).toFixed(1);
      return svg("path", { class: "skip", d: this.skip(level, position), "stroke-width": width });
    });
    this.ribbons.replaceChildren(...ribbonsOf(layout, row, 1, 15), ...skips);
    this.entry.replaceChildren(...ribbonsOf(layout, entry, 1.2, 6));
    const discs = held.flatMap(
      (shares, level) => shares.map((share, position) => {
        const radius = (2.4 + 7 * Math.sqrt(share)).toFixed(1);
        return share >= 5e-3 && svg("circle", { cx: layout.x(position), cy: layout.y(level), r: radius });
      })
    );
    this.held.replaceChildren(...discs.filter(Boolean));
  }
  // Straight down from a level to the input, bulging to the side so that it can be told from the links.
  skip(level, position) {
    const { layout } = this;
    const [x, top, bottom] = [layout.x(position), layout.y(level), layout.y(0)];
    const aside = x + Math.min(layout.pitch * 0.45, 16);
    return `M${x} ${bottom}C${aside} ${bottom - 20} ${aside} ${top + 20} ${x} ${top}`;
  }
  drawBars({ after, largest }, { query, source }) {
    const row = after[query];
    const column = after.map((line) => source === null ? 0 : line[source]);
    const numbered = source === null ? largest : [source];
    this.outputs.update(query, column, source === null ? [] : [query]);
    this.sources.update(source, row, this.layout.roomy ? row.keys() : numbered);
  }
  // The product of the last layer: factor @ before = after. Where that is too much, factor → after.
  drawMatrices({ names, factor, before, after, most }, { query, source, layer: layer2 }) {
    const count = this.data.tokens.length;
    const whole = before && count <= FITS;
    const row = [query, 0, 1, count];
    const chosen = source !== null;
    const multiplied = whole ? [this.times, this.before.element] : [];
    const shown = [this.factor.element, ...multiplied, this.product];
    this.equals.textContent = whole || layer2 === 1 ? "=" : "→";
    if (this.matrices.children.length !== shown.length) this.matrices.replaceChildren(...shown);
    this.factor.update(names.factor, factor, 1, [row]);
    if (whole) this.before.update(names.before, before, most, chosen ? [[0, source, count, 1]] : []);
    this.after.update(names.after, after, most, chosen ? [row, [query, source, 1, 1]] : [row]);
  }
};
var rollout_stepper_default = widgetOf(RolloutStepper);
export {
  rollout_stepper_default as default
};
