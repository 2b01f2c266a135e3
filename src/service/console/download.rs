//! Tables as files (CSV, RFC 4180), made so that a spreadsheet takes no cell for a formula.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};

use crate::service::typed;

/// A table that grows row by row.
pub(super) struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    pub(super) fn new(heads: &[&str]) -> Self {
        // With a mark of order in front, so that spreadsheets read names of facilities as UTF-8.
        let mut sheet = Self(csv::Writer::from_writer("\u{feff}".into()));
        sheet.row(heads.iter().copied());
        sheet
    }

    /// Adds a row.
    pub(super) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        // Writing into memory does not fail.
        let _ = self.0.write_record(cells.into_iter().map(harmless));
    }

    /// The file, under a name without anything of a person.
    pub(super) fn response(self, name: &str) -> Response {
        let mut response = typed("text/csv; charset=utf-8", self.0.into_inner().unwrap_or_default());
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\"")) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }
}

/// A cell that begins like a formula gets a quotation mark before it (OWASP, "CSV Injection").
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn cells_are_no_formulas_and_keep_their_quotes() {
        let mut sheet = Sheet::new(&["a", "b"]);
        sheet.row(["=HYPERLINK(\"x\")", "Clinic, \"North\""]);
        let response = sheet.response("x");
        assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"x.csv\"");
        let bytes = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        let expected = "\u{feff}a,b\n\"'=HYPERLINK(\"\"x\"\")\",\"Clinic, \"\"North\"\"\"\n";
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), expected);
    }
}
