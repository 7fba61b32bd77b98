import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadCommitter } from "../../../src/aleo/commitment.ts";
import { agentScore } from "../../../src/aleo/score.ts";
import type { Entry } from "../../../src/aleo/state/entry.ts";
import { type Migration, prepareMigration } from "../../../src/aleo/state/migrate.ts";
import type { AleoState } from "../../../src/aleo/state/state-file.ts";
import { verifyEntries } from "../../../src/aleo/state/verify.ts";
import { IMPOSSIBLE, makeV2, metricsOf, readV2File, TOO_SMALL, V2 } from "./v2-fixture.ts";

const V3 = "agent_registry_v3.aleo";

describe("A migration of agents from version 2", function () {
  this.timeout(60_000);
  let folder: string;
  let migration: Migration;

  const prepare = (leaveOut: string[], state = readV2File()) =>
    prepareMigration({ state, from: V2, to: V3, salts: join(folder, "salts.json"), leaveOut });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-aleo-"));
    migration = await prepare([IMPOSSIBLE]);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("names the agent that version 3 cannot hold, and goes on only when it is left out by name", async () => {
    const error = await prepare([]).catch((caught: Error & { next?: string }) => caught);
    expect(error)
      .to.have.property("message")
      .that.contains(`${IMPOSSIBLE} (accuracy_rate: expected a whole number from 0 to 10000, got 10001`);
    expect(error).to.have.property("next").that.contains(`--leave-out ${IMPOSSIBLE}`);
    expect(migration.leftOut.map(({ agent }) => agent)).to.deep.equal([IMPOSSIBLE]);
    expect(migration.agents).to.have.length(12);
  });

  it("leaves nobody out who can go", async () => {
    const error = await prepare([IMPOSSIBLE, "2001field"]).catch((caught: Error) => caught);
    expect(error).to.have.property("message").that.contains('got "2001field"');
  });

  it("computes scores anew, the known answer, the highest and the lowest among them", () => {
    const scores = new Map(migration.agents.map(({ agent, score }) => [agent, score]));
    expect([scores.get("2001field"), scores.get("2004field"), scores.get("2005field")]).to.deep.equal([
      8_500, 10_000, 800,
    ]);
    for (const { agent, score } of migration.agents) expect(score).to.equal(agentScore(metricsOf(agent)));
  });

  it("keeps a stake below the new minimum and makes its agent inactive", () => {
    const small = migration.agents.find(({ agent }) => agent === TOO_SMALL);
    expect(small).to.include({ stake: 999n, active: false });
    expect(migration.deactivated).to.deep.equal([TOO_SMALL]);
  });

  it("shows no metrics: each commitment opens with the salt that is kept apart, and with no other", async () => {
    const file = join(folder, "salts.json");
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const kept = JSON.parse(readFileSync(file, "utf8")).agents;
    const commit = await loadCommitter();
    for (const { agent, metricsCommitment } of migration.agents) {
      expect(commit(agent, metricsOf(agent), kept[agent].salt)).to.equal(metricsCommitment);
    }
    expect(commit("2001field", metricsOf("2001field"), "1scalar")).not.to.equal(
      migration.agents[0]?.metricsCommitment,
    );
  });

  it("makes the same entries when it is prepared again", async () => {
    expect((await prepare([IMPOSSIBLE])).entries).to.deep.equal(migration.entries);
  });

  it("does not take the salts of another migration", async () => {
    const other = JSON.parse(JSON.stringify(makeV2()).replace('"9000u32"', '"9001u32"')) as AleoState;
    const error = await prepare([IMPOSSIBLE], other).catch((caught: Error) => caught);
    expect(error).to.have.property("message").that.contains("2001field has other metrics there");
  });

  describe("that is verified", () => {
    const faults = (change: (program: Mutable) => void) => {
      const state = enteredState(migration.entries);
      change(state.programs[V3] as unknown as Mutable);
      return verifyEntries(migration.entries, state, V3).faults.join("\n");
    };

    it("has nothing to say when every entry is there once", () => {
      expect(faults(() => {})).to.equal("");
    });

    it("finds a dropped agent and a dropped withdrawal", () => {
      expect(faults(({ mappings }) => delete mappings.agents?.["2003field"])).to.contain(
        "agents[2003field] was dropped",
      );
      expect(faults(({ mappings }) => delete mappings.withdrawals?.["2012field"])).to.contain(
        "withdrawals[2012field] was dropped",
      );
    });

    it("finds a doubled agent, whatever its id", () => {
      const found = faults(({ mappings }) => {
        Object.assign(mappings.agents ?? {}, { "77field": mappings.agents?.["2001field"] });
      });
      expect(found).to.contain("agents[77field] is not in what was to be entered");
      expect(found).to.contain("totals: agents is 12, the entries make 13");
    });

    for (const [member, value] of [
      ["holder", "aleo12ux3gdauck0v60westgcpqj7v8rrcr3v346e4jtq04q7kkt22czsh808v2"],
      ["stake", "50001u64"],
      ["score", "8501u32"],
      ["metrics_commitment", "1field"],
      ["active", "false"],
      ["registered_at", "101u32"],
    ] as const) {
      it(`finds an altered ${member}`, () => {
        const found = faults(({ mappings }) => {
          Object.assign(mappings.agents?.["2001field"] ?? {}, { [member]: value });
        });
        expect(found).to.contain(`agents[2001field].${member} is ${value}`);
      });
    }

    it("finds credits that are counted and not there", () => {
      const found = faults((program) => {
        program.balance = String(BigInt(program.balance) - 1n);
      });
      expect(found).to.match(/holds \d+ microcredits and owes \d+/);
    });

    it("finds totals that do not add up", () => {
      expect(faults(({ mappings }) => Object.assign(mappings.totals ?? {}, { "0u8": "1u64" }))).to.contain(
        "totals: staked is 1",
      );
    });
  });
});

interface Mutable {
  balance: string;
  mappings: Record<string, Record<string, Record<string, string>>>;
}

/** A registry's state after all entries went in. */
function enteredState(entries: readonly Entry[]): AleoState {
  const mappings: Record<string, Record<string, Record<string, string> | string>> = {
    agents: {},
    withdrawals: {},
    migration: { true: "true" },
  };
  const sums = { agents: 0n, withdrawals: 0n };
  for (const { mapping, key, expected, credits } of entries) {
    Object.assign(mappings[mapping] ?? {}, { [key]: { ...expected } });
    sums[mapping as keyof typeof sums] += credits;
  }
  const agents = Object.keys(mappings.agents ?? {}).length;
  mappings.totals = { "0u8": `${sums.agents}u64`, "1u8": `${sums.withdrawals}u64`, "3u8": `${agents}u64` };
  const balance = String(sums.agents + sums.withdrawals);
  const program = { edition: 0, owner: "", checksum: "", balance, mappings };
  return { ...makeV2(), programs: { [V3]: program } } as AleoState;
}
