//! How much a function may be told, and a role may be let: AWS refuses more, and only when it is deployed.

use sam_template::Template;

/// CloudFormation cuts a name of more than 80 letters; the program `noren` and insights read logical ids out of names.
const LONGEST_STACK_NAME: usize = 29;
/// `-1ABCDEF2GHIJ`, behind each name that CloudFormation makes.
const LETTERS_BEHIND_A_NAME: usize = 13;
/// Of `https://sqs.ap-northeast-1.amazonaws.com`, beside what the local stack's queues have there.
const LETTERS_OF_A_QUEUES_HOST: usize = 40;
/// AWS Lambda: of all variables of a function, names and values.
const MOST_VARIABLE_BYTES: usize = 4096;
/// IAM: of all policies that stand in a role, blanks left out.
const MOST_POLICY_CHARACTERS: usize = 10_240;
/// `{"Effect":"Allow","Action":[],"Resource":[]},`
const CHARACTERS_OF_A_STATEMENT: usize = 46;

/// How long a text is at the most once it is deployed, whatever the stack is called.
fn deployed(template: &Template, text: &str) -> usize {
    let queues = template.queues.iter().map(|queue| &queue.logical_id);
    let tables = template.tables.iter().map(|table| &table.logical_id);
    let topics = template.topics.iter().map(|topic| &topic.logical_id);
    let resources: Vec<&String> = queues.chain(tables).chain(topics).collect();
    let words = text.split([',', '/', ':']);
    let named = words.filter(|word| {
        let id = word.strip_prefix("noren-").unwrap_or(word);
        resources.iter().any(|resource| *resource == id)
    });
    text.len()
        + named.count() * LETTERS_BEHIND_A_NAME
        + text.matches("noren").count() * (LONGEST_STACK_NAME - "noren".len())
        + text.matches("http://").count() * LETTERS_OF_A_QUEUES_HOST
}

/// The variables of a function fit. What an operator sets by parameter counts as the default, or as the tests have it.
pub fn variables(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for function in &template.functions {
        let variables = function.environment.iter();
        let bytes: usize = variables
            .map(|(name, value)| name.len() + deployed(template, value))
            .sum();
        if bytes > MOST_VARIABLE_BYTES {
            how.push(format!(
                "the variables of {} have {bytes} bytes of {MOST_VARIABLE_BYTES}",
                function.logical_id
            ));
        }
    }
    how
}

/// The policy of a role fits.
pub fn policies(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for role in &template.roles {
        let written = |texts: &[String]| -> usize {
            let quoted = texts.iter().map(|text| deployed(template, text) + 3);
            quoted.sum()
        };
        let statements = role.permissions.iter().map(|permission| {
            CHARACTERS_OF_A_STATEMENT
                + written(&permission.actions)
                + written(&permission.resources)
        });
        let characters: usize = statements.sum();
        if characters > MOST_POLICY_CHARACTERS {
            how.push(format!(
                "the policy of {} has {characters} characters of {MOST_POLICY_CHARACTERS}",
                role.logical_id
            ));
        }
    }
    how
}
