// Sound and vibration: each verdict its own, so that nobody must look twice.

const TUNES = {
  accepted: { notes: [[880, 0.12], [1320, 0.18]], shake: [80] },
  undecided: { notes: [[520, 0.2], [0, 0.08], [520, 0.2]], shake: [120, 80, 120] },
  rejected: { notes: [[220, 0.35], [0, 0.06], [180, 0.45]], shake: [400, 100, 400] },
};

let context;

/** Browsers let a page sound after a touch or a key alone: to be called from one. */
export function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

export function signal(verdict, { sound, vibration }) {
  const { notes, shake } = TUNES[verdict];
  if (vibration) navigator.vibrate?.(shake);
  if (!sound || !context || context.state !== "running") return;
  let at = context.currentTime;
  for (const [pitch, length] of notes) {
    if (pitch > 0) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.type = verdict === "rejected" ? "square" : "sine";
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.25, at);
      volume.gain.exponentialRampToValueAtTime(0.01, at + length);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + length);
    }
    at += length;
  }
}
