import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { combine, split } from "shamir-secret-sharing";
import { z } from "zod";
import { CheckError, InputError } from "../../core/errors.ts";
import type { BackupHeader } from "./manifest.ts";

const share = z.strictObject({
  /** The backup it opens. */
  backup: z.uuid(),
  holder: z.string(),
  /** Base64. */
  share: z.string(),
});

/** One holder's share of a backup's identity: a secret until enough of them are together. */
export type Share = z.output<typeof share>;

/** What opens backups: whole identities of holders, and shares that other holders have opened. */
export interface Openers {
  /** `AGE-SECRET-KEY-1...` */
  readonly identities: readonly string[];
  /** Age files that `proofx backup share` wrote, encrypted to one of the identities. */
  readonly shares: readonly Uint8Array[];
}

/** A file's own identity, and what each holder gets of it. */
export interface SealedIdentity {
  readonly identity: string;
  readonly recipient: string;
  readonly holders: BackupHeader["holders"];
}

/**
 * Makes a backup's identity and gives it to its holders: whole where one is enough, else split (Shamir over GF(256)) so that fewer than
 * `threshold` shares say nothing of it.
 *
 * @throws InputError for a recipient that is none.
 */
export async function sealIdentity(
  backup: string,
  holders: Readonly<Record<string, string>>,
  threshold: number,
): Promise<SealedIdentity> {
  const identity = await generateIdentity();
  const named = Object.entries(holders);
  const shares =
    threshold === 1
      ? named.map(() => identity)
      : (await split(new TextEncoder().encode(identity), named.length, threshold)).map((bytes, i) =>
          JSON.stringify({
            backup,
            holder: named[i]?.[0] ?? "",
            share: Buffer.from(bytes).toString("base64"),
          } satisfies Share),
        );
  const sealed = await Promise.all(
    named.map(async ([name, recipient], i) => ({
      name,
      recipient,
      sealed: Buffer.from(await encryptTo(recipient, shares[i] ?? "")).toString("base64"),
    })),
  );
  return { identity, recipient: await identityToRecipient(identity), holders: sealed };
}

/** Encrypts a text to one recipient. @throws InputError for a recipient that is none. */
export async function encryptTo(recipient: string, content: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw InputError.expected("recipient", "an age recipient, age1...", `${recipient.slice(0, 8)}...`);
  }
  return await encrypter.encrypt(content);
}

/**
 * A backup's identity.
 *
 * @throws CheckError when the openers do not open it, saying how many shares are there and how many it takes.
 */
export async function openIdentity(header: BackupHeader, openers: Openers): Promise<string> {
  const opened = (
    await Promise.all(
      header.holders.map(({ sealed }) => tryDecrypt(Buffer.from(sealed, "base64"), openers.identities)),
    )
  ).filter((text) => text !== undefined);
  if (header.threshold === 1) {
    if (opened[0] === undefined) throw notOpened(header, "none of the identities is a holder's");
    return opened[0];
  }
  const handed = (await Promise.all(openers.shares.map((file) => tryDecrypt(file, openers.identities)))).map(
    (text) => {
      if (text === undefined) throw new CheckError("a share does not open with the identities given");
      return text;
    },
  );
  const shares = new Map<string, string>();
  for (const text of [...opened, ...handed]) {
    const { backup, holder, share } = parseShare(text);
    if (backup === header.id) shares.set(holder, share);
  }
  if (shares.size < header.threshold)
    throw notOpened(header, `it takes ${header.threshold} holders, and there are shares of ${shares.size}`);
  const bytes = await combine(
    [...shares.values()].map((each) => new Uint8Array(Buffer.from(each, "base64"))),
  );
  const identity = new TextDecoder().decode(bytes);
  if (!identity.startsWith("AGE-SECRET-KEY-1"))
    throw new CheckError(
      `the shares of ${[...shares.keys()].join(", ")} do not fit together: one of them is wrong`,
    );
  return identity;
}

/**
 * Opens a holder's share and encrypts it to whoever restores, so that no holder hands over an identity.
 *
 * @throws CheckError when the identity is no holder's, or the share opens another backup than this one.
 */
export async function handOverShare(
  header: BackupHeader,
  identity: string,
  to: string,
): Promise<{ readonly holder: string; readonly file: Uint8Array }> {
  if (header.threshold === 1)
    throw new InputError("this backup is opened by any one holder, and has no shares", {
      next: "the holder restores it with --identity",
    });
  for (const { name, sealed } of header.holders) {
    const content = await tryDecrypt(Buffer.from(sealed, "base64"), [identity]);
    if (content === undefined) continue;
    const { holder, backup } = parseShare(content);
    // Who may write the first line may put another backup's shares under it: the holder would hand over what nobody asked for.
    if (backup !== header.id)
      throw new CheckError(`the share of ${name} is of another backup, ${backup}: nothing is handed over`);
    if (holder !== name) throw new CheckError(`the share of ${name} is another holder's`);
    return { holder, file: await encryptTo(to, content) };
  }
  throw notOpened(header, "this identity is no holder's");
}

async function tryDecrypt(file: Uint8Array, identities: readonly string[]): Promise<string | undefined> {
  if (identities.length === 0) return undefined;
  const decrypter = new Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw new InputError("identity: expected AGE-SECRET-KEY-1..., got something else");
    }
  }
  return await decrypter.decrypt(file, "text").catch(() => undefined);
}

function parseShare(text: string): Share {
  try {
    return share.parse(JSON.parse(text));
  } catch (cause) {
    throw new CheckError("a share is damaged, or of something else", { cause });
  }
}

function notOpened({ holders, threshold }: BackupHeader, why: string): CheckError {
  const names = holders.map(({ name }) => name).join(", ");
  return new CheckError(`the backup does not open: ${why}`, {
    next: `${threshold} of ${names}: --identity FILE, or --share FILE of those who are elsewhere (npx proofx backup share)`,
  });
}
