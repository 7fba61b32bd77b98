import { marked, type Token, type Tokens } from "marked";
import PDFDocument from "pdfkit";

const MARGIN = 50;
const BODY = 9;
const HEADINGS: Readonly<Record<number, number>> = { 1: 17, 2: 13 };

/**
 * A report as PDF. Characters that its standard fonts do not have are shown as `?`; the Markdown has them.
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
  for (const token of marked.lexer(markdown)) draw(document, token);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

type Document = InstanceType<typeof PDFDocument>;

function draw(document: Document, token: Token): void {
  switch (token.type) {
    case "heading": {
      const { depth, tokens } = token as Tokens.Heading;
      document
        .moveDown(0.6)
        .font("Helvetica-Bold")
        .fontSize(HEADINGS[depth] ?? BODY + 2)
        .text(latin(textOf(tokens)));
      document.moveDown(0.3);
      return;
    }
    case "table":
      for (const row of (token as Tokens.Table).rows) {
        const [first = "", ...rest] = row.map(({ tokens }) => latin(textOf(tokens)));
        document
          .font("Helvetica-Bold")
          .fontSize(BODY)
          .text(first, { continued: rest.length > 0 });
        if (rest.length > 0) document.font("Helvetica").text(`   ${rest.join("   ")}`);
        document.moveDown(0.2);
      }
      return;
    case "list":
      for (const item of (token as Tokens.List).items)
        document
          .font("Helvetica")
          .fontSize(BODY)
          .text(latin(`- ${textOf(item.tokens)}`));
      return;
    case "space":
      document.moveDown(0.3);
      return;
    default:
      document
        .font("Helvetica")
        .fontSize(BODY)
        .text(latin(textOf([token])));
  }
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

/** The standard fonts have Latin-1 and no more. */
const latin = (text: string): string => text.replace(/[^\x20-\x7e\xa0-\xff]/g, "?");
