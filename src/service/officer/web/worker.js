// Runs the verifier beside the page, so that neither waits for the other. One question, one answer, by number.

import { Refused, Verifier } from "./verifier.js";

let verifier;

const work = {
  async start({ module }) {
    verifier = new Verifier(await module);
  },
  open: ({ bundle, opening }) => verifier.open(bundle, opening),
  judge: ({ codes, question }) => verifier.judge(codes, question),
  frame: ({ pixels, width, height, number }) => verifier.frame(pixels, width, height, number),
  picture: ({ file }) => verifier.picture(file),
  fingerprint: ({ spki }) => verifier.fingerprint(spki),
};

self.onmessage = async ({ data: { id, call, given } }) => {
  try {
    self.postMessage({ id, answer: await work[call](given) });
  } catch (error) {
    const code = error instanceof Refused ? error.code : "broken";
    self.postMessage({ id, refused: { code, message: String(error?.message ?? error) } });
  }
};
