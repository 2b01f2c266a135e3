// The officer's page: one scan, one verdict on the whole screen, the next scan. Works without a network once it has
// been opened with one; keeps nothing of a person and sends nothing anywhere.

import { Camera } from "./camera.js";
import { Desk } from "./desk.js";
import { clear, ofPeople, show } from "./result.js";
import * as chosen from "./settings.js";
import { signal, wake } from "./signals.js";
import { Wedge } from "./wedge.js";
import { choose, say, speak } from "./words.js";

const UPDATE_EVERY = 10 * 60 * 1000;
const NEXT_BY_ITSELF = 3000;
const RESULT_STAYS = 60 * 1000;
const PARTS_STAY = 30 * 1000;
const DRIFT_SECONDS = 30;
const BEHIND = 10 * 60 * 1000;

const at = (id) => document.getElementById(id);
const desk = new Desk();
const tally = { accepted: 0, rejected: 0, undecided: 0 };

let choice = chosen.load();
let settings = chosen.over(choice, null);
/** Codes that are judged together: parts of one certificate, certificates of one traveller. */
let together = [];
/** The next scan is of the same traveller. */
let joining = false;
/** What the camera read once and that is no certificate. */
let doubted = new Set();
let showing = false;
let locked = false;
let stateWord = null;
let timers = { result: 0, parts: 0 };
let newVersion = null;

const camera = new Camera(at("video"), (image, number) => desk.frame(image, number), (codes, since) => fromCamera(codes, since));

/* Lists: age, trouble, clock. */

function age() {
  const { facts } = desk;
  if (!facts) return { word: say("lists_none"), level: "over", stop: false };
  const now = Date.now();
  const minutes = Math.max(0, Math.round((now - Date.parse(facts.made_at)) / 60000));
  const [key, number] = minutes < 120 ? ["minutes", minutes] : minutes < 48 * 60 ? ["hours", Math.floor(minutes / 60)] : ["days", Math.floor(minutes / 1440)];
  const word = say("lists_age", { age: say(key, { number }) });
  const policy = desk.settings?.policy ?? {};
  if (now > Date.parse(facts.valid_until)) return { word, level: "over", stop: policy.past_lists === "stop", over: true };
  const hours = policy.amber_hours ?? 24;
  return { word, level: minutes >= hours * 60 ? "old" : "fresh", stop: false, hours };
}

function notice(level, word, ...buttons) {
  const made = document.createElement("p");
  made.className = `notice ${level}`;
  made.append(word);
  for (const button of buttons) made.append(document.createElement("br"), button);
  return made;
}

function button(word, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = word;
  made.addEventListener("click", act);
  return made;
}

const REFUSED = ["damaged", "other-list-key", "replayed", "environment", "version"];

function notices() {
  const all = [];
  const { level, stop, over, hours } = age();
  if (!desk.facts) all.push(notice("bad", say("lists_none")));
  else if (stop) all.push(notice("bad", say("lists_stop")));
  else if (over) all.push(notice("bad", say("lists_over")));
  else if (level === "old") all.push(notice("warn", say("lists_old", { hours })));
  if (desk.facts && Date.now() < Date.parse(desk.facts.made_at) - BEHIND) all.push(notice("bad", say("clock_behind")));
  else if (desk.drift !== null && Math.abs(desk.drift) >= DRIFT_SECONDS) all.push(notice("warn", say("clock_drift", { seconds: Math.abs(desk.drift) })));
  if (desk.offered) {
    const digits = document.createElement("span");
    digits.className = "digits";
    digits.textContent = desk.offered.list_keys.map((key) => key.fingerprint).join(" · ");
    const made = notice("bad", say("key_other"));
    made.append(document.createElement("br"), digits, document.createElement("br"), button(say("key_accept"), () => desk.acceptOffered()));
    all.push(made);
  }
  const trouble = desk.trouble?.code;
  if (trouble === "storage") all.push(notice("warn", say("storage_trouble")));
  else if (trouble === "server" || trouble === "no-bundle-yet") all.push(notice("warn", say("server_trouble")));
  else if (trouble === "replayed" && level === "fresh") {
    // Another replica is a little behind: what is in use is newer.
  } else if (trouble && trouble !== "offline") {
    const reason = REFUSED.includes(trouble) ? `refused_${trouble.replaceAll("-", "_")}` : "refused_other";
    all.push(notice("bad", say("list_refused", { reason: say(reason) })));
  }
  if (newVersion) all.push(notice("warn", say("new_version"), button(say("reload"), () => newVersion.postMessage("take over"))));
  at("notices").replaceChildren(...all);
}

function state(key, values) {
  stateWord = key ? [key, values] : null;
  at("state").textContent = key ? say(key, values) : "";
}

function refresh() {
  settings = chosen.over(choice, desk.settings?.policy);
  const { word, level, stop } = age();
  at("age").textContent = word;
  at("age").className = `age ${level}`;
  at("rehearsal").hidden = desk.settings?.environment !== "sandbox";
  const usable = Boolean(desk.facts) && !stop;
  for (const id of ["camera", "picture", "open-paste"]) at(id).disabled = !usable;
  at("open-settings").disabled = false;
  at("camera").textContent = say(camera.on ? "camera_stop" : "camera_start");
  at("light").hidden = !(camera.on && camera.torch);
  at("video").hidden = !camera.on;
  if (!usable && camera.on) camera.stop();
  const all = tally.accepted + tally.rejected + tally.undecided;
  at("counts").textContent = all > 0 ? say("counts", { all, ...tally }) : "";
  if (usable && stateWord === null) state("ready");
  else if (stateWord) state(...stateWord);
  if (!usable) at("state").textContent = "";
  notices();
  document.body.dataset.state = usable ? "ready" : "waiting";
}

/* Scans and verdicts. */

function question() {
  const arrival = settings.arrival && settings.country ? `${settings.arrival}T12:00:00Z` : null;
  return {
    now: new Date().toISOString(), arrival, country: settings.country || null, language: settings.language,
    minimal: settings.minimal, require_revocations: settings.revocations,
  };
}

const equal = (one, other) => one.length === other.length && String(one) === String(other);

/** A text that is no certificate of any kind: of a poster, of a boarding pass, or of a frame that was misread. */
const foreign = (result) => result.verdict.reason === "format-unknown";

const isForeign = async (code) => (await desk.judge([code], question())).every(foreign);

/** Of several codes of one picture, those that are certificates: what else stands on the sheet says nothing of it. */
async function certificatesOf(codes) {
  if (codes.length < 2) return codes;
  const kept = [];
  for (const code of codes) if (!(await isForeign(code))) kept.push(code);
  return kept.length > 0 ? kept : codes;
}

/** What is no certificate is told when the camera has read it twice: no misread frame says the same again. */
function fromCamera(codes, since) {
  const again = codes.every((code) => doubted.has(String(code)));
  scanned(codes, since, again ? null : (foreigners) => {
    doubted = new Set(foreigners.map(String));
    camera.forget(foreigners);
  });
}

async function scanned(given, since, doubt = null) {
  if (locked || !desk.facts || age().stop) return;
  touched();
  const paused = camera.paused;
  camera.paused = true;
  try {
    const codes = await certificatesOf(given);
    const joined = joining || together.length > 0 ? [...together] : [];
    for (const code of codes) if (!joined.some((known) => equal(known, code))) joined.push(code);
    const results = await desk.judge(joined, question());
    if (doubt && results.some(foreign) && (await isForeign(codes[0]))) {
      camera.paused = paused;
      doubt(given);
      return;
    }
    if (results.length > 0 && results.every((result) => result.incomplete)) {
      // The rest of a certificate that is spread over several codes: the next scan brings it.
      together = joined;
      clearTimeout(timers.parts);
      timers.parts = setTimeout(forgetParts, PARTS_STAY);
      state("part_seen");
      camera.paused = false;
      return;
    }
    together = joined;
    verdict(ofPeople(results), since);
  } catch (error) {
    together = [];
    camera.paused = false;
    state(error.code === "broken" ? "broken" : "lists_none");
    signal("rejected", settings);
  }
}

function forgetParts() {
  if (showing) return;
  together = [];
  joining = false;
  state("ready");
}

/** What lies beneath a verdict or the lock can be neither reached nor read aloud. */
function beneath(covered) {
  for (const element of document.querySelectorAll("header, main")) element.inert = covered;
}

function verdict(people, since) {
  clearTimeout(timers.result);
  clearTimeout(timers.parts);
  showing = true;
  joining = false;
  beneath(true);
  const word = show(at("result"), people, { age: age().word, next, more });
  at("result").dataset.milliseconds = Math.round(performance.now() - since);
  tally[word] += 1;
  signal(word, settings);
  refresh();
  // In the queue the camera goes on beneath the verdict; a code that still lies there is not a new one.
  camera.paused = !settings.by_itself;
  if (settings.by_itself) together = [];
  timers.result = setTimeout(next, settings.by_itself ? NEXT_BY_ITSELF : RESULT_STAYS);
}

function next() {
  clearTimeout(timers.result);
  clear(at("result"));
  beneath(false);
  showing = false;
  joining = false;
  together = [];
  doubted = new Set();
  camera.paused = false;
  state("ready");
  at("wedge").focus({ preventScroll: true });
}

/** The same traveller shows one more. */
function more() {
  const held = together;
  next();
  together = held;
  joining = true;
  clearTimeout(timers.parts);
  timers.parts = setTimeout(forgetParts, 2 * PARTS_STAY);
  state("traveller_more");
}

const wedge = new Wedge(at("wedge"), (text, since) => {
  if (showing && !joining) together = [];
  scanned([text], since);
});

async function picture(file) {
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const since = performance.now();
    await scanned(await desk.picture(bytes), since);
  } catch (error) {
    state(error.code === "no-code" ? "no_code" : "picture_bad");
  }
}

/* Camera. */

async function switchCamera() {
  if (camera.on) {
    camera.stop();
    refresh();
    return;
  }
  try {
    await camera.start(settings.device);
    state("ready");
  } catch (error) {
    if (error.name === "OverconstrainedError" && settings.device) {
      settings.device = choice.device = "";
      return switchCamera();
    }
    const why = { NotAllowedError: "camera_denied", SecurityError: "camera_denied", NotFoundError: "camera_missing", TypeError: "camera_missing" };
    state(why[error.name] ?? "camera_busy");
  }
  refresh();
}

/* Lock. */

let lastTouched = performance.now();

function touched() {
  lastTouched = performance.now();
}

function lockWhenIdle() {
  if (locked || performance.now() - lastTouched < settings.lock_after * 60 * 1000) return;
  next();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close("");
  at("text").value = "";
  camera.stop();
  locked = true;
  beneath(true);
  at("lock").hidden = false;
  at("unlock").focus();
  refresh();
}

at("unlock").addEventListener("click", () => {
  locked = false;
  touched();
  at("lock").hidden = true;
  beneath(false);
  at("wedge").focus({ preventScroll: true });
  refresh();
});

/* Settings. */

function fillSettings() {
  const countries = desk.facts?.countries ?? [];
  const option = (value, word) => Object.assign(document.createElement("option"), { value, textContent: word });
  at("country").replaceChildren(option("", say("country_none")), ...countries.map(({ code, name }) => option(code, name)));
  const today = new Date().toISOString().slice(0, 10);
  at("arrival").min = today;
  for (const name of ["country", "arrival", "lock_after", "language"]) at(name).value = settings[name];
  for (const name of ["by_itself", "minimal", "revocations", "sound", "vibration"]) at(name).checked = settings[name];
  const digits = (key) => Object.assign(document.createElement("p"), { className: "digits", textContent: key.fingerprint });
  at("keys").replaceChildren(...(desk.settings?.list_keys ?? []).map(digits));
  const until = desk.facts && new Date(desk.facts.valid_until);
  at("until").textContent = until ? say("lists_until", { time: until.toLocaleString(settings.language) }) : "";
  Camera.devices().then((devices) => {
    at("cameras").hidden = devices.length < 2;
    at("device").replaceChildren(...devices.map((device, number) => option(device.deviceId, device.label || String(number + 1))));
    if (settings.device) at("device").value = settings.device;
  }, () => {});
}

async function takeSettings(event) {
  const { name, type, checked, value } = event.target;
  if (!name) return;
  choice[name] = type === "checkbox" ? checked : name === "lock_after" ? Math.min(60, Math.max(1, Number(value) || 5)) : value;
  chosen.save(choice);
  if (name === "language") {
    await speak(value).catch(() => {});
    fillSettings();
  }
  if (name === "device" && camera.on) {
    camera.stop();
    settings.device = value;
    await switchCamera();
  }
  refresh();
}

/* Beginning. */

function listen() {
  at("camera").addEventListener("click", switchCamera);
  at("light").addEventListener("click", async () => {
    const on = at("light").getAttribute("aria-pressed") !== "true";
    await camera.light(on).catch(() => {});
    at("light").setAttribute("aria-pressed", String(on));
  });
  at("picture").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) picture(file);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) picture(file);
  });
  document.addEventListener("paste", (event) => {
    if (event.defaultPrevented || event.target.closest?.("dialog")) return;
    const file = [...(event.clipboardData?.files ?? [])][0];
    const text = event.clipboardData?.getData("text/plain").trim();
    event.preventDefault();
    if (file) picture(file);
    else if (text) scanned([text], performance.now());
  });
  at("open-paste").addEventListener("click", () => at("paste").showModal());
  at("paste").addEventListener("close", () => {
    const text = at("text").value.trim();
    at("text").value = "";
    if (at("paste").returnValue === "check" && text) scanned([text], performance.now());
  });
  at("open-settings").addEventListener("click", () => {
    fillSettings();
    at("settings").showModal();
  });
  at("settings").addEventListener("change", takeSettings);
  at("update").addEventListener("click", async () => {
    await desk.update();
    fillSettings();
    const done = desk.trouble === null;
    at("until").append(` ${say(done ? "updated" : desk.trouble.code === "offline" ? "offline" : "server_trouble")}`);
  });
  at("reset").addEventListener("click", () => {
    for (const word of Object.keys(tally)) tally[word] = 0;
    refresh();
  });
  for (const name of ["pointerdown", "keydown"]) {
    document.addEventListener(name, () => {
      touched();
      wake();
    }, { capture: true, passive: true });
  }
  desk.addEventListener("change", refresh);
  window.addEventListener("online", () => desk.update());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) desk.update();
  });
  setInterval(() => desk.update(), UPDATE_EVERY);
  setInterval(() => {
    refresh();
    lockWhenIdle();
  }, 15 * 1000);
}

async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/officer/sw.js", { scope: "/officer" });
  const waiting = (worker) => {
    if (worker && navigator.serviceWorker.controller) {
      newVersion = worker;
      notices();
    }
  };
  waiting(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => coming.state === "installed" && waiting(coming));
  });
  let reloaded = false;
  const had = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had && !reloaded) {
      reloaded = true;
      location.reload();
    }
  });
  navigator.storage?.persist?.().catch(() => {});
}

async function begin() {
  const have = [...at("language").options].map((option) => option.value);
  const asked = new URLSearchParams(location.search).get("lang");
  choice.language = asked && have.includes(asked) ? asked : choice.language || choose(navigator.languages ?? [], have);
  settings = chosen.over(choice, null);
  listen();
  await speak(settings.language).catch(() => {});
  keepOffline().catch(() => {});
  try {
    await desk.start();
  } catch {
    state("refused_other");
  }
  refresh();
  await desk.update();
  refresh();
}

begin();
