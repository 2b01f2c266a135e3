// Verifies DIVOC credentials with other people's libraries: one JSON object a line on standard input, one each out.
//
//     NODE_PATH=.../node_modules node verify_divoc.js < credentials.jsonl
//
// In: {"zip": base64 of the archive in the code, or "credential": JSON text, "did": key's DID,
//      "rsa": public key in PEM, or "ed25519": the raw key in base58}
// Out: {"app": verdict in the way of DIVOC's own verification app, "sdk": verdict of PathCheck's SDK or null where
//       it knows no such context or key, "name": the holder's name as read, "error": what went wrong}
//
// Nothing here knows vaccert. The network is never asked: an unknown context is an error.
"use strict";

const readline = require("node:readline");
const {RSAKeyPair, Ed25519KeyPair} = require("crypto-ld");
const jsigs = require("jsonld-signatures");
const credentialsV1 = require("@pathcheck/divoc-sdk/lib/context/credentials.json");
const security = {
  "https://w3id.org/security/v1": require("@pathcheck/divoc-sdk/lib/context/security-v1.json"),
  "https://w3id.org/security/v2": require("@pathcheck/divoc-sdk/lib/context/security-v2.json"),
};
const JSZip = require("jszip");
const contexts = require("vaccination-context");
const sdk = require("@pathcheck/divoc-sdk");

// The libraries print what they dislike.
console.log = () => {};

const CACHED = {
  ...security,
  "https://www.w3.org/2018/credentials/v1": credentialsV1,
  "https://www.w3.org/2018/credentials#": credentialsV1,
  "https://cowin.gov.in/credentials/vaccination/v1": contexts.vaccinationContext,
  "https://cowin.gov.in/credentials/vaccination/v2": contexts.vaccinationContextV2,
  "https://divoc.dev/credentials/vaccination/v1": contexts.vaccinationContext,
  "https://divoc.dev/credentials/vaccination/v2": contexts.vaccinationContextV2,
};
const SDK_KNOWS = [
  "https://cowin.gov.in/credentials/vaccination/v1",
  "https://divoc.prod/vaccine/credentials/vaccination/v1",
  "https://divoc.lgcc.gov.lk/credentials/vaccination/v1",
];

function load(url) {
  const document = CACHED[url];
  if (document === undefined) {
    throw new Error("unknown context " + url);
  }
  return {contextUrl: null, documentUrl: url, document};
}

// As the verification app does it: one configured key, which its controller may use for assertions.
async function app(credential, did, rsa, ed25519) {
  const id = "https://controller.example/";
  const key = rsa
    ? {"@context": jsigs.SECURITY_CONTEXT_URL, id: did, type: "RsaVerificationKey2018", controller: id, publicKeyPem: rsa}
    : {"@context": jsigs.SECURITY_CONTEXT_URL, id: did, type: "Ed25519VerificationKey2018", controller: id, publicKeyBase58: ed25519};
  const controller = {"@context": jsigs.SECURITY_CONTEXT_URL, id, publicKey: [key], assertionMethod: [did]};
  const {RsaSignature2018, Ed25519Signature2018} = jsigs.suites;
  const suite = rsa
    ? new RsaSignature2018({key: new RSAKeyPair({...key})})
    : new Ed25519Signature2018({key: new Ed25519KeyPair({...key})});
  const result = await jsigs.verify(credential, {
    suite,
    purpose: new jsigs.purposes.AssertionProofPurpose({controller}),
    documentLoader: load,
    compactProof: false,
  });
  return {verified: result.verified, error: result.error && String(result.error.errors || result.error)};
}

async function judge(line) {
  const {zip, credential: text, did, rsa, ed25519} = JSON.parse(line);
  let json = text;
  if (zip) {
    const archive = await new JSZip().loadAsync(Buffer.from(zip, "base64"));
    json = await archive.files["certificate.json"].async("text");
  }
  const credential = JSON.parse(json);
  const {verified, error} = await app(JSON.parse(json), did, rsa, ed25519);
  const known = rsa && SDK_KNOWS.includes(credential["@context"][1]);
  const second = known ? Boolean(await sdk.verify(JSON.parse(json), rsa)) : null;
  return {app: verified, sdk: second, name: credential.credentialSubject.name, error};
}

(async () => {
  for await (const line of readline.createInterface({input: process.stdin})) {
    let answer;
    try {
      answer = await judge(line);
    } catch (error) {
      answer = {app: false, sdk: null, error: String(error)};
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
})();
