import { createHash, timingSafeEqual } from "node:crypto";
import { InputError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";
import { Problem } from "../support/problem.ts";

const LEAST = 32;

/**
 * Reads the bearer token that clients have to show.
 *
 * @returns what refuses an `Authorization` header that does not carry it, with problem `unauthorised`.
 */
export async function readToken(path: string): Promise<(authorization: string | undefined) => void> {
  const token = (await readPrivateFile("relayer.token_file", path, "follow")).toString().trim();
  if (token.length < LEAST || !/^[\x21-\x7e]+$/.test(token)) {
    throw new InputError(
      `relayer.token_file: expected one line of at least ${LEAST} visible ASCII characters in ${path}`,
      { next: `openssl rand -hex 32 > ${path} && chmod 600 ${path}` },
    );
  }
  const expected = digest(`Bearer ${token}`);
  return (authorization) => {
    // Digests have one length, and comparing them takes one time.
    if (timingSafeEqual(digest(authorization ?? ""), expected)) return;
    throw new Problem("unauthorised", "expected Authorization: Bearer and the relayer's token");
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
