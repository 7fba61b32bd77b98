import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CheckError } from "../../src/core/errors.ts";
import { Awaiting, type IncidentStep, openState, runIncident } from "../../src/ops/incidents/index.ts";

const CHAIN = { network: "local", chainId: 31337n, genesisHash: `0x${"11".repeat(32)}`, isPublic: false };

describe("a run of an incident", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-incident-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const path = () => join(folder, "state.json");
  const open = (given: Record<string, string> = {}) => openState(path(), "test", CHAIN, given);
  const run = async (steps: readonly IncidentStep[]) => runIncident(steps, open(), path(), () => undefined);
  const step = (id: string, more: Partial<IncidentStep> = {}): IncidentStep => ({
    id,
    title: id,
    run: async () => ({ lines: [], data: {} }),
    ...more,
  });
  const statuses = async (steps: readonly IncidentStep[]) =>
    (await run(steps)).steps.map(({ status }) => status);

  it("does not let containment wait for one who is away, and is not finished before that one acted", async () => {
    let away = true;
    const veto = step("veto", {
      independent: true,
      run: async () => {
        if (away) throw new Awaiting("guardian has to send", []);
        return { lines: [], data: {} };
      },
    });
    const first = await run([veto, step("suspend")]);
    expect(first.status).to.equal("awaiting");
    expect(first.steps.map(({ status }) => status)).to.deep.equal(["awaiting", "done"]);
    away = false;
    expect(await statuses([veto, step("suspend")])).to.deep.equal(["done", "done before"]);
  });

  it("goes on past a refusal of such a step, and stops at any other's", async () => {
    const refuse = async () => {
      throw new CheckError("refused");
    };
    const report = await run([step("veto", { independent: true, run: refuse }), step("suspend")]);
    expect(report.steps[0]?.lines).to.deep.equal(["refused", "run the same command again"]);
    expect(report.steps[1]?.status).to.equal("done");
    const fault = await run([step("add", { run: refuse }), step("later")]).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(CheckError);
  });

  it("takes a step again that a reorganisation undid, though its record says that it was done", async () => {
    let holds = true;
    const revoke = step("revoke", { stands: async () => holds });
    expect(await statuses([revoke, step("key")])).to.deep.equal(["done", "done"]);
    expect(await statuses([revoke, step("key")])).to.deep.equal(["done before", "done before"]);
    holds = false;
    expect(await statuses([revoke, step("key")])).to.deep.equal(["done", "done before"]);
  });

  it("that was refused at its first step goes on with the option that the refusal asked for", async () => {
    const refused = step("identify", {
      run: async () => {
        throw new CheckError("batch 3 is not ours", { next: "give --keep 2" });
      },
    });
    await runIncident([refused], open({ keep: "3" }), path(), () => undefined).catch(() => undefined);
    expect(open({ keep: "2" }).given).to.deep.equal({ keep: "2" });
    await runIncident([step("identify")], open({ keep: "2" }), path(), () => undefined);
    expect(() => open({ keep: "1" })).to.throw("the incident it was begun for: --keep 2");
  });
});
