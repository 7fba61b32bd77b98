import { InputError, RefusedError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";
import type { Alert, Sink } from "../alerts/index.ts";
import { Alertmanager } from "./alertmanager.ts";
import { postToDiscord } from "./discord.ts";
import { type Mailbox, sendMail } from "./email.ts";
import type { HttpReceiver } from "./http.ts";
import { messageOf } from "./message.ts";
import { PagerDuty } from "./pagerduty.ts";
import type { AlertsSettings, SinkSettings } from "./settings.ts";
import { postToSlack } from "./slack.ts";
import { sendToTelegram } from "./telegram.ts";
import { postSigned } from "./webhook.ts";

const LEAST_SECRET = 32;

type Settings<K extends SinkSettings["kind"]> = Extract<SinkSettings, { kind: K }>;
/** What is particular to a kind of sink. */
type Act = Pick<Sink, "deliver" | "acknowledge" | "keepAlive" | "onlyLasting">;
type Base = string | undefined;

/**
 * The sinks of `[alerts]`, with their secrets read; nothing is sent.
 *
 * @throws InputError, RefusedError or UnavailableError for a file with a secret that is not there, that others may read, or that
 *   holds something else; none repeats it.
 */
export async function openSinks({ sink, runbook_url: base }: AlertsSettings): Promise<Sink[]> {
  return Promise.all(sink.map((settings) => openSink(settings, base)));
}

async function openSink(settings: SinkSettings, base: Base): Promise<Sink> {
  const act = await actOf(settings, base);
  const { name, severities, rules, interval } = settings;
  return {
    name,
    interval,
    takes: (alert) =>
      severities.includes(alert.severity) && (rules === undefined || rules.includes(alert.rule)),
    ...(act.onlyLasting && { onlyLasting: true }),
    deliver: (alert) => act.deliver(alert),
    ...(act.acknowledge && { acknowledge: act.acknowledge.bind(act) }),
    ...(act.keepAlive && { keepAlive: act.keepAlive.bind(act) }),
  };
}

function actOf(settings: SinkSettings, base: Base): Promise<Act> {
  switch (settings.kind) {
    case "pagerduty":
      return openPagerDuty(settings, base);
    case "slack":
      return openChat(settings, base, postToSlack);
    case "discord":
      return openChat(settings, base, postToDiscord);
    case "telegram":
      return openTelegram(settings, base);
    case "email":
      return openEmail(settings, base);
    case "webhook":
      return openWebhook(settings);
    case "alertmanager":
      return openAlertmanager(settings, base);
  }
}

async function openPagerDuty(settings: Settings<"pagerduty">, base: Base): Promise<Act> {
  const routingKey = await secretOf(settings, "routing_key_file", settings.routing_key_file);
  return new PagerDuty({ receiver: receiverOf(settings, settings.url, [routingKey]), routingKey, base });
}

/** Chats whose address is their secret. */
async function openChat(
  settings: Settings<"slack" | "discord">,
  base: Base,
  post: typeof postToSlack,
): Promise<Act> {
  const url = await secretOf(settings, "url_file", settings.url_file);
  const parsed = URL.parse(url);
  // In clear only to a test double or a relay on this very machine.
  const known =
    parsed?.protocol === "https:" || (parsed?.protocol === "http:" && isLoopback(parsed.hostname));
  if (!known) throw new InputError(`sink ${settings.name}: url_file: expected one line, an https URL`);
  const receiver = receiverOf(settings, url, [url, ...longParts(url)]);
  return {
    deliver: (alert) => post(receiver, messageOf(alert, base)),
    acknowledge: (alert, by) => post(receiver, messageOf(alert, base, by)),
  };
}

async function openTelegram(settings: Settings<"telegram">, base: Base): Promise<Act> {
  const token = await secretOf(settings, "token_file", settings.token_file);
  if (!/^[A-Za-z0-9:_-]{8,}$/.test(token))
    throw new InputError(`sink ${settings.name}: token_file: expected one line, a bot's token`);
  const url = `${settings.url.replace(/\/$/, "")}/bot${token}/sendMessage`;
  const receiver = receiverOf(settings, url, [token]);
  return {
    deliver: (alert) => sendToTelegram(receiver, settings.chat, messageOf(alert, base)),
    acknowledge: (alert, by) => sendToTelegram(receiver, settings.chat, messageOf(alert, base, by)),
  };
}

async function openEmail(settings: Settings<"email">, base: Base): Promise<Act> {
  const { host, port, tls, user, password_file: passwordFile, from, to, timeout } = settings;
  if ((user === undefined) !== (passwordFile === undefined))
    throw new InputError(`sink ${settings.name}: expected user and password_file, or neither`);
  if (tls === "none" && user !== undefined && !isLoopback(host))
    throw new RefusedError(`sink ${settings.name}: a password is not sent in clear to ${host}`, {
      next: 'tls = "starttls", or "implicit"',
    });
  const credentials =
    user === undefined || passwordFile === undefined
      ? undefined
      : { user, password: await secretOf(settings, "password_file", passwordFile) };
  const mailbox: Mailbox = { host, port, tls, credentials, from, to, timeout: timeout * 1000 };
  return {
    deliver: (alert: Alert) => sendMail(mailbox, alert, messageOf(alert, base)),
    acknowledge: (alert, by) => sendMail(mailbox, alert, messageOf(alert, base, by), by),
  };
}

async function openWebhook(settings: Settings<"webhook">): Promise<Act> {
  const secret = await secretOf(settings, "secret_file", settings.secret_file);
  if (secret.length < LEAST_SECRET)
    throw new InputError(
      `sink ${settings.name}: secret_file: expected one line of at least ${LEAST_SECRET} characters`,
      { next: `openssl rand -hex 32 > ${settings.secret_file} && chmod 600 ${settings.secret_file}` },
    );
  const receiver = receiverOf(settings, settings.url, [secret]);
  return {
    deliver: (alert) => postSigned(receiver, secret, alert),
    acknowledge: (alert, by) => postSigned(receiver, secret, alert, by),
  };
}

async function openAlertmanager(settings: Settings<"alertmanager">, base: Base): Promise<Act> {
  const { token_file: tokenFile, urls, hold } = settings;
  const token = tokenFile === undefined ? undefined : await secretOf(settings, "token_file", tokenFile);
  const secrets = token === undefined ? [] : [token];
  const receivers = urls.map((url) =>
    receiverOf(settings, `${url.replace(/\/$/, "")}/api/v2/alerts`, secrets),
  );
  return new Alertmanager({ receivers, token, hold: hold * 1000, base });
}

const receiverOf = (
  { name, timeout }: SinkSettings,
  url: string,
  secrets: readonly string[],
): HttpReceiver => ({ name, url, timeout: timeout * 1000, secrets });

async function secretOf({ name }: SinkSettings, field: string, path: string): Promise<string> {
  const what = `sink ${name}: ${field}`;
  const secret = (await readPrivateFile(what, path, "follow")).toString().trim();
  if (secret === "" || /[^\x20-\x7e]/.test(secret))
    throw new InputError(`${what}: expected one line of visible ASCII characters`);
  return secret;
}

/** Parts of a secret URL that a receiver might repeat by themselves. */
const longParts = (url: string): string[] =>
  new URL(url).pathname.split("/").filter(({ length }) => length >= 8);

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
