//! Matrix → SVG: one path in units of modules, for web pages and print shops.

use std::fmt::Write;

use super::{QUIET_ZONE, Qr};

impl Qr {
    /// The symbol with its quiet zone as an SVG document with the title "QR code".
    #[must_use]
    pub fn to_svg(&self) -> String {
        self.to_titled_svg("QR code")
    }

    /// The same with a title of the caller's, which screen readers read aloud; `title` is plain text.
    #[must_use]
    pub fn to_titled_svg(&self, title: &str) -> String {
        let side = self.size() + 2 * QUIET_ZONE;
        let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" \
             role=\"img\"><title>{title}</title><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\""
        );
        svg.reserve(self.size() * self.size() * 6);
        for y in 0..self.size() {
            // One rectangle for each run of dark modules in a row.
            let mut x = 0;
            for run in self.row(y).chunk_by(|left, right| left == right) {
                if run.first() == Some(&true) {
                    // Writing into a String cannot fail.
                    let _ = write!(svg, "M{} {}h{}v1h-{}z", x + QUIET_ZONE, y + QUIET_ZONE, run.len(), run.len());
                }
                x += run.len();
            }
        }
        svg.push_str("\"/></svg>\n");
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::barcode::Level;

    /// Paints the runs of the path and gives the dark modules back, quiet zone included.
    fn paint(svg: &str, side: usize) -> Vec<Vec<bool>> {
        let mut dark = vec![vec![false; side]; side];
        let path = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
        for run in path.split_terminator('z') {
            let (x, rest) = run.strip_prefix('M').unwrap().split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (width, back) = rest.split_once("v1h-").unwrap();
            assert_eq!(width, back);
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for module in &mut dark[y][x..x + width.parse::<usize>().unwrap()] {
                assert!(!*module, "painted twice");
                *module = true;
            }
        }
        dark
    }

    #[test]
    fn the_path_paints_exactly_the_dark_modules() {
        for text in ["A", "HC1:6BFOXN%TSMAHN-H*PVOJVY8", "with lower case"] {
            let qr = Qr::encode(text, Level::Q).unwrap();
            let side = qr.size() + 8;
            let svg = qr.to_svg();
            assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")));
            assert_eq!(svg.matches("<path").count(), 1);
            let dark = paint(&svg, side);
            for (y, row) in dark.iter().enumerate() {
                for (x, dark) in row.iter().enumerate() {
                    assert_eq!(*dark, qr.module(x.wrapping_sub(4), y.wrapping_sub(4)));
                }
            }
        }
    }

    #[test]
    fn a_title_cannot_break_out() {
        let qr = Qr::encode("A", Level::L).unwrap();
        let svg = qr.to_titled_svg("a & b</title><script>");
        assert!(svg.contains("<title>a &amp; b&lt;/title&gt;&lt;script&gt;</title>"));
    }
}
