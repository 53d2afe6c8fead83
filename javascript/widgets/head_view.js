// The head view: one layer's attention as lines between two columns of tokens. All maps are here, so that
// whatever is pointed at is drawn at once; the kernel puts it into words.

import { html, svg } from "../shared/elements.js";
import { checkbox, graphOf, layer, Page, slider, widgetOf } from "../shared/explorer.js";
import { HeadMaps } from "../shared/head_maps.js";
import { ColumnLayout, TokenColumn } from "../shared/token_column.js";

const PER_TOKEN = 5; // lines for each token that are drawn while no token stands out
const TINY = 0.02; // weaker lines are then not drawn
const FAINT = 0.005; // of the token that stands out, weaker lines are not drawn

const widthOf = (weight) => Number((0.8 + 12 * weight).toFixed(1));
const share = (value) => (value > 0 && value < 0.0005 ? "< 0.001" : value.toFixed(3));

class HeadView extends Page {
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
    // Below the picture: a longer sentence must not move the tokens away from the pointer.
    this.picture.after(this.status);
    this.makeGraph();
  }

  makeGraph() {
    this.layout = new ColumnLayout(this.data.tokens);
    const row = (role, label, trait) => ({ role, label, trait, above: trait === "query", optional: true });
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
  rowsOf(layer, head) {
    const { count, weights } = this;
    const start = ((layer - 1) * this.data.maps + head) * count * count;
    return Array.from({ length: count }, (_, row) =>
      weights.subarray(start + row * count, start + (row + 1) * count),
    );
  }

  // All is drawn here: nothing of it needs the kernel.
  light({ layer, head = 0, query, source, fade }) {
    const shown = `${layer} ${head} ${fade}`;
    if (this.shown !== shown) {
      this.shown = shown;
      this.rows = this.rowsOf(layer, head);
      this.sinks = new Set(this.data.sinks[layer - 1][head]);
      this.quiet = fade ? this.sinks : new Set();
      this.drawLinks();
    }
    this.layer.set(layer);
    this.fade.set(fade);
    this.heads.update(layer, head, (index) => this.rowsOf(layer, index), query, source);
    this.drawLit(query, source);
    this.drawShares(query, source);
  }

  draw(answer) {
    this.say(answer.status);
  }

  // The heavier lines of all tokens, the heaviest last; those from a faded sink thin and beneath the others.
  drawLinks() {
    const { layout, rows, quiet } = this;
    const lines = rows
      .flatMap((row, query) => [...row].map((weight, source) => ({ weight, source, query })))
      .filter(({ weight }) => weight >= TINY);
    lines.sort((one, other) => one.weight - other.weight);
    const loud = lines.filter(({ source }) => !quiet.has(source));
    const rest = loud.at(-PER_TOKEN * this.count - 1)?.weight ?? 0;
    const cut = Math.max(TINY, Math.ceil(100 * rest) / 100);
    const most = loud.at(-1)?.weight ?? 1;
    const paths = lines
      .filter(({ weight }) => weight >= cut)
      .sort((one, other) => quiet.has(other.source) - quiet.has(one.source))
      .map(({ weight, source, query }) => {
        const [shade, width] = quiet.has(source) ? [18, 0.7] : [15 + (75 * weight) / most, 0.6 + 8 * weight];
        const look = { "stroke-width": width.toFixed(1), style: `--shade:${Math.round(shade)}%` };
        return svg("path", { d: layout.line(source, query), ...look });
      });
    this.links.replaceChildren(...paths);
    this.noteRule(cut);
  }

  noteRule(cut) {
    const { names, rule } = this.data;
    const found = [...this.sinks].map((position) => `“${names[position]}”`).join(" and ");
    this.note.textContent =
      "Lines go from the token that is read to the token that reads, wider where the weight is larger; " +
      `while no token stands out, lines under ${cut} are left out. Sinks: ${rule}; ` +
      `here: ${found || "none"}. ` +
      "Hover over a token or a head to look, click to stay; or Tab, then arrow keys. Esc: all lines.";
  }

  // The lines of the token that stands out, and what they weigh, as bars under the names they lead to.
  drawLit(query, source) {
    const { layout, rows, quiet } = this;
    const alone = query !== null || source !== null;
    this.links.classList.toggle("behind", alone);
    const none = new Set();
    const row = query === null ? [] : [...rows[query]];
    const column = source === null ? [] : rows.map((row) => row[source]);
    this.sources.update(source, row, quiet);
    this.readers.update(query, column, source !== null && quiet.has(source) ? new Set(rows.keys()) : none);
    const lines = [
      ...column.map((weight, to) => ({ weight, from: source, to })),
      ...row.map((weight, from) => ({ weight, from, to: query })),
    ];
    const drawn = lines
      .filter(({ weight }) => weight >= FAINT)
      .sort((one, other) => one.weight - other.weight);
    const paths = drawn.map(({ weight, from, to }) => {
      const look = quiet.has(from) ? { class: "faint" } : { "stroke-width": widthOf(weight) };
      return svg("path", { d: layout.line(from, to), ...look });
    });
    const widths = new Map(drawn.map(({ weight, from, to }) => [to, quiet.has(from) ? 1 : widthOf(weight)]));
    const arrows = [...widths].map(([to, width]) =>
      svg("path", { class: "arrowhead", d: layout.arrow(to, width) }),
    );
    this.lit.replaceChildren(...paths, ...arrows);
  }

  // The numbers, largest first: a row, a column, or the mean of all rows.
  drawShares(query, source) {
    const { rows, count } = this;
    const { names } = this.data;
    const means = () => names.map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / count);
    const values =
      query !== null ? [...rows[query]] : source !== null ? rows.map((row) => row[source]) : means();
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
}

export default widgetOf(HeadView);
