import type { Rule } from "../rule.ts";

/** The streams' anchors, and whether the log and the chain say the same. */
export const STREAM_RULES: readonly Rule[] = [
  {
    id: "BatchVetoed",
    title: "A guardian vetoed a batch",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ["AnchorRegistry"],
      signature: "BatchVetoed(bytes32,uint64,address)",
      labels: ["streamId", "batchIndex", "guardian"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: integrity of the protocol; somebody holds the batch for forged",
  },
  {
    id: "StreamReopened",
    title: "Batches were cut from a stream",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ["AnchorRegistry"],
      signature: "StreamReopened(bytes32,uint64,uint32,uint64,bytes32)",
      labels: ["streamId", "batchIndex", "epoch", "cutCount"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: integrity of the protocol",
  },
  {
    id: "StreamOpened",
    title: "A stream was opened with its anchorer",
    severity: "low",
    source: {
      kind: "event",
      contracts: ["AnchorRegistry"],
      signature: "StreamOpened(bytes32,address,uint32)",
      labels: ["streamId", "anchorer"],
    },
    resolves: { by: "time", seconds: 86_400 },
    asked: "001 section 2: integrity of the protocol",
  },
  {
    id: "AnchorerReplaced",
    title: "A stream has another anchorer, or none",
    severity: "high",
    source: {
      kind: "event",
      contracts: ["AnchorRegistry"],
      signature: "AnchorerReplaced(bytes32,address,address)",
      labels: ["streamId", "previousAnchorer", "newAnchorer"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: check if authorised",
  },
  {
    id: "AnchorLate",
    title: "A stream's events wait too long for their anchor",
    severity: "high",
    source: { kind: "state", probe: "anchor-late" },
    resolves: { by: "state" },
    asked: "004 Detection: anchor transaction failures",
  },
  {
    id: "AnchorBlocked",
    title: "A stream's next batch cannot be anchored until somebody acts",
    severity: "high",
    source: {
      kind: "metric",
      expression:
        'sum by (cause) (last_over_time({__name__=~"proofx_(anchor|sequencer)_streams_waiting",cause=~"refused|reverted|stream-unknown|suspended|wrong-anchorer|chain-ahead|fork|cut|fault"}[15m])) > 0',
      for: "5m",
      labels: ["cause"],
    },
    resolves: { by: "state" },
    asked: "004 Detection: anchor transaction failures",
  },
  {
    id: "HeadsApart",
    title: "The chain has another state root than the log",
    severity: "critical",
    source: { kind: "state", probe: "heads-apart" },
    resolves: { by: "state" },
    asked: "001 section 2: integrity of the protocol",
  },
  {
    id: "WitnessSilent",
    title: "A witness does not cosign",
    severity: "medium",
    source: { kind: "state", probe: "witness-silent" },
    resolves: { by: "state" },
    asked: "001 section 2: health of the service",
  },
  {
    id: "LogEquivocated",
    title: "A log signed two heads of the same size",
    severity: "critical",
    source: {
      kind: "metric",
      expression: "sum by (origin) (increase(proofx_witness_equivocations_total[1h])) > 0",
      for: "0s",
      labels: ["origin"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: integrity of the protocol",
  },
];
