// The camera: frames for the verifier, one at a time, as fast as it reads them.

const WIDE = 1280;
// A code that lies in the picture for a while is one code.
const AGAIN_AFTER = 2500;

const nameOf = (code) => String.fromCharCode.apply(null, code.subarray(0, 4096));

export class Camera {
  #video;
  #found;
  #read;
  #stream = null;
  #number = 0;
  #canvas = document.createElement("canvas");
  #seen = new Map();
  /** While true, frames are not looked at. */
  paused = false;

  /** `read(image, number)` gives the codes of a frame; `found(codes, since)` is told of new ones. */
  constructor(video, read, found) {
    this.#video = video;
    this.#read = read;
    this.#found = found;
  }

  get on() {
    return this.#stream !== null;
  }

  /** Throws what the browser says when there is no camera or nobody allows it. */
  async start(device) {
    this.stop();
    const wanted = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const video = device ? { ...wanted, deviceId: { exact: device } } : { ...wanted, facingMode: { ideal: "environment" } };
    this.#stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    const mine = this.#stream;
    this.#loop(mine);
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
    this.#seen.clear();
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  /** Whether there is a light to switch. */
  get torch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  async light(on) {
    await this.#track?.applyConstraints({ advanced: [{ torch: on }] });
  }

  static async devices() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    return all.filter((device) => device.kind === "videoinput");
  }

  #image() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!width || !height) return null;
    const scale = Math.min(1, WIDE / Math.max(width, height));
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    return context.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
  }

  async #loop(mine) {
    while (this.#stream === mine) {
      const image = this.paused || document.hidden ? null : this.#image();
      if (!image) {
        await new Promise((resolve) => setTimeout(resolve, 80));
        continue;
      }
      const since = performance.now();
      try {
        const codes = await this.#read(image, this.#number++);
        if (this.#stream === mine && !this.paused) this.#tell(codes, since);
      } catch {
        // One frame that breaks the reader is one frame.
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }

  /** Tells of these codes again, should they still be there. */
  forget(codes) {
    for (const code of codes) this.#seen.delete(nameOf(code));
  }

  #tell(codes, since) {
    const now = performance.now();
    const fresh = codes.filter((code) => {
      const name = nameOf(code);
      const seen = this.#seen.get(name);
      this.#seen.set(name, now);
      return seen === undefined || now - seen > AGAIN_AFTER;
    });
    for (const [name, seen] of this.#seen) if (now - seen > AGAIN_AFTER) this.#seen.delete(name);
    if (fresh.length > 0) this.#found(codes, since);
  }
}
