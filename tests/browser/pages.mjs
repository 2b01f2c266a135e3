// Every page of every door in a real browser: found in the OpenAPI documents, looked at in several languages, widths and
// colour schemes. Asked by tests/suite/browser: one JSON object on standard input, one JSON object a finding on
// standard output, and at the end the number of pages that were looked at.

import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { withBrowser } from "./browser.mjs";

const task = JSON.parse(await new Response(process.stdin).text());
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const LANGUAGES = ["en", "ar", "lo"];
// Everything is measured at every width; the slow examination is done once for each width and scheme.
const VIEWS = task.full
  ? [[360, "light"], [360, "dark"], [1280, "light"], [1280, "dark"]]
  : [[360, "light"], [1280, "dark"]];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Addresses of the pages of a door: what is read there and answers HTML. */
async function pages(door) {
  const document = await (await fetch(`${door.base}/v1/openapi.json`)).json();
  const found = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    // Problems are told as pages everywhere; a page is what is one when all goes well.
    if (!operations.get?.responses["200"]?.content?.["text/html"]) continue;
    if (!path.includes("{")) found.push(path);
  }
  return [...found, ...(door.more ?? [])];
}

/** What no page may do, whatever it shows. */
async function measure(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const small = [];
    for (const element of document.querySelectorAll("button, select, summary, input:not([type=hidden]), nav a, a.button")) {
      const { width, height } = element.getBoundingClientRect();
      if (width === 0 || element.closest("[hidden]") || getComputedStyle(element).visibility === "hidden") continue;
      const box = element.matches("[type=checkbox], [type=radio]") ? 24 : 44;
      if (height + 0.5 < box) small.push(`${element.outerHTML.slice(0, 80)} is ${Math.round(height)} px high`);
    }
    return { wide, small, lang: document.documentElement.lang, dir: document.documentElement.dir };
  });
}

let looked = 0;
for (const door of task.doors) {
  const options = { locale: "en-GB", extraHTTPHeaders: door.headers ?? {} };
  await withBrowser({ executable: task.chromium, options }, async (browser) => {
    const page = browser.pages()[0] ?? (await browser.newPage());
    let where = "";
    const wrong = (what, detail) => say({ where, what, detail });
    page.on("pageerror", (error) => wrong("error", String(error)));
    page.on("console", (message) => message.type() === "error" && wrong("console", message.text()));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(door.base) && !/^(data|blob|about):/.test(url)) wrong("request elsewhere", url);
    });
    for (const path of await pages(door)) {
      for (const lang of LANGUAGES) {
        where = `${door.name} ${path} ${lang}`;
        await page.setViewportSize({ width: VIEWS[0][0], height: 800 });
        const answer = await page.goto(`${door.base}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
        if (answer.status() !== 200) {
          wrong("status", answer.status());
          continue;
        }
        looked += 1;
        for (const [width, scheme] of VIEWS) {
          where = `${door.name} ${path} ${lang} ${width} ${scheme}`;
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          const { wide, small, lang: of, dir } = await measure(page);
          if (wide > 0) wrong("scrolls sideways", `${wide} px`);
          for (const element of small) wrong("target", element);
          if (of !== lang || dir !== (lang === "ar" ? "rtl" : "ltr")) wrong("language", `${of} ${dir}`);
          await page.evaluate(axe);
          const found = await page.evaluate(
            (rules) => window.axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] }),
            RULES,
          );
          for (const { id, help, nodes } of found.violations) wrong(`axe ${id}`, `${help}: ${nodes[0].html.slice(0, 200)}`);
          if (task.screenshots) {
            await mkdir(task.screenshots, { recursive: true });
            const name = `${door.name}${path.replace(/[^a-zA-Z0-9]+/g, "-")}-${lang}-${width}-${scheme}.png`;
            await page.screenshot({ path: join(task.screenshots, name), fullPage: true });
          }
        }
      }
    }
  });
}
say({ looked });
