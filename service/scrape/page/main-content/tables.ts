/** Number of cells from which a table without a header is a data table. Layout tables have fewer. */
const MANY_CELLS = 10;

interface Table {
  cells: number;
  hasHeader: boolean;
  holdsTable: boolean;
}

/** Distinguishes data tables from layout tables during a walk. */
export function createTables() {
  const open: Table[] = [];
  return {
    enter(name: string): void {
      const table = open.at(-1);
      if (name === 'table') {
        if (table !== undefined) table.holdsTable = true;
        open.push({ cells: 0, hasHeader: false, holdsTable: false });
      } else if (table !== undefined) {
        if (name === 'td') table.cells += 1;
        if (name === 'th' || name === 'thead' || name === 'caption') table.hasHeader = true;
      }
    },
    /** Whether the innermost table, which ends now, is a data table. */
    leave(): boolean {
      const table = open.pop();
      return table !== undefined && !table.holdsTable && (table.hasHeader || table.cells >= MANY_CELLS);
    },
  };
}
