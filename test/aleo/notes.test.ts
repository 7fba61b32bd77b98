import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { aleoDeploymentPath, findAleoDeployment, saveAleoDeployment } from "../../src/aleo/deployment.ts";
import { noteSubmission, readSubmissions, type Submission, waitsOf } from "../../src/aleo/journal.ts";
import { forgetPending, notePending, readPending } from "../../src/aleo/pending.ts";

describe("what Aleo's tasks leave on this machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-aleo-notes-"));
  const deployments = process.env.PROOFX_DEPLOYMENTS;
  before(() => {
    process.env.PROOFX_DEPLOYMENTS = folder;
  });
  after(() => {
    if (deployments === undefined) delete process.env.PROOFX_DEPLOYMENTS;
    else process.env.PROOFX_DEPLOYMENTS = deployments;
    rmSync(folder, { recursive: true });
  });

  const submission = (id: string): Submission => ({
    id,
    program: "agent_registry_v3.aleo",
    function: "pause",
    time: 1_700_000_000.5,
    milliseconds: 1234,
    accepted: true,
    height: 7,
  });

  it("are the submissions in order, without the line that a crash cut off", () => {
    expect(readSubmissions(folder, "devnode")).to.deep.equal([]);
    for (const id of ["at1a", "at1b"]) noteSubmission(folder, "devnode", submission(id));
    appendFileSync(join(folder, "submissions-devnode.jsonl"), '{"id":"at1c","prog');
    const read = readSubmissions(folder, "devnode");
    expect(read.map(({ id }) => id)).to.deep.equal(["at1a", "at1b"]);
    expect(waitsOf(read)[0]).to.deep.equal({ time: 1_700_000_000.5, milliseconds: 1234 });
    expect(readSubmissions(folder, "mainnet"), "of another network").to.deep.equal([]);
  });

  it("is the transaction that was about to be sent, until it is forgotten", () => {
    const pending = { genesis: "ab1", id: "at1a", what: "p.aleo/f", text: '{"id":"at1a"}', fee: 7n };
    expect(readPending(folder, "testnet")).to.equal(undefined);
    notePending(folder, "testnet", pending);
    expect(readPending(folder, "testnet")).to.deep.equal(pending);
    expect(statSync(join(folder, "pending-testnet.json")).mode & 0o077).to.equal(0);
    forgetPending(folder, "testnet");
    forgetPending(folder, "testnet");
    expect(readPending(folder, "testnet")).to.equal(undefined);
    writeFileSync(join(folder, "pending-testnet.json"), "{");
    expect(() => readPending(folder, "testnet")).to.throw("expected JSON");
  });

  it("is the deployment of one ledger, which is not taken for that of another", () => {
    const programs = {
      "agent_registry_v3.aleo": {
        checksum: "ab",
        edition: 0,
        transaction: "at1a",
        height: 3,
        deployer: "aleo1",
      },
    };
    expect(findAleoDeployment("devnode", "ab1one")).to.equal(undefined);
    saveAleoDeployment({ version: 1, network: "devnode", genesis: "ab1one", programs });
    expect(findAleoDeployment("devnode", "ab1one")?.programs).to.deep.equal(programs);
    expect(() => findAleoDeployment("devnode", "ab1two")).to.throw(
      "a deployment on the ledger that begins with",
    );
    const path = aleoDeploymentPath("devnode");
    writeFileSync(path, readFileSync(path, "utf8").replace('"edition": 0', '"edition": -1'));
    expect(() => findAleoDeployment("devnode", "ab1one")).to.throw(
      "edition: expected an integer from 0 to 65535",
    );
  });
});
