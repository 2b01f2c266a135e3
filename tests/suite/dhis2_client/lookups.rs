//! Metadata and org units, typed and remembered.

use vaccert::source::dhis2::Dhis2Error;

use super::{client, server};
use crate::support::dhis2::people::{ROOT, covac};
use crate::support::dhis2::{ContractServer, Fault, Options, users::User};

#[tokio::test]
async fn metadata_is_typed_and_asked_for_once() {
    let server = server("2.41.0", 0).await;
    let client = client(&server);
    assert_eq!(client.root_org_units().await.unwrap(), [ROOT]);
    assert!(!client.me().await.unwrap().sees_all_org_units());
    let programs = client.programs().await.unwrap();
    assert_eq!(programs[0].id, covac::PROGRAM);

    let program = client.program(covac::PROGRAM).await.unwrap();
    assert_eq!(program.access_level.as_deref(), Some("PROTECTED"));
    assert_eq!(program.data_read, Some(true));
    assert!(program.attributes.iter().any(|a| a.id == covac::NATIONAL_ID && a.unique && !a.mandatory));
    let stage = &program.stages[0];
    assert!(stage.repeatable);
    let vaccine = stage.data_elements.iter().find(|e| e.id == covac::VACCINE).unwrap();
    let codes: Vec<_> = program
        .option_set(vaccine.option_set.as_deref().unwrap())
        .unwrap()
        .options
        .iter()
        .map(|o| o.code.as_str())
        .collect();
    assert_eq!(codes, ["ASTRAZENECA", "BIONTECHPFIZER", "MODERNA", "GAMALEYA", "SINOPHARM"]);
    assert_eq!(program.option_sets.len(), 4);
    client.program(covac::PROGRAM).await.unwrap();
    assert_eq!(server.hits("/api/programs/yDuAzyqYABS"), 1);
    assert_eq!(server.hits("/api/optionSets"), 1);

    let wanted: Vec<String> = ["HarbourHC01", "LakeHospit1", "NoSuchUnit1", "HarbourHC01"].map(str::to_owned).to_vec();
    for _ in 0..2 {
        let units = client.org_units(&wanted).await.unwrap();
        assert_eq!(units.len(), 2);
        assert_eq!(units["HarbourHC01"].name, "Harbour Health Centre");
        assert_eq!(units["LakeHospit1"].code, None);
    }
    assert_eq!(server.hits("/api/organisationUnits"), 1, "what is missing is remembered too");

    let many: Vec<String> = (0..250).map(|n| format!("Unit{n:07}")).collect();
    assert!(client.org_units(&many).await.unwrap().is_empty());
    assert_eq!(server.hits("/api/organisationUnits"), 4, "in chunks");
    assert!(matches!(client.org_units(&["x],name:like:[".to_owned()]).await, Err(Dhis2Error::NotAUid { .. })));
    assert!(matches!(client.program("../me?x=abc").await, Err(Dhis2Error::NotAUid { .. })));
    assert!(client.program("NoSuchProg1").await.is_err());
}

#[tokio::test]
async fn a_user_without_org_units_is_told_so() {
    let mut options = Options::new("2.41.0", Vec::new());
    options.user_org_units.clear();
    let server = ContractServer::start(options).await.unwrap();
    assert_eq!(client(&server).root_org_units().await.unwrap_err(), Dhis2Error::NoOrgUnits);
}

#[tokio::test]
async fn a_user_is_looked_up_by_whoever_may_see_users() {
    for version in ["2.36.13", "2.41.0"] {
        let mut nurse = User::new("UserNurse01", "nurse", "pw", &[("q3Nh5xhJEy2", "COVAC data entry")]);
        nurse.org_units = Some(vec!["HarbourHC01".to_owned()]);
        let mut gone = User::new("UserGone001", "gone", "pw", &[("q3Nh5xhJEy2", "COVAC data entry")]);
        gone.disabled = true;
        let mut options = Options::new(version, Vec::new());
        options.users = vec![User::reader().with(&["F_USER_VIEW"]), nurse, gone];
        let server = ContractServer::start(options).await.unwrap();
        let client = client(&server);
        let found = client.user("UserNurse01").await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.name.as_deref()), ("UserNurse01", Some("nurse")));
        assert_eq!(found.groups, ["q3Nh5xhJEy2", "COVAC data entry", "COVAC data entry"]);
        assert_eq!(found.org_units.len(), 1);
        assert_eq!(client.user("UserGone001").await.unwrap(), None, "disabled");
        assert_eq!(client.user("NoSuchUser1").await.unwrap(), None);
        assert!(matches!(client.user("../users").await, Err(Dhis2Error::NotAUid { what: "user" })));
        server.configure(|options| options.users[0] = User::reader());
        assert!(matches!(client.user("UserNurse01").await, Err(Dhis2Error::Forbidden { .. })));
        // A server that answers 404 to everything has not lost its users.
        server.always(Fault::Status(404));
        assert!(client.user("NoSuchUser1").await.is_err());
    }
}
