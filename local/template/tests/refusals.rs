//! What the engine cannot run is refused with the resource, the property and the line. Each case changes the project's
//! own template at one place.

mod refusal;
mod shop;

use refusal::CASES;
use sam_template::{Parameters, Template, TemplateError};

#[test]
fn what_cannot_be_run_is_refused_by_name_and_place() {
    for (anchor, from, to, path, reason) in CASES {
        let Err(error) = shop::changed(anchor, from, to) else {
            panic!("{from:?} -> {to:?} was taken")
        };
        let TemplateError::Refused(refusals) = &error else {
            panic!("{from:?} -> {to:?}: {error}")
        };
        let found = refusals.iter().find(|refusal| refusal.path.ends_with(path));
        let refusal =
            found.unwrap_or_else(|| panic!("{from:?} -> {to:?} is not refused at {path}: {error}"));
        assert!(
            refusal.reason.contains(reason),
            "{from:?} -> {to:?}: {error}"
        );
        assert!(refusal.line > 1, "{from:?} -> {to:?}: {error}");
    }
}

#[test]
fn the_line_is_that_of_the_property() {
    let text = shop::text();
    let anchor = text.find("  OrdersQueue:").expect("the queue");
    let line = text[..anchor].lines().count() + 4;
    assert_eq!(
        text.lines().nth(line - 1),
        Some("      VisibilityTimeout: 90")
    );
    let error = shop::changed("  OrdersQueue:", "VisibilityTimeout: 90", "Visibility: 90")
        .expect_err("a typo");
    let expected = format!(
        "line {line}: OrdersQueue.Properties.Visibility: Visibility of AWS::SQS::Queue is not run locally"
    );
    assert!(error.to_string().contains(&expected), "{error}");
}

#[test]
fn every_refused_resource_is_named_at_once() {
    let text = shop::text()
        .replace("BisectBatchOnFunctionError", "BisectBatch")
        .replace(
            "      BillingMode: PAY_PER_REQUEST\n",
            "      BillingMode: PROVISIONED\n",
        );
    let faults = text.matches("BisectBatch:").count() + text.matches(": PROVISIONED").count();
    assert!(faults >= 12, "{faults}");
    let error = Template::parse(&text, &shop::parameters()).expect_err("faults in each context");
    let TemplateError::Refused(refusals) = error else {
        panic!("{error}")
    };
    assert_eq!(refusals.len(), faults);
    assert!(refusals.is_sorted_by_key(|refusal| refusal.line));
}

#[test]
fn yaml_that_is_read_in_two_ways_is_refused() {
    let cases = [
        ("A: 1\nA: 2\n", 2, "the key A stands twice"),
        ("A: &x 1\n", 1, "anchors are not used"),
        ("A: 1\nB: *x\n", 2, ""),
        ("A: 1\nB: yes\n", 2, "yes is a boolean for CloudFormation"),
        ("A: 012\n", 1, "012 is read as another number"),
        ("A:\n  <<: { B: 1 }\n", 2, "merge keys are not used"),
        ("A: !!set { }\n", 1, "is not one of CloudFormation's"),
        ("A: [1, 2\n", 2, ""),
        ("", 1, "the file is empty"),
        ("A: 1\n---\nB: 2\n", 3, "a template is one document"),
    ];
    for (text, line, reason) in cases {
        let Err(error) = Template::parse(text, &Parameters::default()) else {
            panic!("{text:?} was taken")
        };
        let TemplateError::Yaml { line: found, .. } = error else {
            panic!("{text:?}: {error}")
        };
        assert_eq!(found, line, "{text:?}: {error}");
        assert!(error.to_string().contains(reason), "{text:?}: {error}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Template::load("no/such/template.yaml", &shop::parameters()).expect_err("no file");
    assert_eq!(
        error.to_string(),
        "cannot read the template no/such/template.yaml"
    );
}

/// A user pool and pages are stood in for, which the template has to leave to the local stack.
#[test]
fn what_is_stood_in_for_is_refused_until_a_parameter_leaves_it_out() {
    for (parameter, value, refused, reason) in [
        ("TokenIssuer", "", 5, "local issuer"),
        ("Pages", "on", 7, "local gateway"),
    ] {
        let mut parameters = shop::parameters();
        parameters
            .overrides
            .insert(parameter.to_owned(), value.to_owned());
        let error = Template::parse(&shop::text(), &parameters).expect_err(parameter);
        let TemplateError::Refused(refusals) = error else {
            panic!("{error}")
        };
        assert_eq!(refusals.len(), refused, "{refusals:?}");
        for refusal in refusals {
            assert!(refusal.path.ends_with(".Type"), "{refusal:?}");
            assert!(refusal.reason.contains(reason), "{refusal:?}");
        }
    }
}
