// From scores to weights: a query is dragged among keys in a plane, and its row follows. All numbers are
// worked out here; the kernel is asked for the sentence alone.

import { controlsOf } from "../shared/controls.js";
import { html } from "../shared/elements.js";
import { Page, widgetOf } from "../shared/explorer.js";
import { decimal, NumberTable } from "../shared/number_table.js";
import { QueryPlane } from "../shared/query_plane.js";

const NOTE =
  "Drag the query, or click where it should point; or Tab to it, then arrow keys, with Shift faster. " +
  "Dotted: where a key falls on the line of the query. How far out that is, times the length of q, is " +
  "q · k. The plane shows d = 2 numbers of a vector. For a larger d, dot products are multiplied by " +
  "√(d / 2): so much they grow on average.";

// The row of a query: dot products, scores, and the softmax of the scores.
export function rowOf(keys, { x, y, temperature, d, divide }) {
  const dots = keys.map(([across, up]) => Math.sqrt(d / 2) * (across * x + up * y));
  const scores = dots.map((dot) => (divide ? dot / Math.sqrt(d) : dot));
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp((score - most) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return { dots, scores, weights: powers.map((power) => power / total) };
}

class ScoresToWeights extends Page {
  constructor(context) {
    super(context, "From scores to weights");
    const { tokens, controls } = this.data;
    this.made = controlsOf(controls, (values) => this.choices.choose(values));
    this.controls.append(...this.made.elements);
    this.lit = null; // the key under the pointer
    this.plane = new QueryPlane(this.data, (place) => this.choices.choose(place));
    this.table = new NumberTable(tokens, (key) => {
      this.lit = key;
      this.light(this.choices.chosen());
    });
    this.goal = html("p", { class: "goal" });
    this.picture.append(this.plane.element, html("div", { class: "beside" }, this.table.element, this.goal));
    this.note.textContent = NOTE;
  }

  light(values) {
    const { names, reader, keys } = this.data;
    const { dots, scores, weights } = rowOf(keys, values);
    const { x, y, d, divide, temperature } = values;
    this.made.set(values);
    this.plane.update([x, y], weights, this.lit);
    const place = `(${decimal(x, 1)}, ${decimal(y, 1)})`;
    this.table.caption.textContent = `What “${names[reader]}” reads with q = ${place}`;
    const softmax = temperature === 1 ? "softmax of the scores" : `softmax of the scores ÷ ${temperature}`;
    const columns = [
      { title: `q · k, d = ${d}`, values: dots },
      { title: divide ? `score: q · k ÷ √${d}` : "score: q · k, not divided", values: scores },
      { title: `weight: ${softmax}`, values: weights, most: 1 },
    ];
    this.table.update(columns, { lit: this.lit, sums: true });
    this.showGoal(weights);
  }

  // What there is to find: a sign and words, not colour alone.
  showGoal(weights) {
    const { names, reader } = this.data;
    const others = weights.filter((_, key) => key !== reader);
    const reached = weights[reader] > Math.max(...others);
    const name = `“${names[reader]}”`;
    this.goal.classList.toggle("reached", reached);
    this.goal.textContent = reached
      ? `✓ Here ${name} reads more from itself than from any other.`
      : `Can you find a query with which ${name} reads more from itself than from any other?`;
  }

  draw(answer) {
    this.say(answer.status);
  }
}

export default widgetOf(ScoresToWeights);
