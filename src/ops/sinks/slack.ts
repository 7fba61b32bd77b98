import { cut } from "../alerts/text.ts";
import { type HttpReceiver, postJson } from "./http.ts";
import type { Message } from "./message.ts";

const TEXT_LIMIT = 3_000;
const FIELD_LIMIT = 2_000;
const FIELDS = 10;

/** Posts a message through a Slack incoming webhook. Errors as of {@link postJson}. */
export async function postToSlack(receiver: HttpReceiver, message: Message): Promise<void> {
  await postJson(receiver, JSON.stringify(slackMessage(message)));
}

/** Blocks of plain text: what strangers wrote can neither mention people nor make links. */
function slackMessage({ title, summary, facts, runbook }: Message): object {
  const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
  return {
    // Notifications and clients without blocks show this one, which is read as markup.
    text: escaped(cut(`${title}: ${summary}`, TEXT_LIMIT)),
    blocks: [
      { type: "section", text: plain(cut(`${title}\n${summary}`, TEXT_LIMIT)) },
      {
        type: "section",
        fields: facts.slice(0, FIELDS).map(([name, value]) => plain(cut(`${name}: ${value}`, FIELD_LIMIT))),
      },
      { type: "context", elements: [plain(cut(`What to do: ${runbook}`, FIELD_LIMIT))] },
    ],
  };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
