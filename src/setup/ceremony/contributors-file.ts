import { z } from "zod";
import { readToml } from "../../core/toml.ts";
import { type CeremonyConfig, configSchema } from "./record.ts";

const list = z.strictObject({ contributors: configSchema.shape.contributors });

/**
 * Reads who may contribute: a TOML file with a `[[contributors]]` table of `name` and `publicKey` for each.
 *
 * @param file Its name in messages.
 * @throws InputError naming the field that is wrong.
 */
export function parseContributors(file: string, text: string): CeremonyConfig["contributors"] {
  return readToml(list, text, file).contributors;
}
