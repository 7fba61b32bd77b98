#!/usr/bin/env python3
"""Writes vectors.json beside this file: known answers for what docs/formats.md says under "At rest".

It shares no code with src: HKDF is written out with hmac, AES-GCM is the package `cryptography`. Nothing runs it in CI; run it by
hand after a change of a format:

    python3 test/vectors/at-rest/make.py
"""

import hashlib
import hmac
import json
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TENANT = uuid.UUID("550e8400-e29b-41d4-a716-446655440000")
STORE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
EVENT = uuid.UUID("0190163d-8694-739b-aea5-966c26f8ad91")
PROOF = uuid.UUID("0190163d-8694-739b-aea5-966c26f8ad92")
AGENT = uuid.UUID("16fd2706-8baf-433b-82eb-8c7fada847da")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def text(value):
    data = value.encode()
    return u32(len(data)) + data


def some(label, length=32):
    """Bytes that look random and are the same every time."""
    return hashlib.shake_128(label.encode()).digest(length)


def okm76(key, salt, info):
    """HKDF-SHA256 (RFC 5869), 76 bytes: 32 of key, 12 of nonce, 32 of commitment."""
    pseudorandom = hmac.digest(salt, key, "sha256")
    block, out = b"", b""
    for i in (1, 2, 3):
        block = hmac.digest(pseudorandom, block + info + bytes([i]), "sha256")
        out += block
    return out[:32], out[32:44], out[44:76]


def sse2(key_id, key, salt, aad, plaintext):
    record_key, nonce, commitment = okm76(key, salt, b"PROOFX_ATREST_V2" + aad)
    return b"SSE2" + u64(key_id) + salt + commitment + AESGCM(record_key).encrypt(nonce, plaintext, aad)


def sse1(key, nonce, aad, plaintext):
    return b"SSE1" + nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def wrap(wrapping, name, key, salt, aad):
    context = sha256(b"PROOFX_KEYWRAP_AAD_V1", text(name), aad)
    wrap_key, nonce, commitment = okm76(wrapping, salt, b"PROOFX_KEYWRAP_V1" + context)
    return b"PXW1" + b"\x01" + salt + commitment + AESGCM(wrap_key).encrypt(nonce, key, context)


def hexed(data):
    return "0x" + data.hex()


def main():
    event = {"entityType": "order", "entityId": "ord-\u00e9\u4e16", "eventType": "order.placed"}
    event_aad = sha256(
        b"STATESET_PAYLOAD_ATREST_AAD_V1", TENANT.bytes, STORE.bytes, EVENT.bytes, u64(2**53 + 1),
        text(event["entityType"]), text(event["entityId"]), text(event["eventType"]))
    policy_hash, proof_hash = some("policy"), some("proof")
    proof_aad = sha256(
        b"STATESET_VES_COMPLIANCE_PROOF_ATREST_AAD_V1", TENANT.bytes, STORE.bytes, EVENT.bytes, PROOF.bytes, policy_hash,
        u32(7), text("groth16"), proof_hash)

    records = []
    for key_id, length in ((1, 0), (2, 500), (2**64 - 1, 17)):
        key, salt, plaintext = some(f"key {key_id}"), some(f"salt {key_id}"), some(f"plaintext {key_id}", length)
        records.append({
            "dataKeyId": str(key_id), "dataKey": hexed(key), "aad": hexed(event_aad), "plaintext": hexed(plaintext),
            "sealed": hexed(sse2(key_id, key, salt, event_aad, plaintext)),
        })
    legacy_key = some("legacy key")
    legacy = {
        "key": hexed(legacy_key), "aad": hexed(event_aad), "plaintext": hexed(b'{"a":1}'),
        "sealed": hexed(sse1(legacy_key, some("nonce", 12), event_aad, b'{"a":1}')),
    }
    tenant_aad = sha256(b"PROOFX_TENANT_KEY_V1", TENANT.bytes, u64(3))
    data_aad = sha256(b"PROOFX_DATA_KEY_V1", TENANT.bytes, AGENT.bytes, u64(4))
    master, tenant_key, data_key = some("master"), some("tenant key"), some("data key")
    chain = {
        "master": hexed(master), "masterName": "log-master", "tenantKeyId": "3", "generation": "4",
        "tenantKey": hexed(tenant_key), "dataKey": hexed(data_key),
        "tenantKeyAad": hexed(tenant_aad),
        "wrappedTenantKey": hexed(wrap(master, "log-master", tenant_key, some("salt a"), tenant_aad)),
        "wrappedDataKey": hexed(wrap(tenant_key, "tenant-key-3", data_key, some("salt b"), data_aad)),
    }
    vectors = {
        "tenantId": str(TENANT), "storeId": str(STORE), "eventId": str(EVENT), "proofId": str(PROOF), "agentId": str(AGENT),
        "event": {**event, "sequence": str(2**53 + 1), "aad": hexed(event_aad)},
        "proof": {
            "policyHash": hexed(policy_hash), "circuitVersion": 7, "proofType": "groth16", "proofHash": hexed(proof_hash),
            "aad": hexed(proof_aad),
        },
        "records": records, "legacy": legacy, "chain": chain,
    }
    target = Path(__file__).with_name("vectors.json")
    target.write_text(json.dumps(vectors, indent=2, ensure_ascii=True) + "\n")


main()
