import { nativeEd25519 } from "../../src/keys/index.ts";
import { judgeFlatness } from "../flatness.ts";
import { type Measurement, quantile, type Row } from "../measurement.ts";
import type { ProofTimes } from "./proofs.ts";

/** What became of one way in, all rounds together. */
export interface Spent {
  readonly events: number;
  /** By the clock. */
  readonly seconds: number;
  /** Processor seconds of the process that measures: the log's own when it is in process, else the client's. */
  readonly own: number;
  /** Processor seconds of PostgreSQL with its children, and of the service. */
  readonly server: number;
}

/** What all turns gave. */
export interface Turns {
  /** By way: `verify` by the system's library, `own-verify` by the one in use, `copy`, `process`, `facts`, `batches`, `requests`. */
  readonly spent: Map<string, Spent>;
  /** Milliseconds of an event with none beside it: in process, over HTTP, and of a transaction with one row. */
  readonly submitted: number[];
  readonly posted: number[];
  readonly committed: number[];
  /** What the service held after each of its loads. */
  readonly memory: NodeJS.MemoryUsage[];
}

export interface Measured extends Turns {
  readonly proofs: ProofTimes;
  /** Milliseconds of hashing an inclusion proof's nodes. */
  readonly nodes: number;
}

const MIB = 2 ** 20;
const UPSTREAM = "upstream's own figure: 305 requests a second, unsigned";

/** The figures as rows, each beside its floor or peer. */
export function ingestRows(measured: Measured, { entries }: { readonly entries: number }): Measurement {
  const { spent, submitted, posted, committed, proofs, nodes, memory } = measured;
  const way = (name: string): Spent => spent.get(name) ?? { events: 0, seconds: 0, own: 0, server: 0 };
  const verified = perSecond(way("verify"), ({ own }) => own);
  const ownVerified = perSecond(way("own-verify"), ({ own }) => own);
  const copied = perSecond(way("copy"), inProcess);
  const beside = (name: string, rate: number, aim = ""): Row => ({
    name,
    value: rate,
    unit: "events/CPU s",
    floorOrPeer: `${verified.toFixed(0)}, bare verification by OpenSSL${aim}`,
    ratio: rate / verified,
  });
  const byClock = (name: string, peer: string): Row => ({
    name: `${NAMES[name]}, by the clock`,
    value: perSecond(way(name), ({ seconds }) => seconds),
    unit: "events/s",
    floorOrPeer: peer,
  });
  const process = perSecond(way("process"), inProcess);
  return {
    title: "Durable signed ingest: verified, sealed, receipted, synced; every process's time counted",
    rows: [
      beside("in process", process, ", at least 0.45x"),
      ...inProcessRows(process, verified, ownVerified, copied),
      beside(
        "in process, PostgreSQL's part of it left out",
        perSecond(way("process"), ({ own }) => own),
      ),
      beside("in process, events with facts", perSecond(way("facts"), inProcess)),
      beside(
        "over HTTP in batches of 250",
        perSecond(way("batches"), ({ server }) => server),
      ),
      beside(
        "over HTTP, a request an event",
        perSecond(way("requests"), ({ server }) => server),
      ),
      byClock("process", UPSTREAM),
      byClock("batches", clientOf(way("batches"))),
      byClock("requests", `${clientOf(way("requests"))}; ${UPSTREAM}`),
      ...latencies("one event in process", submitted, committed),
      ...latencies("one event over HTTP", posted, committed),
      ...proofRows(proofs, nodes, entries),
      memoryRow(
        "resident",
        memory.map(({ rss }) => rss),
      ),
      memoryRow(
        "heap",
        memory.map(({ heapUsed }) => heapUsed),
      ),
    ],
  };
}

/** Beside the bare work of the library in use, which is none of the aim, and of the database. */
function inProcessRows(process: number, verified: number, ownVerified: number, copied: number): Row[] {
  const { name } = nativeEd25519();
  const unit = "events/CPU s";
  return [
    {
      name: `bare verification by ${name}, which is in use`,
      value: ownVerified,
      unit,
      floorOrPeer: `${verified.toFixed(0)}, by OpenSSL`,
      ratio: ownVerified / verified,
    },
    {
      name: `in process, beside bare verification by ${name}`,
      value: process,
      unit,
      floorOrPeer: `${ownVerified.toFixed(0)}, ${name} alone`,
      ratio: process / ownVerified,
    },
    {
      name: "in process, beside COPY of the same rows",
      value: process,
      unit,
      floorOrPeer: `${copied.toFixed(0)}, COPY alone`,
      ratio: process / copied,
    },
  ];
}

const NAMES: Readonly<Record<string, string>> = {
  process: "in process",
  batches: "over HTTP in batches of 250",
  requests: "over HTTP, a request an event",
};

const inProcess = ({ own, server }: Spent): number => own + server;

function perSecond(way: Spent, seconds: (way: Spent) => number): number {
  return way.events / seconds(way);
}

function clientOf({ own, events }: Spent): string {
  return `the client itself took ${((own / events) * 1e6).toFixed(0)} µs of processor an event more`;
}

function latencies(name: string, times: readonly number[], floor: readonly number[]): Row[] {
  return [0.5, 0.99].map((share) => {
    const [value, best] = [quantile(times, share), quantile(floor, share)];
    const floorOrPeer = `${best.toFixed(2)} ms, a transaction of one row`;
    return { name: `${name}, p${share * 100}`, value, unit: "ms", floorOrPeer, ratio: value / best };
  });
}

function proofRows({ warm, usual }: ProofTimes, nodes: number, entries: number): Row[] {
  const row = (name: string, value: number): Row => ({
    name,
    value,
    unit: "ms",
    floorOrPeer: `${nodes.toFixed(3)} ms, hashing 20 nodes; under 1 ms`,
    ratio: value / nodes,
  });
  const of = `inclusion proof of ${entries.toLocaleString("en")} generated entries`;
  return [
    row(`${of}, warm, p50`, quantile(warm, 0.5)),
    row(`${of}, warm, p99`, quantile(warm, 0.99)),
    row(`${of}, half of the tiles in the database, p50`, quantile(usual, 0.5)),
  ];
}

/** Samples are a load apart: time is counted in loads. */
function memoryRow(name: string, bytes: readonly number[]): Row {
  const { flat, mean, growth } = judgeFlatness(bytes.map((each, index) => ({ seconds: index, bytes: each })));
  return {
    name: `the service's ${name} memory ${flat ? "is flat" : "GROWS"}, mean`,
    value: mean / MIB,
    unit: "MiB",
    floorOrPeer: `${(growth / MIB).toFixed(1)} MiB more after the warm-up`,
  };
}
