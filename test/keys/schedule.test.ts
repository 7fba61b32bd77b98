import { expect } from "chai";
import type { KeyInfo } from "../../src/core/ports.ts";
import { defaultKeysSettings, dueExitCode, dueReport, type KeysSettings } from "../../src/keys/index.ts";

const MADE = "2026-01-01T12:00:00.000Z";
const NONE = { successors: new Map<string, string>(), retired: new Set<string>() };
const key = (name: string, createdAt = MADE): KeyInfo => ({
  name,
  algorithm: "secp256k1",
  publicKey: "0x",
  createdAt,
});
/** So many days after the keys were made, and so many milliseconds. */
const aged = (days: number, milliseconds = 0) =>
  new Date(Date.parse(MADE) + days * 86_400_000 + milliseconds);

describe("keys that are due", () => {
  const { schedule } = defaultKeysSettings();
  const report = (keys: KeyInfo[], now: Date, settings: KeysSettings["schedule"] = schedule, known = NONE) =>
    dueReport(keys, known, settings, now);
  const statusAt = (now: Date) => {
    const due = report([key("signer")], now);
    return [due.keys[0]?.status, dueExitCode(due)];
  };

  it("a signer is announced 14 days before its 90 are over and overdue to the millisecond", () => {
    expect(statusAt(aged(0))).to.deep.equal(["ok", 0]);
    expect(statusAt(aged(76, -1))).to.deep.equal(["ok", 0]);
    expect(statusAt(aged(76))).to.deep.equal(["soon", 0]);
    expect(statusAt(aged(90, -1))).to.deep.equal(["soon", 0]);
    expect(statusAt(aged(90))).to.deep.equal(["overdue", 1]);
    expect(statusAt(aged(9000))).to.deep.equal(["overdue", 1]);
  });

  it("says how old, since when and for what purpose", () => {
    expect(report([key("signer-b.v3")], aged(91, 5)).keys).to.deep.equal([
      {
        name: "signer-b.v3",
        algorithm: "secp256k1",
        createdAt: MADE,
        ageDays: 91,
        status: "overdue",
        purpose: "signers",
        days: 90,
        dueAt: "2026-04-01T12:00:00.000Z",
      },
    ]);
  });

  it("a key of the future is no young key: its time or the clock is wrong", () => {
    expect(statusAt(aged(-1))).to.deep.equal(["ok", 0]);
    expect(statusAt(aged(-1, -1))).to.deep.equal(["future", 1]);
  });

  it("keys on no schedule are shown and do not fail", () => {
    const due = report([key("deployer"), key("assigner")], aged(4000));
    expect(due.keys.map(({ status }) => status)).to.deep.equal(["unscheduled", "unscheduled"]);
    expect(dueExitCode(due)).to.equal(0);
  });

  it("a key that is replaced but not retired still counts, and a retired one does not", () => {
    const keys = [key("signer"), key("signer.v2", aged(89).toISOString())];
    const successors = new Map([["signer", "signer.v2"]]);
    const pending = report(keys, aged(95), schedule, { successors, retired: new Set() });
    expect(pending.keys[0]).to.include({ status: "overdue", successor: "signer.v2" });
    expect(dueExitCode(pending)).to.equal(1);
    const done = report(keys, aged(95), schedule, { successors, retired: new Set(["signer"]) });
    expect(done.keys.map(({ status }) => status)).to.deep.equal(["retired", "ok"]);
    expect(dueExitCode(done)).to.equal(0);
  });

  it("a name on the schedule that no key in use has is a failure, so that a typing error is no silence", () => {
    const settings = { relayers: { keys: ["relayer", "spare-*"], days: 30, warn_days: 5 } };
    const due = report([key("relayer-a")], aged(1), settings);
    expect(due.missing).to.deep.equal(["relayer"]);
    expect(dueExitCode(due)).to.equal(1);
    const known = { successors: new Map(), retired: new Set(["relayer"]) };
    expect(report([key("relayer")], aged(1), settings, known).missing).to.deep.equal(["relayer"]);
    expect(report([key("relayer.v2")], aged(1), settings).missing).to.deep.equal([]);
  });

  it("whoever has two purposes is held to the stricter", () => {
    const settings = {
      all: { keys: ["*"], days: 365, warn_days: 14 },
      hot: { keys: ["relayer"], days: 30, warn_days: 5 },
    };
    const due = report([key("relayer"), key("agent-7")], aged(40), settings);
    expect(due.keys.map(({ purpose, status }) => [purpose, status])).to.deep.equal([
      ["hot", "overdue"],
      ["all", "ok"],
    ]);
  });
});
