#!/usr/bin/env python3
"""Writes a keystore of two published test keys beside this file: known answers for the key file of docs/keys.md.

It shares no code with src/keys: age v1 (https://c2sp.org/age) is written out with hashlib and the package
`cryptography`. Nothing runs it in CI; run it by hand after a change of the format:

    python3 test/vectors/keys/make.py

The secp256k1 key is 1, the ed25519 key is TEST 1 of RFC 8032: everybody knows both. Git keeps no file modes, so the
test copies the files and makes them private.
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

PASSPHRASE = "correct horse battery staple"
LOG_N = 4
VERSION = b"age-encryption.org/v1"


def b64(data):
    return base64.b64encode(data).rstrip(b"=")


def hkdf(secret, salt, info):
    """HKDF-SHA256 of one block (RFC 5869)."""
    pseudorandom = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(pseudorandom, info + b"\x01", "sha256")


def age(plaintext, label):
    """An age file with one scrypt recipient. Its randomness comes from a label, so that it is the same every time."""
    file_key, salt, nonce = (hashlib.sha256(f"{label} {part}".encode()).digest()[:16] for part in ("key", "salt", "nonce"))
    wrap_key = hashlib.scrypt(
        PASSPHRASE.encode(), salt=VERSION + b"/scrypt" + salt, n=2**LOG_N, r=8, p=1, dklen=32)
    stanza = b"-> scrypt " + b64(salt) + b" %d\n" % LOG_N
    body = b64(ChaCha20Poly1305(wrap_key).encrypt(bytes(12), file_key, None))
    header = VERSION + b"\n" + stanza + body + b"\n---"
    mac = hmac.digest(hkdf(file_key, b"", b"header"), header, "sha256")
    payload = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload")).encrypt(bytes(11) + b"\x01", plaintext, None)
    return header + b" " + b64(mac) + b"\n" + nonce + payload


def armor(data):
    text = base64.b64encode(data).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----", ""])


def write(secret, **info):
    info = {"version": 1, **info, "createdAt": "2026-01-30T12:00:00.000Z"}
    canonical = json.dumps(info, sort_keys=True, separators=(",", ":")).encode()
    bound = hashlib.sha256(b"PROOFX_KEYFILE_V1" + canonical).digest()
    ciphertext = armor(age(secret + bound, info["name"]))
    target = Path(__file__).with_name(f"{info['name']}.json")
    target.write_text(json.dumps({**info, "ciphertext": ciphertext}, indent=2) + "\n")


write(
    (1).to_bytes(32, "big"),
    name="one",
    algorithm="secp256k1",
    publicKey="0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    address="0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
)
write(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
    name="rfc8032-test-1",
    algorithm="ed25519",
    publicKey="0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
)
