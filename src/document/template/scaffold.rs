//! A template to start from: every field, the usual ones in a column, the others as remarks.

use std::path::Path;

use super::{
    TemplateError,
    background::Background,
    fields::{FIELDS, Known},
    plan::Drawn,
};
use crate::document::Language;

/// Fields that nearly every certificate shows.
const USUAL: [&str; 9] = ["family", "given", "family_std", "given_std", "birth_date", "id", "dose", "date", "vaccine"];

/// Those that a card has no room for.
const SPARED: [&str; 3] = ["family_std", "given_std", "dose"];

/// The text of a template for this background: places that do not overlap and wait to be moved.
///
/// # Errors
/// [`TemplateError::Background`] where the background cannot be used.
pub fn scaffold(background: &Path) -> Result<String, TemplateError> {
    let opened = Background::open(background, Drawn::Vector)
        .map_err(|finding| TemplateError::Background { path: background.to_owned(), finding })?;
    let (width, height) = opened.millimetres(0).unwrap_or((210.0, 297.0));
    let name = background.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let card = width.min(height) < 90.0;
    let (side, margin) = if card { (46.0, 4.0) } else { (52.0, 12.0) };
    let usual: Vec<&str> = USUAL.into_iter().filter(|name| !(card && SPARED.contains(name))).collect();
    let code = (width - side - margin, margin.max(3.0).min((height - side) / 2.0));

    // The column stands beside the code, or below it where the page is narrow.
    let beside = width - side - 2.5 * margin;
    let (top, wide) = if beside >= 25.0 { (margin, beside) } else { (code.1 + side + 2.0, width - 2.0 * margin) };
    let entries = f32::from(u8::try_from(usual.len().saturating_add(1)).unwrap_or(u8::MAX));
    let step = ((height - top - margin) / entries).min(10.0);
    let mut text = head(&name, opened.pages(), (width, height));
    let mut y = top;
    for known in usual.iter().filter_map(|name| FIELDS.iter().find(|known| known.name == *name)) {
        text.push_str(&entry(known, (margin, y, wide, step), ""));
        y += step;
    }
    text.push_str(&format!(
        "# Only the code counts: say so on the paper, here or on the background.\n[[label]]\nword = \"footer\"\n{}\n",
        lines((margin, y, wide, step), "")
    ));
    text.push_str(&format!(
        "# The code. size is the side of the white square in millimetres, 46 to 72; its quiet zone is inside.\n\
         [[code]]\npage = 1\nx = {:.1}\ny = {:.1}\nsize = {side:.1}\n\n",
        code.0, code.1
    ));
    text.push_str(
        "# What the background says, for people who listen to a screen reader. One for each page.\n\
         # [[text]]\n# page = 1\n# text = \"Republic of Examplia, Ministry of Health. Certificate of vaccination.\"\n\n\
         # Every other field. Take away the signs # of those that the background has room for, and set their places.\n\n",
    );
    for known in FIELDS.iter().filter(|known| !usual.contains(&known.name)) {
        text.push_str(&entry(known, (margin, top, wide, step), "# "));
    }
    Ok(text)
}

fn head(background: &str, pages: usize, (width, height): (f32, f32)) -> String {
    let name = background.replace(['\\', '"'], "_").replace(char::is_control, "_");
    let tags: Vec<_> = Language::all().map(Language::tag).collect();
    format!(
        "# Where the fields of a certificate stand on {name} ({pages} page{}, the first {width:.0} by {height:.0} mm).\n\
         # Measures are millimetres from the top left corner of the page; sizes of type are points.\n\
         #   vaccert document template grid  THIS-FILE    prints the background with a grid, so that places can be read\n\
         #   vaccert document template check THIS-FILE    says what is wrong, and what long names would do\n\n\
         background = \"{name}\"\n\
         # picture: drawn once in 300 dots an inch; archivable and accessible (PDF/A-2a, PDF/UA-1).\n\
         # vector: taken over as it is; sharper and smaller, without that claim.\n\
         drawn = \"picture\"\n\
         # dots = 200                     # instead of 300: half the size, and still good for large print\n\
         # title = \"Certificate of vaccination\"\n\
         # Of {}.\n\
         languages = [\"en\"]\n\n\
         # The order of what follows is the order in which a screen reader reads it.\n\
         # Each field may also have: page = 1, smallest = 7 (points that long texts shrink to before they wrap),\n\
         # align = \"start\", \"left\", \"centre\" or \"right\", valign = \"top\", \"middle\" or \"bottom\", weight = \"bold\",\n\
         # colour = \"#111418\", language = \"en\", date = \"long\" or \"DD.MM.YYYY\", prefix = \"No. \", optional = true, and label: what a\n\
         # screen reader says before it.\n\n",
        if pages == 1 { "" } else { "s" },
        tags.join(", ")
    )
}

fn entry(known: &Known, place: (f32, f32, f32, f32), remark: &str) -> String {
    let mut text = format!("# {}\n{remark}[[field]]\n{remark}name = \"{}\"\n", upper(known.help), known.name);
    text.push_str(&lines(place, remark));
    // A name may lack a part, and a certificate a form of it.
    if known.row.is_some() || known.name.ends_with("_std") {
        text.push_str(&format!("{remark}optional = true\n"));
    }
    text.push('\n');
    text
}

fn lines((x, y, width, step): (f32, f32, f32, f32), remark: &str) -> String {
    let (size, smallest) = if step >= 7.0 { (11, 6) } else { (8, 5) };
    format!(
        "{remark}x = {x:.1}\n{remark}y = {y:.1}\n{remark}width = {width:.1}\n{remark}height = {:.1}\n\
         {remark}size = {size}\n{remark}smallest = {smallest}\n",
        step - 0.2
    )
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
