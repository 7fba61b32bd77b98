import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Hex, hexForm, isHex } from "../../core/bytes.ts";
import { CheckError, errorCode, UnavailableError } from "../../core/errors.ts";
import { readJson } from "../../core/json.ts";
import { checkFolder, createFileOnce, ensurePrivateFolder, readPrivateFile } from "../files.ts";
import { isName } from "../key-file.ts";
import { SIGNING_ALGORITHMS } from "../secret-key.ts";

/** Subfolder of the keystore's folder. */
const FOLDER = "rotations";
const WHAT = "rotation record";

const nameField = z.string().refine(isName, { error: "a key name" });
const hexField = z.custom<Hex>((value) => typeof value === "string" && isHex(value), { error: hexForm() });
const timeField = z.iso.datetime({ error: "an RFC 3339 time in UTC" });
const keyField = z.strictObject({
  name: nameField,
  algorithm: z.enum(SIGNING_ALGORITHMS, { error: SIGNING_ALGORITHMS.join(" or ") }),
  publicKey: hexField,
});

/** A key, as the records name it. */
export type KeyReference = z.output<typeof keyField>;

const SCHEMAS = {
  /** A successor's name was chosen; the key may or may not be there. */
  begun: z.strictObject({ version: z.literal(1), from: keyField, to: nameField, begunAt: timeField }),
  /** The successor is there. Both keys sign this. */
  replaced: z.strictObject({
    version: z.literal(1),
    from: keyField,
    to: keyField,
    replacedAt: timeField,
    signatures: z.strictObject({ from: hexField, to: hexField }),
  }),
  /** The old key has no role any more. Its successor signs this. */
  retired: z.strictObject({
    version: z.literal(1),
    key: keyField,
    successor: keyField,
    retiredAt: timeField,
    signature: hexField,
  }),
};

/** The steps of a rotation, each a record of its own, written once and never changed. */
export type Step = keyof typeof SCHEMAS;
export type RotationRecord<S extends Step> = z.output<(typeof SCHEMAS)[S]>;

/** The records of rotations: `rotations/NAME.STEP` under a folder, NAME being the key that is replaced. */
export class RotationRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, FOLDER);
  }

  /** The record of a step; undefined when it was not taken. @throws CheckError naming a file that was damaged. */
  async read<S extends Step>(step: S, name: string): Promise<RotationRecord<S> | undefined> {
    await checkFolder("rotation records", this.#folder);
    const path = this.path(step, name);
    let text: string;
    try {
      text = (await readPrivateFile(WHAT, path, "refuse")).toString();
    } catch (error) {
      if (error instanceof UnavailableError && errorCode(error.cause) === "ENOENT") return undefined;
      throw error;
    }
    try {
      return readJson(SCHEMAS[step], JSON.parse(text)) as RotationRecord<S>;
    } catch (cause) {
      throw new CheckError(`${WHAT} ${path} is torn or was changed`, {
        cause,
        next: "restore it from a backup",
      });
    }
  }

  /**
   * Writes a record unless there is one.
   *
   * @returns the one that is there then, which another process may have written.
   */
  async write<S extends Step>(step: S, name: string, record: RotationRecord<S>): Promise<RotationRecord<S>> {
    await ensurePrivateFolder(this.#folder);
    await createFileOnce(this.#folder, `${name}.${step}`, `${JSON.stringify(record, null, 2)}\n`);
    return (await this.read(step, name)) ?? record;
  }

  /** Names of the keys that have a record of this step. */
  async names(step: Step): Promise<string[]> {
    if (!(await checkFolder("rotation records", this.#folder))) return [];
    const ending = `.${step}`;
    return (await readdir(this.#folder))
      .filter((file) => file.endsWith(ending))
      .map((file) => file.slice(0, -ending.length))
      .filter(isName)
      .sort();
  }

  /** Path of a record, whether it is there or not. */
  path(step: Step, name: string): string {
    return join(this.#folder, `${name}.${step}`);
  }
}
