//! A broken template says which resource, which property and what is wrong.

use super::super::{Overrides, Wiring};
use super::{complaint, word_complaint};

#[track_caller]
fn assert_complaint(complaint: &str, parts: &[&str]) {
    for part in parts {
        assert!(complaint.contains(part), "{complaint:?} lacks {part:?}");
    }
}

#[test]
fn a_reference_to_nothing_names_the_place_and_the_name() {
    let complaint = word_complaint("", "!Ref Nowhere");
    let place = "Speak.Environment.Variables.WORD";
    assert_complaint(
        &complaint,
        &[place, "nothing in the template is called Nowhere"],
    );
    let complaint = word_complaint("", "!Sub 'to ${Nowhere.Arn}'");
    assert_complaint(&complaint, &[place, "Nowhere"]);
}

#[test]
fn intrinsics_used_wrongly_are_refused() {
    for (value, problem) in [
        ("!GetAtt Orders", "!GetAtt needs Resource.Attribute"),
        ("!GetAtt Orders.Colour", "has no attribute Colour"),
        ("!Sub 'open ${Orders'", "not closed"),
        ("!Join [a]", "Fn::Join needs a list of 2"),
        ("!Join ['-', word]", "a list is needed"),
        ("!Select [5, [a]]", "there is no item 5"),
        ("!Split ['', abc]", "needs a delimiter"),
        ("!FindInMap [Sizes, x, y]", "no mapping has Sizes.x.y"),
        ("!If [Never, a, b]", "there is no condition Never"),
        ("!ImportValue elsewhere", "!ImportValue is not supported"),
        ("{ 'Fn::Base64': x }", "Fn::Base64 is not supported"),
        ("[a, list]", "a text is needed"),
    ] {
        assert_complaint(&word_complaint("", value), &[problem]);
    }
}

#[test]
fn references_in_a_circle_are_found() {
    let circle = "Conditions: { A: !Condition B, B: !Condition A }";
    let complaint = word_complaint(circle, "!If [A, 1, 2]");
    assert_complaint(&complaint, &["lead in a circle"]);
}

#[test]
fn a_parameter_needs_a_value_and_a_value_needs_a_parameter() {
    let complaint = word_complaint("Parameters: { Mail: { Type: String } }", "!Ref Mail");
    assert_complaint(&complaint, &["Parameters.Mail", "no default"]);

    let stray = Overrides::from([("Mial".to_owned(), "x".to_owned())]);
    let text = super::word_template("", "x");
    let error = Wiring::read(&text, &stray).unwrap_err().to_string();
    assert_complaint(&error, &["there is no parameter Mial"]);
}

#[test]
fn a_kind_or_property_nobody_knows_is_an_error() {
    let kind = "Resources: { Box: { Type: AWS::S3::Bucket } }";
    assert_complaint(
        &complaint(kind),
        &["Box.Type", "AWS::S3::Bucket is not known"],
    );
    let property = "Resources: { Q: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } } }";
    assert_complaint(
        &complaint(property),
        &["Q.FifoQueue", "does not know this property"],
    );
}

#[test]
fn what_is_left_out_by_its_condition_cannot_be_referred_to() {
    let text = "
Conditions: { Never: !Equals [a, b] }
Resources:
  Gone: { Type: AWS::SQS::Queue, Condition: Never }
  Bus: { Type: AWS::Events::EventBus, Properties: { Name: !Ref Gone } }
";
    assert_complaint(
        &complaint(text),
        &["Bus.Name", "Gone is left out by its condition"],
    );
}

#[test]
fn text_that_is_no_template_at_all_is_refused() {
    assert_complaint(&complaint("a: [b"), &["not valid YAML"]);
    assert_complaint(&complaint(""), &["it is empty"]);
    assert_complaint(&complaint("Resources: {}"), &["there are none"]);
}

#[test]
fn a_dead_letter_queue_that_is_not_there_is_an_error() {
    let text = "
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:x:1:Gone', maxReceiveCount: 3 }
";
    assert_complaint(&complaint(text), &["Q", "there is no queue Gone"]);
}

#[test]
fn a_missing_file_names_its_path() {
    let path = std::path::Path::new("/nowhere/template.yaml");
    let error = Wiring::open(path, &Overrides::new())
        .unwrap_err()
        .to_string();
    assert_complaint(&error, &["/nowhere/template.yaml"]);
}
