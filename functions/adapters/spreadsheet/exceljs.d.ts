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
    /** The number in the name of the sheet's XML file. */
    id: number;
    columns: { header?: string; width: number }[];
    /** Accepts any amount of data. The pipes to the zip show when to wait. */
    stream: { pipes: Pipe[]; write: (xml: StringBuf | string) => Promise<unknown> };
    headerFooter: { oddFooter: string | null };
    rowBreaks: { id: number; max: number; man: 1 }[];
    /** `commit` calls it at the place in the XML where conditional formats belong. */
    _writeConditionalFormatting: () => void;
    /** `commit` calls it at the place in the XML where drawings belong, before it writes the relationships. */
    _writeLegacyData: () => void;
    /** Writes the file of the sheet's relationships if there are any. `addRelationship` returns the new id. */
    _sheetRelsWriter: { addRelationship: (relationship: { Type: string; Target: string }) => string };
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
    zip: NodeJS.EventEmitter & { append: (xml: string, file: { name: string }) => void };
    /** In the order of the workbook's tabs. Index 0 is empty. */
    _worksheets: (SheetWriter | undefined)[];
    /** Returns the style's number, the same for equal styles. */
    styles: { addStyleModel: (style: CellStyle) => number; readonly xml: string };
    addWorksheet(
      name: string,
      options: {
        views: (Partial<WorksheetView> & { tabSelected?: boolean })[];
        pageSetup: Partial<Omit<PageSetup, "paperSize">> & { paperSize: number };
      },
    ): SheetWriter;
    /** `commit` calls both after the last sheet. */
    addContentTypes(): Promise<void>;
    addStyles(): Promise<void>;
    /** Stays pending forever when the stream fails. */
    commit(): Promise<unknown>;
  }
}

/** Writes the package's list of content types. */
declare module "exceljs/lib/xlsx/xform/core/content-types-xform.js" {
  export default class ContentTypesXform {
    toXml(book: { worksheets: { id: number }[] }): string;
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
