// The officer's page in a real browser. Asked by tests/suite/officer: one JSON object a line comes in (what to do), one
// goes out (what was seen).

import { createInterface } from "node:readline";
import { withBrowser } from "./browser.mjs";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const task = JSON.parse((await lines.next()).value);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** What stands on the screen. */
async function seen(page) {
  await page.waitForSelector("#result:not([hidden])");
  return page.evaluate(() => {
    const result = document.getElementById("result");
    const text = (selector) => [...result.querySelectorAll(selector)].map((element) => element.textContent);
    return {
      verdict: result.className,
      word: text("#decision > span:last-child")[0],
      names: text(".name"),
      standardised: text(".icao"),
      born: text(".birth"),
      all: result.innerText,
      milliseconds: Number(result.dataset.milliseconds),
      focused: result.contains(document.activeElement),
    };
  });
}

async function next(page) {
  await page.click("#next");
  await page.waitForSelector("#result", { state: "hidden" });
}

const ready = (page) => page.waitForSelector("body[data-state=ready]");

/** As a scanner types: every character a key, then Enter. */
async function typed(page, code) {
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  const result = await seen(page);
  await next(page);
  return result;
}

const errors = [];
function listen(page) {
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text())) errors.push(message.text());
  });
}

const options = { viewport: { width: 412, height: 860 }, locale: "en-GB" };
const camera = (film) => [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  `--use-file-for-fake-video-capture=${film}`,
];

// A camera that sees a code which is no certificate.
const poster = await withBrowser({ executable: task.chromium, flags: camera(task.poster), options }, async (browser) => {
  const page = browser.pages()[0] ?? (await browser.newPage());
  listen(page);
  await page.goto(`${task.base}/officer`);
  await ready(page);
  await page.click("#camera");
  return seen(page);
});

await withBrowser({ executable: task.chromium, flags: camera(task.video), options }, async (browser) => {
  const page = browser.pages()[0] ?? (await browser.newPage());
  listen(page);
  const elsewhere = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(task.base)) elsewhere.push(request.url());
  });
  const weights = new Map();
  page.on("response", async (response) => {
    const sizes = await response.request().sizes().catch(() => null);
    if (sizes) weights.set(new URL(response.url()).pathname, sizes.responseBodySize);
  });
  await page.goto(`${task.base}/officer`);
  await ready(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

  const out = { poster, wedge: {}, camera: [], screenshots: [] };
  for (const [name, code] of Object.entries(task.codes)) out.wedge[name] = await typed(page, code);

  // A scanner that stops for a moment in the middle of a code, as wireless ones do: one scan, not two halves.
  const half = task.codes.good.length >> 1;
  await page.keyboard.type(task.codes.good.slice(0, half));
  await page.waitForTimeout(400);
  out.torn = [await page.isHidden("#result")];
  out.torn.push(await typed(page, task.codes.good.slice(half)));

  // The same with the focus on a button: the scanner's Enter must press none.
  await page.focus("#camera");
  out.focus_elsewhere = await typed(page, task.codes.good);
  out.camera_stayed_off = await page.isHidden("#video");

  // A picture file.
  await page.setInputFiles("#picture", task.picture);
  out.picture = await seen(page);
  await next(page);

  // The camera.
  await page.click("#camera");
  out.camera.push(await seen(page));
  await page.screenshot({ path: `${task.shots}/officer-accepted-en.png` });
  await next(page);
  // A code that stays where it lies is one scan; switched off and on again the camera looks anew.
  await page.click("#camera");
  await page.click("#camera");
  out.camera.push(await seen(page));
  await next(page);
  await page.click("#camera");

  // Two certificates of one traveller: the best counts.
  await page.keyboard.type(task.codes.revoked);
  await page.keyboard.press("Enter");
  await seen(page);
  await page.click("#more");
  await page.keyboard.type(task.codes.good);
  await page.keyboard.press("Enter");
  out.more = await seen(page);
  await next(page);

  // One of each of two people: the gravest counts.
  await page.keyboard.type(task.codes.revoked);
  await page.keyboard.press("Enter");
  await seen(page);
  await page.click("#more");
  await page.keyboard.type(task.companion);
  await page.keyboard.press("Enter");
  out.both = await seen(page);
  await next(page);

  // Little of the person.
  await page.click("#open-settings");
  await page.check("#minimal");
  await page.click("#settings button.main");
  out.minimal = await typed(page, task.codes.good);
  await page.click("#open-settings");
  await page.uncheck("#minimal");
  await page.click("#settings button.main");

  // A bundle that is changed on its way: refused, and the last good one stays.
  const facts = async () => page.evaluate(() => document.getElementById("age").textContent);
  const before = await facts();
  await page.route("**/officer/bundle.json", async (route) => {
    const answer = await route.fetch({ headers: {} });
    const text = await answer.text();
    const at = text.indexOf('"signed"') + 4000;
    const other = text[at] === "A" ? "B" : "A";
    await route.fulfill({ status: 200, contentType: "application/json", body: text.slice(0, at) + other + text.slice(at + 1) });
  });
  await page.click("#open-settings");
  await page.click("#update");
  await page.click("#settings button.main");
  await page.waitForSelector("#notices .bad");
  out.tampered_bundle = { notice: await page.innerText("#notices"), age: [before, await facts()], verdict: (await typed(page, task.codes.good)).verdict };
  await page.unroute("**/officer/bundle.json");

  // Another list key: nothing changes until somebody has compared.
  await page.route("**/officer/settings.json", async (route) => {
    const answer = await route.fetch();
    const settings = await answer.json();
    settings.list_keys[0] = task.other_key;
    await route.fulfill({ response: answer, json: settings });
  });
  await page.click("#open-settings");
  await page.click("#update");
  await page.click("#settings button.main");
  await page.waitForSelector("#notices .digits");
  out.other_key = { notice: await page.innerText("#notices"), verdict: (await typed(page, task.codes.good)).verdict };
  await page.unroute("**/officer/settings.json");

  out.kept = await page.evaluate(async () => {
    const bundle = await new Promise((resolve, reject) => {
      const opening = indexedDB.open("vaccert-officer", 1);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const request = opening.result.transaction("kept").objectStore("kept").getAllKeys();
        request.onsuccess = () => resolve(request.result);
      };
    });
    return { database: bundle, local: { ...localStorage }, caches: await caches.keys() };
  });
  out.weights = Object.fromEntries(weights);
  out.elsewhere = elsewhere;
  say({ online: out });

  // Without the server.
  await lines.next();
  await page.reload();
  await ready(page);
  const offline = { wedge: await typed(page, task.codes.good), notice: await page.innerText("#notices") };
  await page.click("#camera");
  offline.camera = await seen(page);
  await next(page);
  await page.click("#camera");
  for (const lang of ["ar", "lo"]) {
    await page.goto(`${task.base}/officer?lang=${lang}`);
    await ready(page);
    await page.waitForSelector(`html[lang=${lang}]`);
    offline[lang] = { page: await page.innerText("body"), direction: await page.evaluate(() => document.documentElement.dir) };
    await page.screenshot({ path: `${task.shots}/officer-ready-${lang}.png` });
    await page.keyboard.type(task.codes.good);
    await page.keyboard.press("Enter");
    offline[lang].good = await seen(page);
    await page.screenshot({ path: `${task.shots}/officer-accepted-${lang}.png` });
    await next(page);
    await page.keyboard.type(task.codes.tampered);
    await page.keyboard.press("Enter");
    offline[lang].tampered = await seen(page);
    await page.screenshot({ path: `${task.shots}/officer-rejected-${lang}.png` });
    await next(page);
  }
  await page.goto(`${task.base}/officer?lang=en`);
  await ready(page);
  await page.screenshot({ path: `${task.shots}/officer-ready-en.png` });
  for (const name of ["unknown", "revoked"]) {
    await page.keyboard.type(task.codes[name]);
    await page.keyboard.press("Enter");
    await seen(page);
    await page.screenshot({ path: `${task.shots}/officer-${name}-en.png` });
    await next(page);
  }
  await page.click("#open-settings");
  await page.screenshot({ path: `${task.shots}/officer-settings-en.png` });
  await page.click("#settings button.main");

  // A clock that was set back.
  await page.clock.install({ time: new Date(Date.now() - 3 * 24 * 3600 * 1000) });
  await page.reload();
  await ready(page);
  await page.keyboard.type(task.codes.good);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#result:not([hidden])");
  offline.set_back = { notice: await page.innerText("#notices"), result: await seen(page) };
  offline.errors = errors;
  say({ offline });
});
process.exit(0);
