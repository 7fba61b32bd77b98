import { marked, type Token, type Tokens } from "marked";
import PDFDocument from "pdfkit";
import { FACES, type Run, runsOf } from "./fonts.ts";

const MARGIN = 50;
const BODY = 9;
const HEADINGS: Readonly<Record<number, number>> = { 1: 17, 2: 13 };

/**
 * A report as PDF, with the letters that it uses: it looks the same everywhere, and its text can be searched and copied. Words from
 * right to left stand so within a line that runs from left to right.
 *
 * @param markdown As `reportMarkdown` writes it: headings, paragraphs, lists and tables.
 */
export async function reportPdf(markdown: string, title: string): Promise<Uint8Array> {
  const document = new PDFDocument({ size: "A4", margin: MARGIN, info: { Title: title }, bufferPages: true });
  const chunks: Uint8Array[] = [];
  document.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    document.on("end", () => resolve());
    document.on("error", reject);
  });
  const tokens = marked.lexer(markdown);
  registerFaces(document, textOf(tokens));
  for (const token of tokens) draw(document, token);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

type Document = InstanceType<typeof PDFDocument>;

/** Only what the text wants is read from the disk. */
function registerFaces(document: Document, text: string): void {
  const wanted = new Set([...runsOf(text, "regular"), ...runsOf(text, "bold")].map(({ face }) => face));
  for (const face of FACES) if (wanted.has(face)) document.registerFont(face.name, face.file());
}

function draw(document: Document, token: Token): void {
  switch (token.type) {
    case "heading": {
      const { depth, tokens } = token as Tokens.Heading;
      document.moveDown(0.6).fontSize(HEADINGS[depth] ?? BODY + 2);
      write(document, runsOf(textOf(tokens), "bold"));
      document.moveDown(0.3);
      return;
    }
    case "table":
      for (const row of (token as Tokens.Table).rows) {
        const [first = "", ...rest] = row.map(({ tokens }) => textOf(tokens));
        const others = rest.length > 0 ? runsOf(`   ${rest.join("   ")}`, "regular") : [];
        document.fontSize(BODY);
        write(document, [...runsOf(first, "bold"), ...others]);
        document.moveDown(0.2);
      }
      return;
    case "list":
      document.fontSize(BODY);
      for (const item of (token as Tokens.List).items)
        write(document, runsOf(`- ${textOf(item.tokens)}`, "regular"));
      return;
    case "space":
      document.moveDown(0.3);
      return;
    default:
      document.fontSize(BODY);
      write(document, runsOf(textOf([token]), "regular"));
  }
}

/** A paragraph, whose faces change within its lines. */
function write(document: Document, runs: readonly Run[]): void {
  runs.forEach(({ face, text }, i) => {
    // Asked for a feature, pdfkit lays out what is on a line whole, so that words can run from the right; otherwise word by word.
    document.font(face.name).text(text, { continued: i < runs.length - 1, features: ["kern"] });
  });
}

/** What a reader sees of Markdown, without its marks. */
function textOf(tokens: readonly Token[] | undefined): string {
  return (tokens ?? [])
    .map((token) =>
      "tokens" in token && token.tokens !== undefined
        ? textOf(token.tokens)
        : "text" in token
          ? String(token.text)
          : "",
    )
    .join("");
}
