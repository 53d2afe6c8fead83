// The layered token graph in SVG: input at the bottom, output on top, information flows upward. Nothing here
// computes attention.

import { svg } from "./elements.js";

export const LETTER = 6.7; // pixels that a letter of a label takes, about
export const BAR = 30; // pixels of the longest bar beside a token
export const GAP = 19; // pixels from a node to its bar

export const widest = (tokens, letter, margin) =>
  Math.max(...tokens.map((token) => token.length)) * letter + margin;

// A weight in three digits at most, and never wider than a column.
export function brief(value) {
  if (value === 0) return "0";
  if (value < 0.001) return "< 0.001";
  return value >= 0.0995 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}

// Where everything lies, in pixels: a position among the tokens after `level` layers.
export class GraphLayout {
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
    const number = 64; // pixels that the longest number takes beside the last token's bar
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
}

// Links `[layer, to, from, weight]` as ribbons, wider where they weigh more.
export const ribbonsOf = (layout, links, thinnest, factor) =>
  links.map((link) =>
    svg("path", { d: layout.link(link), "stroke-width": (thinnest + factor * link[3]).toFixed(1) }),
  );

// Names of the levels, and a node for each token at each level up to `top`.
export function levelsOf(layout, top = layout.layers) {
  const group = svg("g", { "aria-hidden": "true" });
  for (let level = 0; level <= layout.layers; level += 1) {
    const name = level === 0 ? "input" : `after layer ${level}`;
    const lines = level === top ? ["output,", name] : [name];
    const spans = lines.map((line, index) =>
      svg("tspan", { x: 4, y: layout.y(level) + 4 + 13 * (index - (lines.length - 1) / 2) }, line),
    );
    group.append(svg("text", { class: level > top ? "level ahead" : "level", x: 4 }, ...spans));
    if (level <= top) {
      const place = { class: "node", cy: layout.y(level), r: layout.roomy ? 5 : 3.5 };
      group.append(...layout.tokens.map((_, token) => svg("circle", { ...place, cx: layout.x(token) })));
    }
  }
  return group;
}

// All links of the layers, grey, weakest first. Those of a token to itself are dashed where the residual
// takes part in them.
export function greyLinks(layout, edges, dashed) {
  const most = edges.at(-1)?.[3] ?? 1;
  const links = edges.map((edge) => {
    const [, to, from, weight] = edge;
    // Opaque shades: where many links meet, they must not add up to a blot.
    const shade = Math.round((to === from ? 0.6 : 1) * (22 + (78 * weight) / most));
    return svg("path", {
      d: layout.link(edge),
      "stroke-width": (0.6 + 5 * weight).toFixed(1),
      style: `--shade:${shade}%`,
      "stroke-dasharray": dashed && to === from ? "4 3" : null,
    });
  });
  return svg("g", { class: "links", "aria-hidden": "true" }, ...links);
}

// The weights of the links in a graph that is small enough for them, but for those that `taken` holds.
export function weightsOf(layout, edges, taken = new Set()) {
  if (layout.tokens.length > 4 || layout.layers > 3) return [];
  return edges
    .filter((edge) => !taken.has(edge.slice(0, 3).join(" ")))
    .map((edge) => svg("text", { class: "weight quiet", ...layout.weightPoint(edge) }, edge[3].toFixed(2)));
}
