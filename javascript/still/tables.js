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
  return { values: near, answer: found(still, near) };
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
const STATUS = "The numbers are in the picture; this sentence about them needs the live edition.";
const words = ({ blocks }) => (Object.keys(blocks[0].fields).join() === "status" ? { status: STATUS } : null);

// A number as Python reads it, with Python's patterns; a text says why it is none.
export function numberOf(text, { number, power }) {
  const plain = text.trim().replaceAll("−", "-").replaceAll(",", ".");
  if (!plain) return "empty";
  if (/(?!\d)\p{Nd}/u.test(plain)) return "digits of another script";
  const raised = new RegExp(`^${power}$`).exec(plain);
  if (raised) return Number(raised[1]) ** Number(raised[2]);
  const [, over, under = "1", percent] = new RegExp(`^${number}$`, "i").exec(plain) ?? [];
  if (over === undefined || Number(under) === 0) return "unread";
  const value = Number(over) / Number(under) / (percent ? 100 : 1);
  return Number.isFinite(value) ? value : "large";
}

// The numbers of a text, or why there are none. A comma is a decimal one where that gives so many numbers.
function numbersOf(text, { count, alone, read }) {
  const whole = numberOf(alone ? text : text.replace(/^\s*\[|\]\s*$/g, ""), read);
  if (alone || typeof whole === "number" || whole === "empty") {
    return typeof whole === "number" ? [whole] : whole;
  }
  const close = text.replace(/\s*(\/|\^|\*\*)\s*/g, "$1").replace(/\s+%/g, "%");
  let numbers = [];
  for (const separator of [/[\s;[\]()]+/, /[\s,;[\]()]+/]) {
    numbers = close
      .split(separator)
      .filter(Boolean)
      .map((each) => numberOf(each, read));
    if (numbers.length === count && numbers.every(Number.isFinite)) break;
  }
  return numbers.find((each) => typeof each === "string") ?? numbers;
}

// What an answer is told: `[feedback, verdict, belief]`, or null for what Python was not asked.
export function judgeOf(judge, given) {
  const { rows, exact, near, otherwise, others } = judge;
  if (!near) return rows[exact[JSON.stringify(given)] ?? otherwise] ?? null;
  const text = String(given ?? "");
  const numbers = numbersOf(text, judge);
  if (typeof numbers === "string") {
    const [feedback, ...rest] = rows[others[numbers]] ?? [];
    return feedback === undefined ? null : [feedback.replace("“#”", `“${text.trim()}”`), ...rest];
  }
  const inside = (place, index) =>
    place.some(([low, high]) => low <= numbers[index] && numbers[index] <= high);
  const fits = near.find(([, places]) => places.length === numbers.length && places.every(inside));
  if (fits) return rows[fits[0]];
  return rows[others[numbers.length === judge.count ? "otherwise" : `${numbers.length} numbers`]] ?? null;
}
