import { z } from "zod";
import { SEVERITIES } from "../monitors/rule.ts";

const text = (error: string) => z.string({ error }).min(1, { error });
const file = text("a file of mode 0600");
const seconds = (least: number, most: number) => {
  const error = `an integer from ${least} to ${most} (seconds)`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const NAME = "1 to 63 of a-z, 0-9 and -, beginning with a letter or digit";
const SEVERITY_LIST = `a list of ${SEVERITIES.join(", ")}`;
const URL_FORM = "an http or https URL without a user or password";
const httpUrl = z.string({ error: URL_FORM }).refine(isHttpUrl, { error: URL_FORM });
const ADDRESS = "a mail address";
const address = z.string({ error: ADDRESS }).regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/, { error: ADDRESS });
const ADDRESSES = "a list of 1 to 20 mail addresses";
const URLS = "a list of 1 to 8 URLs";
const INTERVAL = "an integer from 0 to 60000 (milliseconds)";

const common = {
  name: z.string({ error: NAME }).regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: NAME }),
  /** Which alerts are for it. */
  severities: z
    .array(z.enum(SEVERITIES, { error: SEVERITY_LIST }), { error: SEVERITY_LIST })
    .min(1, { error: SEVERITY_LIST })
    .default([...SEVERITIES]),
  /** Ids of the rules that are for it; all without it. */
  rules: z.array(text("a rule's id"), { error: "a list of rules" }).optional(),
  /** For one try. */
  timeout: seconds(1, 120).default(10),
};

/** Milliseconds between two messages. */
const interval = (usual: number) =>
  z.int({ error: INTERVAL }).min(0, { error: INTERVAL }).max(60_000, { error: INTERVAL }).default(usual);

const sink = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("pagerduty"),
      ...common,
      /** Integration key of "Events API v2". */
      routing_key_file: file,
      url: httpUrl.default("https://events.pagerduty.com/v2/enqueue"),
      interval: interval(500),
    }),
    z.strictObject({ kind: z.literal("slack"), ...common, url_file: file, interval: interval(1_000) }),
    z.strictObject({ kind: z.literal("discord"), ...common, url_file: file, interval: interval(2_000) }),
    z.strictObject({
      kind: z.literal("telegram"),
      ...common,
      token_file: file,
      chat: text("a chat's id, in quotes"),
      url: httpUrl.default("https://api.telegram.org"),
      interval: interval(1_000),
    }),
    z.strictObject({
      kind: z.literal("email"),
      ...common,
      host: text("a mail server's name"),
      port: z
        .int({ error: "a port" })
        .min(1, { error: "a port" })
        .max(65_535, { error: "a port" })
        .default(587),
      tls: z
        .enum(["implicit", "starttls", "none"], { error: "implicit, starttls or none" })
        .default("starttls"),
      user: text("a user").optional(),
      password_file: file.optional(),
      from: address,
      to: z.array(address, { error: ADDRESSES }).min(1, { error: ADDRESSES }).max(20, { error: ADDRESSES }),
      interval: interval(0),
    }),
    z.strictObject({
      kind: z.literal("webhook"),
      ...common,
      url: httpUrl,
      /** One line of 32 characters or more, shared with the receiver. */
      secret_file: file,
      interval: interval(0),
    }),
    z.strictObject({
      kind: z.literal("alertmanager"),
      ...common,
      /** All of a cluster. */
      urls: z.array(httpUrl, { error: URLS }).min(1, { error: URLS }).max(8, { error: URLS }),
      token_file: file.optional(),
      /** After which it takes an alert for over that nobody repeats; longer than the watcher may be down. */
      hold: seconds(300, 604_800).default(86_400),
      interval: interval(0),
    }),
  ],
  { error: "kind: pagerduty, slack, discord, telegram, email, webhook or alertmanager" },
);

const SINKS = "a list of sinks, each name once";
const BASE = "an http or https URL that ends in /";

/** `[alerts]` of the configuration file. */
export const alertsSection = z.strictObject({
  /** Where alerts, their history and what is queued are kept. */
  folder: text("a folder").default(".proofx/alerts"),
  /** Seconds after which a delivery that keeps failing becomes a dead letter. */
  give_up_after: seconds(60, 2_592_000).default(86_400),
  /** What runbooks' paths are put under to be links. */
  runbook_url: z
    .string({ error: BASE })
    .refine((url) => isHttpUrl(url) && url.endsWith("/"), { error: BASE })
    .optional(),
  sink: z
    .array(sink, { error: SINKS })
    .refine((sinks) => new Set(sinks.map(({ name }) => name)).size === sinks.length, { error: SINKS })
    .default([]),
});

export type AlertsSettings = z.output<typeof alertsSection>;
export type SinkSettings = AlertsSettings["sink"][number];

function isHttpUrl(given: string): boolean {
  const url = URL.parse(given);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
