import { cut } from "../alerts/text.ts";
import { type HttpReceiver, postJson } from "./http.ts";
import type { Message } from "./message.ts";

const TITLE_LIMIT = 256;
const DESCRIPTION_LIMIT = 2_000;
const NAME_LIMIT = 100;
/** Twelve of them, with all else, stay below the 6,000 characters that one message may have. */
const VALUE_LIMIT = 180;
const FIELDS = 12;

/** Posts a message through a Discord webhook. Errors as of {@link postJson}. */
export async function postToDiscord(receiver: HttpReceiver, message: Message): Promise<void> {
  await postJson({ ...receiver, asked: secondsAsked }, JSON.stringify(discordMessage(message)));
}

function discordMessage({ title, summary, facts, runbook, colour }: Message): object {
  return {
    // Nobody is mentioned, whatever the text says.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(escaped(title), TITLE_LIMIT),
        description: cut(escaped(summary), DESCRIPTION_LIMIT),
        color: colour,
        fields: facts.slice(0, FIELDS).map(([name, value]) => ({
          name: cut(escaped(name) || "-", NAME_LIMIT),
          // An empty one is refused.
          value: cut(escaped(value) || "-", VALUE_LIMIT),
          inline: true,
        })),
        footer: { text: cut(`What to do: ${runbook}`, DESCRIPTION_LIMIT) },
      },
    ],
  };
}

/** Marks that would make links, lists or quotes of what strangers wrote. */
const escaped = (text: string): string => text.replaceAll(/[\\*_~`|>[\]()#]/g, "\\$&");

/** `{"retry_after": 0.65}` */
function secondsAsked(body: unknown): number | undefined {
  const asked = typeof body === "object" && body !== null ? Reflect.get(body, "retry_after") : undefined;
  return typeof asked === "number" ? asked : undefined;
}
