// What the desk goes by: the pinned list keys, the newest good bundle, and a worker that has opened it. The network is
// asked in the background; whatever it gives counts only when the verifier believes it, and the last good bundle stays
// until then. Nothing of a person comes into this file's storage.

import { Refused } from "./verifier.js";

const DATABASE = "vaccert-officer";
const STORE = "kept";

function store(mode, use) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, mode);
      const request = use(transaction.objectStore(STORE));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onerror = transaction.onabort = () => {
        database.close();
        reject(transaction.error);
      };
    };
  });
}

const kept = {
  read: (name) => store("readonly", (all) => all.get(name)),
  write: (name, value) => store("readwrite", (all) => all.put(value, name)),
};

/** A worker with a verifier in it, as an object with the verifier's calls. */
class Bench {
  #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  #waiting = new Map();
  #next = 0;

  constructor() {
    this.#worker.onmessage = ({ data: { id, answer, refused } }) => {
      const { resolve, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (refused) reject?.(new Refused(refused));
      else resolve?.(answer);
    };
    this.#worker.onerror = () => {
      for (const { reject } of this.#waiting.values()) reject(new Refused({ code: "broken", message: "worker" }));
      this.#waiting.clear();
    };
  }

  ask(call, given, moved = []) {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call, given }, moved);
    });
  }

  end() {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Refused({ code: "ended", message: "worker ended" }));
    this.#waiting.clear();
  }
}

const same = (one, other) => one.length === other.length && one.every((key) => other.includes(key));

export class Desk extends EventTarget {
  /** What the server says: environment, list keys, address of the bundle, policy. */
  settings = null;
  /** What the bundle in use is; null until there is one. */
  facts = null;
  /** Why the newest bundle is not in use: a code with its sentence. */
  trouble = null;
  /** List keys that the server gives and that this device has not pinned: somebody must compare them. */
  offered = null;
  /** Seconds that this device's clock is ahead of the server's; null while nobody has told. */
  drift = null;
  #module;
  #bench = null;
  #etag = null;
  #updating = null;

  async start() {
    this.#module = WebAssembly.compileStreaming(fetch(new URL("verifier.wasm", import.meta.url)));
    this.#bench = await this.#spawn();
    try {
      this.settings = (await kept.read("settings")) ?? null;
      const bundle = await kept.read("bundle");
      if (this.settings && bundle) {
        this.facts = await this.#bench.ask("open", { bundle: bundle.bytes, opening: await this.#opening() });
        this.#etag = bundle.etag;
      }
    } catch (error) {
      // A store that does not answer or a bundle that spoilt: everything is fetched again.
      this.trouble = { code: error.code ?? "storage" };
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  async #spawn() {
    const bench = new Bench();
    await bench.ask("start", { module: await this.#module });
    return bench;
  }

  async #opening() {
    const { environment, list_keys } = this.settings;
    return { environment, list_keys: list_keys.map((key) => key.spki), seen: (await kept.read("seen")) ?? {} };
  }

  /** Asks the network for settings and bundle. Never throws; says how it went in `trouble`. */
  update() {
    this.#updating ??= this.#update()
      .catch((error) => {
        this.trouble = { code: error.code ?? (error instanceof TypeError ? "offline" : "server") };
      })
      .finally(() => {
        this.#updating = null;
        this.#tell();
      });
    return this.#updating;
  }

  async #update() {
    const answer = await fetch("/officer/settings.json", { cache: "no-store" });
    if (!answer.ok) throw new Refused({ code: "server", message: String(answer.status) });
    const date = Date.parse(answer.headers.get("date") ?? "");
    if (!Number.isNaN(date)) this.drift = Math.round((Date.now() - date) / 1000);
    const settings = await answer.json();
    const keys = (one) => one.list_keys.map((key) => key.spki);
    if (this.settings && (!same(keys(this.settings), keys(settings)) || this.settings.environment !== settings.environment)) {
      // Whoever stands between could have put it there. What is pinned stays until a person has compared.
      this.offered = settings;
    } else {
      this.offered = null;
      await this.#pin(settings);
    }
    await this.#fetchBundle();
  }

  async #pin(settings) {
    this.settings = settings;
    await kept.write("settings", settings);
  }

  /** Somebody has compared the keys that are offered: they are pinned. */
  async acceptOffered() {
    const offered = this.offered;
    if (!offered) return;
    this.offered = null;
    await kept.write("seen", {});
    this.#etag = null;
    await this.#pin(offered);
    await this.update();
  }

  async #fetchBundle() {
    const headers = this.#etag ? { "If-None-Match": this.#etag } : {};
    const answer = await fetch(this.settings.bundle, { cache: "no-store", headers });
    if (answer.status === 304) {
      this.trouble = null;
      return;
    }
    if (!answer.ok) throw new Refused({ code: answer.status === 404 ? "no-bundle-yet" : "server", message: String(answer.status) });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    // A bench of its own: scanning goes on with the bundle in use, and with it alone if this one is not believed.
    const bench = await this.#spawn();
    try {
      const facts = await bench.ask("open", { bundle: bytes, opening: await this.#opening() });
      const seen = (await kept.read("seen")) ?? {};
      seen[facts.maker] = Math.max(seen[facts.maker] ?? 0, facts.sequence);
      const etag = answer.headers.get("etag");
      const before = this.#bench;
      this.#bench = bench;
      this.facts = facts;
      this.trouble = null;
      this.#etag = etag;
      // Whoever waits for the old bench has its answer before it ends.
      setTimeout(() => before?.end(), 5000);
      await kept.write("bundle", { bytes, etag });
      await kept.write("seen", seen);
    } catch (error) {
      if (this.#bench !== bench) bench.end();
      throw error;
    }
  }

  judge(codes, question) {
    return this.#bench.ask("judge", { codes, question: { ...question, newest_signed: this.facts?.made_at } });
  }

  /** The codes in a frame of the camera. */
  frame(image, number) {
    const { data, width, height } = image;
    return this.#bench.ask("frame", { pixels: data, width, height, number }, [data.buffer]);
  }

  picture(file) {
    return this.#bench.ask("picture", { file });
  }

  fingerprint(spki) {
    const bytes = Uint8Array.from(atob(spki), (letter) => letter.charCodeAt(0));
    return this.#bench.ask("fingerprint", { spki: bytes });
  }
}
