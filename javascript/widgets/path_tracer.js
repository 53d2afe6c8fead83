// The path tracer: choose an output on top and a source at the bottom, and the paths behind that entry of R
// light up.

import { html, svg } from "../shared/elements.js";
import { action, Explorer, hidden, layer, slider, widgetOf } from "../shared/explorer.js";
import { greyLinks, levelsOf, ribbonsOf, weightsOf } from "../shared/graph.js";

const RISE = 320; // milliseconds that information takes through a layer, when asked to be followed
const DASHES = [null, "15 5", "15 4 3 4", "3.5 3.5", "26 6"]; // as in the static figures

const colourOf = (index) => ({ style: `--line:var(--s${index})` });
const trailOf = (d, index) => svg("path", { d, "stroke-dasharray": DASHES[index], class: "trail" });

const noteOf = (cut, dashed) =>
  `Grey: links of the layers, wider where they weigh more${cut > 0.02 ? ` (from ${cut} on)` : ""}` +
  `${dashed ? ", dashed with the residual in them" : ""}. ` +
  "Ribbons: all paths of this entry together, wider where more of it passes. Bars: what the output draws " +
  "from each source, below, and where the source goes, above. Hover over a token to look, click to stay; " +
  "or Tab, then arrow keys.";

class PathTracer extends Explorer {
  constructor(context) {
    super(context, {
      label: "Path tracer",
      graphLabel: "Layered graph: tokens at the bottom, what they become on top",
      output: { trait: "output", label: "Output (top)" },
      source: { trait: "source", label: "Source (bottom)" },
      canvas: { width: 760 },
    });
    this.answer = null; // the answer that is drawn
    this.linked = null; // the residual whose links are drawn
    this.pinned = null; // the index of the path that was clicked in the list
    this.followed = null; // the index of the path that stands out
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
    const numbered = (position) => (this.layout.roomy ? R.keys() : [position]);
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
    const spots = answer.paths.flatMap(({ positions }) =>
      positions.map((at, level) => [`${level} ${at}`, { cx: layout.x(at), cy: layout.y(level), r }]),
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
    const weights = linksOf(positions).map((link, layer) =>
      svg("text", { class: "weight", ...layout.weightPoint(link, shift) }, links[layer]),
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
    const few = (this.layout.layers <= 3 && paths.length <= 3) || paths.length === 1;
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
}

// The links of a path from its source up: [layer, to, from].
const linksOf = (positions) => positions.slice(1).map((to, index) => [index + 1, to, positions[index]]);

// The dot of a trail at a level; between two levels what is left of the weight falls smoothly.
function dotOf({ trail, look, length, left }, level, y) {
  const below = Math.min(Math.floor(level), left.length - 2);
  const share = left[below] * (left[below + 1] / left[below]) ** (level - below);
  const point = pointAt(trail, length, y);
  return svg("circle", { ...look, cx: point.x, cy: point.y, r: 2.5 + 7 * share ** 0.3 });
}

// The point of a path at a height; paths only ever go up.
function pointAt(trail, length, y) {
  let [low, high] = [0, length];
  for (let step = 0; step < 14; step += 1) {
    const middle = (low + high) / 2;
    if (trail.getPointAtLength(middle).y > y) low = middle;
    else high = middle;
  }
  return trail.getPointAtLength(high);
}

export default widgetOf(PathTracer);
