import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SolidityProof } from "../../src/chain/submission.ts";
import { loadEcho, type Signals } from "../../test/support/contracts/echo.ts";
import type { SolidityKey } from "../../test/support/contracts/snarkjs.ts";
import type { Prover } from "../../test/support/contracts/system.ts";
import { type Figures, runScenario } from "./scenario.ts";

const PATH = fileURLToPath(new URL("fixture.json", import.meta.url));
const MAKE_FIXTURE = "npx node bench/gas/make-fixture.ts";

/** A verifying key and real proofs for it, so that calldata and gas are the same everywhere. */
interface Fixture {
  readonly key: SolidityKey;
  readonly proofs: readonly { readonly signals: readonly string[]; readonly proof: SolidityProof }[];
}

/** The committed proofs as a prover: knows exactly the signals of the scenario. */
export function fixtureProver(): Prover {
  const fixture = JSON.parse(readFileSync(PATH, "utf8")) as Fixture;
  const bySignals = new Map(fixture.proofs.map(({ signals, proof }) => [signals.join(), proof]));
  return {
    key: fixture.key,
    prove: async (signals) => {
      const proof = bySignals.get(signals.join());
      if (proof === undefined) {
        throw new Error(`the gas fixture has no proof for the scenario's signals; again: ${MAKE_FIXTURE}`);
      }
      return proof;
    },
  };
}

/** Runs the scenario with fresh proofs and writes them down. Gas of later runs differs a little from earlier ones'. */
export async function makeFixture(): Promise<Figures> {
  const echo = await loadEcho();
  const proofs: { signals: string[]; proof: SolidityProof }[] = [];
  const prove = async (signals: Signals): Promise<SolidityProof> => {
    const proof = await echo.prove(signals);
    proofs.push({ signals: signals.map(String), proof });
    return proof;
  };
  const figures = await runScenario({ key: echo.key, prove });
  const fixture: Fixture = { key: echo.key, proofs };
  writeFileSync(PATH, `${JSON.stringify(fixture, null, 2)}\n`);
  return figures;
}
