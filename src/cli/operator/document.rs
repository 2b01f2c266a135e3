//! `vaccert document`: the paper, looked at before anybody gets it, what can be printed here, and passes.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser as _},
};

use super::{CliError, Common, document_template, pass, progress::say};
use crate::{
    batch::{BatchError, Invented, NamesError, system_random},
    clock::{Clock, System},
    config::{PaperOptions, PaperSetup},
    document::{
        DocumentError, DrawnBy, Fonts, Kind, Language, Layout, Order, PageSize, Press, ScriptFont, Sheet, pictures,
        template::Templates,
    },
    work::{Preview, layout, setting_of, size},
};

/// Arguments of `vaccert document`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct DocumentArgs {
    #[command(subcommand)]
    command: DocumentCommand,
}

#[derive(Debug, Subcommand)]
enum DocumentCommand {
    /// Print specimens of invented people with the look of [document]: no code on them counts
    Preview(PreviewArgs),
    /// List the scripts that can be printed here, each with its font, and the package where there is none
    Fonts,
    /// A certificate of the registry as a pass for the wallet of a telephone
    Pass(pass::PassArgs),
    /// The ministry's own PDF as background: start, find places, check
    Template(document_template::TemplateArgs),
}

/// Arguments of `vaccert document preview`.
#[derive(Debug, Args)]
struct PreviewArgs {
    /// Layout; all of them with "all"; without it, the one of [document]
    #[arg(long, value_name = "NAME", value_parser = layouts())]
    layout: Option<String>,
    /// Paper in the printer: a4 or letter
    #[arg(long, value_name = "SIZE", value_parser = PossibleValuesParser::new(["a4", "letter"]))]
    size: Option<String>,
    /// Languages: one, or two that stand side by side, such as lo,en
    #[arg(long, value_name = "LANG", value_delimiter = ',', num_args = 1..=2, value_parser = languages())]
    language: Vec<Language>,
    /// Folder for the files, or the one file of one layout (….pdf)
    #[arg(long, value_name = "PATH", default_value = "preview")]
    out: PathBuf,
    /// Names to print instead of invented ones: "Surname, Forename; Surname, Forename"
    #[arg(long, value_name = "NAMES")]
    names: Option<String>,
    /// Write every page as a picture too
    #[arg(long)]
    png: bool,
}

fn layouts() -> PossibleValuesParser {
    PossibleValuesParser::new(Layout::all().map(Layout::name).chain(["all"]).collect::<Vec<_>>())
}

fn languages() -> impl clap::builder::TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::all().map(Language::tag).collect::<Vec<_>>())
        .map(|tag| Language::of_tag(&tag).unwrap_or_default())
}

/// Dots an inch of the pictures: as fine as a page on a screen.
const DPI: u16 = 100;

/// Why a preview cannot be made.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum PreviewError {
    #[error(transparent)]
    Names(#[from] NamesError),
    #[error("{} names one file, and there are {count} layouts: name a folder with --out", path.display())]
    OneFile { path: PathBuf, count: usize },
    #[error("{} cannot be written ({kind}): choose another place with --out", path.display())]
    Write { path: PathBuf, kind: std::io::ErrorKind },
    #[error("{count} of {of} layouts cannot be printed; what to do stands above")]
    NotPrinted { count: usize, of: usize },
}

impl PreviewError {
    /// 2 for what was asked, 4 for a place that cannot be written, 1 for paper that cannot be printed.
    pub(super) fn exit(&self) -> u8 {
        match self {
            Self::Names(_) | Self::OneFile { .. } => 2,
            Self::Write { .. } => 4,
            Self::NotPrinted { .. } => 1,
        }
    }
}

/// Runs the command.
pub(super) async fn run(args: DocumentArgs, common: &Common) -> Result<(), CliError> {
    let setup = || match common.file() {
        Some(file) => PaperSetup::load(&file),
        None => Ok(PaperSetup::sandbox()),
    };
    match args.command {
        DocumentCommand::Preview(args) => preview(args, &setup()?, common.quiet),
        DocumentCommand::Fonts => fonts(&setup()?),
        DocumentCommand::Pass(args) => pass::run(args, common).await,
        DocumentCommand::Template(args) => document_template::run(args, &found(&setup()?)?, common),
    }
}

fn found(setup: &PaperSetup) -> Result<Fonts, CliError> {
    Ok(Fonts::find(&setup.paper.fonts).map_err(BatchError::from)?)
}

/// One line a script.
fn line(script: &ScriptFont) -> String {
    let font = match &script.font {
        DrawnBy::BuiltIn => "built into the program".to_owned(),
        DrawnBy::Font(font) => format!("{} ({})", font.family, font.path.display()),
        DrawnBy::Nothing { package: Some(package) } => format!("no font here; install the package {package}"),
        DrawnBy::Nothing { package: None } => "no font here; put one into the folder of [document] fonts".to_owned(),
    };
    format!("  {:<22} {font}", script.script)
}

fn fonts(setup: &PaperSetup) -> Result<(), CliError> {
    let coverage = found(setup)?.coverage();
    let missing = |script: &&ScriptFont| matches!(script.font, DrawnBy::Nothing { .. });
    say!("Scripts that names and words can be printed in here:");
    for script in coverage.iter().filter(|script| !missing(script)) {
        say!("{}", line(script));
    }
    if coverage.iter().any(|script| missing(&script)) {
        say!("Not here; a certificate with such letters is issued, and its paper refused:");
        for script in coverage.iter().filter(missing) {
            say!("{}", line(script));
        }
    }
    Ok(())
}

fn preview(args: PreviewArgs, setup: &PaperSetup, quiet: bool) -> Result<(), CliError> {
    let look = &setup.paper.look;
    let own = [Some(look.language), look.second].into_iter().flatten().collect();
    let spoken: Vec<Language> = if args.language.is_empty() { own } else { args.language.clone() };
    let people = match &args.names {
        Some(names) => Invented::read(names).map_err(PreviewError::from)?,
        None => Preview::people(&spoken),
    };
    let fonts = found(setup)?;
    let coverage = fonts.coverage();
    let named = args.layout.as_deref().and_then(layout);
    // A layout that is named is printed, whatever the templates are like.
    let (dressed, remarks) = match named {
        None => setup.paper.dressed(&fonts)?,
        Some(_) => (look.clone(), Vec::new()),
    };
    let others = other_kinds(&setup.paper, &dressed.templates, &fonts);
    let press = Press::new(dressed, fonts).map_err(BatchError::from)?;
    let whose = (setup.country, setup.issuer_name.as_str());
    let preview = Preview::new(Arc::new(press), &people, whose, System.now(), &system_random())?;

    let order = Order {
        size: args.size.as_deref().and_then(size),
        languages: args.language.split_first().map(|(first, rest)| (*first, rest.first().copied())),
        ..Order::default()
    };
    let paper = match order.size.unwrap_or(look.size) {
        PageSize::A4 => "A4",
        PageSize::Letter => "US Letter",
    };
    let languages: Vec<&str> = spoken.iter().map(|language| language.own_name()).collect();
    let in_layout = |layout: Layout, content| Job {
        name: layout.name().to_owned(),
        content,
        told: format!("{paper}, {}", languages.join(" and ")),
    };
    let mut jobs = Vec::new();
    if named.is_none() {
        jobs.extend(national(&preview, setup));
        jobs.extend(others);
    }
    match (args.layout.as_deref(), named) {
        (None, _) => {
            let sheets = preview.in_layout();
            let cards = look.layout == Layout::Plain && sheets.iter().all(|sheet| sheet.kind == Kind::YellowCard);
            if !sheets.is_empty() {
                let layout = if cards { Layout::Yellow } else { look.layout };
                jobs.push(in_layout(layout, Content::Sheets(sheets, order)));
            }
        }
        (Some(_), Some(layout)) => {
            jobs.push(in_layout(layout, Content::Layout(Order { layout: Some(layout), ..order })));
        }
        (Some(_), None) => {
            let all = Layout::all();
            jobs.extend(all.map(|layout| in_layout(layout, Content::Layout(Order { layout: Some(layout), ..order }))));
        }
    }
    let one = args.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    let count = jobs.len();
    if one && count > 1 {
        return Err(PreviewError::OneFile { path: args.out, count }.into());
    }
    let tell = |text: String| {
        if !quiet {
            say!("{text}");
        }
    };
    tell("Specimens of invented people: no code on them counts.".to_owned());
    let mut refused = 0;
    for Job { name, content, told } in jobs {
        let (printed, unsaid) = match content {
            Content::Layout(order) => {
                let sheets = preview.sheets(order.layout);
                (preview.print(&order), preview.unsaid(&sheets.iter().collect::<Vec<_>>(), &order))
            }
            Content::Sheets(sheets, order) => (preview.print_these(&sheets, &order), preview.unsaid(&sheets, &order)),
            Content::National(sheets) => (preview.print_these(&sheets, &Order::default()), Ok(Default::default())),
            Content::Printed(printed) => (printed, Ok(Default::default())),
        };
        let bytes = match printed {
            Ok(bytes) => bytes,
            Err(error) => {
                refused += 1;
                say!("  {name}: not printed: {error}");
                continue;
            }
        };
        let path = if one { args.out.clone() } else { args.out.join(format!("{name}.pdf")) };
        write(&path, &bytes)?;
        tell(format!("  {}: {told}", path.display()));
        // Whoever is refused was told above.
        let (never, seldom) = unsaid.unwrap_or_default();
        if !never.is_empty() {
            tell(format!("    without {}, for which this layout has no room", never.join(", ")));
        }
        if !seldom.is_empty() {
            tell(format!("    without {} beside long names or on a full page", seldom.join(", ")));
        }
        if args.png {
            for (at, picture) in pictures(&bytes, DPI, usize::MAX).into_iter().enumerate() {
                let path = path.with_file_name(format!("{}-{}.png", stem(&path), at + 1));
                write(&path, &picture)?;
                tell(format!("  {}", path.display()));
            }
        }
    }
    if !remarks.is_empty() {
        tell("Worth a look:".to_owned());
        for remark in remarks {
            tell(format!("  {remark}"));
        }
    }
    tell("Fonts:".to_owned());
    let used = preview.scripts(&spoken);
    for script in coverage.iter().filter(|script| used.contains(script.script)) {
        tell(line(script));
    }
    advise(setup, &tell);
    if refused > 0 { Err(PreviewError::NotPrinted { count: refused, of: count }.into()) } else { Ok(()) }
}

/// One file of a preview.
struct Job<'s> {
    /// Name of the file, without its ending.
    name: String,
    content: Content<'s>,
    /// What is said of it.
    told: String,
}

enum Content<'s> {
    Layout(Order),
    /// On templates, which say what they say.
    National(Vec<&'s Sheet>),
    Sheets(Vec<&'s Sheet>, Order),
    Printed(Result<Vec<u8>, DocumentError>),
}

/// What is printed on the ministry's own PDFs. People whose names have no room there are told and left out, unless
/// nobody is left then.
fn national<'s>(preview: &'s Preview, setup: &PaperSetup) -> Option<Job<'s>> {
    let all = preview.on_templates(&setup.formats);
    let mut settings: Vec<_> = all.iter().map(|sheet| setting_of(&setup.paper, sheet.kind)).collect();
    settings.dedup();
    let (sheets, left_out) = preview.national(&setup.formats);
    let mut told = format!("on the ministry's own PDF ({}), in its size and languages", settings.join(", "));
    for error in left_out {
        told.push_str(&format!("\n    without one of the people: {error}"));
    }
    let content = Content::National(sheets);
    (!settings.is_empty()).then(|| Job { name: "national".to_owned(), content, told })
}

/// Templates of kinds of which no specimen can be signed: each with something in every field.
fn other_kinds(paper: &PaperOptions, templates: &Templates, fonts: &Fonts) -> Vec<Job<'static>> {
    let kinds = [Kind::Test, Kind::Recovery].into_iter();
    let own = kinds.filter(|kind| paper.templates.iter().any(|named| named.kind == Some(*kind)));
    let job = |kind: Kind| {
        let template = templates.of(kind)?;
        Some(Job {
            name: format!("national-{}", kind.name()),
            content: Content::Printed(template.specimen_of(kind, fonts)),
            told: format!("on the ministry's own PDF ({}), with something in every field", setting_of(paper, kind)),
        })
    };
    own.filter_map(job).collect()
}

/// What the paper could have and has not.
fn advise(setup: &PaperSetup, tell: &dyn Fn(String)) {
    let look = &setup.paper.look;
    let missing: Vec<&str> = [
        ("ministry", look.ministry.is_empty()),
        ("emblem", look.emblem.is_none()),
        ("signature", look.signature.is_none()),
        ("address", look.address.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, missing)| missing.then_some(name))
    .collect();
    if !missing.is_empty() {
        tell(format!("Not set in [document]: {}; the sheets do without.", missing.join(", ")));
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |error: std::io::Error| PreviewError::Write { path: path.to_owned(), kind: error.kind() };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    Ok(fs::write(path, bytes).map_err(failed)?)
}
