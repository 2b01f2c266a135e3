// A fresh browser for a test, without anything that asks the Internet.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Opens a browser with its own profile, hands it to `work`, and leaves nothing behind. */
export async function withBrowser({ executable, flags = [], options = {} }, work) {
  const profile = await mkdtemp(join(tmpdir(), "vaccert-browser-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    args: [...FLAGS, ...flags],
    ...options,
  });
  // What is waited for comes at once, or on a busy machine a good deal later.
  browser.setDefaultTimeout(120000);
  browser.setDefaultNavigationTimeout(120000);
  try {
    return await work(browser);
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}
