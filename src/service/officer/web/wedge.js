// A scanner that types: characters in quick succession, then Enter or a pause. Whatever has the focus, what it types
// arrives here, unless a dialog is open, where somebody writes into other fields.
//
// A wireless scanner or a busy machine stops for a moment in the middle of a code, and half a code is no certificate:
// so a pause ends a scan at once only with a scanner that was seen to end so. One that sends Enter or Tab is waited for.

/** Milliseconds of silence that end a scan, by how the scan before it ended. */
const PAUSES = { unknown: 1000, enter: 2000, pause: 400 };
/** An Enter that comes so many milliseconds after the end of a scan belongs to it. */
const LATE = 1500;
const QUICK = 80;
const SHORTEST = 6;

export class Wedge {
  #field;
  #found;
  #timer = 0;
  #last = 0;
  #since = 0;
  #ends = "unknown";

  /** `field` takes what is typed; `found(text, since)` is told of it. */
  constructor(field, found) {
    this.#field = field;
    this.#found = found;
    field.addEventListener("input", () => this.#typed());
    field.addEventListener("paste", (event) => {
      event.preventDefault();
      this.#give(event.clipboardData?.getData("text/plain") ?? "", performance.now());
    });
    // Before any button hears of it: Enter at the end of a scan must press none.
    document.addEventListener("keydown", (event) => this.#key(event), true);
    for (const name of ["focusout", "pointerup", "click"]) document.addEventListener(name, () => this.#return());
    window.addEventListener("focus", () => this.#return());
    this.#return();
  }

  static #writes(element) {
    return Boolean(element?.closest?.("dialog[open]"));
  }

  /** Brings the focus back where it went nowhere: to the body, as after a click beside everything. */
  #return() {
    setTimeout(() => {
      const active = document.activeElement;
      if (!active || active === document.body) this.#field.focus({ preventScroll: true });
    }, 0);
  }

  #key(event) {
    if (Wedge.#writes(event.target) || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const filled = this.#field.value !== "";
    const ago = performance.now() - this.#last;
    const typing = filled && ago < PAUSES[this.#ends];
    // Some scanners end with a tab. A person who types by hand may think before Enter.
    if ((typing && (event.key === "Enter" || event.key === "Tab")) || (filled && event.key === "Enter" && event.target === this.#field)) {
      event.preventDefault();
      event.stopPropagation();
      this.#end("enter");
      return;
    }
    if (event.key === "Enter" && !filled && this.#ends === "pause" && ago < LATE) {
      // The end of a scan that was thought to have ended: it must press no button.
      event.preventDefault();
      event.stopPropagation();
      this.#ends = "enter";
      return;
    }
    if (event.key.length !== 1 || event.target === this.#field) return;
    // A space on a button presses it, unless it stands in the middle of a scan.
    if (event.key === " " && !typing) return;
    event.preventDefault();
    this.#field.focus({ preventScroll: true });
    this.#field.value += event.key;
    this.#typed();
  }

  #typed() {
    const now = performance.now();
    const pause = PAUSES[this.#ends];
    if (this.#since === 0 || now - this.#last > pause) this.#since = now;
    this.#last = now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pause(), pause);
  }

  #pause() {
    const text = this.#field.value;
    // A person who types by hand ends with Enter.
    const quick = text.length >= SHORTEST && (this.#last - this.#since) / text.length < QUICK;
    if (quick) this.#end("pause");
  }

  /** `how` the scan ended tells how the next one will. */
  #end(how) {
    clearTimeout(this.#timer);
    this.#ends = how;
    const text = this.#field.value;
    this.#field.value = "";
    const since = this.#since;
    this.#since = 0;
    this.#give(text, since);
  }

  #give(text, since) {
    const code = text.trim();
    if (code !== "") this.#found(code, since);
  }
}
