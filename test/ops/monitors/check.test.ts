import { expect } from "chai";
import { Interface } from "ethers";
import { registeredMetrics } from "../../../scripts/checks/monitors/registered.ts";
import { findRuleFaults, findUnwatched, type RuleFacts } from "../../../src/ops/monitors/check.ts";
import type { Rule, Source } from "../../../src/ops/monitors/rule.ts";

const PROVED = "Proved(address,bool,uint64,bytes32)";
const FACTS: RuleFacts = {
  abis: {
    ProofXVerifier: new Interface([
      "event Proved(address indexed by, bool ok, uint64 size, bytes32 role)",
      "event Halted(address by)",
    ]),
    AnchorRegistry: new Interface(["event Halted(address who)"]),
    TimelockController: new Interface([]),
  },
  probes: new Set(["paused"]),
  metrics: [
    { name: "proofx_a_seconds", type: "histogram", labels: ["route"] },
    { name: "proofx_a_errors_total", type: "counter", labels: ["code"] },
    { name: "proofx_b_errors_total", type: "counter", labels: [] },
  ],
  eventTypes: new Set(["proofx.key.revoked"]),
  pages: new Set(["docs/runbooks/Halted.md"]),
};

const rule = (source: Source, changes: Partial<Rule> = {}): Rule => ({
  id: "Halted",
  title: "It is halted",
  severity: "high",
  source,
  resolves: { by: "hand" },
  asked: "a test",
  ...changes,
});

const event = (changes: Partial<Extract<Source, { kind: "event" }>>): Source => ({
  kind: "event",
  contracts: ["ProofXVerifier"],
  signature: PROVED,
  labels: [],
  ...changes,
});

const metric = (expression: string, labels: readonly string[] = [], duration = "5m"): Source => ({
  kind: "metric",
  expression,
  for: duration,
  labels,
});

const state = (probe: string): Source => ({ kind: "state", probe });
const faultsOf = (...rules: Rule[]): string[] => findRuleFaults(rules, FACTS).map(({ message }) => message);

describe("what rules are held against", () => {
  it("rules that name what is there pass", () => {
    const where = [
      { argument: "ok", is: "==", value: false },
      { argument: "size", is: ">", value: "5" },
      { argument: "role", is: "!=", value: `0x${"00".repeat(32)}` },
      { argument: "by", is: "==", value: `0x${"ab".repeat(20)}` },
    ] as const;
    for (const source of [
      event({ where, labels: ["by", "size"] }),
      state("paused"),
      { kind: "log", eventTypes: ["proofx.key.revoked"] } as const,
      metric('sum by (route) (rate(proofx_a_seconds_bucket{route!="x",le="1"}[5m])) > 1', ["route"]),
      metric('sum by (service) (rate({__name__=~"proofx_.+_errors_total"}[5m])) > 0', ["service"], "0s"),
      metric("up == 0", ["job", "instance"]),
    ])
      expect(faultsOf(rule(source))).to.deep.equal([]);
  });

  for (const [named, source, message] of [
    [
      "an event of another contract",
      event({ contracts: ["TimelockController"] }),
      `TimelockController has no event ${PROVED}`,
    ],
    [
      "an event by an alias of its types",
      event({ signature: "Halted(address )" }),
      "ProofXVerifier has no event Halted(address )",
    ],
    ["an unknown event", event({ signature: "Nothing()" }), "ProofXVerifier has no event Nothing()"],
    ["no contract", event({ contracts: [] }), "it watches no contract"],
    ["a label that is no argument", event({ labels: ["size", "sise"] }), `${PROVED} has no argument sise`],
    [
      "a condition on no argument",
      event({ where: [{ argument: "on", is: "==", value: true }] }),
      `${PROVED} has no argument on`,
    ],
    [
      "a text for a bool",
      event({ where: [{ argument: "ok", is: "==", value: "false" }] }),
      "ok is of type bool: it cannot be false",
    ],
    [
      "a short address",
      event({ where: [{ argument: "by", is: "==", value: "0x00" }] }),
      "by is of type address: it cannot be 0x00",
    ],
    [
      "hex for a number",
      event({ where: [{ argument: "size", is: "==", value: "0x5" }] }),
      "size is of type uint64: it cannot be 0x5",
    ],
    [
      "an order of bytes",
      event({ where: [{ argument: "role", is: ">", value: `0x${"00".repeat(32)}` }] }),
      "role is of type bytes32: it has no order",
    ],
    [
      "contracts that name an event's arguments differently",
      event({ contracts: ["ProofXVerifier", "AnchorRegistry"], signature: "Halted(address)" }),
      "the contracts name or index the arguments of Halted(address) differently",
    ],
    ["an unknown probe", state("pausd"), "there is no probe pausd"],
    [
      "a type that the log does not write",
      { kind: "log", eventTypes: ["proofx.key.revoke"] } as const,
      "the log writes no events of type proofx.key.revoke",
    ],
    ["an unknown metric", metric("proofx_c_total > 0"), "no service registers proofx_c_total"],
    ["a histogram itself", metric("proofx_a_seconds > 0"), "no service registers proofx_a_seconds"],
    [
      "a pattern that no metric has",
      metric('{__name__=~"proofx_.+_failures_total"} > 0'),
      "no service registers a metric like ^(?:proofx_.+_failures_total)$",
    ],
    [
      "a label that not all matched metrics have",
      metric('{__name__=~"proofx_.+_errors_total",code="x"} > 0'),
      "a metric like ^(?:proofx_.+_errors_total)$ has no label code",
    ],
    [
      "a label of the alert that no series has",
      metric("proofx_b_errors_total > 0", ["code"]),
      "no series of the expression has a label code",
    ],
    [
      "a time that Prometheus cannot read",
      metric("up == 0", [], "5 min"),
      "5 min is not how long something lasts",
    ],
  ] as const) {
    it(`a rule with ${named} is a fault`, () => {
      expect(faultsOf(rule(source))).to.deep.equal([message]);
    });
  }

  it("an id has one rule, one form and its page", () => {
    expect(faultsOf(rule(state("paused")), rule(state("paused")))).to.deep.equal([
      "the id is another rule's too",
    ]);
    expect(faultsOf(rule(state("paused"), { id: "haltedNow" }))).to.deep.equal([
      "the id is not PascalCase",
      "docs/runbooks/haltedNow.md does not exist",
    ]);
  });

  it("an alert for an event that begins a state ends by a probe that is there", () => {
    const ending = (probe?: string) => ({ by: "state", ...(probe === undefined ? {} : { probe }) }) as const;
    expect(faultsOf(rule(event({}), { resolves: ending("paused") }))).to.deep.equal([]);
    expect(faultsOf(rule(event({}), { resolves: ending("none") }))).to.deep.equal(["there is no probe none"]);
    expect(faultsOf(rule(event({}), { resolves: ending() })).join()).to.contain("name a probe");
    expect(faultsOf(rule(event({}), { resolves: { by: "time", seconds: 0 } })).join()).to.contain(
      "ends before",
    );
  });
});

describe("events of the contracts", () => {
  const watching = [
    rule(event({})),
    rule(event({ contracts: ["AnchorRegistry"], signature: "Halted(address)" })),
  ];
  const unwatched = (excused: Record<string, string>) =>
    findUnwatched(watching, FACTS.abis, excused).map(({ message }) => message);

  it("each is watched in each contract that has it, or excused", () => {
    expect(unwatched({})).to.deep.equal(["no rule watches ProofXVerifier Halted(address)"]);
    expect(unwatched({ Halted: "a test" })).to.deep.equal([]);
  });

  it("an excuse for what is watched, or for no event, is a fault", () => {
    expect(unwatched({ Halted: "a test", Proved: "it is watched", Gone: "no event" })).to.deep.equal([
      "is excused from being watched, and need not be",
      "is excused from being watched, and need not be",
    ]);
  });
});

describe("metrics that services register", () => {
  it("are known with their types and labels, each name once", () => {
    const all = registeredMetrics();
    expect(all).to.deep.include({
      name: "proofx_relayer_waiting",
      type: "gauge",
      labels: ["cause"],
    });
    expect(new Set(all.map(({ name }) => name)).size).to.equal(all.length);
  });
});
