/** The part of pdfkit that is used here; the package has no types of its own. */
declare module "pdfkit" {
  import { EventEmitter } from "node:events";

  export default class PDFDocument extends EventEmitter {
    constructor(options: {
      size: string;
      margin: number;
      bufferPages?: boolean;
      info?: Readonly<Record<string, string>>;
    });
    font(name: string): this;
    fontSize(points: number): this;
    text(text: string, options?: { continued?: boolean }): this;
    moveDown(lines?: number): this;
    end(): void;
  }
}
