//! What each intrinsic comes to. The value under test stands in an output.

use sam_template::{Parameters, Template};

const HEAD: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: test, AllowedValues: [test, live] }
  Window: { Type: Number, Default: 5 }
  Origins: { Type: CommaDelimitedList, Default: "one, two,three" }
Mappings:
  Days:
    test: { logs: 3 }
    live: { logs: 30 }
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Not [!Condition IsLive]
  Both: !And [!Condition IsLive, !Condition IsTest]
  Either: !Or [!Condition IsLive, !Condition IsTest]
Resources:
  Sold: { Type: AWS::SNS::Topic }
  Named: { Type: AWS::SNS::Topic, Properties: { TopicName: !Sub "${Stage}-sold" } }
  Work: { Type: AWS::SQS::Queue }
  OnlyLive: { Type: AWS::SQS::Queue, Condition: IsLive }
  Logs: { Type: AWS::Logs::LogGroup }
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
Outputs:
"#;

fn load(outputs: &str, overrides: &[(&str, &str)]) -> Result<Template, String> {
    let overrides = overrides
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let parameters = Parameters {
        overrides,
        stack_name: "shop".to_owned(),
        ..Parameters::default()
    };
    Template::parse(&format!("{HEAD}{outputs}"), &parameters).map_err(|error| error.to_string())
}

fn value(expression: &str) -> String {
    let template = load(&format!("  It: {{ Value: {expression} }}\n"), &[]);
    template
        .unwrap_or_else(|error| panic!("{expression}: {error}"))
        .outputs[0]
        .value
        .clone()
}

#[test]
fn values() {
    let table = [
        ("!Ref Stage", "test"),
        ("{ Ref: Stage }", "test"),
        ("!Ref Window", "5"),
        ("!Ref AWS::Region", "ap-northeast-1"),
        ("!Ref AWS::AccountId", "000000000000"),
        ("!Ref AWS::StackName", "shop"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        (
            "!Ref Sold",
            "arn:aws:sns:ap-northeast-1:000000000000:shop-Sold",
        ),
        (
            "!Ref Named",
            "arn:aws:sns:ap-northeast-1:000000000000:test-sold",
        ),
        ("!GetAtt Named.TopicName", "test-sold"),
        (
            "!GetAtt [Named, TopicArn]",
            "arn:aws:sns:ap-northeast-1:000000000000:test-sold",
        ),
        (
            "{ Fn::GetAtt: [Work, Arn] }",
            "arn:aws:sqs:ap-northeast-1:000000000000:shop-Work",
        ),
        ("!Ref Work", "http://127.0.0.1:4566/000000000000/shop-Work"),
        ("!GetAtt Work.QueueName", "shop-Work"),
        ("!Ref Items", "shop-Items"),
        (
            "!GetAtt Items.Arn",
            "arn:aws:dynamodb:ap-northeast-1:000000000000:table/shop-Items",
        ),
        (
            "!GetAtt Items.StreamArn",
            "arn:aws:dynamodb:ap-northeast-1:000000000000:table/shop-Items/stream/local",
        ),
        (
            "!GetAtt Logs.Arn",
            "arn:aws:logs:ap-northeast-1:000000000000:log-group:shop-Logs:*",
        ),
        (
            "!Sub \"${Stage}/${Items}/${Named.TopicName}/${AWS::Region}\"",
            "test/shop-Items/test-sold/ap-northeast-1",
        ),
        ("!Sub \"${!Stage} is ${Stage}\"", "${Stage} is test"),
        (
            "!Sub [\"${who} and ${Stage}\", { who: !GetAtt Named.TopicName }]",
            "test-sold and test",
        ),
        ("!Join [\"-\", [a, !Ref Stage, 3]]", "a-test-3"),
        ("!Join [\"+\", !Ref Origins]", "one+two+three"),
        ("!Select [1, !Ref Origins]", "two"),
        ("!Select [\"2\", !Split [\":\", \"a:b:c\"]]", "c"),
        ("!FindInMap [Days, !Ref Stage, logs]", "3"),
        ("!If [IsLive, yes it is, no it is not]", "no it is not"),
        ("!If [Either, a, b]", "a"),
        ("!If [Both, a, b]", "b"),
        (
            "!Join [\"-\", [a, !If [IsTest, !Ref AWS::NoValue, b], c]]",
            "a-c",
        ),
        ("true", "true"),
        ("2012-10-17", "2012-10-17"),
        ("!!str 007", "007"),
    ];
    for (expression, expected) in table {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn conditions_decide_which_resources_exist() {
    let ids = |stage: &str| {
        let template = load("  It: { Value: x }\n", &[("Stage", stage)]).expect("a template");
        template
            .queues
            .iter()
            .map(|queue| queue.logical_id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("test"), ["Work"]);
    assert_eq!(ids("live"), ["Work", "OnlyLive"]);
}

#[test]
fn refused_expressions_say_why() {
    let table = [
        (
            "!Ref Sale",
            "Sale is no parameter, pseudo parameter or resource that exists here",
        ),
        ("!Ref OnlyLive", "OnlyLive is no parameter"),
        (
            "!GetAtt Work.Colour",
            "the attribute Colour of an AWS::SQS::Queue has no local value",
        ),
        ("!GetAtt Work", "Fn::GetAtt takes Resource.Attribute"),
        ("!Sub \"${Stage\"", "Fn::Sub has a ${ without its }"),
        ("!Join [\"-\"]", "Fn::Join takes a list of 2 values"),
        (
            "!Select [7, !Ref Origins]",
            "Fn::Select asks for number 7 of a list of 3",
        ),
        (
            "!FindInMap [Days, live, colour]",
            "Fn::FindInMap finds no Days.live.colour",
        ),
        (
            "!If [IsMonday, a, b]",
            "the template has no condition IsMonday",
        ),
        ("!Ref AWS::NoValue", "AWS::NoValue is no value here"),
        (
            "!Base64 x",
            "Fn::Base64 is not an intrinsic that is run locally",
        ),
        (
            "!ImportValue other",
            "Fn::ImportValue is not an intrinsic that is run locally",
        ),
        (
            "{ Fn::GetAZs: \"\" }",
            "Fn::GetAZs is not an intrinsic that is run locally",
        ),
        (
            "\"{{resolve:ssm:/key}}\"",
            "dynamic references are not run locally",
        ),
        ("{ Ref: Stage, More: x }", "Ref stands beside other keys"),
    ];
    let place = format!("line {}: Outputs.It.Value", HEAD.lines().count() + 1);
    for (expression, reason) in table {
        let error = load(&format!("  It: {{ Value: {expression} }}\n"), &[]).expect_err(expression);
        assert!(error.contains(reason), "{expression}: {error}");
        assert!(error.contains(&place), "{expression}: {error}");
    }
}

#[test]
fn conditions_in_a_circle_are_refused() {
    let text = HEAD.replace(
        "  IsLive: !Equals [!Ref Stage, live]",
        "  IsLive: !Not [!Condition IsTest]",
    );
    let error = Template::parse(
        &format!("{text}  It: {{ Value: x }}\n"),
        &Parameters::default(),
    )
    .expect_err("a circle");
    assert!(
        error.to_string().contains("goes round in a circle"),
        "{error}"
    );
}

#[test]
fn parameters_are_held_to_their_declarations() {
    let table = [
        (
            "Type: String",
            "",
            "it has no default and no value was given",
        ),
        (
            "Type: String, AllowedValues: [a, b]",
            "c",
            "the value is not one of AllowedValues",
        ),
        (
            "Type: String, AllowedPattern: 'a+'",
            "aab",
            "the value does not match AllowedPattern",
        ),
        ("Type: Number", "many", "the value is not a number"),
        (
            "Type: Number, MinValue: 3",
            "2",
            "the value breaks MinValue 3",
        ),
        (
            "Type: Number, MaxValue: 3",
            "4",
            "the value breaks MaxValue 3",
        ),
        (
            "Type: String, MinLength: 3",
            "ab",
            "the value breaks MinLength 3",
        ),
        (
            "Type: String, MaxLength: 3",
            "abcd",
            "the value breaks MaxLength 3",
        ),
        (
            "Type: AWS::SSM::Parameter::Value<String>",
            "x",
            "parameters of type AWS::SSM::Parameter::Value<String>",
        ),
        (
            "Type: String, Colour: red",
            "x",
            "Colour of a parameter is not run locally",
        ),
    ];
    for (declaration, given, reason) in table {
        let text = HEAD.replace(
            "Parameters:",
            &format!("Parameters:\n  Secret: {{ {declaration} }}"),
        );
        let mut parameters = Parameters::default();
        if !given.is_empty() {
            parameters
                .overrides
                .insert("Secret".to_owned(), given.to_owned());
        }
        let error = Template::parse(&format!("{text}  It: {{ Value: x }}\n"), &parameters)
            .expect_err(declaration);
        assert!(
            error.to_string().contains("Secret"),
            "{declaration}: {error}"
        );
        assert!(error.to_string().contains(reason), "{declaration}: {error}");
    }
    let error =
        load("  It: { Value: x }\n", &[("Stag", "test")]).expect_err("an unknown parameter");
    assert_eq!(
        error,
        "parameter Stag: the template declares no parameter of this name"
    );
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let text = HEAD.replace(
        "Parameters:",
        "Parameters:\n  Key: { Type: String, NoEcho: true, AllowedPattern: 'sk_.*' }",
    );
    let mut parameters = Parameters::default();
    parameters
        .overrides
        .insert("Key".to_owned(), "hunter2".to_owned());
    let error = Template::parse(&format!("{text}  It: {{ Value: x }}\n"), &parameters)
        .expect_err("a bad key");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
