import { InputError } from "../../src/core/errors.ts";
import { parseEvent, receiptToJson, type VesEvent } from "../../src/core/log/index.ts";
import { parseStrictJson } from "../../src/core/strict-json.ts";
import { createClient, type Sent } from "../../src/sdk/index.ts";
import { readCredential } from "../support/credential.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { readInput } from "../support/values.ts";

interface SendArguments {
  readonly events: string | undefined;
  readonly url: string | undefined;
  readonly credential: string | undefined;
}

/** Sends a file of signed events to a sequencer. What is in the log already is there once, however often it is sent. */
export async function sendEvents(args: SendArguments, _hre: unknown, io: TaskIo): Promise<TaskResult> {
  const path = required("events", args.events, "a file of signed events");
  const events = readEvents(path);
  const [{ tenantId: tenant, storeId: store }] = events;
  const url = required("url", args.url, "where the sequencer listens");
  const credential = readCredential(required("credential", args.credential, "a file with an API key"));
  const client = createClient({ url, credential, tenant, store });
  const sent: Sent[] = [];
  for (const event of events) {
    sent.push(await client.send(event));
    if (sent.length % 100 === 0) io.note(`${sent.length} of ${events.length} events have their receipts`);
  }
  return {
    data: {
      events: sent.map(({ receipt, duplicate }) => ({ duplicate, receipt: receiptToJson(receipt) })),
    },
    lines: sent.map(
      ({ receipt, duplicate }) =>
        `Event ${receipt.eventId} has sequence ${receipt.sequence}${duplicate ? ", and had it before" : ""}`,
    ),
  };
}

function readEvents(path: string): readonly [VesEvent, ...VesEvent[]] {
  const lines = readInput("--events", path)
    .split("\n")
    .filter((line) => line.trim() !== "");
  const [first, ...others] = lines.map((line, index) =>
    parseEvent(parseStrictJson(line, {}, `${path} line ${index + 1}`), `${path} line ${index + 1}`),
  );
  if (first === undefined) throw InputError.expected("--events", "at least one signed event", 0);
  return [first, ...others];
}

export default action(sendEvents);
