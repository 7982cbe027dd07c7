/** The streaming writer alone: the package's entry would bring its reader and its whole document model along. */
declare module "exceljs/lib/stream/xlsx/workbook-writer.js" {
  import type { Writable } from "node:stream";
  import type StringBuf from "exceljs/lib/utils/string-buf.js";
  import type { Font, PageSetup, RichText, Style, WorksheetView } from "exceljs";

  export type CellStyle = Partial<Style>;
  export type CellValue = string | number | { richText: RichText[] };

  export type SheetRow = {
    style: CellStyle;
    font: Partial<Font>;
    alignment: Partial<Alignment>;
    /** In points. */
    height: number;
    getCell: (column: number) => { value: CellValue; style: CellStyle };
    commit: () => void;
  };

  export type SheetWriter = {
    columns: { header?: string; width: number }[];
    autoFilter: { from: { row: number; column: number }; to: { row: number; column: number } } | null;
    /** It takes whatever it is given; the zip's stream behind it says when it is full. */
    stream: { pipes: Pipe[]; write: (xml: StringBuf | string) => Promise<unknown> };
    headerFooter: { oddFooter: string | null };
    rowBreaks: { id: number; max: number; man: 1 }[];
    /** Called by `commit`, where the sheet's XML has its place for them. */
    _writeConditionalFormatting: () => void;
    getRow: (number: number) => SheetRow;
    addRow: (values: []) => SheetRow;
    commit: () => void;
  };

  /** From a time before `writableNeedDrain`. */
  type Pipe = NodeJS.EventEmitter & { _writableState: { needDrain: boolean } };

  export default class WorkbookWriter {
    constructor(options: {
      stream: Writable;
      creator: string;
      lastModifiedBy: string;
      useStyles: boolean;
      useSharedStrings: boolean;
      zip: { highWaterMark: number; zlib: { level: number } };
    });
    zip: NodeJS.EventEmitter;
    /** By their ids, 0 being none; their order is that of the workbook's tabs. */
    _worksheets: (SheetWriter | undefined)[];
    /** Answers the same number for an equal style. */
    styles: { addStyleModel: (style: CellStyle) => number };
    addWorksheet(
      name: string,
      options: {
        views: (Partial<WorksheetView> & { tabSelected?: boolean })[];
        pageSetup: Partial<Omit<PageSetup, "paperSize">> & { paperSize: number };
      },
    ): SheetWriter;
    /** Never settles when the stream fails. */
    commit(): Promise<unknown>;
  }
}

/** Text as UTF-8, in a buffer that grows. */
declare module "exceljs/lib/utils/string-buf.js" {
  export default class StringBuf {
    constructor(options: { size: number });
    /** In bytes. */
    readonly length: number;
    addText(text: string): void;
    reset(): void;
  }
}
