// The stepper: multiply the layers one by one. The graph grows upward, and the row you care about is followed
// down through it to the tokens that it draws from.

import { html, svg } from "../shared/elements.js";
import { action, Explorer, hidden, layer, slider, widgetOf } from "../shared/explorer.js";
import { greyLinks, levelsOf, ribbonsOf, weightsOf } from "../shared/graph.js";
import { Matrix } from "../shared/matrix.js";

const GROW = 500; // milliseconds that a new layer takes to grow
const FITS = 8; // tokens up to which all three matrices of the product are shown

const noteOf = ({ cut, identityIn }) =>
  "Ribbons: the row of R, followed down to its sources; a disc is as large as the share that passes there. " +
  "With a source chosen, the thin lines on them are what comes from it. " +
  (identityIn === "rollout" ? "Dotted: paths that leave the chain and skip all layers below. " : "") +
  `Grey: the other links${cut > 0.02 ? ` (from ${cut} on)` : ""}` +
  `${identityIn === "layer" ? ", dashed with the residual in them" : ""}. ` +
  "Hover over a token or an entry of the last matrix to look, click to stay; or Tab, then arrow keys. " +
  "Esc: the whole row.";

const sign = (text) => html("span", { class: "sign", ...hidden }, text);

function canvasOf({ tokens, layers }) {
  if (tokens.length <= 4) return { width: 420 };
  return { width: 480, step: layers <= 4 ? 80 : Math.max(34, Math.min(58, 300 / layers)) };
}

class RolloutStepper extends Explorer {
  constructor(context) {
    super(context, {
      label: "Rollout stepper",
      graphLabel: "Layered graph: the layers multiplied so far, and where the row draws from",
      output: { trait: "query", label: "Output, the row to follow (top)" },
      source: { trait: "source", label: "Source, one entry of the row (bottom)", optional: true },
      canvas: canvasOf(context.model.get("data")),
    });
    this.drawn = {}; // the layer and the residual whose links are drawn
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
    // No line breaks between these two.
    this.product = html("span", { class: "product" }, this.equals, this.after.element);
    this.matrices = html("div", { class: "matrices" });
    this.picture.append(this.matrices);
  }

  light({ layer, residual }) {
    // Not `disabled`: the focus must stay where it is when the last layer is reached.
    this.back.setAttribute("aria-disabled", String(layer <= 1));
    this.next.setAttribute("aria-disabled", String(layer >= this.data.layers));
    this.depth.set(layer);
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
  drawLayers({ layer, residual }) {
    const { layout, drawn } = this;
    const graph = this.data.graphs[residual];
    const { edges, factors, identityIn } = graph;
    const multiplied = edges.filter((edge) => edge[0] <= layer);
    this.drawn = { layer, residual };
    this.links.replaceChildren(greyLinks(layout, multiplied, identityIn === "layer"));
    this.weights.replaceChildren(...weightsOf(layout, multiplied));
    this.levels.replaceChildren(levelsOf(layout, layer));
    const names = factors.map((name, index) => {
      const state = index + 1 === layer ? "factor now" : index + 1 < layer ? "factor" : "factor ahead";
      return svg("text", { class: state, x: 4, y: layout.y(index + 0.5) + 4 }, name);
    });
    this.factors.replaceChildren(...names);
    this.outputs.place(layer);
    this.note.textContent = noteOf(graph);
    this.stop();
    // The new layer grows from the one below: information moves upward.
    const grow = (part) => this.growTo(layout.y(layer - 1 + part));
    if (drawn.residual === residual && drawn.layer === layer - 1) this.animate(GROW, grow);
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
    const discs = held.flatMap((shares, level) =>
      shares.map((share, position) => {
        const radius = (2.4 + 7 * Math.sqrt(share)).toFixed(1);
        return share >= 0.005 && svg("circle", { cx: layout.x(position), cy: layout.y(level), r: radius });
      }),
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
    const column = after.map((line) => (source === null ? 0 : line[source]));
    const numbered = source === null ? largest : [source];
    this.outputs.update(query, column, source === null ? [] : [query]);
    this.sources.update(source, row, this.layout.roomy ? row.keys() : numbered);
  }

  // The product of the last layer: factor @ before = after. Where that is too much, factor → after.
  drawMatrices({ names, factor, before, after, most }, { query, source, layer }) {
    const count = this.data.tokens.length;
    const whole = before && count <= FITS;
    const row = [query, 0, 1, count];
    const chosen = source !== null;
    const multiplied = whole ? [this.times, this.before.element] : [];
    const shown = [this.factor.element, ...multiplied, this.product];
    this.equals.textContent = whole || layer === 1 ? "=" : "→";
    if (this.matrices.children.length !== shown.length) this.matrices.replaceChildren(...shown);
    this.factor.update(names.factor, factor, 1, [row]);
    if (whole) this.before.update(names.before, before, most, chosen ? [[0, source, count, 1]] : []);
    this.after.update(names.after, after, most, chosen ? [row, [query, source, 1, 1]] : [row]);
  }
}

export default widgetOf(RolloutStepper);
