// Reads a workbook and prints a summary. Exits with 1 when it is not the demo portal's report.
import ExcelJS from "exceljs";

const workbook = new ExcelJS.Workbook();
await workbook.xlsx.readFile(process.argv[2] ?? "");
const sheet = workbook.getWorksheet("Offertes");
const headings = sheet?.getRow(1).values ?? [];
const read = (heading) => sheet?.getRow(2).getCell(headings.indexOf(heading)).value;
const [issuedAt, status, amount] = ["Offertedatum", "Status", "Bedrag"].map(read);
console.log(`${(sheet?.rowCount ?? 0) - 1} offers; the first:`, status, amount, issuedAt);
const isReport = sheet?.rowCount === 348 && issuedAt instanceof Date && typeof amount === "number";
process.exitCode = isReport ? 0 : 1;
