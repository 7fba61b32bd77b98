#!/usr/bin/env python3
"""Writes vectors.json beside this file: known answers for the log part of docs/formats.md.

It shares no code with src/core/log: hashlib for SHA-256, uuid for UUIDs, the package `cryptography` for Ed25519, and
trees written from the definitions (recursively, where src builds them level by level). Nothing runs it in CI; run it
by hand after a change of the formats:

    python3 test/vectors/log/make.py

Canonical JSON is json.dumps with sorted keys here. That equals RFC 8785 only for payloads like these: integers below
2^53, keys of the basic multilingual plane, no lone surrogates. RFC 8785 itself has its own known answers in the tests.
The keys below are test keys, made from public texts.
"""

import base64
import hashlib
import json
import uuid
from datetime import datetime, timezone
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TENANT = uuid.UUID("3f2b8c1e-0d4a-4e6b-9c7d-1a2b3c4d5e6f")
STORE = uuid.UUID("a1b2c3d4-e5f6-4789-8abc-def012345678")
AGENT = uuid.UUID("0e1d2c3b-4a59-4687-b7a6-95848372615f")
SCALAR_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617
ZERO = bytes(32)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tagged(tag, *parts):
    return sha256(tag.encode("ascii"), *parts)


def u(value, width):
    return value.to_bytes(width, "big")


def text(value):
    encoded = value.encode("utf-8")
    return u(len(encoded), 4) + encoded


def jcs(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(data):
    return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))


def filler(label, length):
    """Bytes that look random and are the same every time."""
    data = b""
    while len(data) < length:
        data += sha256(label.encode(), u(len(data), 4))
    return data[:length]


def identity(event):
    return b"".join([
        u(event["ves_version"], 4),
        uuid.UUID(event["tenant_id"]).bytes,
        uuid.UUID(event["store_id"]).bytes,
        uuid.UUID(event["event_id"]).bytes,
        uuid.UUID(event["source_agent_id"]).bytes,
        u(event["agent_key_id"], 4),
        text(event["entity_type"]),
        text(event["entity_id"]),
        text(event["event_type"]),
        text(event["created_at"]),
    ])


def payload_aad(event, plain_hash):
    return tagged("VES_PAYLOAD_AAD_V1", identity(event), plain_hash)


def recipients_hash(recipients):
    return tagged("VES_RECIPIENTS_V1", jcs(sorted(recipients, key=lambda r: r["recipient_kid"])))


def cipher_hash(event, plain_hash):
    sealed = event["payload_encrypted"]
    return tagged(
        "VES_PAYLOAD_CIPHER_V1",
        unb64u(sealed["nonce_b64u"]),
        payload_aad(event, plain_hash),
        unb64u(sealed["ciphertext_b64u"]),
        unb64u(sealed["tag_b64u"]),
        recipients_hash(sealed["recipients"]),
    )


def optional(value):
    return b"\x00" if value is None else b"\x01" + value


def signing_hash(event, plain_hash, cipher):
    v1 = tagged("VES_EVENTSIG_V1", identity(event), u(event["payload_kind"], 4), plain_hash, cipher)
    if event["ves_version"] == 1:
        return v1
    command = uuid.UUID(event["command_id"]).bytes if "command_id" in event else None
    base = u(int(event["base_version"]), 8) if "base_version" in event else None
    v2 = tagged("VES_EVENTSIG_V2", v1, optional(command), optional(base))
    if event["ves_version"] == 2:
        return v2
    facts = bytes.fromhex(event["facts_commitment"][2:]) if "facts_commitment" in event else None
    return tagged("VES_EVENTSIG_V3", v2, optional(facts))


def header(version, number, **more):
    return {
        "ves_version": version,
        "event_id": str(uuid.uuid5(TENANT, f"event {number}")),
        "tenant_id": str(TENANT),
        "store_id": str(STORE),
        "source_agent_id": str(AGENT),
        "agent_key_id": 7,
        "entity_type": "order",
        "entity_id": f"Größe-{number} €",
        "event_type": "order.paid",
        "created_at": "2026-01-30T12:00:00.125+01:00",
        **more,
    }


def plain(event, payload):
    return {**event, "payload_kind": 0, "payload": payload}, tagged("VES_PAYLOAD_PLAIN_V1", jcs(payload)), ZERO


def sealed(event, payload, recipient_kids):
    """An event that declares an encrypted payload. The ciphertext is filler: only its hash is under test."""
    label = event["event_id"]
    salt = filler(label + " salt", 16)
    event = {**event, "payload_kind": 1, "payload_encrypted": {
        "enc_version": 1,
        "aead": "AES-256-GCM",
        "nonce_b64u": b64u(filler(label + " nonce", 12)),
        "ciphertext_b64u": b64u(filler(label + " ciphertext", 16 + len(jcs(payload)))),
        "tag_b64u": b64u(filler(label + " tag", 16)),
        "hpke": {"mode": "base", "kem": "X25519-HKDF-SHA256", "kdf": "HKDF-SHA256", "aead": "AES-256-GCM"},
        "recipients": [{
            "recipient_kid": kid,
            "enc_b64u": b64u(filler(f"{label} enc {kid}", 32)),
            "ct_b64u": b64u(filler(f"{label} ct {kid}", 48)),
        } for kid in recipient_kids],
    }}
    plain_hash = tagged("VES_PAYLOAD_PLAIN_V1", salt, jcs(payload))
    return event, plain_hash, cipher_hash(event, plain_hash)


def commitment(number):
    return "0x" + (int.from_bytes(filler(f"facts {number}", 32), "big") % SCALAR_ORDER).to_bytes(32, "big").hex()


def sign(case, key):
    name, (event, plain_hash, cipher) = case
    digest = signing_hash(event, plain_hash, cipher)
    signed = {
        **event,
        "payload_plain_hash": "0x" + plain_hash.hex(),
        "payload_cipher_hash": "0x" + cipher.hex(),
        "agent_signature": "0x" + key.sign(digest).hex(),
    }
    return {
        "name": name,
        "event": signed,
        "payload_aad": "0x" + payload_aad(event, plain_hash).hex(),
        "signing_hash": "0x" + digest.hex(),
    }


def leaf(sequence, vector):
    event = vector["event"]
    return tagged(
        "VES_LEAF_V1",
        uuid.UUID(event["tenant_id"]).bytes,
        uuid.UUID(event["store_id"]).bytes,
        u(sequence, 8),
        bytes.fromhex(vector["signing_hash"][2:]),
        bytes.fromhex(event["agent_signature"][2:]),
    )


def batch_root(leaves):
    """Of a padded list: halves all the way down."""
    if len(leaves) == 1:
        return leaves[0]
    half = len(leaves) // 2
    return tagged("VES_NODE_V1", batch_root(leaves[:half]), batch_root(leaves[half:]))


def padded(leaves):
    width = 1
    while width < len(leaves):
        width *= 2
    return leaves + [tagged("VES_PAD_LEAF_V1")] * (width - len(leaves))


def mth(entries):
    """Merkle Tree Hash, RFC 9162 section 2.1.1."""
    if len(entries) == 0:
        return sha256()
    if len(entries) == 1:
        return sha256(b"\x00", entries[0])
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return sha256(b"\x01", mth(entries[:k]), mth(entries[k:]))


def events(key):
    command = str(uuid.uuid5(TENANT, "command"))
    cases = [
        ("version 1, plain", plain(header(1, 1), {"key": "value"})),
        ("version 1, unsigned command and base version",
         plain(header(1, 2, command_id=command, base_version=2**53 - 1), [])),
        ("version 1, encrypted", sealed(header(1, 3), {"amount": "12.50"}, [3])),
        ("version 2, nothing optional", plain(header(2, 4), {"b": [1, 2, {"z": None, "a": True}], "a": "é\n\u001f\"\\"})),
        ("version 2, command and base version", plain(header(2, 5, command_id=command, base_version=0), "text")),
        ("version 2, encrypted to two", sealed(header(2, 6, base_version=41), {"amount": 7}, [2, 4294967295])),
        ("version 3, facts", plain(header(3, 7, facts_commitment=commitment(7)), {"order": 1})),
        ("version 3, everything",
         plain(header(3, 8, command_id=command, base_version=str(2**64 - 1), facts_commitment=commitment(8)), {})),
        ("version 3, encrypted, facts", sealed(header(3, 9, facts_commitment=commitment(9)), {"order": 2}, [1, 2, 3])),
        ("version 3, nothing optional", plain(header(3, 10), None)),
    ]
    return [sign(case, key) for case in cases]


def batches(vectors):
    stream = tagged("VES_STREAM_V1", TENANT.bytes, STORE.bytes)
    log, previous, result = [], ZERO, []
    for first, last in [(1, 3), (4, 4), (5, 10)]:
        leaves = [leaf(sequence, vectors[sequence - 1]) for sequence in range(first, last + 1)]
        log += leaves
        has_facts = any("facts_commitment" in vectors[s - 1]["event"] for s in range(first, last + 1))
        facts_root = bytes.fromhex(commitment("root")[2:]) if has_facts else ZERO
        roots = [batch_root(padded(leaves)), facts_root, mth(log)]
        content = tagged("PROOFX_BATCH_V1", *roots)
        state = tagged("VES_STATE_ROOT_V1", stream, previous, content, u(first, 8), u(last, 8), u(last - first + 1, 4))
        result.append({
            "start": first,
            "end": last,
            "leaves": ["0x" + each.hex() for each in leaves],
            "batch_root": "0x" + roots[0].hex(),
            "facts_root": "0x" + roots[1].hex(),
            "log_root": "0x" + roots[2].hex(),
            "content_root": "0x" + content.hex(),
            "state_root": "0x" + state.hex(),
        })
        previous = state
    return "0x" + stream.hex(), result


def public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def receipts(vectors, key):
    """A receipt of every event, at its sequence number."""
    result = []
    for sequence, vector in enumerate(vectors, 1):
        event = vector["event"]
        at = 1769770800125 + 1000 * sequence
        digest = tagged(
            "VES_RECEIPT_V1",
            uuid.UUID(event["tenant_id"]).bytes,
            uuid.UUID(event["store_id"]).bytes,
            uuid.UUID(event["event_id"]).bytes,
            u(sequence, 8),
            bytes.fromhex(vector["signing_hash"][2:]),
        )
        names = ["command_id", "base_version"] if event["ves_version"] == 1 else []
        unsigned = {name: event[name] for name in names if name in event}
        message = tagged("PROOFX_RECEIPT_V1", digest, u(at, 8), sha256(jcs(unsigned)))
        time = datetime.fromtimestamp(at // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        result.append({
            "event_id": event["event_id"],
            "tenant_id": event["tenant_id"],
            "store_id": event["store_id"],
            "sequence_number": str(sequence),
            "sequenced_at": f"{time}.{at % 1000:03}Z",
            "signing_hash": vector["signing_hash"],
            "receipt_hash": "0x" + digest.hex(),
            "receipt_key_id": 3,
            "receipt_signature": "0x" + key.sign(message).hex(),
        })
    return result


def key_statement(key):
    message = tagged("PROOFX_AGENT_KEY_V1", TENANT.bytes, STORE.bytes, AGENT.bytes, u(7, 4), public(key))
    return {
        "tenant_id": str(TENANT),
        "store_id": str(STORE),
        "agent_id": str(AGENT),
        "key_id": 7,
        "message": "0x" + message.hex(),
        "proof": "0x" + key.sign(message).hex(),
    }


def note_key(name, kind, key):
    """Key id and verifier key of C2SP signed-note."""
    body = bytes([kind]) + public(key)
    key_id = sha256(name.encode("utf-8"), b"\n", body)[:4]
    return key_id, f"{name}+{key_id.hex()}+{base64.b64encode(body).decode('ascii')}"


def checkpoints(stream, chain, key, witness):
    """Each batch's log root as a signed checkpoint, cosigned by one witness."""
    origin = "log.example/" + stream[2:]
    key_id, vkey = note_key(origin, 1, key)
    witness_name = "witness.example/w1"
    witness_id, witness_vkey = note_key(witness_name, 4, witness)
    notes = []
    for batch in chain:
        root = base64.b64encode(bytes.fromhex(batch["log_root"][2:])).decode("ascii")
        body = f"{origin}\n{batch['end']}\n{root}\n"
        time = 1769770800 + batch["end"]
        cosigned = witness.sign(f"cosignature/v1\ntime {time}\n{body}".encode("utf-8"))
        lines = [
            (origin, key_id + key.sign(body.encode("utf-8"))),
            (witness_name, witness_id + u(time, 8) + cosigned),
        ]
        signatures = "".join(f"\u2014 {name} {base64.b64encode(raw).decode('ascii')}\n" for name, raw in lines)
        notes.append({"size": batch["end"], "time": time, "note": f"{body}\n{signatures}"})
    return {"origin": origin, "vkey": vkey, "witness_vkey": witness_vkey, "notes": notes}


def main():
    secret = sha256(b"ProofX log vectors, test agent key")
    key = Ed25519PrivateKey.from_private_bytes(secret)
    vectors = events(key)
    stream, chain = batches(vectors)
    secrets = {name: sha256(f"ProofX log vectors, test {name} key".encode()) for name in ["receipt", "checkpoint", "witness"]}
    keys = {name: Ed25519PrivateKey.from_private_bytes(raw) for name, raw in secrets.items()}
    document = {
        "comment": "Made by make.py, which says how. The keys are test keys.",
        "agent_secret": "0x" + secret.hex(),
        "agent_public": "0x" + public(key).hex(),
        **{f"{name}_secret": "0x" + raw.hex() for name, raw in secrets.items()},
        "receipt_public": "0x" + public(keys["receipt"]).hex(),
        "stream_id": stream,
        "events": vectors,
        "batches": chain,
        "key_statement": key_statement(key),
        "receipts": receipts(vectors, keys["receipt"]),
        "checkpoints": checkpoints(stream, chain, keys["checkpoint"], keys["witness"]),
    }
    target = Path(__file__).with_name("vectors.json")
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
