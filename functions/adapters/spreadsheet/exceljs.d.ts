/** Only the streaming writer. The package's main entry would also load its reader and its document model. */
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
    /** Accepts any amount of data. The pipes to the zip show when to wait. */
    stream: { pipes: Pipe[]; write: (xml: StringBuf | string) => Promise<unknown> };
    headerFooter: { oddFooter: string | null };
    rowBreaks: { id: number; max: number; man: 1 }[];
    /** `commit` calls it at the place in the XML where conditional formats belong. */
    _writeConditionalFormatting: () => void;
    getRow: (number: number) => SheetRow;
    addRow: (values: []) => SheetRow;
    commit: () => void;
  };

  /** An old stream implementation, without `writableNeedDrain`. */
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
    /** In the order of the workbook's tabs. Index 0 is empty. */
    _worksheets: (SheetWriter | undefined)[];
    /** Returns the style's number, the same for equal styles. */
    styles: { addStyleModel: (style: CellStyle) => number };
    addWorksheet(
      name: string,
      options: {
        views: (Partial<WorksheetView> & { tabSelected?: boolean })[];
        pageSetup: Partial<Omit<PageSetup, "paperSize">> & { paperSize: number };
      },
    ): SheetWriter;
    /** Stays pending forever when the stream fails. */
    commit(): Promise<unknown>;
  }
}

/** A buffer of UTF-8 text. It grows when needed. */
declare module "exceljs/lib/utils/string-buf.js" {
  export default class StringBuf {
    constructor(options: { size: number });
    /** In bytes. */
    readonly length: number;
    addText(text: string): void;
    reset(): void;
  }
}
