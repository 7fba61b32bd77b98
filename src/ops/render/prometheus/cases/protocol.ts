import { type AlertCase, rise, seriesOf } from "../case.ts";

const ACCEPTED = seriesOf("sequencer", "events_accepted_total", 'repeat="false"');
const GAS = seriesOf("relayer", "attest_gas_sum");
const ATTESTATIONS = seriesOf("relayer", "attest_gas_count");
const FORGED = seriesOf("sequencer", "events_refused_total", 'code="signature-invalid"');
const UNKNOWN = seriesOf("sequencer", "events_refused_total", 'code="key-unknown"');

/** Cases of the log, of anchoring and of attesting. A day of one a minute comes before what is unusual. */
export const PROTOCOL_CASES: readonly AlertCase[] = [
  {
    rule: "AttestGasSpike",
    at: "1465m",
    breach: [
      [GAS, "0+400000x1440 576600000+600000x30"],
      [ATTESTATIONS, "0+1x1470"],
    ],
    quiet: [
      [GAS, "0+400000x1440 576500000+500000x30"],
      [ATTESTATIONS, "0+1x1470"],
    ],
    value: "6e+05",
  },
  {
    rule: "EventVolumeUnusual",
    at: "1465m",
    breach: [[ACCEPTED, "0+1x1440 1540+100x30"]],
    quiet: [[ACCEPTED, "0+10x1440 14440+40x30"]],
    value: "1.667",
  },
  {
    rule: "SignaturesInvalid",
    at: "60m",
    breach: [
      [FORGED, rise(6)],
      [UNKNOWN, rise(5)],
    ],
    quiet: [
      [FORGED, rise(5)],
      [UNKNOWN, rise(5)],
    ],
    value: "11",
  },
  {
    rule: "CheckpointsFailing",
    at: "20m",
    breach: [[seriesOf("sequencer", "checkpoint_failures_total"), "0+1x30"]],
    quiet: [[seriesOf("sequencer", "checkpoint_failures_total"), "7x30"]],
    value: "10",
  },
  {
    rule: "AnchorBlocked",
    at: "10m",
    breach: [[seriesOf("anchor", "streams_waiting", 'cause="reverted"'), "2x20"]],
    quiet: [
      [seriesOf("anchor", "streams_waiting", 'cause="reverted"'), "0x20"],
      [seriesOf("anchor", "streams_waiting", 'cause="fee-cap"'), "2x20"],
    ],
    labels: { cause: "reverted" },
    value: "2",
  },
  {
    // The process that did both is stopped: nobody has unblocked anything.
    rule: "AnchorBlocked",
    at: "20m",
    breach: [[seriesOf("sequencer", "streams_waiting", 'cause="fork"'), "1x10 stale"]],
    quiet: [[seriesOf("sequencer", "streams_waiting", 'cause="fork"'), "1x5 0x5 stale"]],
    labels: { cause: "fork" },
    value: "1",
  },
  {
    rule: "LogEquivocated",
    at: "60m",
    breach: [[seriesOf("witness", "equivocations_total", 'origin="proofx.test/a"'), rise(1)]],
    quiet: [[seriesOf("witness", "equivocations_total", 'origin="proofx.test/a"'), "1x60"]],
    labels: { origin: "proofx.test/a" },
    value: "1",
  },
];
