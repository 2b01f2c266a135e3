// Verdicts on the whole screen: colour, sign and word; then who, why and what to do.

import { say } from "./words.js";

const SIGNS = { accepted: "✓", rejected: "✕", undecided: "?" };
const GRAVITY = { accepted: 0, undecided: 1, rejected: 2 };

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** A text from a certificate: its direction is its own. */
const text = (value) => element("bdi", {}, value);

/** One result for each person: of several certificates of one person the best. */
export function ofPeople(results) {
  const counting = results.map((result, position) => ({ ...result, mine: results.filter((other) => other.best === position).length, position }));
  return counting.filter((result) => result.best === result.position);
}

/** The gravest verdict of all. */
export function together(people) {
  return people.map((person) => person.verdict.verdict).reduce((one, other) => (GRAVITY[other] > GRAVITY[one] ? other : one));
}

function person(result) {
  const { person: holder, verdict } = result;
  if (!holder) {
    return verdict.checks.decode === "passed" ? [element("p", { class: "told" }, say("nobody"))] : [];
  }
  return [
    element("p", { class: "name" }, text(holder.name || holder.standardised)),
    holder.standardised && holder.name ? element("p", { class: "icao" }, `${say("in_passport")}: `, text(holder.standardised)) : null,
    holder.born ? element("p", { class: "birth" }, `${say("born")} `, text(holder.born)) : null,
    holder.not_covered ? element("p", { class: "warned" }, holder.not_covered) : null,
  ];
}

function reasons(result) {
  const { words, verdict } = result;
  const told = (label, value) => element("p", { class: "told" }, element("strong", {}, label), value);
  const lines = [];
  if (words.reason) lines.push(told(say("why"), words.reason.cause), told(say("what_next"), words.reason.next));
  else if (verdict.verdict === "accepted") lines.push(told(say("what_next"), say("compare")));
  for (const [word, rule] of result.rules) lines.push(element("p", { class: "told" }, `${word}: `, text(rule)));
  for (const warning of result.warnings) lines.push(element("p", { class: "warned" }, `${say("note")}: ${warning}`));
  if (result.mine > 1) lines.push(element("p", { class: "told" }, say("best_counts", { number: result.mine })));
  return lines;
}

function details(result) {
  const rows = element("dl");
  for (const [label, value] of result.rows) rows.append(element("dt", {}, label), element("dd", {}, text(value)));
  const checks = element("ul");
  for (const check of result.words.checks) checks.append(element("li", {}, check.text));
  const { reason } = result.verdict;
  return element(
    "details",
    {},
    element("summary", {}, say("details")),
    rows,
    element("p", {}, `${say("checks")}${reason ? ` (${reason})` : ""}`),
    checks,
  );
}

function told(result) {
  return [...person(result), result.title ? element("p", { class: "told" }, text(result.title)) : null, ...reasons(result), details(result)];
}

/** Fills `section` with the results of people, and the buttons `next` and `more`. */
export function show(section, people, { age, next, more }) {
  const verdict = together(people);
  const word = people.find((one) => one.verdict.verdict === verdict).words.verdict;
  const decision = element(
    "h2",
    { class: "decision", id: "decision", role: "alert" },
    element("span", { class: "sign", "aria-hidden": "true" }, element("span", {}, SIGNS[verdict])),
    element("span", {}, word),
  );
  const button = (key, act, name) => {
    const made = element("button", { type: "button", id: name }, say(key));
    made.addEventListener("click", act);
    return made;
  };
  const tools = element("div", { class: "tools" }, button("next", next, "next"), button("same_traveller", more, "more"));
  const body =
    people.length === 1
      ? told(people[0])
      : [
          element("p", { class: "told" }, say("several", { number: people.length })),
          ...people.map((one) =>
            element("article", {}, element("h3", {}, `${SIGNS[one.verdict.verdict]} ${one.words.verdict}`), ...told(one).filter(Boolean)),
          ),
        ];
  section.className = verdict;
  section.replaceChildren(
    decision,
    ...body.filter(Boolean).map((child) => (child.tagName === "ARTICLE" ? child : element("div", {}, child))),
    tools,
    element("p", { class: "told" }, age),
  );
  section.hidden = false;
  section.scrollTop = 0;
  section.focus({ preventScroll: true });
  return verdict;
}

/** Nothing of it stays in the page. */
export function clear(section) {
  section.hidden = true;
  section.className = "";
  section.replaceChildren();
}
