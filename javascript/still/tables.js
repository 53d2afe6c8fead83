// Looks up what Python has written: what a choice comes to, what an answer is told.

// An explorer's answer to what is chosen and pointed at. Where it moves one control at a time (`resets`), the
// others go back to where they opened.
export function answerOf(still, chosen, pointed) {
  const values = { ...chosen, ...pointed };
  const answer = found(still, values);
  if (answer || !still.resets) return { values, answer: answer ?? words(still) };
  const last = still.traits.shown.values;
  const moved = Object.keys(values).find((name) => values[name] !== last[name]);
  const block = still.blocks.find(({ by }) => by.includes(moved)) ?? still.blocks[0];
  const kept = Object.fromEntries(block.by.map((name) => [name, values[name]]));
  const near = { ...block.fixed, ...kept };
  const others = block.by.filter((name) => name !== moved);
  const again = found(still, near) ?? {};
  return { values: near, answer: again, others };
}

function found({ blocks, choices }, values) {
  const block = blocks.find(({ fixed }) => Object.keys(fixed).every((name) => fixed[name] === values[name]));
  if (!block) return null;
  const answer = {};
  for (const [name, field] of Object.entries(block.fields)) {
    let place = 0;
    for (const choice of field.by) {
      const index = choices[choice].indexOf(values[choice]);
      if (index < 0) return null;
      place = place * choices[choice].length + index;
    }
    answer[name] = field.values[field.at ? field.at[place] : place];
  }
  return answer;
}

// The script draws all but the sentence, which is missing for some choices that go together.
const STATUS = "The numbers are in the picture; this sentence about them needs a kernel.";
const words = ({ blocks }) => (Object.keys(blocks[0].fields).join() === "status" ? { status: STATUS } : null);

// A number as the tables write it: no spaces, a point, no zeros at the ends.
export function tidy(text) {
  const plain = text.trim().toLowerCase().replaceAll("−", "-").replaceAll(",", ".");
  const close = plain.replace(/\s*(\/|\^|\*\*|%)\s*/g, "$1").replace("**", "^");
  if (close.includes("^")) return close;
  return close.replace(/^\+/, "").replace(/\d+\.?\d*|\.\d+/g, (digits) => {
    const [whole, part = ""] = digits.split(".");
    const [left, right] = [whole.replace(/^0+/, "") || "0", part.replace(/0+$/, "")];
    return right ? `${left}.${right}` : left;
  });
}

function numbersIn(text, count) {
  if (count === 1) {
    const one = text.replace(/^\s*\[|\]\s*$/g, "");
    if (!/[;\s]\s*-?[\d.]/.test(one.trim().replace(/\s*[/^*%]+\s*/g, "/"))) return [tidy(one)];
  }
  const close = text.replace(/\s*(\/|\^|\*\*)\s*/g, "$1").replace(/\s+%/g, "%");
  return close
    .split(/[\s,;[\]()]+/)
    .filter(Boolean)
    .map(tidy);
}

// What an answer is told: `[feedback, verdict, belief]`, or null for what Python was not asked.
export function judgeOf(judge, given) {
  const { rows, exact = {}, near, otherwise, counts, count } = judge;
  const key = near ? String(given ?? "").trim() : JSON.stringify(given);
  if (key in exact) return rows[exact[key]];
  if (!near) return otherwise === undefined ? null : rows[otherwise];
  const numbers = numbersIn(key, count);
  judge.sets ??= near.map((place) => place.map((texts) => new Set(texts.split(" "))));
  const known = new RegExp(`^(?:${judge.known})$`);
  const read = (text, place) => known.test(text) || judge.sets[place]?.some((texts) => texts.has(text));
  if (!numbers.length || !numbers.every(read)) return null;
  if (numbers.length !== count) return rows[counts?.[numbers.length]] ?? null;
  const order = judge.order ?? near[0].map((_, index) => index);
  const fits = order.findIndex((_, which) =>
    numbers.every((text, place) => judge.sets[place][which].has(text)),
  );
  return rows[fits < 0 ? otherwise : order[fits]];
}
