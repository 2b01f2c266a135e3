// The words of the page in the officer's language. They lie beside the page, so that they are there without a network.

export const RIGHT_TO_LEFT = ["ar"];

let words = {};

/** Takes a language; the page says everything in it from then on. */
export async function speak(language) {
  const answer = await fetch(`/officer/words/${language}.json`);
  if (!answer.ok) throw new Error(`no words: ${answer.status}`);
  words = await answer.json();
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  document.title = say("title");
}

/** A text with its `{names}` filled. */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The best language that the page has for somebody's wishes. */
export function choose(wishes, have) {
  for (const wish of wishes) {
    const language = String(wish).toLowerCase().split("-")[0];
    if (have.includes(language)) return language;
  }
  return have[0];
}
