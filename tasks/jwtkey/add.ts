import { createPublicKey, type KeyObject } from "node:crypto";
import { fromBase64url } from "../../src/core/base64url.ts";
import { InputError } from "../../src/core/errors.ts";
import { addJwtKey } from "../../src/sequencer/auth/index.ts";
import { parseUuid, withLogStore } from "../support/log-store.ts";
import { parseRole } from "../support/role.ts";
import { action, required, type TaskResult } from "../support/task.ts";
import { readInput } from "../support/values.ts";

interface AddArguments {
  readonly tenant: string | undefined;
  readonly role: string | undefined;
  readonly in: string | undefined;
  readonly kid: string | undefined;
}

const KEY_FORM = "an Ed25519 public key as PEM or JWK";

/** Registers a key that a tenant signs tokens with. */
export async function add(args: AddArguments): Promise<TaskResult> {
  const tenant = parseUuid("--tenant", required("tenant", args.tenant, "the tenant's UUID"));
  const role = parseRole(args.role);
  const publicKey = readPublicKey(required("in", args.in, `a file with ${KEY_FORM}`));
  const { kid, created } = await withLogStore(({ store }) =>
    addJwtKey(store.as("keeper"), { tenant, role, publicKey, kid: args.kid }),
  );
  const lines = [
    `${created ? "Registered" : "Registered before"}: kid ${kid}, role ${role}`,
    `Next: sign tokens with {"alg": "EdDSA", "kid": "${kid}"} in their header`,
  ];
  return { data: { kid, created, tenant, role }, lines };
}

function readPublicKey(path: string): Uint8Array {
  const text = readInput("--in", path);
  if (/PRIVATE KEY|"d"\s*:/.test(text))
    throw new InputError(`--in: expected ${KEY_FORM}, got a private key: ${path}`, {
      next: "hand over the public half alone: openssl pkey -in KEY -pubout",
    });
  const bytes = fromBase64url(parse(text, path).export({ format: "jwk" }).x ?? "");
  if (bytes?.length === 32) return bytes;
  throw new InputError(`--in: expected ${KEY_FORM}, got another kind of key: ${path}`);
}

function parse(text: string, path: string): KeyObject {
  try {
    const key = text.trimStart().startsWith("{")
      ? createPublicKey({ format: "jwk", key: JSON.parse(text) })
      : createPublicKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below; the parser's own words may quote the file.
  }
  throw new InputError(`--in: expected ${KEY_FORM}, got something else: ${path}`);
}

export default action(add);
