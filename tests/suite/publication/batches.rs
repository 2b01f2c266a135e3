//! What the gateway is told: batches that stay as they are, and in which order they come and go; and a rehearsal
//! gateway that is told by the program.

use vaccert::{
    batch::exact,
    publication::gateway::pending_gateway_work,
    registry::{GatewayBatch, GatewayWork, Registry},
};

use super::{at, restore, revoke, store};
use crate::support::database::on_each;

const KID: [u8; 8] = [7; 8];

async fn work(registry: &Registry, seconds: i64) -> Vec<GatewayWork> {
    pending_gateway_work(registry, 100, at(seconds)).await.unwrap()
}

/// The uploads of a piece of work, each done under a name of its own.
async fn upload_all(registry: &Registry, work: &[GatewayWork], seconds: i64) -> Vec<GatewayBatch> {
    let mut uploaded = Vec::new();
    for one in work {
        if let GatewayWork::Upload(batch) = one {
            assert!(registry.note_uploaded(batch.number, &format!("id-{}", batch.number), at(seconds)).await.unwrap());
            uploaded.push(batch.clone());
        }
    }
    uploaded
}

#[test]
fn an_entry_stays_in_its_batch_and_is_taken_out_by_a_new_one() {
    on_each(async |db| {
        let registry = db.open().await;
        let ids = store(&registry, &KID, 0, 2_400).await;
        let others = store(&registry, &[9; 8], 5_000, 3).await;
        assert!(work(&registry, 0).await.is_empty());
        revoke(&registry, &ids[..2_300], at(10)).await;
        revoke(&registry, &others, at(10)).await;
        let first = work(&registry, 20).await;
        let uploaded = upload_all(&registry, &first, 30).await;
        let sizes: Vec<(usize, &[u8])> = uploaded.iter().map(|batch| (batch.hashes.len(), &batch.kid[..])).collect();
        assert_eq!(sizes, [(1_000, &KID[..]), (1_000, &KID), (300, &KID), (3, &[9; 8])], "one key and 1,000 at most");
        assert!(uploaded.iter().all(|batch| batch.hash_kind == "UCI" && batch.expires_at == at(31_536_000)));
        assert!(work(&registry, 40).await.is_empty(), "nothing is told twice");

        // New ones go into a new batch; those that are there stay where they are.
        revoke(&registry, &ids[2_300..], at(50)).await;
        let more = upload_all(&registry, &work(&registry, 60).await, 60).await;
        assert_eq!(more.iter().map(|batch| batch.hashes.len()).collect::<Vec<_>>(), [100]);

        // One is taken back: the rest of its batch is uploaded first, and only then the old one is deleted.
        let undone = &ids[0];
        let home = uploaded.iter().find(|batch| batch.hashes.contains(&exact(undone))).unwrap();
        restore(&registry, std::slice::from_ref(undone), at(70)).await;
        let remake = work(&registry, 80).await;
        let [GatewayWork::Upload(rest)] = &remake[..] else { panic!("{remake:?}") };
        let mut expected = home.hashes.clone();
        expected.retain(|hash| *hash != exact(undone));
        assert_eq!(rest.hashes, expected);
        assert_eq!(work(&registry, 81).await, remake, "until it is done");
        assert!(registry.note_uploaded(rest.number, "new", at(82)).await.unwrap());
        let delete = work(&registry, 83).await;
        let gateway_id = format!("id-{}", home.number);
        assert_eq!(delete, [GatewayWork::Delete { number: home.number, gateway_id }]);
        assert!(registry.note_deleted(home.number, at(84)).await.unwrap());
        assert!(!registry.note_deleted(home.number, at(84)).await.unwrap(), "once");
        assert!(work(&registry, 85).await.is_empty());

        // Revoked again: a new batch of one.
        revoke(&registry, std::slice::from_ref(undone), at(90)).await;
        let again = upload_all(&registry, &work(&registry, 91).await, 91).await;
        assert_eq!(again.iter().map(|batch| batch.hashes.clone()).collect::<Vec<_>>(), [vec![exact(undone)]]);
        // Taken back and revoked between two looks: nothing is to be told.
        restore(&registry, std::slice::from_ref(undone), at(92)).await;
        revoke(&registry, std::slice::from_ref(undone), at(93)).await;
        assert!(work(&registry, 94).await.is_empty());
        // A batch whose last entry is taken back goes without another in its place.
        restore(&registry, std::slice::from_ref(undone), at(95)).await;
        let last = work(&registry, 96).await;
        assert!(matches!(&last[..], [GatewayWork::Delete { number, .. }] if *number == again[0].number), "{last:?}");
    });
}

#[test]
fn a_batch_that_was_given_up_on_its_way_is_deleted_when_the_gateway_names_it() {
    on_each(async |db| {
        let registry = db.open().await;
        let ids = store(&registry, &KID, 0, 2).await;
        revoke(&registry, &ids, at(1)).await;
        let first = work(&registry, 2).await;
        let [GatewayWork::Upload(on_its_way)] = &first[..] else { panic!("{first:?}") };
        restore(&registry, &ids[..1], at(3)).await;
        let second = work(&registry, 4).await;
        let [GatewayWork::Upload(rest)] = &second[..] else { panic!("{second:?}") };
        assert_eq!(rest.hashes, [exact(&ids[1])]);
        // The answer to the first upload arrives late.
        assert!(registry.note_uploaded(on_its_way.number, "late", at(5)).await.unwrap());
        assert_eq!(work(&registry, 6).await, second, "not before the rest is there");
        assert!(registry.note_uploaded(rest.number, "rest", at(7)).await.unwrap());
        let delete = GatewayWork::Delete { number: on_its_way.number, gateway_id: "late".into() };
        assert_eq!(work(&registry, 8).await, [delete]);
        assert!(!registry.note_uploaded(rest.number, "twice", at(9)).await.unwrap());
    });
}

#[test]
fn what_has_ended_is_told_no_more() {
    on_each(async |db| {
        let registry = db.open().await;
        let ids = store(&registry, &KID, 0, 3).await;
        revoke(&registry, &ids[..1], at(1)).await;
        assert_eq!(upload_all(&registry, &work(&registry, 2).await, 2).await.len(), 1);
        revoke(&registry, &ids[1..2], at(3)).await;
        assert_eq!(work(&registry, 4).await.len(), 1);
        let over = 31_536_001;
        assert!(work(&registry, over).await.is_empty(), "the gateway forgets a batch by itself when it ends");
        revoke(&registry, &ids[2..], at(over)).await;
        restore(&registry, &ids[..1], at(over)).await;
        assert!(work(&registry, over + 1).await.is_empty());
    });
}

#[cfg(feature = "service")]
mod rehearsal {
    use std::sync::Arc;

    use serde_json::Value;
    use vaccert::{
        batch::system_random,
        clock::{Clock as _, System},
        sandbox::{
            gateway::{Gateway, Network, Options, Participant},
            pki::{Country, Made, Workshop},
        },
    };

    use crate::{
        journey::export,
        support::{
            dhis2::population::crowd,
            program::{Ran, Workplace},
        },
    };

    fn key_pem(made: &Made) -> String {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(made.key().as_slice()))
    }

    /// Revokes, pushes, takes back and pushes, through the program and over mutual TLS.
    #[test]
    fn a_rehearsal_gateway_learns_of_revocations_and_of_their_undoing() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let country = Country::make(&Workshop::new("XX", System.now(), system_random()).unwrap(), 1).unwrap();
        let gateway = runtime.block_on(async {
            let gateway = Gateway::start(Options::new(Network::Eu, Arc::new(System), system_random())).await.unwrap();
            gateway.onboard(&Participant::of(&country)).unwrap();
            gateway
        });
        let work = Workplace::new();
        work.run(&["init", "--quiet", "."]).good();
        for (name, text) in [
            ("gw/tls.pem", country.tls.pem().to_owned()),
            ("gw/tls.key", key_pem(&country.tls)),
            ("gw/up.pem", country.upload.pem().to_owned()),
            ("gw/up.key", key_pem(&country.upload)),
            ("gw/root.pem", gateway.root_pem().to_owned()),
            ("gw/anchor.pem", gateway.anchor_pem().to_owned()),
        ] {
            let path = work.write(name, text);
            #[cfg(unix)]
            std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        let config = std::fs::read_to_string(work.path("vaccert.toml")).unwrap();
        let section = format!(
            "{config}\n[gateway]\nnetwork = \"eu\"\nenvironment = \"test\"\nurl = \"{}\"\ncountry = \"XX\"\n\
             tls_certificate = \"gw/tls.pem\"\ntls_key = \"gw/tls.key\"\ntls_ca = \"gw/root.pem\"\n\
             upload_certificate = \"gw/up.pem\"\nupload_key = \"gw/up.key\"\ntrust_anchor = \"gw/anchor.pem\"\n",
            gateway.url()
        );
        work.write("vaccert.toml", section);
        work.write("export.json", export(&crowd(8, 4)));
        work.run(&[
            "issue",
            "--from",
            "export.json",
            "--out",
            "out",
            "--files",
            "txt",
            "--formats",
            "eu-dcc",
            "--quiet",
        ])
        .good();
        let ids: Vec<String> = work.out("out").items().into_values().filter_map(|(_, id)| id).collect();
        let push = || {
            let ran = work.run(&["gateway", "revocations", "push", "--json"]);
            let Ran { code, out, .. } = &ran;
            assert_eq!(*code, Some(0), "{ran:?}");
            let json: Value = serde_json::from_str(out).unwrap();
            let items = json["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(push(), [""; 0]);
        let revoke = |ids: &[String]| {
            let named: Vec<&str> = ids.iter().map(String::as_str).collect();
            work.run(&[&["revoke", "--reason", "fraud"], &named[..]].concat()).good();
        };
        revoke(&ids[..2]);
        assert_eq!(push(), ["uploaded"]);
        assert_eq!(push(), [""; 0]);
        work.run(&["revoke", "--undo", &ids[0], "--reason", "mistake"]).good();
        assert_eq!(push(), ["uploaded", "deleted"], "the rest comes before the old one goes");
        revoke(&ids[2..3]);
        assert_eq!(push(), ["uploaded"]);

        // As if the program had died between the upload and its note.
        let registry = format!("sqlite:{}", work.path("registry.sqlite").display());
        runtime.block_on(async {
            use sqlx::Connection as _;
            let mut database = sqlx::SqliteConnection::connect(&registry).await.unwrap();
            let forget = "UPDATE gateway_batch SET state = 'to-upload', gateway_id = NULL \
                          WHERE number = (SELECT max(number) FROM gateway_batch)";
            assert_eq!(sqlx::query(forget).execute(&mut database).await.unwrap().rows_affected(), 1);
            database.close().await.unwrap();
        });
        assert_eq!(push(), ["was there already"], "no batch goes up twice");
        assert_eq!(push(), [""; 0]);
        let _inside = runtime.enter();
        drop(gateway);
    }
}
