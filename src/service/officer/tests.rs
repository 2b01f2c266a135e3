use super::*;

/// Everything that a script of the page imports, names or registers is a file that is served and kept.
#[test]
fn the_page_asks_for_nothing_that_is_not_there() {
    let kept = files::kept();
    for path in &kept {
        let name = path.strip_prefix("/officer").unwrap().trim_start_matches('/');
        let there =
            name.is_empty() || files::file(name).is_some() || files::words(name.trim_start_matches("words/")).is_some();
        assert!(there, "{path}");
    }
    assert!(files::file("sw.js").is_some() && !kept.contains(&"/officer/sw.js".to_owned()));
    for name in ["", "../page.html", "words/en.json", "page.html"] {
        assert!(files::file(name).is_none(), "{name}");
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service/officer/web");
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(files::file(&name).is_some(), "{name} is not served");
        let Some(text) = std::fs::read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { continue };
        for quoted in text.split('"').skip(1).step_by(2) {
            let local = quoted.strip_prefix("./").or_else(|| quoted.strip_prefix("/officer/"));
            let file = local.filter(|rest| rest.contains('.') && !rest.contains(['$', '{', '/']));
            if let Some(file) = file.filter(|file| !["settings.json", "bundle.json"].contains(file)) {
                assert!(files::file(file).is_some(), "{name} asks for {file}");
            }
        }
    }
}

/// Every word that page and scripts say is there, and no other.
#[test]
fn words_and_page_fit() {
    let english: std::collections::BTreeMap<String, String> =
        serde_json::from_str(include_str!("../words/officer/en.json")).unwrap();
    let scripts = [
        include_str!("web/page.js"),
        include_str!("web/result.js"),
        include_str!("web/desk.js"),
        include_str!("web/words.js"),
    ];
    let page = include_str!("page.html");
    let mut said = std::collections::BTreeSet::new();
    for text in scripts.iter().chain([&page]) {
        for part in text.split(['"', '{', '}']) {
            said.insert(part.trim_start_matches('=').to_owned());
        }
    }
    // Composed of a code of the verifier.
    let composed =
        ["refused_damaged", "refused_other_list_key", "refused_replayed", "refused_environment", "refused_version"];
    for key in english.keys() {
        assert!(said.contains(key) || composed.contains(&key.as_str()), "nobody says {key}");
    }
    for part in page.split("{{=").skip(1) {
        let key = part.split("}}").next().unwrap();
        assert!(english.contains_key(key), "{key}");
        assert!(
            page.contains(&format!("data-word=\"{key}\"")) || key.starts_with("no_script"),
            "{key} is not changed with the language"
        );
    }
}
