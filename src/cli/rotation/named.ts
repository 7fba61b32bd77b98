import { readFileSync } from "node:fs";
import { z } from "zod";
import { readToml } from "../../core/toml.ts";
import type { NamedKeys } from "../../ops/rotation/index.ts";
import { readSection } from "../config-file.ts";

const name = z.string().optional();
const services = z.looseObject({
  relayer: z.looseObject({ signer: name, sender: name }).optional(),
  anchor: z.looseObject({ key: name }).optional(),
  witness: z.looseObject({ key: name }).optional(),
  incidents: z.looseObject({ log: z.looseObject({ key: name }).optional() }).optional(),
});

/** The keys that sections of the configuration name. A witness's is not among them: it is part of what others trust. */
export function namedKeys(path: string): NamedKeys {
  const { relayer, anchor, incidents } = readToml(services, readFileSync(path, "utf8"), path);
  const used = [relayer?.sender, anchor?.key, incidents?.log?.key].filter((each) => each !== undefined);
  return { services: [...new Set(used)], master: readSection(path, "at_rest").master_key };
}
