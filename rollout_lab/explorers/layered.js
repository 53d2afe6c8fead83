// The layered token graph in SVG: what the path tracer and the stepper share. Input at the bottom, output on
// top, information flows upward. Python joins this file with the explorer's own; nothing here computes
// attention.

function made(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
const html = (tag, attributes = {}, ...children) => made(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  made(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const LETTER = 6.7; // pixels that a letter of a label takes, about
const DASHES = ["", "15 5", "15 4 3 4", "3.5 3.5", "26 6"]; // as in the static figures: none is like another
const BAR = 30, GAP = 19; // pixels: the longest bar beside a token, and from a node to its bar

// A weight in three digits at most.
const brief = (value) => (value === 0 ? "0" : value >= 0.0995 ? value.toFixed(2) : String(Number(value.toPrecision(2))));

let count = 0;
const unique = (name) => `rollout-${name}-${(count += 1)}`;

// Where everything lies: position `i` after `level` layers, in pixels.
class Frame {
  constructor({ tokens, layers, width, step }) {
    const n = tokens.length;
    const widest = Math.max(...tokens.map((token) => token.length)) * LETTER + 4;
    this.tokens = tokens;
    this.layers = layers;
    this.step = step ?? (layers <= 2 ? 130 : layers <= 4 ? 92 : 64);
    const left = Math.max(104, widest / 2 + 96);
    const room = width - left - 0.72 * widest - 14;
    this.pitch = Math.max(21, Math.min(n <= 4 ? 150 : 84, room / Math.max(n - 1, 1)));
    this.leaning = widest > this.pitch - 6;
    this.left = left;
    this.names = this.leaning ? 0.72 * widest + 16 : 22;
    this.margin = BAR + GAP + 10 + this.names;
    const right = this.leaning ? 0.72 * widest + 14 : Math.max(widest / 2 + 14, 48);
    this.width = Math.max(left + (n - 1) * this.pitch + right, 300);
    this.height = 2 * this.margin + layers * this.step;
  }
  x(i) {
    return this.left + i * this.pitch;
  }
  y(level) {
    return this.margin + (this.layers - level) * this.step;
  }
  // A link of one layer: it leaves upright and arrives upright, so that neighbours stay apart.
  curve(level, from, to, shift = 0) {
    const [x, y, X, Y] = [this.x(from) + shift, this.y(level - 1), this.x(to) + shift, this.y(level)];
    const middle = (y + Y) / 2;
    return `${x} ${y}C${x} ${middle} ${X} ${middle} ${X} ${Y}`;
  }
  link(level, from, to, shift = 0) {
    return `M${this.curve(level, from, to, shift)}`;
  }
  // A whole path, its positions from the source up.
  path(positions, shift = 0) {
    const pieces = positions.slice(1).map((to, k) => this.curve(k + 1, positions[k], to, shift));
    return `M${pieces.map((piece, k) => (k ? piece.slice(piece.indexOf("C")) : piece)).join("")}`;
  }
  // Where the number of a link stands: nearer to its upper end, where fewer links cross.
  middle(level, from, to, shift = 0) {
    const t = 0.62, u = 1 - t;
    const along = u * u * (u + 3 * t), across = t * t * (t + 3 * u);
    const x = along * this.x(from) + across * this.x(to) + shift;
    const height = 1.5 * u * u * t + 1.5 * u * t * t + t * t * t;
    return [x, this.y(level - 1) - this.step * height];
  }
}

function picture(frame, label) {
  const { width, height } = frame;
  return svg("svg", {
    class: "rollout-graph", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label,
  });
}

// Names of the levels, and a node for each token at each level up to `top`.
function skeleton(frame, top = frame.layers) {
  const group = svg("g", { "aria-hidden": "true" });
  for (let level = 0; level <= frame.layers; level += 1) {
    const name = level === 0 ? "input" : `after layer ${level}`;
    const lines = level === top ? ["output,", name] : [name];
    const text = svg("text", { class: `level${level > top ? " ahead" : ""}`, x: 4 });
    lines.forEach((line, k) => {
      const y = frame.y(level) + 4 + 13 * (k - (lines.length - 1) / 2);
      text.append(svg("tspan", { x: 4, y }, line));
    });
    group.append(text);
    if (level > top) continue;
    frame.tokens.forEach((_, i) => {
      group.append(svg("circle", { class: "node", cx: frame.x(i), cy: frame.y(level), r: frame.pitch > 60 ? 5 : 3.5 }));
    });
  }
  return group;
}

// The links that the layers have, grey: [layer, output, input, weight], weakest first. Those of a token to
// itself are dashed where the residual takes part in them.
function greyLinks(frame, edges, dashed) {
  const most = edges.length ? edges[edges.length - 1][3] : 1;
  return svg("g", { class: "links", "aria-hidden": "true" }, ...edges.map(([layer, to, from, weight]) =>
    svg("path", {
      d: frame.link(layer, from, to),
      "stroke-width": (0.6 + 5 * weight).toFixed(1),
      // Opaque shades: where many links meet, they must not add up to a blot.
      style: `--shade:${Math.round((to === from ? 0.6 : 1) * (22 + (78 * weight) / most))}%`,
      "stroke-dasharray": dashed && to === from ? "4 3" : null,
      "data-layer": layer,
    })));
}

// The weights of the links in a graph that is small enough for them, but for those that `taken` holds.
function numbers(frame, edges, taken) {
  if (frame.tokens.length > 4 || frame.layers > 3) return [];
  return edges.filter(([layer, to, from]) => !taken.has(`${layer} ${to} ${from}`)).map(([layer, to, from, weight]) => {
    const [x, y] = frame.middle(layer, from, to);
    return svg("text", { class: "weight quiet", x, y: y + 4 }, weight.toFixed(2));
  });
}

// A row of tokens to choose one from: one stop of the Tab key, arrows within, bars that show a row of numbers.
class TokenRow {
  constructor(frame, { names, label, above, onPoint, onChoose, onCross, onEscape }) {
    Object.assign(this, { frame, above, onChoose, onCross, onEscape });
    const height = BAR + GAP + (frame.leaning ? 2 : 8 + frame.names);
    this.bars = svg("g", { class: "bars", "aria-hidden": "true" });
    this.marks = frame.tokens.map((token, i) => {
      const x = frame.x(i), side = above ? -1 : 1;
      const y = side * (BAR + GAP + 6);
      const lean = frame.leaning ? `rotate(-45 ${x} ${y}) translate(${above ? -2 : 2} ${above ? 2 : 6})` : null;
      const [start, baseline] = [above ? "start" : "end", frame.leaning || above ? y : y + 8];
      const text = svg("text", { class: "name", x, y: baseline, "text-anchor": lean ? start : "middle", transform: lean }, token);
      const long = token.length * LETTER + 10;
      const ring = { x: lean ? (above ? x - 5 : x - long + 5) : x - long / 2, y: baseline - 13, width: long, height: 18, rx: 3 };
      const half = Math.max(frame.pitch / 2, 12);
      const box = { x: x - half, y: above ? -height : 0, width: 2 * half, height };
      const arrow = above ? `M${x - 5} -16l5 8l5 -8z` : `M${x - 5} 16l5 -8l5 8z`;
      const mark = svg("g", { role: "radio", "aria-checked": "false", "aria-label": names[i], tabindex: -1, class: "token" },
        svg("rect", { ...box, class: "target" }),
        svg("rect", { ...ring, class: "ring", transform: lean }),
        svg("path", { d: arrow, class: "arrow" }), text);
      mark.addEventListener("pointerenter", (event) => event.pointerType === "touch" || onPoint(i));
      mark.addEventListener("pointerleave", () => onPoint(null));
      mark.addEventListener("click", () => { onChoose(i); mark.focus(); });
      mark.addEventListener("keydown", (event) => this.pressed(event, i));
      return mark;
    });
    this.element = svg("g", { role: "radiogroup", "aria-label": label, class: "tokens" }, this.bars, ...this.marks);
    this.place(above ? frame.layers : 0);
  }
  place(level) {
    this.element.style.transform = `translate(0px, ${this.frame.y(level)}px)`;
  }
  pressed(event, i) {
    const last = this.marks.length - 1;
    const next = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: last, " ": i, Enter: i }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (next !== undefined) {
      const to = (next + last + 1) % (last + 1);
      this.onChoose(to);
      this.marks[to].focus();
    } else if (event.key === (this.above ? "ArrowDown" : "ArrowUp")) {
      this.onCross();
    } else if (event.key === "Escape" && this.onEscape) {
      this.onEscape();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
  focus() {
    this.marks.find((mark) => mark.getAttribute("tabindex") === "0")?.focus();
  }
  // `chosen` is kept, `lit` is what is shown now; `values` are drawn as bars, `said` as their numbers.
  update(chosen, lit, values, said = {}) {
    this.marks.forEach((mark, i) => {
      mark.setAttribute("aria-checked", String(i === chosen));
      mark.setAttribute("tabindex", i === (chosen ?? 0) ? 0 : -1);
      mark.classList.toggle("lit", i === lit);
    });
    const most = Math.max(...values, 1e-12);
    const { frame, above } = this, wide = Math.max(5, Math.min(14, frame.pitch * 0.42));
    this.bars.replaceChildren(...values.map((value, i) => {
      const long = (BAR * value) / most;
      return svg("rect", {
        class: i === lit ? "bar lit" : "bar", x: frame.x(i) - wide / 2, width: wide,
        y: above ? -GAP - long : GAP, height: Math.max(long, value > 0 ? 0.7 : 0),
      });
    }));
    const placed = []; // numbers of the larger first, and none upon another
    for (const [i, text] of Object.entries(said).sort(([i], [j]) => values[j] - values[i])) {
      const long = (BAR * values[i]) / most, x = frame.x(+i) + wide / 2 + 3;
      if (placed.some((other) => Math.abs(other - x) < 36)) continue;
      placed.push(x);
      this.bars.append(svg("text", {
        class: "value", x, y: above ? -GAP - Math.max(long - 9, 0) : GAP + Math.max(long, 9),
      }, text));
    }
  }
}

// Asks the kernel what values come to and remembers the answers: `draw(answer, values)` is called for what is
// pointed at, or else for what is chosen, as soon as its answer is there; `light(values)` is called at once. Until
// then what is drawn is the answer to something else: it fades, and `say` is called with what there is to say.
function conversation(model, { light, draw, root, say }) {
  const answers = new Map();
  const key = (values) => Object.keys(model.get("chosen")).sort().map((name) => values[name]).join("|");
  let pointed = {};
  const wanted = () => ({ ...model.get("chosen"), ...pointed });
  const wait = waiting(model, say);
  function answered(answer) {
    wait.answered();
    root.classList.remove("unanswered");
    draw(answer, wanted());
  }
  function heard() {
    const answer = model.get("shown");
    answers.set(key(answer.values), answer);
    if (key(answer.values) === key(wanted())) answered(answer);
  }
  function ask(choice) {
    light(wanted());
    const answer = answers.get(key(wanted()));
    if (answer) {
      answered(answer);
    } else {
      root.classList.add("unanswered");
      if (choice) say("");
      wait.asked();
    }
    model.set("pointed", answer ? {} : pointed);
    model.save_changes();
  }
  model.on("change:shown", heard);
  model.on("change:chosen", () => { light(wanted()); heard(); });
  return {
    wanted,
    start() { light(wanted()); heard(); },
    point(values) { pointed = values; ask(false); },
    choose(values) { pointed = {}; model.set("chosen", { ...model.get("chosen"), ...values }); ask(true); },
  };
}

// Controls are the browser's own: labelled, and worked by keyboard as everywhere.
function choiceOf(label, options, value, onChoose) {
  const list = html("select", {}, ...options.map(([text, name]) => html("option", { value: name }, text)));
  list.value = value;
  list.addEventListener("change", () => onChoose(list.value));
  return { element: html("label", {}, `${label} `, list), set: (now) => { list.value = now; } };
}

function countOf(label, { min, max }, value, onChoose) {
  const slider = html("input", { type: "range", min, max, step: 1 });
  const number = html("output");
  const set = (now) => { slider.value = now; number.textContent = now; };
  slider.addEventListener("input", () => onChoose(Number(slider.value)));
  set(value);
  return { element: html("label", {}, `${label} `, slider, " ", number), set };
}

// The colours of the static figures' matrices, dark for 0 and bright for 1.
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"]
  .map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
function shade(part) {
  const at = Math.min(Math.max(part, 0), 1) * (CIVIDIS.length - 1), k = Math.min(Math.floor(at), CIVIDIS.length - 2);
  return `rgb(${CIVIDIS[k].map((value, c) => Math.round(value + (at - k) * (CIVIDIS[k + 1][c] - value)))})`;
}

// A matrix as a heatmap. Its numbers stand in the cells where they fit; elsewhere colours follow the square
// root, and a dot marks the largest entry of each row, as in the static figures.
class Matrix {
  constructor(tokens, { named, onPoint, onChoose }) {
    const n = tokens.length, widest = Math.max(...tokens.map((token) => token.length)) * 6.6 + 8;
    this.n = n;
    this.cell = n <= 3 ? 44 : n <= 8 ? 34 : Math.max(9, Math.floor(216 / n));
    this.numbered = this.cell >= 34;
    this.left = named ? widest : 4;
    this.size = n * this.cell;
    const small = Math.min(11, Math.max(7, this.cell - 1)), below = widest * 0.72 + 8;
    const [width, height] = [this.left + this.size + 6, 22 + this.size + below];
    this.title = svg("text", { class: "title", x: this.left, y: 14 });
    this.cells = svg("g");
    this.marks = svg("g", { class: "marks" });
    const names = svg("g", { style: `--small:${small}px` }, ...tokens.flatMap((token, i) => {
      const at = (i + 0.5) * this.cell, y = 22 + this.size + 8, x = this.left + at + 3;
      return [
        ...(named ? [svg("text", { class: "small", x: this.left - 4, y: 22 + at + 3.5, "text-anchor": "end" }, token)] : []),
        svg("text", { class: "small", x, y, "text-anchor": "end", transform: `rotate(-45 ${x} ${y})` }, token),
      ];
    }));
    this.element = svg("svg", { class: "matrix", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" },
      this.title, this.cells, names, this.marks);
    if (onChoose) {
      const cellAt = (event) => {
        const box = this.cells.getBoundingClientRect();
        const place = (from, at, long) => Math.floor(((at - from) / long) * n);
        const [i, j] = [place(box.top, event.clientY, box.height), place(box.left, event.clientX, box.width)];
        return i >= 0 && j >= 0 && i < n && j < n ? [i, j] : null;
      };
      this.cells.addEventListener("pointermove", (event) => {
        const cell = event.pointerType !== "touch" && cellAt(event);
        if (cell && String(cell) !== this.under) onPoint(...cell);
        this.under = String(cell);
      });
      this.cells.addEventListener("pointerleave", () => { this.under = null; onPoint(null, null); });
      this.cells.addEventListener("click", (event) => { const cell = cellAt(event); if (cell) onChoose(...cell); });
      this.cells.style.cursor = "pointer";
    }
  }
  update(title, values, most, outlines) {
    const { cell, left } = this;
    this.title.textContent = title;
    this.element.setAttribute("aria-label", `Matrix ${title}`);
    this.cells.replaceChildren(...values.flatMap((row, i) => {
      const largest = row.indexOf(Math.max(...row));
      return row.flatMap((value, j) => {
        const part = this.numbered ? value / most : Math.sqrt(value / most);
        const [x, y] = [left + j * cell, 22 + i * cell], ink = part > 0.55 ? "#111" : "#fff";
        const drawn = [svg("rect", { x, y, width: cell + 0.4, height: cell + 0.4, fill: shade(part) })];
        const middle = { x: x + cell / 2, y: y + cell / 2 + 4, fill: ink };
        if (this.numbered) drawn.push(svg("text", { class: "entry", ...middle, style: `fill:${ink}` }, value.toFixed(2)));
        else if (j === largest) drawn.push(svg("circle", { cx: x + cell / 2, cy: y + cell / 2, r: cell / 6, fill: ink }));
        return drawn;
      });
    }));
    this.marks.replaceChildren(...outlines.map(([i, j, rows, columns]) => svg("rect", {
      x: left + j * cell - 0.5, y: 22 + i * cell - 0.5, width: columns * cell + 1, height: rows * cell + 1,
    })));
  }
}

// Keeps JupyterLab from taking arrows, Enter and letters for its own shortcuts. It heeds the attribute for
// some of them; the others, those of whatever has the focus, must not reach it.
function keepKeys(root) {
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => {
    const runs = event.key === "Enter" && event.shiftKey;
    if (!(event.ctrlKey || event.metaKey || event.altKey || runs)) event.stopPropagation();
  });
}

function stage(el, label) {
  const root = html("div", { class: "rollout-live", role: "group", "aria-label": label });
  keepKeys(root);
  const controls = html("div", { class: "controls" });
  const status = html("div", { class: "status", role: "status", "aria-live": "polite" });
  const scroller = html("div", { class: "picture" });
  root.append(controls, status, scroller);
  el.append(root);
  return { root, controls, status, scroller, say: (text) => { if (status.textContent !== text) status.textContent = text; } };
}

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
