#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use proptest::prelude::*;

use super::parse;
use crate::facts::{Environment, Value};
use crate::value::Origin;

fn environments(text: &str) -> Vec<Environment> {
    let deploy = parse("render.yaml", text);
    assert_eq!(deploy.problems, [], "{text}");
    deploy.environments
}

fn value(environment: &Environment, name: &str) -> String {
    match &environment.get(name).unwrap().value {
        Value::Known(text) => text.expose().to_owned(),
        Value::Unknown(reason) => format!("? {reason}"),
    }
}

const ALL_FORMS: &str = "\
databases:
  - name: main-db
    databaseName: app
    user: app_user
envVarGroups:
  - name: shared
    envVars:
      - key: DB_POOL_SIZE
        value: 3
      - key: FROM_GROUP
        value: yes
  - name: later
    envVars:
      - key: FROM_GROUP
        value: later
      - key: PROMPTED
services:
  - type: web
    name: api
    runtime: python
    rootDir: server
    startCommand: gunicorn app.main:app -w 4
    numInstances: 2
    envVars:
      - key: DATABASE_URL
        fromDatabase:
          name: main-db
          property: connectionString
      - key: POOLED_URL
        fromDatabase: {name: main-db, property: connectionPoolString}
      - key: DB_NAME
        fromDatabase: {name: main-db, property: database}
      - key: DB_USER
        fromDatabase: {name: main-db, property: user}
      - key: DB_HOST
        fromDatabase: {name: main-db, property: host}
      - key: DB_POOL_SIZE
        value: 5
      - key: DB_MAX_OVERFLOW
        value: \"10\"
        previewValue: \"1\"
      - key: DEBUG
        value: false
      - key: SECRET
        generateValue: true
      - key: TOKEN
        sync: false
      - key: WORKER_POOL
        fromService:
          type: worker
          name: jobs
          envVarKey: DB_POOL_SIZE
      - key: WORKER_HOST
        fromService: {type: pserv, name: jobs, property: hostport}
      - fromGroup: shared
      - fromGroup: later
      - fromGroup: elsewhere
  - type: worker
    name: jobs
    scaling: {minInstances: 1, maxInstances: 6}
    dockerCommand: celery -A jobs worker
    envVars:
      - fromGroup: shared
  - type: keyvalue
    name: cache
";

#[test]
fn every_form_of_a_value_is_read_with_its_place() {
    let all = environments(ALL_FORMS);
    let [api, jobs] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(api.name, "render.yaml:api");
    for (name, wanted) in [
        (
            "DATABASE_URL",
            "? Render's internal connection string of the database main-db (fromDatabase; no port, no sslmode)",
        ),
        (
            "POOLED_URL",
            "? Render's internal pool connection string of the database main-db (fromDatabase; PgBouncer in transaction mode)",
        ),
        ("DB_NAME", "app"),
        ("DB_USER", "app_user"),
        (
            "DB_HOST",
            "? the host of Render's database main-db (fromDatabase)",
        ),
        ("DB_POOL_SIZE", "5"),
        ("DB_MAX_OVERFLOW", "10"),
        ("DEBUG", "false"),
        (
            "SECRET",
            "? a random text that Render makes (generateValue)",
        ),
        ("TOKEN", "? set in Render's dashboard (sync: false)"),
        ("WORKER_POOL", "3"),
        (
            "WORKER_HOST",
            "? the hostport of Render's service jobs (fromService)",
        ),
        ("FROM_GROUP", "later"),
        ("PROMPTED", "? set in Render's dashboard (sync: false)"),
    ] {
        assert_eq!(value(api, name), wanted, "{name}");
    }
    assert_eq!(
        api.get("DB_POOL_SIZE").unwrap().origin,
        Origin::file("render.yaml", 38, 16)
    );
    let deployment = api.deployment.as_ref().unwrap();
    assert_eq!(
        deployment.start_command.as_ref().unwrap().value,
        "gunicorn app.main:app -w 4"
    );
    assert_eq!(deployment.instances.as_ref().unwrap().value, 2);
    assert_eq!(deployment.root.as_deref(), Some("server"));
    assert_eq!(deployment.unseen, ["Render's environment group elsewhere"]);
    assert_eq!(value(jobs, "DB_POOL_SIZE"), "3");
    let deployment = jobs.deployment.as_ref().unwrap();
    assert_eq!(deployment.instances.as_ref().unwrap().value, 6);
    assert_eq!(
        deployment.start_command.as_ref().unwrap().value,
        "celery -A jobs worker"
    );
}

#[test]
fn services_and_groups_of_projects_are_found_and_a_nested_file_keeps_its_path() {
    let deploy = parse(
        "deploy/render.yaml",
        "projects:\n- name: p\n  envVarGroups:\n  - name: g\n    envVars: [{key: A, value: 1}]\n  environments:\n  - name: production\n    services:\n    - {type: web, name: api, envVars: [{fromGroup: g}]}\nungrouped:\n  services:\n  - {type: web, name: old, envVars: [{key: A, value: 2}]}\n",
    );
    assert_eq!(deploy.problems, []);
    let names: Vec<&str> = deploy
        .environments
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    assert_eq!(names, ["deploy/render.yaml:old", "deploy/render.yaml:api"]);
    assert_eq!(value(&deploy.environments[1], "A"), "1");
}

#[test]
fn a_circle_of_services_ends() {
    let text = "services:\n- {type: web, name: a, envVars: [{key: X, fromService: {name: b, type: web, envVarKey: X}}]}\n- {type: web, name: b, envVars: [{key: X, fromService: {name: a, type: web, envVarKey: X}}]}\n";
    let all = environments(text);
    assert_eq!(
        value(&all[0], "X"),
        "? X of Render's service a, which leads back to itself (fromService)"
    );
}

#[test]
fn what_render_would_refuse_gets_its_place_and_the_rest_still_counts() {
    let service = |entry: &str| {
        format!(
            "services:\n- type: web\n  name: api\n  envVars:\n  - {{key: KEPT, value: 1}}\n{entry}"
        )
    };
    for (entry, at, message) in [
        (
            "  - {key: A, value: [1]}\n",
            (6, 21),
            "has a list as a `value`, which must be a text, a number, or true or false",
        ),
        (
            "  - {key: A, value: {b: 1}}\n",
            (6, 21),
            "has a mapping as a `value`, which must be a text, a number, or true or false",
        ),
        (
            "  - just text\n",
            (6, 5),
            "has a text in `envVars`, not a mapping with a key",
        ),
        (
            "  - {value: 1}\n",
            (6, 5),
            "has an entry of `envVars` without a key",
        ),
        (
            "  - {key: A, value: 1, fromDatabase: {name: d, property: host}}\n",
            (6, 38),
            "has `value` and `fromDatabase` in one entry of `envVars`, which takes one of them",
        ),
        (
            "  - {key: A, fromDatabase: d}\n",
            (6, 28),
            "has a `fromDatabase` without a name",
        ),
        (
            "  - {key: A, generateValue: maybe}\n",
            (6, 29),
            "has a `generateValue` that is neither true nor false",
        ),
        (
            "  numInstances: many\n",
            (6, 17),
            "has a `numInstances` that is no whole number",
        ),
        ("- type: web\n", (6, 3), "has a service without a name"),
    ] {
        let deploy = parse("render.yaml", &service(entry));
        let problem = &deploy.problems[0];
        assert_eq!(problem.message, message);
        assert_eq!(
            (problem.line, problem.column),
            (Some(at.0), Some(at.1)),
            "{entry}"
        );
        assert_eq!(value(&deploy.environments[0], "KEPT"), "1");
    }
    for (text, message) in [
        ("[]", "is a list, not a blueprint"),
        ("services: 5", "has a `services` that is a text, not a list"),
        ("services: [5]", "has a text as a service"),
        ("a: 1\n---\nb: 1\n", "holds more than one YAML document"),
    ] {
        assert_eq!(
            parse("render.yaml", text).problems[0].message,
            message,
            "{text}"
        );
    }
    assert!(parse("render.yaml", "").problems.is_empty());
}

#[test]
fn problems_and_debug_hold_no_secret() {
    let text = "services:\n- {type: web, name: a, envVars: [{key: A, value: s3cr3t}, {key: B, value: [s3cr3t]}]}\n- name: [s3cr3t]\n";
    let shown = format!("{:?}", parse("render.yaml", text));
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn many_services_with_many_variables_are_bounded() {
    let group = (0..10_000)
        .map(|n| format!("  - {{key: K{n}, value: v}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let services =
        (0..10_000).map(|n| format!("- {{type: web, name: s{n}, envVars: [{{fromGroup: g}}]}}\n"));
    let services = services.collect::<Vec<_>>().concat();
    let text = format!("envVarGroups:\n- name: g\n  envVars:\n{group}services:\n{services}");
    let deploy = parse("render.yaml", &text);
    assert_eq!(
        deploy.problems[0].message,
        "declares more services with more variables than are read"
    );
    assert!(deploy.environments.len() > 10);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(services:|\n- |\n  |name: |type: |envVars:|key: |value: |fromGroup: |fromService: |\\{|\\}|\\[|\\]|, |a|&a |\\*a|scaling: ){0,40}"
    ) {
        parse("render.yaml", &text);
    }
}
