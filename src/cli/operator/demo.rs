//! `vaccert demo`: the whole job on the bundled records.

use std::{fs, path::PathBuf, sync::Arc};

use clap::Args;

#[cfg(feature = "service")]
use super::demo_service::serve;
use super::{CliError, Common, progress::say, run};
use crate::{
    barcode::Level,
    batch::{
        BatchError, Kind, Part,
        feed::{Facilities, Feed},
        system_random,
    },
    clock::{Clock, System},
    config::{PaperOptions, Setup},
    document::{DrawnBy, Fonts, Language, Layout, Order, Picture, ScriptFont},
    issue::Format,
    source::file::read_facilities,
    trust::bundle,
    verify::{Decision, Knowledge, Reason},
    work::{self, Done, Out, Preview},
};

const PEOPLE: &str = include_str!("../../../fixtures/demo/people.json");
const EMBLEM: &[u8] = include_bytes!("../../../fixtures/demo/emblem.png");
const FACILITIES: &str = include_str!("../../../fixtures/demo/organisationUnits.json");

/// Arguments of `vaccert demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Folder for certificates, report and trust bundle
    #[arg(long, default_value = "out", value_name = "DIR")]
    out: PathBuf,
    /// End after the job instead of serving the pages
    #[arg(long)]
    once: bool,
    /// Port of the pages on this machine; the service takes the next two; 0 takes free ones
    #[arg(long, default_value_t = 8080, value_name = "N")]
    port: u16,
}

/// Runs the command.
pub(super) async fn run(args: DemoArgs, common: &Common) -> Result<(), CliError> {
    let DemoArgs { out, once, port } = args;
    let held = run::hold_out(&out)?;
    let state = out.join(run::SANDBOX);
    run::check_sandbox(&state)?;
    let setup = Setup { paper: paper()?, ..Setup::sandbox(&state, System.now(), &system_random())? };
    let say = |text: &str| {
        if !common.quiet {
            say!("{text}");
        }
    };
    say("A rehearsal with invented people, throw-away keys and the fictional country XX.");
    say("");

    // The bundled export goes through the same door as a ministry's.
    let people = state.join("people.json");
    let facilities = state.join("organisationUnits.json");
    for (path, text) in [(&people, PEOPLE), (&facilities, FACILITIES)] {
        fs::write(path, text).map_err(|error| CliError::Out { path: path.clone(), kind: error.kind() })?;
    }
    say(&format!("1. Read the export of a COVID-19 registry (COVAC): {}", people.display()));
    let feed = Feed::from_file(people, Facilities::new(read_facilities(&facilities)?));
    let files = Out { dir: out.clone(), kinds: Kind::ALL.to_vec(), level: Level::M };
    let done = run::run(&setup, feed, None, None, Some(files), common.quiet).await?;
    say("2. Assessed every dose, signed what is complete, wrote codes, pictures and papers:");
    if !common.quiet {
        run::tell(&done, &setup, Some(&out));
    }
    let (certificates, codes) = check(&out, &done)?;
    say(&format!(
        "3. Verified all {certificates} certificates of the folder ({codes} codes) against its trust bundle, as a border officer would: accepted."
    ));
    let layouts = sheets(&setup, &out.join(PAPER))?;
    say(&format!("   The paper of an invented ministry, as {layouts}: {}", out.join(PAPER).display()));
    say(&format!("   Try it: vaccert verify --trust {} {}", out.join("trust.json").display(), example(&out)));
    drop(held);
    if once {
        return Ok(());
    }
    serve(setup, &out, &state, port, &say).await
}

/// Name of the folder in which every layout of the paper is shown.
const PAPER: &str = "paper";

/// The paper of a ministry that does not exist: English, and Lao beside it where a font for it is here.
fn paper() -> Result<PaperOptions, CliError> {
    let mut paper = PaperOptions::default();
    let fonts = Fonts::find(&paper.fonts).map_err(BatchError::from)?;
    let look = &mut paper.look;
    look.emblem = Picture::read(EMBLEM).ok();
    look.ministry = vec![(Language::ENGLISH, "Ministry of Health (specimen)".to_owned())];
    let drawn = |script: &ScriptFont| script.script == "Lao" && !matches!(script.font, DrawnBy::Nothing { .. });
    look.second = Language::of_tag("lo").filter(|_| fonts.coverage().iter().any(drawn));
    look.ministry.extend(look.second.map(|lao| (lao, "ກະຊວງສາທາລະນະສຸກ (ຕົວຢ່າງ)".to_owned())));
    Ok(paper)
}

/// Prints every layout with invented people into a folder, and gives their names.
fn sheets(setup: &Setup, folder: &std::path::Path) -> Result<String, CliError> {
    let failed = |error: std::io::Error| CliError::Out { path: folder.to_owned(), kind: error.kind() };
    fs::create_dir_all(folder).map_err(failed)?;
    let look = &setup.paper.look;
    let languages: Vec<Language> = [Some(look.language), look.second].into_iter().flatten().collect();
    let press = Arc::new(work::press(&setup.paper)?);
    let whose = (setup.country, setup.issuer_name.as_str());
    let preview = Preview::new(press, &Preview::people(&languages), whose, System.now(), &system_random())?;
    let mut names = Vec::new();
    for layout in Layout::all().filter(|layout| layout.name() != "national") {
        let bytes = preview.print(&Order { layout: Some(layout), ..Order::default() }).map_err(BatchError::from)?;
        fs::write(folder.join(format!("{}.pdf", layout.name())), bytes).map_err(failed)?;
        names.push(layout.name());
    }
    Ok(names.join(", "))
}

#[cfg(not(feature = "service"))]
async fn serve(_: Setup, _: &std::path::Path, _: &std::path::Path, _: u16, say: &dyn Fn(&str)) -> Result<(), CliError> {
    say("This program was built without its pages (feature service), so it ends here.");
    Ok(())
}

/// Verifies every code of every certificate of the folder with its bundle. Gives how many there are of both.
fn check(out: &std::path::Path, done: &Done) -> Result<(u64, u64), CliError> {
    let path = done.bundle.clone().unwrap_or_else(|| out.join("trust.json"));
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| CliError::Out { path: path.clone(), kind: error.kind() };
    let bytes = fs::read(&path).map_err(unreadable)?;
    let bundle = bundle::read(bytes, &[]).map_err(BatchError::from)?;
    let knowledge = Knowledge::of_bundle(&bundle, &name).map_err(BatchError::from)?;
    let verifier = knowledge.verifier(System.now());
    let (mut certificates, mut good, mut bad) = (0, 0, 0);
    for entry in fs::read_dir(out).map_err(unreadable)? {
        let folder = entry.map_err(unreadable)?.path();
        let before = good + bad;
        for format in Format::ALL {
            let Ok(text) = fs::read_to_string(folder.join(Part::Text(format).file_name())) else { continue };
            let verdict = verifier.judge(&text);
            match (verdict.verdict, verdict.reason) {
                // Corrected records of an earlier run are listed for revocation, as they must be.
                (Decision::Accepted, _) | (Decision::Rejected, Some(Reason::Revoked)) => good += 1,
                _ => bad += 1,
            }
        }
        certificates += u64::from(good + bad > before);
    }
    if bad > 0 {
        Err(CliError::SelfCheck { count: bad, of: good + bad, bundle: name })
    } else {
        Ok((certificates, good))
    }
}

fn example(out: &std::path::Path) -> String {
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    let code = |folder: PathBuf| {
        let texts = Format::ALL.map(|format| folder.join(Part::Text(format).file_name()));
        texts.into_iter().find(|path| path.is_file())
    };
    let mut codes: Vec<PathBuf> = entries.filter_map(|entry| code(entry.path())).collect();
    codes.sort();
    codes.first().map_or_else(String::new, |path| path.display().to_string())
}
