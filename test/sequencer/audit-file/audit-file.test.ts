import { expect } from "chai";
import { CheckError, InputError, ProofXError } from "../../../src/core/errors.ts";
import { SIGNATURE_TYPE } from "../../../src/core/log/index.ts";
import {
  type AuditJson,
  type AuditReport,
  type AuditTrust,
  auditText,
  checkAudit,
  exportAudit,
  parseAudit,
} from "../../../src/sequencer/audit-file/index.ts";
import { type FilledStream, fillStream, openPlain, signerOf } from "../filled.ts";
import { emptyStore, type TestStore } from "../support.ts";
import { altered, named, places, without } from "./mutations.ts";

const CHAIN = { chainId: 31337n, registry: new Uint8Array(20).fill(7) };

describe("The auditor's file", function () {
  this.timeout(300_000);
  let test: TestStore;
  let stream: FilledStream;
  let whole: AuditJson;
  let trust: AuditTrust;
  before(async () => {
    test = await emptyStore("pglite");
    stream = await fillStream(test.store, { events: 7, batch: 4, anchor: CHAIN });
    whole = await collect([3n, 6n, 9n]);
    trust = { logKey: stream.logKey, witnesses: [stream.witnessKey] };
  });
  after(() => test?.close());

  const collect = (sequences: bigint[], open: typeof openPlain | undefined = openPlain): Promise<AuditJson> =>
    exportAudit(test.store.as("app"), {
      tenantId: stream.tenantId,
      storeId: stream.storeId,
      sequences,
      open,
      openOwn: openPlain,
      chain: CHAIN,
      proofs: [],
    });
  const leavesOnly = (sequences: bigint[]): Promise<AuditJson> =>
    exportAudit(test.store.as("app"), {
      tenantId: stream.tenantId,
      storeId: stream.storeId,
      sequences,
      openOwn: openPlain,
      proofs: [],
    });
  const audit = (json: AuditJson, by: AuditTrust = trust): Promise<AuditReport> =>
    checkAudit(parseAudit(auditText(json)), by, () => false);
  const lines = (report: AuditReport, status: string): string =>
    report.findings.flatMap((each) => (each.status === status ? [each.what] : [])).join("\n");
  /** Null when parsing refused it. */
  const outcome = async (run: () => Promise<AuditReport>): Promise<AuditReport | null> => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof ProofXError) return null;
      throw error;
    }
  };

  it("proves each event, its signer, its place and its time to whoever pins the log and a witness", async () => {
    const report = await audit(whole);
    expect(lines(report, "refused")).to.equal("");
    for (const words of [
      "is signed by the pinned log key",
      "witness witness.example/one saw no other history",
      "sequence 3 is in the checkpoint's log, at its place",
      "sequence 6 is event 00000000-0000-4000-8000-000000000006 (order.paid), signed by agent",
      "promised sequence 9 at 2026-01-30T12:00:09.000Z",
      "sequence 6 is under the batch root of batch 5 to 8",
    ])
      expect(lines(report, "proved")).to.contain(words);
  });

  it("says what it does not prove, even when all of it holds", async () => {
    const said = lines(await audit(whole), "not proved");
    for (const words of [
      "that batch 1 to 4 was anchored",
      "that sequence 9 is in an anchored batch",
      "a revocation that is left out cannot be seen",
      "anything about entries that are not in the file",
    ])
      expect(said).to.contain(words);
  });

  it("proves a place without telling what stands there", async () => {
    const file = await leavesOnly([4n, 5n]);
    expect(auditText(file)).not.to.contain("order");
    const report = await audit(file);
    expect(report.holds).to.equal(true);
    expect(lines(report, "proved")).to.contain("sequence 5 is in the checkpoint's log, at its place");
    expect(lines(report, "not proved")).to.contain("what sequence 5 says, and who signed it");
  });

  it("trusts nothing that only the file says", async () => {
    const report = await audit(whole, { witnesses: [] });
    expect(report.holds).to.equal(true);
    expect(lines(report, "not proved"))
      .to.contain("whose checkpoint this is")
      .and.to.contain("no witness is pinned")
      .and.to.contain("that witness.example/one cosigned");
  });

  it("is refused under another log's key, and by a witness who did not sign", async () => {
    const other = signerOf("another").publicKey;
    const logKey = { ...stream.logKey, publicKey: other };
    expect(lines(await audit(whole, { ...trust, logKey }), "refused")).to.contain("not signed by");
    const stranger = { name: "stranger", type: SIGNATURE_TYPE.cosignature, publicKey: other };
    expect(lines(await audit(whole, { ...trust, witnesses: [stranger] }), "refused")).to.contain(
      "not cosigned by stranger",
    );
  });

  it("with any value altered is refused, or the place is among those that nothing vouches for", async () => {
    const base = await audit(whole);
    const unvouched = base.findings.flatMap(({ fields }) => fields ?? []);
    expect(unvouched).to.deep.equal(["batches[0].anchor", "batches[1].anchor"]);
    const missed: string[] = [];
    let tried = 0;
    for (const place of places(whole)) {
      const file = altered(whole, place);
      if (file === undefined) continue;
      tried++;
      const report = await outcome(() => audit(file));
      if (report?.holds === true && !unvouched.some((field) => named(place).startsWith(field)))
        missed.push(named(place));
    }
    expect(missed).to.deep.equal([]);
    expect(tried).to.be.greaterThan(150);
  });

  it("with any field dropped is refused, or proves less and says so", async () => {
    const base = await audit(whole);
    const missed: string[] = [];
    for (const place of places(whole)) {
      const report = await outcome(() => audit(without(whole, place)));
      if (report === null || !report.holds) continue;
      const less = lines(report, "proved").length < lines(base, "proved").length;
      const other = lines(report, "not proved") !== lines(base, "not proved");
      if (!less && !other) missed.push(named(place));
    }
    expect(missed).to.deep.equal([]);
  });

  it("with any byte flipped is refused", async () => {
    // The log's key is pinned: what the stream says of its own keys is not needed for a leaf.
    const bytes = new TextEncoder().encode(auditText({ ...(await leavesOnly([3n])), foundations: [] }));
    const missed: number[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 7));
      const report = await outcome(() =>
        checkAudit(parseAudit(new TextDecoder().decode(flipped)), trust, () => false),
      );
      if (report?.holds === true) missed.push(i);
    }
    expect(missed).to.deep.equal([]);
  });

  it("has one spelling: whitespace and a field's order cannot be altered unseen", () => {
    const text = auditText(whole);
    expect(() => parseAudit(JSON.stringify(JSON.parse(text)))).to.throw(CheckError, "its spelling");
    expect(() => parseAudit(`${text} `)).to.throw(CheckError, "its spelling");
    expect(() => parseAudit(text.replace('"proofx_audit": 1', '"proofx_audit": 2'))).to.throw(
      InputError,
      "proofx_audit: expected 1, got 2",
    );
  });

  it("does not take an event signed by a key that was registered later, or revoked before", async () => {
    const late = structuredClone(whole);
    late.foundations = late.foundations.slice(0, 1);
    expect(lines(await audit(late), "refused")).to.contain("no event before it registers key 1");
  });

  it("is not made for an entry that no checkpoint covers yet", async () => {
    const error = await collect([10n]).catch((reason) => reason);
    expect(error).to.be.instanceOf(InputError);
    expect(error.message).to.contain("the newest checkpoint ends at 9");
  });
});
