// A scanner that types: characters in quick succession, then Enter or a pause. Whatever has the focus, what it types
// arrives here, unless a dialog is open, where somebody writes into other fields.

const PAUSE = 250;
const QUICK = 80;
const SHORTEST = 6;

export class Wedge {
  #field;
  #found;
  #timer = 0;
  #last = 0;
  #since = 0;

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
    const typing = this.#field.value !== "" && performance.now() - this.#last < PAUSE;
    if (event.key === "Enter" && typing) {
      event.preventDefault();
      event.stopPropagation();
      this.#end();
      return;
    }
    if (event.key === "Tab" && typing) {
      // Some scanners end with a tab.
      event.preventDefault();
      this.#end();
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
    if (this.#since === 0 || now - this.#last > PAUSE) this.#since = now;
    this.#last = now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pause(), PAUSE);
  }

  #pause() {
    const text = this.#field.value;
    // A person who types by hand ends with Enter.
    const quick = text.length >= SHORTEST && (this.#last - this.#since) / text.length < QUICK;
    if (quick) this.#end();
  }

  #end() {
    clearTimeout(this.#timer);
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
