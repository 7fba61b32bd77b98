import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import type { Chain } from "../../chain/network.ts";
import { InputError } from "../../core/errors.ts";
import { readFields, stringifyJson } from "../../core/json.ts";

const stateFile = z.strictObject({
  version: z.literal(1, { error: "1" }),
  incident: z.string(),
  network: z.string(),
  chainId: z.string(),
  genesisHash: z.string(),
  /** What the incident was begun with; going on with other values would be another incident. */
  given: z.record(z.string(), z.string()),
  begunAt: z.string(),
  steps: z.record(
    z.string(),
    z.strictObject({
      finishedAt: z.string(),
      seconds: z.number(),
      lines: z.array(z.string()),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** How far an incident got; a file that survives a crash, and the record for the report afterwards. */
export type IncidentState = z.infer<typeof stateFile>;

/**
 * The state an incident goes on from; a new one when there is none at `path`, or one in which no step was done takes other
 * values: an incident that was refused at its first step goes on with what the refusal asked for.
 *
 * @throws InputError when the file is damaged, or is of another chain or was begun with other values.
 */
export function openState(
  path: string,
  incident: string,
  chain: Chain,
  given: Readonly<Record<string, string>>,
): IncidentState {
  const fresh: IncidentState = {
    version: 1,
    incident,
    network: chain.network,
    chainId: String(chain.chainId),
    genesisHash: chain.genesisHash,
    given: { ...given },
    begunAt: new Date().toISOString(),
    steps: {},
  };
  if (!existsSync(path)) return fresh;
  const found = readState(path);
  const same = (["incident", "network", "chainId", "genesisHash"] as const).every(
    (field) => found[field] === fresh[field],
  );
  if (same && Object.keys(found.steps).length === 0) return { ...found, given: { ...given } };
  const other = Object.keys({ ...found.given, ...given }).find((name) => found.given[name] !== given[name]);
  if (!same || other !== undefined) {
    const what = same
      ? `--${other} ${found.given[other ?? ""] ?? "not given"}`
      : `${found.incident} on ${found.network}`;
    throw InputError.expected(
      path,
      same ? `the incident it was begun for: ${what}` : "an incident of this chain",
      same ? (given[other ?? ""] ?? "not given") : what,
      "go on with the same values, or name another file with --state",
    );
  }
  return found;
}

/** Saves it; once this returns it survives a crash. */
export function saveState(path: string, state: IncidentState): void {
  writeFileDurably(path, `${stringifyJson(state, 2)}\n`);
}

function readState(path: string): IncidentState {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new InputError(`${path}: expected JSON, got something else`, {
      cause,
      next: "move it away; steps that are done are found done on the chain",
    });
  }
  return readFields(
    stateFile,
    content,
    path,
    "move it away; steps that are done are found done on the chain",
  );
}
