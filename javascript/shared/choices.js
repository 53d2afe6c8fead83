// What is chosen and pointed at in an explorer, and what the kernel says that it comes to.

import { kernelTimer } from "./kernel.js";

// The kernel's answers are remembered: the explorer's `draw(answer, values)` is called for what is pointed
// at, or else for what is chosen, as soon as its answer is there; its `light(values)` is called at once.
// Until then what is drawn is the answer to something else: its `root` fades, and `say` is called with what
// there is to say.
export function choicesOf(model, explorer) {
  const answers = new Map();
  const timer = kernelTimer(model, (text) => explorer.say(text));
  let pointed = {};
  const chosen = () => model.get("chosen");
  // Python's None is null; from a Python in the browser it does not arrive.
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
