import { createHash } from "node:crypto";
import { errorCode, RefusedError } from "../../core/errors.ts";
import { type Acknowledgement, type Alert, RetryLater } from "../alerts/index.ts";
import { cut } from "../alerts/text.ts";
import { type Message, plainText } from "./message.ts";

const SUBJECT_LIMIT = 200;

export interface Mailbox {
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS from the start (465); `starttls`: it must be offered; `none`: in clear, within one machine. */
  readonly tls: "implicit" | "starttls" | "none";
  readonly credentials?: { readonly user: string; readonly password: string } | undefined;
  readonly from: string;
  readonly to: readonly string[];
  /** Milliseconds for one step. */
  readonly timeout: number;
}

/**
 * Sends one mail to all recipients. Mails about one alert are one thread, and a mail that comes twice has one Message-ID.
 *
 * @throws RetryLater when the server is not there or says 4xx; RefusedError when it says 5xx, to the login or to a recipient.
 */
export async function sendMail(
  mailbox: Mailbox,
  alert: Alert,
  message: Message,
  acknowledgement?: Acknowledgement,
): Promise<void> {
  const { from, to, host } = mailbox;
  const thread = messageId(from, alert.key);
  const transport = await openTransport(mailbox);
  try {
    const { rejected } = await transport.sendMail({
      from,
      to: [...to],
      subject: cut(`${message.title}: ${message.summary}`.replaceAll(/\s+/g, " "), SUBJECT_LIMIT),
      text: plainText(message),
      messageId: messageId(from, alert.key, alert.since, acknowledgement?.at ?? alert.phase),
      references: thread,
      inReplyTo: thread,
      headers: { "auto-submitted": "auto-generated" },
    });
    if (rejected.length > 0)
      throw new RefusedError(
        `${host} took the mail for ${to.length - rejected.length} of ${to.length} only`,
        {
          next: "see to the sink's recipients",
        },
      );
  } catch (error) {
    throw error instanceof RefusedError ? error : faultOf(host, error);
  } finally {
    transport.close();
  }
}

async function openTransport({ host, port, tls, credentials, timeout }: Mailbox) {
  // Only who sends mail waits for it to load.
  const { createTransport } = await import("nodemailer");
  return createTransport({
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    ...(credentials === undefined ? {} : { auth: { user: credentials.user, pass: credentials.password } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // Text of an alert names no file and no URL to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function messageId(from: string, ...parts: readonly string[]): string {
  const id = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
  return `<${id}@${
    from
      .split("@")
      .at(-1)
      ?.replaceAll(/[^\w.-]/g, "") ?? "proofx"
  }>`;
}

/** A server's words may repeat an address, never the password; they are left out all the same. */
function faultOf(host: string, error: unknown): Error {
  const status = error instanceof Error && "responseCode" in error ? Number(error.responseCode) : 0;
  if (status >= 500 && status < 600)
    return new RefusedError(`${host} answered ${status} (${errorCode(error)})`, {
      next: "see to the sink's login, sender and recipients",
    });
  return new RetryLater(`${host} cannot take mail now (${status > 0 ? status : errorCode(error)})`);
}
