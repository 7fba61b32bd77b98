import type { Rule } from "../rule.ts";

/** The Aleo programs and their ledger, by the figures of `src/aleo/figures.ts`. */
export const ALEO_RULES: readonly Rule[] = [
  {
    id: "AleoFailureRate",
    title: "The ledger rejects more than a tenth of the transactions",
    severity: "high",
    source: { kind: "state", probe: "aleo-failure-rate" },
    resolves: { by: "state" },
    asked: "003 Monitoring Setup: --threshold-tx-fail-rate 0.1",
  },
  {
    id: "AleoSlow",
    title: "The ledger's node answers more slowly than in 3,000 ms",
    severity: "high",
    source: { kind: "state", probe: "aleo-response-time" },
    resolves: { by: "state" },
    asked: "003 Monitoring Setup: --threshold-response-time 3000",
  },
  {
    id: "AleoConfirmationSlow",
    title: "Transactions take long to come into a block",
    severity: "medium",
    source: { kind: "state", probe: "aleo-confirmation-time" },
    resolves: { by: "state" },
    asked: "003 High: Service Degradation",
  },
  {
    id: "AleoActivityUnusual",
    title: "The programs have unusually many transactions, or few",
    severity: "critical",
    source: { kind: "state", probe: "aleo-activity" },
    resolves: { by: "state" },
    asked: "003 Critical: Contract Exploit, unusual transaction patterns",
  },
  {
    id: "AleoPaused",
    title: "A program is paused",
    severity: "high",
    source: { kind: "state", probe: "aleo-paused" },
    resolves: { by: "state" },
    asked: "003 Incident Response",
  },
  {
    id: "AleoStalled",
    title: "The ledger stands still",
    severity: "high",
    source: { kind: "state", probe: "aleo-stalled" },
    resolves: { by: "state" },
    asked: "003 High: Service Degradation, verify node connectivity",
  },
];
