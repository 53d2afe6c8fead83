// The stepper: multiply the layers one by one. The graph grows upward, and the row you care about is followed
// down through it to the tokens that it draws from.

const GROW = 500; // milliseconds that a new layer takes to grow

function render({ model, el }) {
  const data = model.get("data"), { layers, tokens } = data;
  const few = tokens.length <= 4;
  const { root, controls, scroller, say } = stage(el, "Rollout stepper");
  const step = few ? null : layers <= 4 ? 80 : Math.max(34, Math.min(58, 300 / layers));
  const frame = new Frame({ tokens, layers, width: few ? 420 : 480, step });
  const graph = picture(frame, "Layered graph: the layers multiplied so far, and where the row draws from");
  const clipName = unique("grow");
  const clip = svg("rect", { x: 0, y: 0, width: frame.width, height: frame.height });
  const growing = svg("g", { "clip-path": `url(#${clipName})`, "aria-hidden": "true" });
  const links = svg("g"), ribbons = svg("g", { class: "ribbons" }), entry = svg("g", { class: "entry-links" });
  const bones = svg("g"), factors = svg("g", { class: "factors", "aria-hidden": "true" });
  const numbered = svg("g", { "aria-hidden": "true" }), held = svg("g", { class: "held", "aria-hidden": "true" });
  const matrices = html("div", { class: "matrices" }), note = html("p", { class: "note" });

  const talk = conversation(model, { light, draw, root, say });
  const chosen = () => model.get("chosen");
  const outputs = new TokenRow(frame, {
    names: data.names.map((name) => `Output ${name}`), label: "Output, the row to follow (top)", above: true,
    onPoint: (i) => talk.point(i === null ? {} : { query: i }),
    onChoose: (i) => talk.choose({ query: i }), onCross: () => sources.focus(),
  });
  const sources = new TokenRow(frame, {
    names: data.names.map((name) => `Source ${name}`), label: "Source, one entry of the row (bottom)", above: false,
    onPoint: (j) => talk.point(j === null ? {} : { source: j }),
    onChoose: (j) => talk.choose({ source: j }), onCross: () => outputs.focus(),
    onEscape: () => talk.choose({ source: null }),
  });
  // A second click on the source lets the whole row be seen again.
  sources.marks.forEach((mark, j) => mark.addEventListener("pointerdown", () => { mark.again = chosen().source === j; }));
  sources.marks.forEach((mark) => mark.addEventListener("click", () => { if (mark.again) talk.choose({ source: null }); }));

  const go = (layer) => { if (layer >= 1 && layer <= layers) talk.choose({ layer }); };
  const back = html("button", { type: "button", class: "act" }, "◀ Back");
  const next = html("button", { type: "button", class: "act first" }, "Next ▶");
  back.addEventListener("click", () => go(chosen().layer - 1));
  next.addEventListener("click", () => go(chosen().layer + 1));
  const depth = countOf("Layers multiplied", { min: 1, max: layers }, chosen().layer, go);
  const residual = choiceOf("Residual", data.residuals, chosen().residual, (name) => talk.choose({ residual: name }));
  controls.append(back, next, depth.element, residual.element);

  const hovered = (i, j) => talk.point(i === null ? {} : { query: i, source: j });
  const panels = {
    factor: new Matrix(tokens, { named: true }),
    before: new Matrix(tokens, { named: false }),
    after: new Matrix(tokens, { named: tokens.length > 8, onPoint: hovered, onChoose: (i, j) => talk.choose({ query: i, source: j }) }),
  };
  const sign = (text) => html("span", { class: "sign", "aria-hidden": "true" }, text);
  const times = sign("@"), equals = sign("=");
  const product = html("span", { class: "product" }, equals, panels.after.element); // no line breaks between them

  growing.append(links, ribbons, entry);
  graph.append(svg("clipPath", { id: clipName }, clip), growing, bones, factors, numbered, held, outputs.element, sources.element);
  scroller.append(graph);
  scroller.append(matrices);
  root.append(note);

  let built = null; // what the links were drawn for
  function light(values) {
    // Not `disabled`: the focus must stay where it is when the last layer is reached.
    back.setAttribute("aria-disabled", String(values.layer <= 1));
    next.setAttribute("aria-disabled", String(values.layer >= layers));
    depth.set(values.layer);
    residual.set(values.residual);
  }

  function draw(answer, values) {
    const { layer, query, source } = values, { edges, cut } = data.graphs[values.residual];
    const recursion = values.residual === "recursion", plain = values.residual !== "identity";
    const made = `${layer} ${values.residual}`;
    if (built !== made) {
      const grown = built === `${layer - 1} ${values.residual}`;
      built = made;
      links.replaceChildren(greyLinks(frame, edges.filter((edge) => edge[0] <= layer), !plain));
      bones.replaceChildren(skeleton(frame, layer));
      factors.replaceChildren(...data.graphs[values.residual].factors.map((name, l) => svg("text", {
        class: l + 1 === layer ? "factor now" : l + 1 < layer ? "factor" : "factor ahead",
        x: 4, y: frame.y(l + 0.5) + 4,
      }, name)));
      outputs.place(layer);
      grow(grown ? layer : null);
      note.textContent = "Ribbons: the row of R, followed down to its sources; a disc is as large as the share "
        + "that passes there. With a source chosen, the thin lines on them are what comes from it. "
        + (recursion ? "Dotted: paths that leave the chain and skip all layers below. " : "")
        + `Grey: the other links${cut > 0.02 ? ` (from ${cut} on)` : ""}${plain ? "" : ", dashed with the residual in them"}. `
        + "Hover over a token or an entry of the last matrix to look, click to stay; or Tab, then arrow keys. Esc: the whole row.";
    }
    root.dataset.entry = [layer, query, source, values.residual].join(" ");
    ribbons.replaceChildren(
      ...answer.row.map(([l, to, from, share]) =>
        svg("path", { d: frame.link(l, from, to), "stroke-width": (1 + 15 * share).toFixed(1) })),
      ...answer.ends.map(([level, i, share]) => svg("path", {
        class: "skip", d: skip(level, i), "stroke-width": (1 + 9 * share).toFixed(1),
      })));
    entry.replaceChildren(...answer.entry.map(([l, to, from, share]) =>
      svg("path", { d: frame.link(l, from, to), "stroke-width": (1.2 + 6 * share).toFixed(1) })));
    const drawn = edges.filter((edge) => edge[0] <= layer);
    numbered.replaceChildren(...numbers(frame, drawn, new Set()));
    held.replaceChildren(...answer.held.flatMap((shares, level) => shares.flatMap((share, i) =>
      (share < 0.005 ? [] : [svg("circle", { cx: frame.x(i), cy: frame.y(level), r: (2.4 + 7 * Math.sqrt(share)).toFixed(1) })]))));
    const row = answer.after[query], column = answer.after.map((line) => line[source ?? query]);
    outputs.update(chosen().query, query, source === null ? column.map(() => 0) : column,
      source === null ? {} : { [query]: brief(row[source]) });
    const shown = frame.pitch > 60 ? [...row.keys()] : source === null ? answer.largest : [source];
    sources.update(chosen().source, source, row, Object.fromEntries(shown.map((j) => [j, brief(row[j])])));
    arrange(answer, values);
    say(answer.status);
  }

  // Straight down from a level to the input, bulging to the side so that it can be told from the links.
  function skip(level, i) {
    const x = frame.x(i), y = frame.y(level), aside = Math.min(frame.pitch * 0.45, 16);
    return `M${x} ${frame.y(0)}C${x + aside} ${frame.y(0) - 20} ${x + aside} ${y + 20} ${x} ${y}`;
  }

  function arrange(answer, { query, source, layer }) {
    const n = tokens.length, whole = answer.before && n <= 8;
    const cell = source !== null, row = [query, 0, 1, n];
    const wanted = [panels.factor.element, ...(whole ? [times, panels.before.element] : []), product];
    equals.textContent = whole || layer === 1 ? "=" : "→";
    if ([...matrices.children].some((child, k) => child !== wanted[k]) || matrices.children.length !== wanted.length) {
      matrices.replaceChildren(...wanted);
    }
    panels.factor.update(answer.names.factor, answer.factor, 1, [row]);
    if (whole) panels.before.update(answer.names.before, answer.before, answer.most, cell ? [[0, source, n, 1]] : []);
    panels.after.update(answer.names.after, answer.after, answer.most, cell ? [row, [query, source, 1, 1]] : [row]);
  }

  // The new layer grows from the one below: information moves upward.
  let running = 0;
  function grow(layer) {
    cancelAnimationFrame(running);
    clip.setAttribute("y", 0);
    if (layer === null || calm()) return;
    const began = performance.now();
    const tick = (time) => {
      const part = Math.min(Math.max(time - began, 0) / GROW, 1);
      clip.setAttribute("y", part < 1 ? frame.y(layer - 1 + part) : 0);
      if (part < 1) running = requestAnimationFrame(tick);
    };
    tick(began);
  }

  talk.start();
}

export default { render };
