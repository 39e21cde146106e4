//! JSON bodies with templates in them.

use serde_json::json;

use super::*;

fn compile(json: &Value) -> Result<Tree, Vec<(Vec<At>, Error)>> {
    let mut problems = Vec::new();
    let tree =
        Tree::compile(json, Escape::None, &["item"], &mut |way, error| problems.push((way.to_vec(), error)));
    tree.ok_or(problems)
}

#[test]
fn values_keep_their_types_and_stay_inside_their_texts() {
    let event = event(r#"{"v":"\",\"admin\":true,\"x\":\"","n":1.50,"o":{"a":[null]},"t":true}"#);
    let scope = Scope::new(&event, "CI");
    let tree = compile(&json!({
        "site": "{{ params.site }}", "n": "{{ $.n }}", "list": ["{{ $.t }}", 1, null, "x {{ $.n }}"], "all": "{{ $.o }}",
        "v": "v={{ $.v }}", "fixed": {"a": "b"}
    }))
    .unwrap();
    let wanted = r#"{"all":{"a":[null]},"fixed":{"a":"b"},"list":[true,1,null,"x 1.50"],"n":1.50,"site":"berlin","v":"v=\",\"admin\":true,\"x\":\""}"#;
    assert_eq!(tree.value(&scope).unwrap().to_string(), wanted);
    assert!(tree.uses_payload() && tree.literal().is_none());
    assert_eq!(tree.templates().len(), 6);
    let missing = compile(&json!({"a": [{"b": "{{ $.none }}"}]})).unwrap();
    assert_eq!(missing.value(&scope).unwrap_err().to_string(), "template: missing $.none");
}

#[test]
fn a_tree_without_templates_is_a_literal() {
    for value in [json!(null), json!(5), json!("x"), json!({"a": [1, {"b": "c"}]}), json!([])] {
        let tree = compile(&value).unwrap();
        assert_eq!(tree.literal(), Some(&value));
        assert!(!tree.uses_payload());
    }
    assert_eq!(compile(&json!(["\\{{x}}"])).unwrap().literal(), Some(&json!(["{{x}}"])));
}

#[test]
fn every_mistake_is_told_with_the_way_to_it() {
    let problems =
        compile(&json!({"a": ["ok", "x {{ foo }}"], "b": {"c": "{{"}, "{{ k }}": 1, "d": "{{ item.x }}"}))
            .unwrap_err();
    let told: Vec<_> =
        problems.iter().map(|(way, error)| (way.as_slice(), error.offset, error.message.as_str())).collect();
    let key = |key: &str| At::Key(key.to_owned());
    assert_eq!(
        told,
        [
            (&[key("a"), At::Item(1)][..], 5, "`foo` is not a name that is known here"),
            (&[key("b"), key("c")], 0, "`{{` without its `}}`"),
            (&[key("{{ k }}")], 0, "the key `{{ k }}` cannot be a template"),
        ]
    );
}
