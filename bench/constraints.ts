import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../scripts/checks/support/process.ts";
import type { Measurement } from "./measurement.ts";

/** Semaphore v4's circuit at depth 20: a statement of the same kind, one membership and a few range checks less. */
const SEMAPHORE = 6431;
/** What a 2^12 domain leaves beside the public inputs. */
const DOMAIN = 4090;

const Report = z.looseObject({ constraints: z.number().int().positive() });

/** The committed constraint report, which a test compares with the compiled circuit. */
export function readConstraints(): Measurement {
  const text = readFileSync(join(ROOT, "circuits/constraints.json"), "utf8");
  const { constraints } = Report.parse(JSON.parse(text));
  return {
    title: "Constraints of compliance.circom",
    rows: [
      {
        name: "compliance, room left in 2^12",
        value: constraints,
        unit: "constraints",
        floorOrPeer: `at most ${DOMAIN}`,
        ratio: constraints / DOMAIN,
      },
      {
        name: "compliance, beside Semaphore v4",
        value: constraints,
        unit: "constraints",
        floorOrPeer: `depth 20: ${SEMAPHORE}`,
        ratio: constraints / SEMAPHORE,
      },
    ],
  };
}
