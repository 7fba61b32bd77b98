import type { Rule } from "../../../src/ops/monitors/rule.ts";

/** For events that a test sends itself. */
export const PAYMENT: Rule = {
  id: "PaymentSent",
  title: "A payment was sent",
  severity: "low",
  source: { kind: "log", eventTypes: ["payment.*"] },
  resolves: { by: "hand" },
  asked: "this test",
};
