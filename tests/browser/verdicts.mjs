// The verifier as WebAssembly, outside of a browser: a bundle and codes come in, verdicts go out, one JSON object a
// line. Asked by tests/suite/officer.

import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [, , wasm, script, asked, answered] = process.argv;
const { Verifier } = await import(pathToFileURL(script));
const { bundle, opening, codes } = JSON.parse(await readFile(asked, "utf8"));
const verifier = new Verifier(new WebAssembly.Module(await readFile(wasm)));
const facts = verifier.open(Buffer.from(bundle, "base64"), opening);
const begun = performance.now();
const results = codes.map(({ code, now, country }) => {
  const [result] = verifier.judge([new Uint8Array(Buffer.from(code, "base64"))], { now, country });
  return result.verdict;
});
const milliseconds = performance.now() - begun;
await writeFile(answered, JSON.stringify({ facts, results, milliseconds }));
