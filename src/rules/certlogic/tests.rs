//! Unit tests of the operators, and properties of reading and evaluating.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn value(expression: Json, data: Json) -> Json {
    let expression = Expression::compile(&expression).unwrap();
    expression.evaluate_json(&data).unwrap().to_json()
}

fn error(expression: Json, data: Json) -> String {
    let expression = Expression::compile(&expression).unwrap();
    expression.evaluate_json(&data).map(|value| value.to_json()).unwrap_err().to_string()
}

#[test]
fn conditions_are_lazy() {
    let broken = json!({"or": [1, 2]});
    assert_eq!(value(json!({"if": [true, 1, broken]}), json!({})), json!(1));
    assert_eq!(value(json!({"if": ["", broken, 2]}), json!({})), json!(2));
    assert_eq!(value(json!({"and": [0, broken]}), json!({})), json!(0));
    assert_eq!(value(json!({"and": [1, "x", []]}), json!({})), json!([]));
    assert_eq!(
        error(json!({"and": [1, broken]}), json!({})),
        "the rule is malformed: unrecognised operator: \"or\"; run `vaccert rules test` on it and correct it"
    );
}

#[test]
fn a_date_is_no_condition_except_as_the_last_operand_of_and() {
    let date = json!({"plusTime": ["2021-01-01", 0, "day"]});
    assert_eq!(value(json!({"and": [1, date]}), json!({})), json!("2021-01-01T00:00:00.000Z"));
    for expression in [json!({"and": [date, 1]}), json!({"!": [date]}), json!({"if": [date, 1, 2]})] {
        assert!(error(expression, json!({})).contains("neither truthy nor falsy"));
    }
}

#[test]
fn sameness_converts_nothing_and_lists_are_the_same_only_as_themselves() {
    let data = json!({"l": [1], "f": 1.0, "n": null});
    for (left, right, expected) in [
        (json!(1), json!({"var": "f"}), true),
        (json!(1), json!("1"), false),
        (json!(0), json!(false), false),
        (json!({"var": "n"}), json!({"var": "missing"}), true),
        (json!({"var": "l"}), json!({"var": "l"}), true),
        (json!({"var": "l"}), json!([1]), false),
        (json!({"var": ""}), json!({"var": ""}), true),
    ] {
        assert_eq!(value(json!({"===": [left, right]}), data.clone()), json!(expected), "{left} {right}");
    }
}

#[test]
fn membership_in_literals_data_and_made_lists() {
    let many: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let data = json!({"many": many, "x": "7", "n": null, "o": {"a": 1}});
    for (needle, list, expected) in [
        (json!("7"), json!(many), true),
        (json!(7), json!(many), false),
        (json!({"var": "x"}), json!({"var": "many"}), true),
        (json!({"var": "x"}), json!([{"var": "x"}]), true),
        (json!({"var": "n"}), json!([1, {"var": "missing"}]), true),
        (json!({"var": "n"}), json!(["a"]), false),
        (json!(true), json!([1, true]), true),
    ] {
        assert_eq!(value(json!({"in": [needle, list]}), data.clone()), json!(expected), "{needle} {list}");
    }
    for list in [json!("777"), json!({"var": "n"}), json!({"var": "o"})] {
        assert!(error(json!({"in": ["7", list]}), data.clone()).contains("operand 2 of \"in\""));
    }
}

#[test]
fn integers_alone_are_added_and_compared() {
    let data = json!({"half": 1.5, "whole": 2.0, "text": "2"});
    assert_eq!(value(json!({"+": [{"var": "whole"}, 1]}), data.clone()), json!(3));
    assert_eq!(value(json!({"<": [1, {"var": "whole"}, 3]}), data.clone()), json!(true));
    assert_eq!(value(json!({">=": [3, {"var": "whole"}, 3]}), data.clone()), json!(false));
    for wrong in ["half", "text", "missing"] {
        assert!(error(json!({"+": [1, {"var": wrong}]}), data.clone()).contains("operand 2 of \"+\""));
        assert!(error(json!({"<": [3, 2, {"var": wrong}]}), data.clone()).contains("operand 3 of \"<\""));
    }
}

#[test]
fn dates_compare_and_invalid_ones_never_hold() {
    let date = |text: &str| json!({"plusTime": [text, 0, "day"]});
    for (operator, expected) in [("before", true), ("not-after", true), ("after", false), ("not-before", false)] {
        assert_eq!(value(json!({operator: [date("2021-01-01"), date("2021-01-02")]}), json!({})), json!(expected));
        assert_eq!(value(json!({operator: [date("2021-13-01"), date("2021-01-02")]}), json!({})), json!(false));
        assert!(error(json!({operator: ["2021-01-01", date("2021-01-02")]}), json!({})).contains("date-time"));
    }
    let clock = json!({"dccDateOfBirth": [{"var": "dob"}]});
    assert_eq!(value(clock.clone(), json!({"dob": "1990-02"})), json!("1990-02-28T00:00:00.000Z"));
    assert!(error(clock.clone(), json!({"dob": null})).contains("a text"));
    let message = error(clock, json!({"dob": "1990-02-28T11"}));
    assert!(message.contains("YYYY") && !message.contains("1990"), "{message}");
}

#[test]
fn reduce_sees_accumulator_and_current_alone() {
    let data = json!({"l": [1, 2, 3], "z": 9});
    let sum = json!({"+": [{"var": "accumulator"}, {"var": "current"}]});
    assert_eq!(value(json!({"reduce": [{"var": "l"}, sum, 0]}), data.clone()), json!(6));
    assert_eq!(value(json!({"reduce": [{"var": "none"}, sum, {"var": "z"}]}), data.clone()), json!(9));
    assert_eq!(value(json!({"reduce": [{"var": "l"}, {"var": "z"}, 0]}), data.clone()), json!(null));
    assert_eq!(value(json!({"reduce": [[5], {"var": ""}, 4]}), data.clone()), json!({"accumulator": 4, "current": 5}));
    assert_eq!(
        value(json!({"reduce": [[5, 6], [{"var": "accumulator"}, {"var": "current"}], []]}), data),
        json!([[[], 5], 6])
    );
}

#[test]
fn parts_of_a_uvci() {
    let part = |uvci: Json, index: i64| value(json!({"extractFromUVCI": [{"var": ""}, index]}), uvci);
    assert_eq!(part(json!("URN:UVCI:01DE/IZ12345A/5CWL#W"), 1), json!("IZ12345A"));
    assert_eq!(part(json!("urn:uvci:01:BG:X"), 0), json!("urn"));
    assert_eq!(part(json!("a"), -1), json!(null));
    assert_eq!(part(json!(null), 0), json!(null));
    assert!(error(json!({"extractFromUVCI": [1, 0]}), json!({})).contains("a text or null"));
}

#[test]
fn surplus_operands_are_ignored_where_the_reference_ignores_them_and_missing_ones_never() {
    assert_eq!(value(json!({"if": [true, 1, 2, {"or": []}]}), json!({})), json!(1));
    assert_eq!(value(json!({"!": [true, 1]}), json!({})), json!(false));
    for expression in [
        json!({"if": [true, 1]}),
        json!({"and": [true]}),
        json!({"===": [1, 1, 1]}),
        json!({"<": [1]}),
        json!({"reduce": [[], 1]}),
        json!({"plusTime": ["2021-01-01", 1]}),
        json!({"extractFromUVCI": ["a"]}),
        json!({"===": 1}),
        json!({}),
        json!({"a": [1], "b": [1]}),
        json!(null),
        json!(1.5),
    ] {
        error(expression, json!({}));
    }
}

#[test]
fn a_hostile_rule_ends_with_an_error() {
    let list: Vec<u32> = (0..1_000).collect();
    let inner = json!({"reduce": [{"var": "data"}, {"var": "accumulator"}, 0]});
    let count = json!({"reduce": [list, {"+": [{"var": "accumulator"}, 1]}, 0]});
    let square = json!({"reduce": [list, count, 0]});
    assert_eq!(value(json!([inner, count]), json!({})), json!([0, 1000]));
    assert!(error(square, json!({})).contains("steps"));
    let double = json!({"reduce": [list, [{"var": "accumulator"}, {"var": "accumulator"}], 1]});
    assert!(error(double, json!({})).contains("too large"));
    let nest = json!({"reduce": [list, {"var": ""}, 1]});
    assert!(error(nest, json!({})).contains("too large"));
    assert_eq!(Expression::compile(&json!(vec![1; 30_000])), Err(Problem::TooLarge));
}

#[test]
fn depth_is_bounded_while_reading() {
    let object = |entries: Vec<(&str, Json)>| entries.into_iter().collect::<Json>();
    let wraps: [&dyn Fn(Json) -> Json; 3] =
        [&|inner| Json::Array(vec![inner]), &|inner| object(vec![("!", Json::Array(vec![inner]))]), &|inner| {
            object(vec![("x", inner), ("y", json!(1))])
        }];
    for wrap in wraps {
        let mut deep = (0..5_000).fold(json!(true), |inner, _| wrap(inner));
        assert_eq!(Expression::compile(&deep), Err(Problem::TooDeep));
        // serde_json drops recursively; the test takes its tree apart by hand.
        loop {
            let next = match &mut deep {
                Json::Array(items) => items.pop(),
                Json::Object(map) => map.values_mut().next().map(Json::take),
                _ => None,
            };
            match next {
                Some(next) => deep = next,
                None => break,
            }
        }
    }
}

/// Well-formed expressions.
fn well_formed() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        "[a-z0-9:/#-]{0,12}".prop_map(Json::from),
        "([a-z0-9-]{1,3}(\\.[a-z0-9]{1,3}){0,3})?".prop_map(|path| json!({"var": path})),
        Just(json!({"plusTime": [{"var": "external.validationClock"}, 0, "day"]})),
        Just(json!({"plusTime": ["2021-06-01", -18, "year"]})),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let many = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            many.prop_map(Json::from),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| json!({"if": [a, b, c]})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| json!({"reduce": [a, b, c]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"and": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"===": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"in": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"not-before": [a, b]})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| json!({"<=": [a, b, c]})),
            inner.clone().prop_map(|a| json!({"!": [a]})),
            inner.clone().prop_map(|a| json!({"dccDateOfBirth": [a]})),
            (inner, any::<i32>()).prop_map(|(a, n)| json!({"extractFromUVCI": [a, n]})),
        ]
    })
}

/// Any JSON, operators among its keys.
fn any_json() -> impl Strategy<Value = Json> {
    let operators = ["if", "and", "!", "===", "in", "+", "<", "after", "plusTime", "reduce", "extractFromUVCI", "var"];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC{0,8}".prop_map(Json::from),
        prop::sample::select(vec!["accumulator", "current", "day", "2021-02-31", "v.0", "1990"]).prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 60, 4, move |inner| {
        let values = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            values.clone().prop_map(Json::from),
            (prop::sample::select(operators.to_vec()), values).prop_map(|(operator, v)| json!({operator: v})),
            inner.clone().prop_map(|path| json!({"var": path})),
            prop::collection::btree_map("[a-z]{0,3}", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_well_formed_prints_as_it_was_read(expression in well_formed()) {
        prop_assert_eq!(validate(&expression), []);
        let compiled = Expression::compile(&expression).unwrap();
        prop_assert_eq!(compiled.to_json(), expression);
    }

    #[test]
    fn any_expression_on_any_data_ends_and_the_same_way_twice(expression in any_json(), data in any_json()) {
        let _ = validate(&expression);
        let compiled = Expression::compile(&expression).unwrap();
        let once = compiled.evaluate_json(&data).map(|value| value.to_json());
        let again = Expression::compile(&compiled.to_json()).unwrap();
        prop_assert_eq!(once, again.evaluate_json(&data).map(|value| value.to_json()));
    }
}
