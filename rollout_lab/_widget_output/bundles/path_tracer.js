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
    const shade = Math.round((to === from ? 0.6 : 1) * (22 + 78 * weight / most));
    return svg("path", {
      d: layout.link(edge),
      "stroke-width": (0.6 + 5 * weight).toFixed(1),
      style: `--shade:${shade}%`,
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

// widgets/path_tracer.js
var RISE = 320;
var DASHES = [null, "15 5", "15 4 3 4", "3.5 3.5", "26 6"];
var colourOf = (index) => ({ style: `--line:var(--s${index})` });
var trailOf = (d, index) => svg("path", { d, "stroke-dasharray": DASHES[index], class: "trail" });
var noteOf = (cut, dashed) => `Grey: links of the layers, wider where they weigh more${cut > 0.02 ? ` (from ${cut} on)` : ""}${dashed ? ", dashed with the residual in them" : ""}. Ribbons: all paths of this entry together, wider where more of it passes. Bars: what the output draws from each source, below, and where the source goes, above. Hover over a token to look, click to stay; or Tab, then arrow keys.`;
var PathTracer = class extends Explorer {
  constructor(context) {
    super(context, {
      label: "Path tracer",
      graphLabel: "Layered graph: tokens at the bottom, what they become on top",
      output: { trait: "output", label: "Output (top)" },
      source: { trait: "source", label: "Source (bottom)" },
      canvas: { width: 760 }
    });
    this.answer = null;
    this.linked = null;
    this.pinned = null;
    this.followed = null;
    this.count = slider("Paths", this.data.most, this.start.k, (k) => this.choices.choose({ k }));
    this.follow = action("▶ Follow upward", () => this.moveUpward());
    this.controls.append(this.residual.element, this.count.element, this.follow);
    this.links = svg("g");
    this.ribbons = layer("ribbons");
    this.weights = layer();
    this.paths = layer("paths", this.clipped);
    this.nodes = layer("on-path");
    this.travellers = layer("travellers");
    this.list = html("ol", { class: "list", "aria-label": "The heaviest paths" });
    this.graph.append(this.links, this.ribbons, levelsOf(this.layout), this.weights, this.paths, this.nodes);
    this.graph.append(this.travellers, this.outputs.element, this.sources.element);
    this.note.before(this.list);
  }
  // What needs no kernel: which tokens, and the row and the column of R as bars.
  light({ output, source, k, residual }) {
    const { R, edges, cut, identityIn } = this.data.graphs[residual];
    const dashed = identityIn === "layer";
    if (this.linked !== residual) {
      this.linked = residual;
      this.links.replaceChildren(greyLinks(this.layout, edges, dashed));
      this.note.textContent = noteOf(cut, dashed);
    }
    const numbered = (position) => this.layout.roomy ? R.keys() : [position];
    const column = R.map((row) => row[source]);
    this.outputs.update(output, column, numbered(output));
    this.sources.update(source, R[output], numbered(source));
    this.count.set(k);
    this.residual.set(residual);
  }
  draw(answer, { residual }) {
    const { layout } = this;
    const same = JSON.stringify(this.answer?.values) === JSON.stringify(answer.values);
    this.answer = answer;
    this.stop();
    this.ribbons.replaceChildren(...ribbonsOf(layout, answer.ribbons, 1, 15));
    this.paths.replaceChildren(...answer.paths.map((path, index) => this.pathOf(path, index)));
    const r = layout.roomy ? 5 : 3.8;
    const spots = answer.paths.flatMap(
      ({ positions }) => positions.map((at, level) => [`${level} ${at}`, { cx: layout.x(at), cy: layout.y(level), r }])
    );
    this.nodes.replaceChildren(...[...new Map(spots).values()].map((spot) => svg("circle", spot)));
    const taken = answer.paths.flatMap(({ positions }) => linksOf(positions).map((link) => link.join(" ")));
    const { edges } = this.data.graphs[residual];
    this.weights.replaceChildren(...weightsOf(layout, edges, new Set(taken)));
    if (!same) {
      this.followed = this.pinned = null;
      this.list.replaceChildren(...answer.paths.map((path, index) => this.itemOf(path, index)));
    }
    this.highlight(this.followed);
  }
  pathOf({ positions, links }, index) {
    const { layout } = this;
    const shift = (index - (this.answer.paths.length - 1) / 2) * 5;
    const [x, y] = [layout.x(positions.at(-1)) + shift, layout.y(layout.layers) + 4];
    const weights = linksOf(positions).map(
      (link, layer2) => svg("text", { class: "weight", ...layout.weightPoint(link, shift) }, links[layer2])
    );
    const head = svg("path", { d: `M${x} ${y}l-6 12h12z`, class: "head" });
    const trail = trailOf(layout.path(positions, shift), index);
    const group = svg("g", { class: "weights" }, ...weights);
    return svg("g", { class: "path", ...colourOf(index) }, trail, head, group);
  }
  // A path in the list: it stands out while the pointer or the focus is on it, and after a click.
  itemOf(path, index) {
    const size = { width: 46, height: 10, class: "path", ...colourOf(index), ...hidden };
    const text = (name) => html("span", { class: name }, path[name]);
    const look = () => this.highlight(index);
    const leave = () => this.highlight(this.pinned);
    const click = () => {
      this.pinned = this.pinned === index ? null : index;
      leave();
    };
    const events = { pointerenter: look, pointerleave: leave, focus: look, blur: leave, click };
    const button = html("button", { type: "button", "aria-pressed": "false", ...events });
    const weight = html("span", { class: "number" }, path.weight);
    button.append(svg("svg", size, trailOf("M1 5H45", index)), weight, text("share"), text("route"));
    return html("li", {}, button);
  }
  // One path stands out, or all do (null); the sentence is about what stands out.
  highlight(followed) {
    this.followed = followed;
    const { paths, status } = this.answer;
    const alone = followed !== null && followed < paths.length;
    const few = this.layout.layers <= 3 && paths.length <= 3 || paths.length === 1;
    this.paths.classList.toggle("one", alone);
    [...this.paths.children].forEach((path, index) => {
      path.classList.toggle("out", alone && index === followed);
      path.classList.toggle("numbered", alone ? index === followed : few);
    });
    [...this.list.querySelectorAll("button")].forEach((button, index) => {
      button.setAttribute("aria-pressed", String(this.pinned === index));
    });
    this.say(alone ? paths[followed].status : status);
    this.follow.disabled = paths.length === 0;
  }
  // Information moves upward: the paths appear layer by layer, and a dot on each shrinks with every weight.
  moveUpward() {
    const { layout, answer, followed } = this;
    const trails = [...this.paths.querySelectorAll("path.trail")].map((trail, index) => {
      const look = { class: "path dot", ...colourOf(index) };
      return { trail, look, length: trail.getTotalLength(), left: [1, ...answer.paths[index].left] };
    });
    const moving = trails.filter((_, index) => followed === null || index === followed);
    this.animate(RISE * layout.layers, (part) => {
      const level = part * layout.layers;
      this.growTo(layout.y(level) - 2);
      this.travellers.replaceChildren(...moving.map((each) => dotOf(each, level, layout.y(level))));
    });
  }
  stop() {
    super.stop();
    this.travellers.replaceChildren();
  }
};
var linksOf = (positions) => positions.slice(1).map((to, index) => [index + 1, to, positions[index]]);
function dotOf({ trail, look, length, left }, level, y) {
  const below = Math.min(Math.floor(level), left.length - 2);
  const share = left[below] * (left[below + 1] / left[below]) ** (level - below);
  const point = pointAt(trail, length, y);
  return svg("circle", { ...look, cx: point.x, cy: point.y, r: 2.5 + 7 * share ** 0.3 });
}
function pointAt(trail, length, y) {
  let [low, high] = [0, length];
  for (let step = 0; step < 14; step += 1) {
    const middle = (low + high) / 2;
    if (trail.getPointAtLength(middle).y > y) low = middle;
    else high = middle;
  }
  return trail.getPointAtLength(high);
}
var path_tracer_default = widgetOf(PathTracer);
export {
  path_tracer_default as default
};
