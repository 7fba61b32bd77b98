#!/usr/bin/env python3
"""Writes sealed.json beside this file: known answers for encrypted payloads (docs/formats.md section 1).

It shares no code with src/core/log: HPKE is written out here from RFC 9180 sections 4 and 5 with fixed ephemeral keys,
on the X25519, HMAC and AES-GCM of the package `cryptography` (48), and then opened by that package's own HPKE.
Nothing runs it in CI; run it by hand after a change of the formats:

    python3 test/vectors/log/make-sealed.py

The keys below are test keys, made from public texts.
"""

import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import make

LIBRARY = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
KEM_SUITE = b"KEM" + (0x0020).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x0020, 0x0001, 0x0002))


def extract(salt, label, ikm, suite):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def expand(prk, label, info, length, suite):
    info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([number]), hashlib.sha256).digest()
        out, number = out + block, number + 1
    return out[:length]


def hpke_seal(ephemeral, recipient, info, plaintext):
    """SealBase of RFC 9180 with an empty aad; returns enc and ct."""
    dh = ephemeral.exchange(recipient)
    enc = ephemeral.public_key().public_bytes_raw()
    prk = extract(b"", b"eae_prk", dh, KEM_SUITE)
    shared = expand(prk, b"shared_secret", enc + recipient.public_bytes_raw(), 32, KEM_SUITE)
    context = b"\x00" + extract(b"", b"psk_id_hash", b"", SUITE) + extract(b"", b"info_hash", info, SUITE)
    secret = extract(shared, b"secret", b"", SUITE)
    key = expand(secret, b"key", context, 32, SUITE)
    nonce = expand(secret, b"base_nonce", context, 12, SUITE)
    return enc, AESGCM(key).encrypt(nonce, plaintext, b"")


def private(label):
    return X25519PrivateKey.from_private_bytes(make.filler(label, 32))


def sealed(event, payload, kids):
    label = event["event_id"]
    salt, key, nonce = (make.filler(f"{label} {what}", n) for what, n in (("salt", 16), ("key", 32), ("nonce", 12)))
    plain_hash = make.tagged("VES_PAYLOAD_PLAIN_V1", salt, make.jcs(payload))
    aad = make.payload_aad(event, plain_hash)
    ciphertext = AESGCM(key).encrypt(nonce, salt + make.jcs(payload), aad)
    recipients = []
    for kid in kids:
        reader = private(f"reader {kid}")
        enc, ct = hpke_seal(private(f"{label} ephemeral {kid}"), reader.public_key(), aad, key)
        assert LIBRARY.decrypt(enc + ct, reader, aad) == key
        recipients.append({"recipient_kid": kid, "enc_b64u": make.b64u(enc), "ct_b64u": make.b64u(ct)})
    event = {**event, "payload_kind": 1, "payload_encrypted": {
        "enc_version": 1,
        "aead": "AES-256-GCM",
        "nonce_b64u": make.b64u(nonce),
        "ciphertext_b64u": make.b64u(ciphertext[:-16]),
        "tag_b64u": make.b64u(ciphertext[-16:]),
        "hpke": {"mode": "base", "kem": "X25519-HKDF-SHA256", "kdf": "HKDF-SHA256", "aead": "AES-256-GCM"},
        "recipients": recipients,
    }}
    return salt, (event, plain_hash, make.cipher_hash(event, plain_hash))


def main():
    agent = Ed25519PrivateKey.from_private_bytes(make.sha256(b"ProofX log vectors, test agent key"))
    cases = []
    for version, kids, payload in [(1, [3], {"amount": "12.50"}), (2, [2, 4294967295], [1, None, "é"]),
                                   (3, [1, 2, 3], {"order": {"lines": [{"sku": "a", "quantity": 2}]}})]:
        salt, body = sealed(make.header(version, 100 + version), payload, kids)
        case = make.sign((f"version {version}, for {len(kids)}", body), agent)
        readers = [{"kid": kid, "private_key": "0x" + private(f"reader {kid}").private_bytes_raw().hex()} for kid in kids]
        cases.append({**case, "payload": payload, "salt": "0x" + salt.hex(), "readers": readers})
    document = {"comment": "Made by make-sealed.py, which says how. All keys are test keys.", "events": cases}
    target = Path(__file__).with_name("sealed.json")
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


main()
