// A plane with keys as arrows, and a query that is dragged: by mouse, by touch, or with the arrow keys.

import { svg } from "./elements.js";
import { decimal } from "./number_table.js";

const SIDE = 330; // pixels
const EDGE = 16; // pixels around what the plane reaches
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const FIVE = 5; // steps with Shift

export class QueryPlane {
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
      [middle, low, middle, high],
    ];
    return svg("g", { class: "axis" }, ...lines.map(([x1, y1, x2, y2]) => svg("line", { x1, y1, x2, y2 })));
  }

  keyOf(index) {
    const [x, y] = this.point(this.keys[index]);
    const [across, up] = [x - SIDE / 2, y - SIDE / 2];
    const length = Math.hypot(across, up) || 1;
    const turn = (Math.atan2(up, across) * 180) / Math.PI;
    const short = Math.max(length - 9, 0) / length;
    const middle = SIDE / 2;
    const end = { x2: middle + across * short, y2: middle + up * short };
    const place = { x: x + (across / length) * 13, y: y + (up / length) * 13 + 4, "text-anchor": "middle" };
    return svg(
      "g",
      { class: "key" },
      svg("line", { x1: middle, y1: middle, ...end }),
      svg("path", { class: "tip", d: "M0 0l-13 -7v14z", transform: `translate(${x} ${y}) rotate(${turn})` }),
      svg("text", { class: "plane-name", ...place }, this.tokens[index]),
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
      this.label,
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
      click: (event) => this.moveTo(event),
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
      svg("circle", { class: "foot", cx: x2, cy: y2, r: 2.6 }),
    ];
  }
}
