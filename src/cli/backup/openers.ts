import { existsSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { writeFileDurably } from "../../chain/files.ts";
import { errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import { createFileOnce, readPrivateFile } from "../../keys/files.ts";
import { handOverShare, type Openers, readHeader } from "../../ops/backup/index.ts";
import type { CommandResult } from "../output.ts";

/** What opens a backup, by options. */
export interface OpenerOptions {
  readonly identity?: readonly string[];
  readonly share?: readonly string[];
}

/** Reads what the options name. @throws RefusedError for an identity that others may read. */
export async function readOpeners({ identity = [], share = [] }: OpenerOptions): Promise<Openers> {
  const identities = await Promise.all(identity.map(readIdentity));
  return { identities, shares: share.map(readShare) };
}

/** `proofx backup identity`: a holder's age identity. */
export async function makeIdentity({ out }: { readonly out: string }): Promise<CommandResult> {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const content = `# recipient: ${recipient}\n${identity}\n`;
  if (!(await createFileOnce(dirname(out), basename(out), content)))
    throw InputError.expected("--out", "a file that is not there yet", out);
  return {
    data: { file: out, recipient },
    lines: [recipient, `its identity is in ${out}: keep it where no backup of this machine comes`],
  };
}

/** `proofx backup share`: a holder's share, encrypted to whoever restores. */
export async function share(
  file: string,
  { identity, to, out }: { readonly identity: string; readonly to: string; readonly out: string },
): Promise<CommandResult> {
  if (existsSync(out)) throw InputError.expected("--out", "a file that is not there yet", out);
  const { header } = await readHeader(file);
  const handed = await handOverShare(header, await readIdentity(identity), to);
  writeFileDurably(out, Buffer.from(handed.file).toString("base64"), 0o600);
  return {
    data: { backup: header.id, holder: handed.holder, file: out },
    lines: [
      `${out} holds ${handed.holder}'s share of the backup of ${header.taken_at}, which only ${to.slice(0, 12)}... can read`,
      `it takes ${header.threshold}; whoever has them: npx proofx backup restore --identity FILE --share ${out} ...`,
    ],
  };
}

async function readIdentity(file: string): Promise<string> {
  const lines = (await readPrivateFile("--identity", file, "follow")).toString().split(/\r?\n/);
  const key = lines.find((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (key === undefined)
    throw new InputError(`--identity: expected an age identity in ${file}, got another file`);
  return key.trim();
}

function readShare(file: string): Uint8Array {
  try {
    return Buffer.from(readFileSync(file, "utf8"), "base64");
  } catch (cause) {
    throw new UnavailableError(`--share: ${file} cannot be read (${errorCode(cause)})`, { cause });
  }
}
