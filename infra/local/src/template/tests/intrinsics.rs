//! Each intrinsic function, in its short and its long form.

use super::super::{Overrides, Wiring};
use super::{word, word_template};

const SECTIONS: &str = "
Parameters:
  Stage: { Type: String, Default: test }
  Zones: { Type: CommaDelimitedList, Default: 'a, b' }
  Days: { Type: Number, Default: 7 }
Mappings:
  Sizes: { test: { memory: 128 }, live: { memory: 512 } }
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Not [!Condition IsLive]
  Both: !And [!Condition IsTest, !Condition IsLive]
  Either: !Or [!Condition IsTest, !Condition IsLive]
";

#[track_caller]
fn assert_word(value: &str, expected: &str) {
    assert_eq!(word(SECTIONS, value).as_deref(), Some(expected), "{value}");
}

#[test]
fn ref_gives_parameters_pseudo_parameters_and_what_a_resource_is_called() {
    assert_word("!Ref Stage", "test");
    assert_word("!Ref Days", "7");
    assert_word("{ Ref: AWS::Region }", "eu-central-1");
    assert_word("!Ref Speak", "Speak");
    assert_word("!Ref People", "People");
    assert_word("!Ref Bus", "shop");
    assert_word("!Ref Orders", &super::super::queue_url("crm-local-orders"));
    assert_word(
        "!Ref Key",
        "arn:aws:secretsmanager:eu-central-1:000000000000:secret:Key",
    );
}

#[test]
fn get_att_gives_arns_that_agree_with_the_names() {
    let queue = "arn:aws:sqs:eu-central-1:000000000000:crm-local-orders";
    assert_word("!GetAtt Orders.Arn", queue);
    assert_word("{ Fn::GetAtt: [Orders, Arn] }", queue);
    assert_word("!GetAtt Orders.QueueName", "crm-local-orders");
    assert_word(
        "!GetAtt People.Arn",
        "arn:aws:dynamodb:eu-central-1:000000000000:table/People",
    );
    assert_word(
        "!GetAtt Speak.Arn",
        "arn:aws:lambda:eu-central-1:000000000000:function:Speak",
    );
    assert_word(
        "!GetAtt SpeakRole.Arn",
        "arn:aws:iam:eu-central-1:000000000000:role/SpeakRole",
    );
    assert_word("!GetAtt Pool.ProviderURL", "local:Pool.ProviderURL");
}

#[test]
fn sub_fills_in_names_attributes_and_its_own_words() {
    assert_word(
        "!Sub '${Stage}-${Orders.QueueName}'",
        "test-crm-local-orders",
    );
    assert_word("!Sub ['${a}/${Stage}', { a: !Ref Days }]", "7/test");
    assert_word("!Sub 'literally ${!Stage}'", "literally ${Stage}");
}

#[test]
fn if_takes_one_branch_and_never_looks_at_the_other() {
    assert_word("!If [IsTest, yes, !Ref Nowhere]", "yes");
    assert_word("!If [Both, !Ref Nowhere, no]", "no");
    assert_word("!If [Either, 1, 2]", "1");
    assert_eq!(word(SECTIONS, "!If [IsLive, x, !Ref AWS::NoValue]"), None);
}

#[test]
fn lists_are_joined_split_and_picked_from() {
    assert_word("!Join ['-', [a, !Ref Stage]]", "a-test");
    assert_word("!Join ['+', !Ref Zones]", "a+b");
    assert_word("!Select [1, !Split ['.', 'x.y.z']]", "y");
    assert_word("!FindInMap [Sizes, !Ref Stage, memory]", "128");
}

#[test]
fn a_given_parameter_beats_its_default() {
    let given = Overrides::from([("Stage".to_owned(), "live".to_owned())]);
    let text = word_template(SECTIONS, "!If [IsLive, real, play]");
    let wiring = Wiring::read(&text, &given).unwrap();
    assert_eq!(wiring.functions["Speak"].variables["WORD"], "real");
}
