import { cut } from "../alerts/text.ts";
import { type HttpReceiver, postJson } from "./http.ts";
import { type Message, plainText } from "./message.ts";

const TEXT_LIMIT = 4_096;

/** Sends a message through a Telegram bot, as plain text. Errors as of {@link postJson}. */
export async function sendToTelegram(receiver: HttpReceiver, chat: string, message: Message): Promise<void> {
  const body = {
    chat_id: chat,
    text: cut(plainText(message), TEXT_LIMIT),
    link_preview_options: { is_disabled: true },
  };
  await postJson({ ...receiver, asked: secondsAsked }, JSON.stringify(body));
}

/** `{"ok": false, "parameters": {"retry_after": 5}}` */
function secondsAsked(body: unknown): number | undefined {
  const parameters = typeof body === "object" && body !== null ? Reflect.get(body, "parameters") : undefined;
  const asked =
    typeof parameters === "object" && parameters !== null
      ? Reflect.get(parameters, "retry_after")
      : undefined;
  return typeof asked === "number" ? asked : undefined;
}
