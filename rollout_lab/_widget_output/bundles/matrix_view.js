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
var widest = (tokens, letter, margin) => Math.max(...tokens.map((token) => token.length)) * letter + margin;

// shared/explorer.js
var hidden = { "aria-hidden": "true" };
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

// shared/curves.js
var [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [330, 190, 30, 34, 8, 8];
var Curves = class {
  // `options` are the slider's, `[text, value]`, from the least value to the most.
  constructor(label, options) {
    this.options = options;
    const [first, last] = [options[0][1], options.at(-1)[1]];
    this.x = (value) => LEFT + (value - first) / (last - first || 1) * (WIDTH - LEFT - RIGHT);
    this.y = (value) => HEIGHT - BOTTOM - value * (HEIGHT - BOTTOM - TOP);
    this.lines = svg("g", { class: "curves" });
    this.dots = svg("g", { class: "curve-dots" });
    this.cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM });
    const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT };
    const names = { class: "curve-plot", role: "img", "aria-label": `The row's weights against ${label}` };
    this.element = svg("svg", { ...names, ...size }, this.axes(label, first, last), this.cursor);
    this.element.append(this.lines, this.dots);
  }
  axes(label, first, last) {
    const across = [0, 0.5, 1].flatMap((weight) => {
      const y2 = this.y(weight);
      return [
        svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y2, y2 }),
        svg("text", { class: "level", x: LEFT - 5, y: y2 + 4, "text-anchor": "end" }, String(weight))
      ];
    });
    const y = HEIGHT - BOTTOM + 14;
    const ends = [
      svg("text", { class: "level", x: LEFT, y }, String(first)),
      svg("text", { class: "level", x: WIDTH - RIGHT, y, "text-anchor": "end" }, String(last)),
      svg("text", { class: "level", x: (LEFT + WIDTH) / 2, y: y + 14, "text-anchor": "middle" }, label)
    ];
    return svg("g", { "aria-hidden": "true" }, ...across, ...ends);
  }
  // `rows` hold a row for each option. The leading curves have a colour and a dash of their own, which the
  // table shows too; `lit` is the one under the pointer; `at` is where the slider stands.
  update(rows, { leading, lit, at }) {
    const now = this.options.findIndex((option) => option[1] === at);
    const tokens = rows[0].map((_, token) => token).filter((token) => !leading.includes(token));
    const drawn = [...tokens, ...leading.toReversed()];
    const curves = drawn.map((token) => {
      const points = rows.map((row2, index) => `${this.x(this.options[index][1])} ${this.y(row2[token])}`);
      const place = leading.indexOf(token);
      const look = { class: token === lit ? "curve lit" : "curve", "data-curve": place < 0 ? null : place };
      return svg("path", { ...look, d: `M${points.join("L")}` });
    });
    const [x, row] = [this.x(at), rows[now]];
    const shown = lit === null || leading.includes(lit) ? leading : [...leading, lit];
    const dots = shown.map((token) => svg("circle", { cx: x, cy: this.y(row[token]), r: 3.2 }));
    this.lines.replaceChildren(...curves);
    this.dots.replaceChildren(...dots);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
  }
};

// shared/matrix.js
var CIVIDIS = "#00224e #123570 #3b496c #575d6d #707173 #8a8678 #a59c74 #c3b369 #e1cc55 #fee838".split(" ");
var TOP2 = 22;
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
    const [width, height] = [this.left + size + 6, TOP2 + size + label * 0.72 + 8];
    this.title = svg("text", { class: "title", x: this.left, y: 14 });
    this.cells = svg("g");
    this.rows = tokens.map((_, row) => this.rowOf(row));
    this.marks = svg("g", { class: "marks" });
    const attributes = { class: "matrix", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" };
    const names = this.namesOf(tokens, named, TOP2 + size + 8);
    this.element = svg("svg", attributes, this.title, this.cells, names, this.marks);
    if (choices) this.listen(choices);
  }
  namesOf(tokens, named, bottom) {
    const name = (token, x, y, transform) => svg("text", { class: "small", x, y, "text-anchor": "end", transform }, token);
    const texts = tokens.flatMap((token, index) => {
      const middle = (index + 0.5) * this.cell;
      const x = this.left + middle + 3;
      const below = name(token, x, bottom, `rotate(-45 ${x} ${bottom})`);
      return named ? [name(token, this.left - 4, TOP2 + middle + 3.5), below] : [below];
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
      const place = { x: left + column * cell - 0.5, y: TOP2 + row * cell - 0.5 };
      return svg("rect", { ...place, width: columns * cell + 1, height: rows * cell + 1 });
    });
    this.marks.replaceChildren(...marks);
  }
  // The cells of a row, and their numbers or else a dot.
  rowOf(row) {
    const { cell, left, numbered, count } = this;
    const y = TOP2 + row * cell;
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

// shared/head_maps.js
var SHADES2 = Array.from({ length: 256 }, (_, index) => {
  const place = Math.sqrt(index / 255) * (CIVIDIS.length - 1);
  const below = Math.min(Math.floor(place), CIVIDIS.length - 2);
  const [low, high] = [CIVIDIS[below], CIVIDIS[below + 1]].map(
    (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  );
  return low.map((value, channel) => value + (place - below) * (high[channel] - value));
});
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

// widgets/matrix_view.js
var MEDIUM = 172;
var SMALL = 56;
var LARGE = 12;
var NOTE = "Hover over a row of a matrix to read it, click to stay; or choose it in the list, with arrow keys.";
var sign = (text) => html("span", { class: "sign", ...hidden }, text);
var LittleMatrix = class {
  constructor(count) {
    const side = `width:${SMALL}px;height:${SMALL}px`;
    this.title = html("span", { class: "title" });
    this.canvas = html("canvas", { width: count, height: count, style: side, ...hidden });
    this.element = html("div", { class: "little" }, this.title, this.canvas);
  }
  update(title, values) {
    this.title.textContent = title;
    if (this.values !== values) paint(this.canvas, values);
    this.values = values;
  }
};
var MatrixView = class extends Page {
  constructor(context) {
    super(context, context.model.get("data").label);
    const { controls, tokens, curve } = this.data;
    this.source = null;
    this.made = controlsOf(controls, (values) => this.choices.choose(values));
    this.table = new NumberTable(tokens, (source) => this.lightSource(source));
    this.heading = html("p", { class: "heading" });
    const panels = this.makePanels();
    const reading = html("div", { class: "reading" }, this.table.element);
    if (curve) this.makeCurves(reading);
    this.controls.append(...this.made.elements);
    this.status.after(this.heading);
    this.picture.append(...panels, reading);
    this.picture.classList.add("matrix-view");
    this.note.textContent = NOTE;
  }
  makePanels() {
    const { tokens, frames } = this.data;
    const { panels, between } = frames[0];
    const choices = {
      point: ({ query, source = null }) => {
        this.source = source;
        this.choices.point(query === void 0 ? {} : { query });
      },
      choose: ({ query }) => this.choices.choose({ query })
    };
    const chained = between.length > 0;
    const small = chained && panels.length * tokens.length > LARGE;
    this.panels = panels.map(({ row }) => {
      const room = panels.length > 1 && !chained ? MEDIUM : void 0;
      const little = small && !row;
      const matrix = little ? new LittleMatrix(tokens.length) : new Matrix(tokens, { named: true, choices: row && choices, room });
      const caption = html("figcaption");
      return { matrix, caption, element: html("figure", {}, matrix.element, caption) };
    });
    const elements = this.panels.map(({ element }) => element);
    if (!chained) return elements;
    const product = elements.slice(0, -1).map((element, index) => html("span", { class: "product" }, element, sign(between[index])));
    const last = elements.at(-1);
    const chain = html("div", { class: small ? "chain long" : "chain" }, ...product);
    if (small) return [chain, last];
    chain.append(last);
    return [chain];
  }
  makeCurves(reading) {
    const { curve, controls } = this.data;
    const [, , label, options] = controls.find(([name]) => name === curve);
    this.curves = new Curves(label, options);
    reading.append(this.curves.element);
    this.table.element.classList.add("curved");
  }
  lightSource(source) {
    this.source = source;
    this.light(this.shown);
  }
  frameOf(values) {
    const { by, controls, frames } = this.data;
    const place = by.reduce((index, name) => {
      const [, , , options] = controls.find((control) => control[0] === name);
      return index * options.length + options.findIndex((option) => option[1] === values[name]);
    }, 0);
    return frames[place];
  }
  light(values) {
    this.shown = values;
    const { data, source } = this;
    const { query } = values;
    const frame = this.frameOf(values);
    const count = data.tokens.length;
    this.made.set(values);
    this.heading.textContent = frame.title;
    for (const [index, panel] of frame.panels.entries()) {
      const { matrix, caption } = this.panels[index];
      caption.textContent = panel.caption;
      caption.hidden = !panel.caption;
      const column = source === null ? [] : [[0, source, count, 1]];
      const marks = panel.row ? [[query, 0, 1, count], ...column] : [];
      matrix.update(panel.title, data.matrices[panel.matrix], panel.most, marks);
    }
    this.showRow(frame, query);
  }
  showRow({ rows, title }, query) {
    const { data, source } = this;
    const columns = rows.map(([name, index]) => ({ title: name, values: data.matrices[index][query] }));
    const alike = columns.every(({ values }) => Math.max(...values) <= 1);
    const mosts = columns.map(({ values }) => Math.max(...values));
    for (const [index, column] of columns.entries()) column.most = alike ? Math.max(...mosts) : mosts[index];
    this.table.caption.textContent = `The row of “${data.names[query]}”`;
    this.table.element.setAttribute("aria-label", `The row of ${data.names[query]}. ${title}`);
    this.table.update(columns, { lit: source, sums: true });
    if (!this.curves) return;
    const over = data.frames.map((frame) => data.matrices[frame.rows[0][1]][query]);
    this.curves.update(over, { leading: data.leading[query], lit: source, at: this.shown[data.curve] });
    for (const [row, element] of this.table.rows.entries()) {
      const place = data.leading[query].indexOf(row);
      if (place >= 0) element.dataset.curve = place;
      else delete element.dataset.curve;
    }
  }
  draw(answer) {
    this.say(answer.status);
  }
};
var matrix_view_default = widgetOf(MatrixView);
export {
  matrix_view_default as default
};
