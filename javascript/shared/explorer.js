// What the explorers share: the page around the picture; and, of a layered graph, the tokens to choose and
// how it grows upward.

import { choicesOf } from "./choices.js";
import { html, keepKeys, liveRegion, svg } from "./elements.js";
import { GraphLayout } from "./graph.js";
import { TokenRow } from "./token_row.js";

export const hidden = { "aria-hidden": "true" }; // from screen readers, which hear the sentence

// A layer of the graph.
export const layer = (name, attributes) => svg("g", { class: name, ...hidden, ...attributes });

// The drawing, as large as its layout says.
export function graphOf({ width, height }, label, ...children) {
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  return svg("svg", { class: "rollout-graph", role: "group", "aria-label": label, ...size }, ...children);
}

// A subclass defines `light(values)` and `draw(answer, values)`, which are called as in choices.js.
export class Page {
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
}

export class Explorer extends Page {
  constructor(context, { label, graphLabel, output, source, canvas }) {
    super(context, label);
    this.layout = new GraphLayout({ ...this.data, ...canvas });
    const { width, height } = this.layout;
    // Each view has a module of its own: only chance tells them apart.
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
}

// Controls are the browser's own: labelled, and worked by keyboard as everywhere.
export function menu(label, options, value, onChoose) {
  const items = options.map(([text, name]) => html("option", { value: name }, text));
  const list = html("select", { change: () => onChoose(list.value) }, ...items);
  const set = (now) => {
    list.value = now;
  };
  set(value);
  return { element: html("label", {}, `${label} `, list), set };
}

export function slider(label, max, value, onChoose) {
  const input = () => onChoose(Number(range.value));
  const range = html("input", { type: "range", min: 1, max, step: 1, input });
  const number = html("output");
  const set = (now) => {
    range.value = number.textContent = now;
  };
  set(value);
  return { element: html("label", {}, `${label} `, range, " ", number), set };
}

export function checkbox(label, value, onChoose) {
  const box = html("input", { type: "checkbox", change: () => onChoose(box.checked) });
  const set = (now) => {
    box.checked = now;
  };
  set(value);
  return { element: html("label", {}, box, ` ${label}`), set };
}

export const action = (text, click, look = "act") =>
  html("button", { type: "button", class: look, click }, text);

export const widgetOf = (Kind) => ({
  render: (context) => {
    new Kind(context).choices.start();
  },
});
