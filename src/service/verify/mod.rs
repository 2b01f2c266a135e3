//! Verification over HTTP: the verdict of `vaccert-verify`, object for object (interface document), on texts, pictures
//! and PDFs. Nothing of a request is stored, and none of it reaches a log.
//!
//! | file | what it knows |
//! |---|---|
//! | `known` | what verdicts rest on, read from files as a whole |
//! | `live` | the newest of it, exchanged without anybody waiting |
//! | `request` | what is asked: options, and the codes of every kind of body |
//! | `picture` | pictures and PDFs, a bounded number at once and for a bounded time |
//! | `answer` | the JSON of one verdict or of several |
//! | `page` | the same for people, without script |

mod answer;
mod error;
mod known;
mod lists;
mod live;
mod page;
mod picture;
mod request;
mod schema;

use axum::{
    extract::{Request, State},
    response::Response,
};

pub use error::VerifyError;
pub use known::{Known, KnownError, Places, RuleText, ValueSetText};
pub use live::{Live, Look, Origin};

use super::{House, ServiceError, api::Endpoint, typed};
use crate::{
    access::Right,
    config::{VerifyAccess, VerifyOptions},
    limits::VERIFY_CODES_AT_ONCE,
    verify::Seal,
};
use answer::{Sent, answer};
use request::{Asked, Body};

/// The routes; who may use them is a matter of the configuration.
pub(super) fn endpoints(options: &VerifyOptions) -> Vec<Endpoint> {
    let admit = |endpoint: Endpoint| match options.access {
        VerifyAccess::Open => endpoint.open(),
        VerifyAccess::Token => endpoint.needs(Right::Verify),
    };
    let verify = Endpoint::post("/v1/verify", "verify")
        .tag("Verification")
        .summary("Verdicts on one certificate or on several")
        .about(
            "Takes the text of one code (text/plain), several texts with options (application/json), or a picture or \
             PDF with any number of codes (image/png, image/jpeg, application/pdf, or the field \"file\" of \
             multipart/form-data). A text gets one verdict; everything else a list, in order, in which the best \
             certificate of a person counts. Nothing of it is stored or logged.",
        )
        .query::<schema::CountryCode>("country", "Country of arrival, whose rules apply")
        .query::<schema::Region>("region", "Region of arrival, where the country has rules of its own for it")
        .query::<schema::Time>("at", "Time of verification, where this service allows one; otherwise its clock's")
        .query::<bool>("rules", "Whether the rules of the country of arrival apply; they do unless this says false")
        .query::<bool>("explain", "Whether to tell every check in words")
        .query::<schema::Lang>("lang", "Language of the words")
        .query::<bool>("payload", "Whether to give the decoded content")
        .takes_media("text/plain")
        .takes::<schema::Several>("application/json")
        .takes_media("image/png")
        .takes_media("image/jpeg")
        .takes_media("application/pdf")
        .takes::<schema::Upload>("multipart/form-data")
        .gives::<schema::Answer>(200, "The verdict on a text; of everything else a list of verdicts, in order")
        .fails(
            400,
            &[
                "option-value",
                "option-unknown",
                "option-twice",
                "time-not-allowed",
                "json",
                "base64",
                "no-codes",
                "several-codes",
                "field-missing",
                "form-broken",
                "body-broken",
            ],
        )
        .fails(408, &["body-slow"])
        .fails(413, &["too-large", "too-many-codes", "code-too-long", "picture-large"])
        .fails(415, &["media-type"])
        .fails(422, &["picture", "picture-without-code", "picture-slow"])
        .fails(503, &["trust-unreadable", "busy"])
        .run(verify);
    vec![
        admit(verify),
        Endpoint::get("/v1/lists", "readLists")
            .tag("Verification")
            .summary("What verdicts rest on: lists, their age, rules, revocations")
            .open()
            .gives::<lists::Lists>(200, "Every list, and what could not be used")
            .fails(503, &["trust-unreadable"])
            .run(lists::read),
        admit(page::form_endpoint()),
        admit(page::verdict_endpoint()),
    ]
}

async fn verify(State(house): State<House>, request: Request) -> Result<Response, ServiceError> {
    let options = &house.setup.verify;
    let Asked { body, wanted } = request::read(request, options).await?;
    let known = house.live().current().await.map_err(VerifyError::NotReady)?;
    let now = house.clock.now();
    let (codes, seal, single) = match body {
        Body::Text(code) => (vec![code], Seal::Unknown, true),
        Body::Codes(codes) => (codes, Seal::Unknown, false),
        Body::File(file) => {
            let (codes, seal) = picture::codes(file).await?;
            (codes, seal, false)
        }
    };
    let sent = Sent { codes, seal, single };
    let require = options.require_revocations;
    // A text or two cost less than the way to another thread (some 200 microseconds each); more of them would hold up
    // others.
    let json = if sent.codes.len() <= VERIFY_CODES_AT_ONCE {
        answer(&known, &sent, &wanted, now, require, house.board.traffic())?
    } else {
        let house = house.clone();
        let work = move || answer(&known, &sent, &wanted, now, require, house.board.traffic());
        tokio::task::spawn_blocking(work).await.map_err(|_| ServiceError::Worker)??
    };
    Ok(typed("application/json", json))
}
