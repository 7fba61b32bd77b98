import { Defender } from "@openzeppelin/defender-sdk";
import { z } from "zod";
import { InputError, RefusedError, UnavailableError } from "../../../core/errors.ts";
import { secretFromFile } from "../../../keys/secret-source.ts";
import type { DefenderMonitor } from "./monitors.ts";

/** A monitor as the endpoint keeps it, as far as it is compared. */
const stored = z.looseObject({
  monitorId: z.string(),
  name: z.string(),
  paused: z.boolean().optional(),
  network: z.string(),
  blockWatcherId: z.string(),
  stackResourceId: z.string().optional(),
  riskCategory: z.string().optional(),
  alertThreshold: z.looseObject({ amount: z.number(), windowSeconds: z.number() }).optional(),
  addressRules: z.array(
    z.looseObject({
      addresses: z.array(z.string()),
      abi: z.string().optional(),
      conditions: z.array(
        z.looseObject({
          eventConditions: z.array(
            z.looseObject({ eventSignature: z.string(), expression: z.string().nullish() }),
          ),
        }),
      ),
    }),
  ),
  notifyConfig: z
    .looseObject({
      severityLevel: z.string().optional(),
      messageSubject: z.string().optional(),
      messageBody: z.string().optional(),
      notifications: z.array(z.looseObject({ notificationId: z.string() })).optional(),
    })
    .optional(),
});
export type StoredMonitor = z.infer<typeof stored>;

/** Monitors of one account. */
export interface DefenderAccount {
  list(): Promise<readonly StoredMonitor[]>;
  /** @param channels Ids of the account's notification channels. */
  create(monitor: DefenderMonitor, channels: readonly string[]): Promise<void>;
  update(id: string, monitor: DefenderMonitor, channels: readonly string[]): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Where an account is, and who asks. */
export interface AccountPlace {
  /** An endpoint that speaks Defender's API v2. */
  readonly endpoint: string;
  /** File of mode 0600: the API key and its secret, separated by a colon, on one line. */
  readonly credentialsFile: string;
}

type SdkCreate = Parameters<Defender["monitor"]["create"]>[0];
type SdkUpdate = Parameters<Defender["monitor"]["update"]>[1];

/**
 * Opens an account through the SDK.
 *
 * @throws InputError for a file that holds no credentials; UnavailableError when the endpoint does not answer.
 */
export async function openDefender({ endpoint, credentialsFile }: AccountPlace): Promise<DefenderAccount> {
  const line = await secretFromFile("Defender credentials", credentialsFile).read("open");
  const [, apiKey, apiSecret] = /^([^:\s]+):(\S+)$/.exec(line) ?? [];
  if (apiKey === undefined || apiSecret === undefined)
    throw new InputError(`${credentialsFile}: expected KEY:SECRET on one line, got another text`);
  // The SDK has no other way to be told, and its own default is gone.
  process.env.DEFENDER_API_URL = endpoint.endsWith("/") ? endpoint : `${endpoint}/`;
  const client = new Defender({ apiKey, apiSecret }).monitor;
  const ask = <T>(what: string, call: () => Promise<T>) => answered(endpoint, what, call);
  return {
    list: async () => {
      const { items } = await ask("list monitors", () => client.list());
      const read = z.array(stored).safeParse(items);
      if (!read.success)
        throw new UnavailableError(`${endpoint} lists monitors in another form than the SDK's`);
      return read.data;
    },
    create: async (monitor, channels) => {
      const asked = { ...monitor, notificationChannels: [...channels] };
      await ask(`create ${monitor.name}`, () => client.create(asked as unknown as SdkCreate));
    },
    update: async (id, monitor, channels) => {
      const asked = { ...monitor, monitorId: id, notificationChannels: [...channels] };
      await ask(`update ${monitor.name}`, () => client.update(id, asked as unknown as SdkUpdate));
    },
    delete: async (id) => void (await ask(`delete ${id}`, () => client.delete(id))),
  };
}

/** What the SDK throws holds the request with its credentials: only the status is told. */
async function answered<T>(endpoint: string, what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { response, message } = error as { response?: { status?: number }; message?: string };
    const status = response?.status;
    if (status !== undefined && status >= 400 && status < 500)
      throw new RefusedError(`${endpoint} refused to ${what} (status ${status})`);
    if (/^Failed to get a token|expired or invalid/.test(message ?? ""))
      throw new RefusedError(`${endpoint} does not take these credentials`);
    if (/block watcher/.test(message ?? ""))
      throw new RefusedError(`${endpoint} has no block watcher of that network and confirmation level`, {
        next: "--confirmations as one of the network's block watchers has it",
      });
    throw new UnavailableError(`${endpoint} could not ${what}`, {
      next: "OpenZeppelin's hosted service closed on 1 July 2026; --endpoint names one that answers",
    });
  }
}
