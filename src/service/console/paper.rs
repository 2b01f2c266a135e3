//! How the paper looks: the ministry's own form and every layout with certificates of invented people, and what can be printed here.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, header},
    response::Response,
};

use super::{Asked, ConsoleError, HTML, Html, TAG, Text, Visit, all, blocks};
use crate::{
    access::Right,
    document::{DocumentError, DrawnBy, Language, Layout, Order, pictures},
    issue::Format,
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, Kind},
        html::fill,
        typed,
    },
    work::{self, Preview},
};

const SHEET: &str = include_str!("../pages/console/sheet.html");

/// Dots an inch of the pictures: enough to see how a page is divided.
const DPI: u16 = 60;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let chosen = |endpoint: Endpoint| {
        endpoint.tag(TAG).needs(Right::Operate).query::<String>("size", "Paper in the printer: a4 or letter")
    };
    vec![
        chosen(Endpoint::get("/paper", "showPaper"))
            .summary("How certificates look on paper, with invented people")
            .query::<String>("language", "Language of the paper")
            .gives_media(200, HTML, "The page")
            .run(show),
        chosen(Endpoint::get("/paper/{file}", "readPaper"))
            .summary("A layout with invented people: no code on it counts")
            .query::<String>("lang", "Language of the paper")
            .path_parameter("file", "A layout, as PDF or as a picture of its first page: fold.pdf, fold.png; national.pdf for the ministry's own form")
            .gives_media(200, "application/pdf", "The sheets")
            .gives_media(200, "image/png", "The first page")
            .run(file),
    ]
}

/// What is chosen; what cannot be chosen is left as the ministry has it.
fn order(house: &House, asked: &Asked) -> Order {
    let (mut order, look) = (Order::default(), &house.setup.paper.look);
    for (name, value) in [("size", asked.get("size")), ("lang", asked.get("lang")), ("lang", asked.get("language"))] {
        let _ = work::choose(&mut order, look, name, value);
    }
    order
}

/// Name of what is printed on the ministry's own PDFs, which is no layout that anybody can order.
const NATIONAL: &str = "national";

/// A specimen that can be looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// On the ministry's own PDFs, in their size and languages.
    National,
    Layout(Layout),
}

impl Shown {
    /// All that there are: the ministry's own form first, where it is configured.
    fn all(house: &House) -> Result<Vec<Self>, ServiceError> {
        let press = Arc::clone(&house.desk().map_err(ConsoleError::from)?.plain_batch().press);
        let national = (!press.look().templates.is_empty()).then_some(Self::National);
        Ok(national.into_iter().chain(Layout::all().map(Self::Layout)).collect())
    }

    fn name(self) -> &'static str {
        match self {
            Self::National => NATIONAL,
            Self::Layout(layout) => layout.name(),
        }
    }

    fn print(self, preview: &Preview, formats: &[Format], chosen: Order) -> Result<Vec<u8>, DocumentError> {
        match self {
            Self::National => preview.print_these(&preview.national(formats).0, &Order::default()),
            Self::Layout(layout) => preview.print(&Order { layout: Some(layout), ..chosen }),
        }
    }
}

/// Prints in a thread where it holds nobody up.
async fn printed<T: Send + 'static>(
    house: &House,
    print: impl FnOnce(&Preview) -> T + Send + 'static,
) -> Result<T, ServiceError> {
    let desk = house.desk().map_err(ConsoleError::from)?.clone();
    let made = tokio::task::spawn_blocking(move || desk.preview_paper().map(|preview| print(&preview)));
    Ok(made.await.map_err(|_| ServiceError::Worker)?.map_err(ConsoleError::from)?)
}

async fn show(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let (chosen, shown) = (order(&house, &asked), Shown::all(&house)?);
    let (all, formats) = (shown.clone(), house.setup.formats.clone());
    let tried = printed(&house, move |preview| {
        let try_one = |shown: &Shown| shown.print(preview, &formats, chosen).map(|_| ());
        all.iter().map(try_one).collect::<Vec<Result<(), DocumentError>>>()
    })
    .await?;

    let mut body = fill("<p class=\"lead\">{{text}}</p>", &[("text", Text(say("paper.lead")))]);
    body.push(&choice(&visit, &asked));
    let spoken = Language::of_tag(visit.frame.lang().code()).unwrap_or_default();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(asked.some("size").map(|size| ("size", size)))
        .extend_pairs(asked.some("language").map(|tag| ("lang", tag)))
        .finish();
    for (shown, tried) in shown.into_iter().zip(tried) {
        let name = shown.name();
        let title = match shown {
            Shown::National => say("paper.national"),
            Shown::Layout(_) => spoken.entry("layout", name).unwrap_or(name),
        };
        let inside = match tried {
            Ok(()) => {
                let alternative = visit.speech.with("paper.picture", &[("layout", title)]);
                let (pdf, png) = (format!("/paper/{name}.pdf?{query}"), format!("/paper/{name}.png?{query}"));
                let slots = [
                    ("pdf", Text(pdf.as_str())),
                    ("png", Text(&png)),
                    ("alternative", Text(&alternative)),
                    ("title", Text(title)),
                ];
                visit.speech.fill(SHEET, &slots)
            }
            Err(error) => blocks::notice("", &blocks::english(&super::reasons::sentence(&error.to_string()))),
        };
        body.push(&visit.section(name, title, &inside));
    }
    body.push(&visit.section("fonts", say("paper.fonts"), &fonts(&house, &visit).await?));
    Ok(visit.show("paper", &body))
}

/// The form by which language and size are chosen.
fn choice(visit: &Visit, asked: &Asked) -> Html {
    let say = |key: &str| visit.speech.say(key);
    let usual = ("", "–".to_owned());
    let mut languages = vec![usual.clone()];
    languages.extend(Language::all().map(|language| (language.tag(), language.own_name().to_owned())));
    let sizes = [usual, ("a4", "A4".to_owned()), ("letter", "US Letter".to_owned())];
    let select = |name, label, options, value| {
        Field { kind: Kind::Select(options), value, required: false, ..Field::line(name, label) }.html()
    };
    let fields = [
        select("language", say("paper.language"), &languages, asked.get("language")),
        select("size", say("paper.size"), &sizes, asked.get("size")),
    ];
    visit.form("get", "/paper", say("show"), fields)
}

async fn fonts(house: &House, visit: &Visit) -> Result<Html, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let press = Arc::clone(&house.desk().map_err(ConsoleError::from)?.plain_batch().press);
    let coverage = tokio::task::spawn_blocking(move || press.coverage()).await.map_err(|_| ServiceError::Worker)?;
    let rows: Vec<Vec<Html>> = coverage
        .iter()
        .map(|script| {
            let (class, word) = match &script.font {
                DrawnBy::BuiltIn => ("accepted", say("paper.built-in").to_owned()),
                DrawnBy::Font(font) => ("accepted", font.family.clone()),
                DrawnBy::Nothing { package } => {
                    let package = package.unwrap_or("[document] fonts");
                    ("undecided", visit.speech.with("paper.no-font", &[("package", package)]))
                }
            };
            vec![blocks::english(script.script), blocks::mark(class, &word)]
        })
        .collect();
    Ok(all([blocks::table(say("paper.fonts"), &[say("paper.script"), say("paper.font")], &rows)]))
}

async fn file(
    State(house): State<House>,
    _visit: Visit,
    path: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Result<Response, ServiceError> {
    let Ok(Path(file)) = path else { return Err(ConsoleError::NotFound.into()) };
    let (name, ending) = file.rsplit_once('.').ok_or(ConsoleError::NotFound)?;
    let shown = Shown::all(&house)?.into_iter().find(|shown| shown.name() == name).ok_or(ConsoleError::NotFound)?;
    let (order, formats) = (order(&house, &asked), house.setup.formats.clone());
    let picture = match ending {
        "pdf" => false,
        "png" => true,
        _ => return Err(ConsoleError::NotFound.into()),
    };
    let made = printed(&house, move |preview| {
        let pdf = shown.print(preview, &formats, order)?;
        Ok::<_, DocumentError>(if picture { pictures(&pdf, DPI, 1).pop().unwrap_or_default() } else { pdf })
    })
    .await?;
    let bytes = made.map_err(|error| {
        tracing::warn!("a preview of the paper: {error}");
        ConsoleError::NotFound
    })?;
    if picture {
        return Ok(typed("image/png", bytes));
    }
    let mut response = typed("application/pdf", bytes);
    // A browser's own PDF viewer is a page with styles and scripts, which the policy of our pages stops.
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
    if let Ok(name) = HeaderValue::from_str(&format!("inline; filename=\"specimen-{name}.pdf\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
