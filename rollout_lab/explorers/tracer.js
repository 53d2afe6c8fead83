// The path tracer: choose an output on top and a source at the bottom, and the paths behind that entry of R
// light up.

const RISE = 320; // milliseconds that information takes through a layer, when asked to be followed

function render({ model, el }) {
  const data = model.get("data");
  const { root, controls, scroller, say } = stage(el, "Path tracer");
  const frame = new Frame({ tokens: data.tokens, layers: data.layers, width: 760 });
  const graph = picture(frame, "Layered graph: tokens at the bottom, what they become on top");
  const links = svg("g"), ribbons = svg("g", { class: "ribbons", "aria-hidden": "true" });
  const clip = svg("rect", { x: 0, y: 0, width: frame.width, height: frame.height });
  const clipName = unique("rise");
  const paths = svg("g", { class: "paths", "aria-hidden": "true", "clip-path": `url(#${clipName})` });
  const numbered = svg("g", { "aria-hidden": "true" });
  const nodes = svg("g", { class: "on-path", "aria-hidden": "true" });
  const travellers = svg("g", { class: "travellers", "aria-hidden": "true" });
  const list = html("ol", { class: "list", "aria-label": "The heaviest paths" });
  const note = html("p", { class: "note" });

  let now = null; // the answer that is drawn
  let followed = null; // the path that stands out, by its place in the list
  let pinned = null;
  let rising = 0;

  const talk = conversation(model, { light, draw, root, say });
  const outputs = new TokenRow(frame, {
    names: data.names.map((name) => `Output ${name}`), label: "Output (top)", above: true,
    onPoint: (i) => talk.point(i === null ? {} : { output: i }),
    onChoose: (i) => talk.choose({ output: i }), onCross: () => sources.focus(),
  });
  const sources = new TokenRow(frame, {
    names: data.names.map((name) => `Source ${name}`), label: "Source (bottom)", above: false,
    onPoint: (j) => talk.point(j === null ? {} : { source: j }),
    onChoose: (j) => talk.choose({ source: j }), onCross: () => outputs.focus(),
  });
  const start = model.get("chosen");
  const many = countOf("Paths", { min: 1, max: data.most }, start.k, (k) => talk.choose({ k }));
  const residual = choiceOf("Residual", data.residuals, start.residual, (name) => talk.choose({ residual: name }));
  const follow = html("button", { type: "button", class: "act" }, "▶ Follow upward");
  follow.addEventListener("click", rise);
  controls.append(residual.element, many.element, follow);
  graph.append(svg("clipPath", { id: clipName }, clip), links, ribbons, skeleton(frame), numbered, paths, nodes, travellers,
    outputs.element, sources.element);
  scroller.append(graph);
  root.append(list, note);

  // What needs no kernel: which tokens, and the row and the column of R as bars.
  let drawn = null;
  function light(values) {
    const { R, edges, cut } = data.graphs[values.residual];
    const chosen = model.get("chosen");
    if (drawn !== values.residual) {
      drawn = values.residual;
      links.replaceChildren(greyLinks(frame, edges, drawn !== "none"));
      note.textContent = "Grey: links of the layers, wider where they weigh more"
        + `${cut > 0.02 ? ` (from ${cut} on)` : ""}${drawn === "none" ? "" : ", dashed with the residual in them"}. `
        + "Ribbons: all paths of this entry together, wider where more of it passes. Bars: what the output draws from each source, below, "
        + "and where the source goes, above. Hover over a token to look, click to stay; or Tab, then arrow keys.";
    }
    const column = R.map((row) => row[values.source]), row = R[values.output];
    outputs.update(chosen.output, values.output, column, said(column, values.output));
    sources.update(chosen.source, values.source, row, said(row, values.source));
    many.set(values.k);
    residual.set(values.residual);
  }

  // Numbers beside the bars: all where there is room, else that of the entry.
  function said(values, lit) {
    const shown = frame.pitch > 60 ? values.keys() : [lit];
    return Object.fromEntries([...shown].map((i) => [i, brief(values[i])]));
  }

  function draw(answer, values) {
    const same = now && JSON.stringify(now.values) === JSON.stringify(answer.values);
    now = answer;
    if (!same) [followed, pinned] = [null, null];
    settle();
    root.dataset.entry = [values.output, values.source, values.k, values.residual].join(" ");
    ribbons.replaceChildren(...answer.ribbons.map(([layer, to, from, share]) =>
      svg("path", { d: frame.link(layer, from, to), "stroke-width": (1 + 15 * share).toFixed(1) })));
    paths.replaceChildren(...answer.paths.map((path, k) => trail(path, k, answer.paths.length)));
    const seen = new Set(answer.paths.flatMap((path) => path.positions.map((i, level) => `${level} ${i}`)));
    nodes.replaceChildren(...[...seen].map((spot) => {
      const [level, i] = spot.split(" ").map(Number);
      return svg("circle", { cx: frame.x(i), cy: frame.y(level), r: frame.pitch > 60 ? 5 : 3.8 });
    }));
    const taken = new Set(answer.paths.flatMap((path) =>
      path.positions.slice(1).map((to, l) => `${l + 1} ${to} ${path.positions[l]}`)));
    numbered.replaceChildren(...numbers(frame, data.graphs[values.residual].edges, taken));
    if (!same) list.replaceChildren(...answer.paths.map(item));
    stand();
  }

  function shiftOf(k, all) {
    return (k - (all - 1) / 2) * 5;
  }

  function trail(path, k, all) {
    const shift = shiftOf(k, all), top = frame.layers;
    const x = frame.x(path.positions[top]) + shift, y = frame.y(top) + 4;
    const numbers = path.links.map((weight, l) => {
      const [X, Y] = frame.middle(l + 1, path.positions[l], path.positions[l + 1], shift);
      return svg("text", { class: "weight", x: X, y: Y + 4 }, weight);
    });
    return svg("g", { class: `path s${k}` },
      svg("path", { d: frame.path(path.positions, shift), "stroke-dasharray": DASHES[k] || null, class: "trail" }),
      svg("path", { d: `M${x} ${y}l-6 12h12z`, class: "head" }),
      svg("g", { class: "weights" }, ...numbers));
  }

  function item(path, k) {
    const sample = svg("svg", { width: 46, height: 10, class: `path s${k}`, "aria-hidden": "true" },
      svg("path", { d: "M1 5H45", "stroke-dasharray": DASHES[k] || null, class: "trail" }));
    const button = html("button", { type: "button", "aria-pressed": "false" }, sample,
      html("span", { class: "number" }, path.weight), html("span", { class: "share" }, path.share),
      html("span", { class: "route" }, path.route));
    const look = (place) => { followed = place; stand(); };
    button.addEventListener("pointerenter", () => look(k));
    button.addEventListener("pointerleave", () => look(pinned));
    button.addEventListener("focus", () => look(k));
    button.addEventListener("blur", () => look(pinned));
    button.addEventListener("click", () => { pinned = pinned === k ? null : k; look(pinned); });
    return html("li", {}, button);
  }

  // One path stands out, or all do; the sentence is about what stands out.
  function stand() {
    const all = now.paths.length, alone = followed !== null && followed < all;
    paths.classList.toggle("one", alone);
    const few = frame.layers <= 3 && all <= 3;
    [...paths.children].forEach((path, k) => {
      path.classList.toggle("out", alone && k === followed);
      path.classList.toggle("numbered", alone ? k === followed : few || all === 1);
    });
    [...list.querySelectorAll("button")].forEach((button, k) => button.setAttribute("aria-pressed", String(pinned === k)));
    say(alone ? now.paths[followed].status : now.status);
    follow.disabled = all === 0;
  }

  function settle() {
    cancelAnimationFrame(rising);
    rising = 0;
    clip.setAttribute("y", 0);
    travellers.replaceChildren();
  }

  // Information moves upward: the paths appear layer by layer, and a dot on each shrinks with every weight.
  function rise() {
    settle();
    if (calm()) return;
    const trails = [...paths.querySelectorAll("path.trail")].map((trail, k) => ({
      trail, long: trail.getTotalLength(), left: [1, ...now.paths[k].left],
      dot: svg("circle", { class: `path s${k} dot` }),
    })).filter((_, k) => followed === null || k === followed);
    travellers.append(...trails.map(({ dot }) => dot));
    const began = performance.now();
    function tick(time) {
      const level = Math.min(Math.max(time - began, 0) / RISE, frame.layers);
      const y = frame.y(level);
      clip.setAttribute("y", y - 2);
      for (const { trail, long, left, dot } of trails) {
        const point = at(trail, long, y);
        const done = Math.min(Math.floor(level), frame.layers - 1), part = level - done;
        const share = left[done] * (left[done + 1] / left[done]) ** part;
        dot.setAttribute("cx", point.x);
        dot.setAttribute("cy", point.y);
        dot.setAttribute("r", 2.5 + 7 * share ** 0.3);
      }
      if (level < frame.layers) rising = requestAnimationFrame(tick);
      else settle();
    }
    rising = requestAnimationFrame(tick);
  }

  // The point of a path at a height; paths only ever go up.
  function at(trail, long, y) {
    let [low, high] = [0, long];
    for (let k = 0; k < 14; k += 1) {
      const middle = (low + high) / 2;
      if (trail.getPointAtLength(middle).y > y) low = middle;
      else high = middle;
    }
    return trail.getPointAtLength(high);
  }

  talk.start();
}

export default { render };
