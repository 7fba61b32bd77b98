import {
  examineHealth,
  type Health,
  type Look,
  lookAtContracts,
  lookAtHead,
} from "../../ops/health/index.ts";
import { buildProbes, viewChain } from "../../ops/probes/index.ts";
import { readSection } from "../config-file.ts";
import { databaseLook } from "./database.ts";
import { openSources } from "./sources.ts";

/** Seconds after which a public chain without a new block stands still. */
const STILL = 600;

/** Looks at everything that a configuration names, once. */
export async function lookAtHealth(path: string): Promise<Health> {
  const { settings, parts, chain, sections, faults } = await openSources(path);
  // One look is all there is: what is down now counts.
  const probes = buildProbes({ ...settings, service_patience: 1 }, parts);
  const looks: Look[] = [];
  if (chain !== undefined) {
    const view = viewChain(chain);
    looks.push(
      { part: "chain", name: "head", look: async () => [await lookAtHead(view, STILL, Date.now())] },
      { part: "contracts", name: "contracts", look: () => lookAtContracts(view) },
    );
  }
  if (sections.has("store") || process.env.DATABASE_URL !== undefined)
    looks.push(databaseLook(readSection(path, "store")));
  return examineHealth({ probes, looks, faults });
}
