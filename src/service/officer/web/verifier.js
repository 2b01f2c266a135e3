// The verifier as WebAssembly: the other side of src/wasm, which tells what each call takes and gives.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Codes as the verifier takes them: four bytes of length, the lowest first, then the bytes. */
function framed(codes) {
  const parts = codes.map((code) => (typeof code === "string" ? encoder.encode(code) : code));
  const whole = new Uint8Array(parts.reduce((length, part) => length + 4 + part.length, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    whole.set(part, at + 4);
    at += 4 + part.length;
  }
  return whole;
}

function unframed(whole) {
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const codes = [];
  let at = 0;
  while (at + 4 <= whole.length) {
    const length = view.getUint32(at, true);
    codes.push(whole.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return codes;
}

/** What the verifier refuses, with its stable code. */
export class Refused extends Error {
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

export class Verifier {
  #module;
  #calls;
  #opened = null;

  /** Takes a compiled module; every use of it gets an instance of its own. */
  constructor(module) {
    this.#module = module;
    this.#start();
  }

  #start() {
    this.#calls = new WebAssembly.Instance(this.#module, {}).exports;
  }

  #give(...parts) {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const place = this.#calls.input(length);
    if (place === 0) throw new Refused({ code: "too-large", message: "more than the verifier reads at once" });
    let at = place;
    for (const part of parts) {
      new Uint8Array(this.#calls.memory.buffer, at, part.length).set(part);
      at += part.length;
    }
    return parts[0].length;
  }

  #answer() {
    return new Uint8Array(this.#calls.memory.buffer, this.#calls.output(), this.#calls.output_length()).slice();
  }

  #json() {
    return JSON.parse(decoder.decode(this.#answer()));
  }

  /** Runs a call. An instance that broke is replaced, and knows the bundle again. */
  #run(work) {
    try {
      return work();
    } catch (error) {
      if (error instanceof Refused) throw error;
      this.#start();
      if (this.#opened) this.#open(...this.#opened);
      throw new Refused({ code: "broken", message: String(error?.message ?? error) });
    } finally {
      this.#calls.forget();
    }
  }

  #open(bundle, opening) {
    if (this.#calls.open(this.#give(bundle, encoder.encode(JSON.stringify(opening)))) !== 0) {
      throw new Refused(this.#json());
    }
    return this.#json();
  }

  /** Opens a bundle under pinned keys; what it is comes back. */
  open(bundle, opening) {
    return this.#run(() => {
      const facts = this.#open(bundle, opening);
      this.#opened = [bundle, opening];
      return facts;
    });
  }

  /** Judges codes (texts or bytes) together. */
  judge(codes, question) {
    return this.#run(() => {
      if (this.#calls.judge(this.#give(framed(codes), encoder.encode(JSON.stringify(question)))) !== 0) {
        throw new Refused(this.#json());
      }
      return this.#json().results;
    });
  }

  #found(number) {
    if (number === 0xffffffff || number === -1) throw new Refused(this.#json());
    return number === 0 ? [] : unframed(this.#answer());
  }

  /** The codes in a frame: red, green, blue and something for each pixel. */
  frame(pixels, width, height, number) {
    return this.#run(() => {
      this.#give(pixels);
      return this.#found(this.#calls.frame(width, height, number));
    });
  }

  /** The codes in a PNG or JPEG. */
  picture(file) {
    return this.#run(() => {
      this.#give(file);
      return this.#found(this.#calls.picture());
    });
  }

  /** A list key in digits that a person can compare. */
  fingerprint(spki) {
    return this.#run(() => {
      this.#give(spki);
      this.#calls.fingerprint();
      return decoder.decode(this.#answer());
    });
  }
}
