use super::sheet::Sheet;
use super::tables::SheetTable;
use super::words::{Line, Piece};
use crate::screen::{Table, harmless, wrapped};

/// Tables and lists of plain text.
pub(super) fn draw(sheet: &Sheet) -> String {
    if sheet.same {
        return line(&sheet.sentence) + "\n";
    }
    let mut sections = vec![line(&sheet.names) + "\n" + &wrapped(&line(&sheet.sentence), "")];
    sections.push(sheet.cautions.iter().map(|caution| wrapped(&line(caution), "  ")).collect());
    sections.push(tables(&sheet.tables));
    let changes: String = sheet.changes.iter().map(|change| wrapped(&line(change), "  ")).collect();
    sections.push(format!("Changed\n{changes}"));
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// One grid for all of them, so that the columns line up.
fn tables(tables: &[SheetTable]) -> String {
    let mut grid = Table::new(1);
    for (number, table) in tables.iter().enumerate() {
        if number > 0 {
            grid.row([""]);
        }
        grid.row([table.title, "base", "head", "change", table.last_column]);
        for (label, cells) in &table.rows {
            grid.row([line(label)].into_iter().chain(cells.iter().cloned()));
        }
        if let Some(more) = &table.more {
            grid.row([more.clone()]);
        }
    }
    grid.draw(0)
}

fn line(line: &Line) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Own(text) => text.clone(),
        Piece::Foreign(text) => harmless(text),
    };
    line.iter().map(piece).collect()
}
