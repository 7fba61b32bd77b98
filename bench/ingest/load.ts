import type { Json } from "../../src/core/json.ts";
import type { Ingest } from "../../src/sequencer/ingest/index.ts";
import type { StreamAgent } from "../../test/sequencer/kill/agents.ts";

/** A signed event with where it goes. */
export interface Shipment {
  readonly tenant: string;
  readonly storeId: string;
  readonly json: Json;
  /** The same as it goes over the wire. */
  readonly text: string;
}

/** That many signed events, the agents in turns. */
export function shipments(
  agents: readonly StreamAgent[],
  count: number,
  facts?: Parameters<StreamAgent["next"]>[0],
): Shipment[] {
  return Array.from({ length: count }, (_, index) => {
    const agent = agents[index % agents.length];
    if (agent === undefined) throw new TypeError("no agents");
    const { json } = agent.next(facts);
    return { tenant: agent.tenant, storeId: agent.store, json, text: JSON.stringify(json) };
  });
}

/** Does `work` for each, with that many under way at a time. @returns Milliseconds that each took. */
export async function inFlight<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      const began = performance.now();
      await work(item);
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return times;
}

/** Sends events into this process's log. */
export function submitAll(ingest: Ingest, events: readonly Shipment[], width: number): Promise<number[]> {
  return inFlight(events, width, async ({ tenant, storeId, json }) => {
    const { duplicate } = await ingest.submit({ tenant }, storeId, json);
    if (duplicate) throw new Error("an event was there before it was sent");
  });
}

/** A sequencer, and a credential of the one tenant whose events are posted. */
export interface Target {
  readonly url: string;
  readonly credential: string;
}

/** Posts events one by one. */
export function postAll(
  { url, credential }: Target,
  events: readonly Shipment[],
  width: number,
): Promise<number[]> {
  return inFlight(events, width, async ({ storeId, text }) => {
    const answer = await post(`${url}/v1/stores/${storeId}/events`, credential, "application/json", text);
    if (answer.status !== 201) throw new Error(`the sequencer answered ${answer.status}: ${answer.text}`);
  });
}

/** Posts events in batches of up to `lines` of a stream. */
export async function postBatches(
  { url, credential }: Target,
  events: readonly Shipment[],
  { lines, width }: { readonly lines: number; readonly width: number },
): Promise<void> {
  const batches = [...Map.groupBy(events, ({ storeId }) => storeId).values()].flatMap((each) =>
    Array.from({ length: Math.ceil(each.length / lines) }, (_, index) =>
      each.slice(index * lines, (index + 1) * lines),
    ),
  );
  await inFlight(batches, width, async (batch) => {
    const [{ storeId } = { storeId: "" }] = batch;
    const body = batch.map(({ text }) => text).join("\n");
    const answer = await post(
      `${url}/v1/stores/${storeId}/events/batch`,
      credential,
      "application/x-ndjson",
      body,
    );
    const accepted = answer.text.split("\n").filter((line) => line.includes('"status":201')).length;
    if (accepted !== batch.length)
      throw new Error(
        `the sequencer took ${accepted} of ${batch.length} lines: ${answer.text.slice(0, 300)}`,
      );
  });
}

async function post(url: string, credential: string, type: string, body: string) {
  const headers = { "content-type": type, authorization: `Bearer ${credential}` };
  const answer = await fetch(url, { method: "POST", headers, body });
  return { status: answer.status, text: await answer.text() };
}
