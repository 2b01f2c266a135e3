"""Verifies EU DCC codes with other people's libraries: one code a line on standard input, one JSON line each out.

    python verify.py CERTIFICATE.pem... < codes.txt

`{"ok": {claims}}` where the signature and the times hold, `{"error": "kind"}` where they do not. Nothing here
knows vaccert: base45, zlib, and the CWT library's own reading of the certificate that must have signed.
"""

import datetime
import json
import sys
import zlib

import base45
import cbor2
import cwt


def plain(value):
    """CBOR as JSON: keys become texts, bytes hexadecimal."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value


def verify(code, keys):
    if not code.startswith("HC1:"):
        raise ValueError("no HC1 prefix")
    message = zlib.decompress(base45.b45decode(code[4:]))
    tagged = cbor2.loads(message)
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != 18:
        raise ValueError("no COSE_Sign1")
    protected = cbor2.loads(tagged.value[0])
    claims = cwt.decode(message, keys)
    return {"protected": plain(protected), "unprotected": plain(tagged.value[1]), "claims": plain(claims)}


def main():
    keys = []
    for path in sys.argv[1:]:
        with open(path, encoding="ascii") as file:
            keys.append(cwt.load_pem_hcert_dsc(file.read()))
    for line in sys.stdin:
        try:
            answer = {"ok": verify(line.rstrip("\n"), keys)}
        except Exception as error:  # whatever the libraries refuse, each in its own way
            answer = {"error": type(error).__name__}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
