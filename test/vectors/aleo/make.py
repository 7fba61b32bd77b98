#!/usr/bin/env python3
"""Writes vectors.json beside this file: known answers for the Aleo part of docs/formats.md (section 5).

It shares no code with src/core/aleo: hashlib for SHA-256, uuid for UUIDs, the package `cryptography` for Ed25519, and bech32m
written from BIP 350. Nothing runs it in CI; run it by hand after a change of the formats:

    python3 test/vectors/aleo/make.py

An Aleo account's signature is made by Aleo's own library alone, with fresh randomness: the two below were made once, with

    node test/vectors/aleo/sign.ts HASH

and are checked by the tests with that library. The keys are test keys, made from public texts and bytes.
"""

import hashlib
import json
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TENANT = uuid.UUID("3f2b8c1e-0d4a-4e6b-9c7d-1a2b3c4d5e6f")
STORE = uuid.UUID("a1b2c3d4-e5f6-4789-8abc-def012345678")
AGENT = uuid.UUID("0e1d2c3b-4a59-4687-b7a6-95848372615f")
REGISTRY = "agent_registry_v3.aleo"
VERIFIER = "trust_verifier_v3.aleo"
ALEO_SEED = "07" * 32
ALEO_ADDRESS = "aleo1vlklqexj7vrs3vrw77agv5cxucqje6yuuu6lyvgteww3utzlnvrszhlqty"
BIND_SIGNATURE = "sign146y2fahvykd5mwutfjgnhzp6uh6qne08zfkd0krjd9e86a2dqvprj43hu4t30893tzyc656jrr3tnxjupx7r4wasld30rc3rkqq6qqr4fvg2qp77n0zlltxcuh9g0hyt7xjmtxfzeaz5n6lfnrg29yn6p5rq7unv96x030c7n0shk00mvkxsesjd5rw539tuhx4yvxz62alsyt05dwr"
UNBIND_SIGNATURE = "sign1dyfa9pazrtfrfezzrwcgy80s69yz0rmp9r4vfcfqwz02ejldpqpux94tnrjqtz3pyrlh8l3ucp75h5a6canqh5a3pdu4mj54psjxuqr4fvg2qp77n0zlltxcuh9g0hyt7xjmtxfzeaz5n6lfnrg29yn6p5rq7unv96x030c7n0shk00mvkxsesjd5rw539tuhx4yvxz62alsyg0xsd0"
ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def tagged(tag, *parts):
    return hashlib.sha256(tag.encode("ascii") + b"".join(parts)).digest()


def u(value, width):
    return value.to_bytes(width, "big")


def text(value):
    encoded = value.encode("utf-8")
    return u(len(encoded), 4) + encoded


def polymod(values):
    generator = [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i in range(5):
            check ^= generator[i] if (top >> i) & 1 else 0
    return check


def bech32m(prefix, data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    letters = [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = polymod(expanded + letters + [0] * 6) ^ 0x2BC830A3
    letters += [(check >> 5 * (5 - i)) & 31 for i in range(6)]
    return prefix + "1" + "".join(ALPHABET[letter] for letter in letters)


def command_id(network, transition, event_type, index):
    raw = bytearray(tagged("PROOFX_ALEO_RECORD_V1", text(network), text(transition), text(event_type), u(index, 4))[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def main():
    agent = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"proofx test agent on aleo").digest())
    stream = tagged("VES_STREAM_V1", TENANT.bytes, STORE.bytes)
    nonce, expiry = 1, 4102444800
    bound = tagged(
        "PROOFX_ALEO_BIND_V1", text("testnet"), text(REGISTRY), stream, AGENT.bytes, text(ALEO_ADDRESS),
        u(nonce, 8), u(expiry, 8))
    unbound = tagged("PROOFX_ALEO_UNBIND_V1", bound)
    identity = {
        "network": "testnet", "program": REGISTRY, "stream_id": "0x" + stream.hex(), "agent_id": str(AGENT),
        "aleo_address": ALEO_ADDRESS,
    }
    transaction = bech32m("at", hashlib.sha256(b"a transaction").digest())
    transition = bech32m("au", hashlib.sha256(b"a transition").digest())
    fact = {
        "network": "testnet", "transaction_id": transaction, "transition_id": transition, "height": 17,
        "agent_id": str(AGENT),
    }
    vectors = {
        "agent_secret": "0x" + agent.private_bytes_raw().hex(),
        "agent_public": "0x" + agent.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
        "aleo_seed": "0x" + ALEO_SEED,
        "tenant_id": str(TENANT),
        "store_id": str(STORE),
        "binding_hash": "0x" + bound.hex(),
        "unbinding_hash": "0x" + unbound.hex(),
        "bound": {
            **identity, "agent_key_id": 1, "nonce": str(nonce), "expiry": str(expiry),
            "agent_signature": "0x" + agent.sign(bound).hex(), "aleo_signature": BIND_SIGNATURE,
        },
        "unbound": {**identity, "binding_hash": "0x" + bound.hex(), "aleo_signature": UNBIND_SIGNATURE},
        "trust": {
            **fact, "program": VERIFIER, "execution_id": "12345", "proof_hash": "67890", "trust": 9500, "attested": True,
        },
        "trust_commands": [command_id("testnet", transition, "aleo.trust.recorded", index) for index in (0, 1)],
        "stake": {**fact, "program": REGISTRY, "change": "registered", "amount": "1000000"},
        "stake_command": command_id("testnet", transition, "aleo.stake.changed", 0),
    }
    target = Path(__file__).with_name("vectors.json")
    target.write_text(json.dumps(vectors, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


main()
