#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use proptest::prelude::*;

use super::{Around, parse};
use crate::facts::{Environment, Value};
use crate::inputs::deploy::Deploy;
use crate::inputs::dotenv;
use crate::value::Origin;

/// Reads a compose file with a `.env` beside it and one file for `env_file`.
fn read(text: &str) -> Deploy {
    let dotenv = dotenv::parse(
        "deploy/.env",
        "TAG=v1\nDB_POOL_SIZE=7\nEMPTY=\nHIDDEN=${NOWHERE}\n",
    );
    let env_file = |path: &str| match path {
        "./api.env" => Ok(dotenv::parse("deploy/api.env", "A=file\nB=file\nC=pa$ss\n")),
        "more.env" => Ok(dotenv::parse("deploy/more.env", "B=more\n")),
        _ => Err("is not there".to_owned()),
    };
    parse(
        "deploy/compose.yaml",
        text,
        Around {
            dotenv: &dotenv.variables,
            env_file: &env_file,
        },
    )
}

fn value(environment: &Environment, name: &str) -> String {
    match &environment.get(name).unwrap().value {
        Value::Known(text) => text.expose().to_owned(),
        Value::Unknown(reason) => format!("? {reason}"),
    }
}

const FILE: &str = "\
x-common: &common
  DB_MAX_OVERFLOW: 10
services:
  base:
    image: python
    environment: {FROM_BASE: 1, OVER: base}
  api:
    extends: base
    build: {context: ../server}
    env_file: [./api.env, {path: more.env}, {path: gone.env, required: false}, lost.env]
    environment:
      <<: *common
      A: own
      OVER: api
      DB_POOL_SIZE: ${POOL:-5}
      FROM_DOTENV: ${DB_POOL_SIZE}
      PASSED:
      EMPTY:
      URL: postgresql://u:$${P}@db:5432/d?x=${TAG}
      UNSET: ${NOWHERE}
      UNKNOWN: ${HIDDEN:-1}
    command: [\"gunicorn\", \"app:app\", \"-w\", \"${WORKERS:-4}\"]
    deploy: {replicas: \"${REPLICAS:-3}\"}
  worker:
    environment:
      - A=1
      - B=${TAG}=x
      - DB_POOL_SIZE
      - PASSED
      - C=
    entrypoint: celery
    command: -A jobs worker
";

#[test]
fn values_have_the_precedence_and_interpolation_of_compose() {
    let deploy = read(FILE);
    assert_eq!(deploy.problems, []);
    let [_, api, worker] = deploy.environments.as_slice() else {
        panic!("{deploy:?}");
    };
    assert_eq!(api.name, "deploy/compose.yaml:api");
    for (name, wanted) in [
        ("A", "own"),
        ("B", "more"),
        ("C", "? text with a `$`, which Compose may replace"),
        ("FROM_BASE", "1"),
        ("OVER", "api"),
        ("DB_MAX_OVERFLOW", "10"),
        ("DB_POOL_SIZE", "5"),
        ("FROM_DOTENV", "7"),
        (
            "PASSED",
            "? passed through from the shell that runs Compose",
        ),
        ("EMPTY", ""),
        ("URL", "postgresql://u:${P}@db:5432/d?x=v1"),
        (
            "UNSET",
            "? built from ${NOWHERE}, which comes from the shell that runs Compose",
        ),
        (
            "UNKNOWN",
            "? built from ${NOWHERE}, which deploy/.env does not set",
        ),
    ] {
        assert_eq!(value(api, name), wanted, "{name}");
    }
    let origin = |name: &str| api.get(name).unwrap().origin.clone();
    assert_eq!(
        origin("DB_POOL_SIZE"),
        Origin::file("deploy/compose.yaml", 15, 21)
    );
    assert_eq!(
        origin("DB_MAX_OVERFLOW"),
        Origin::file("deploy/compose.yaml", 2, 20)
    );
    assert_eq!(origin("PASSED"), Origin::file("deploy/compose.yaml", 17, 7));
    assert_eq!(origin("B"), Origin::file("deploy/more.env", 1, 3));
    let deployment = api.deployment.as_ref().unwrap();
    assert_eq!(
        deployment.start_command.as_ref().unwrap().value,
        "gunicorn app:app -w 4"
    );
    assert_eq!(deployment.instances.as_ref().unwrap().value, 3);
    assert_eq!(deployment.root.as_deref(), Some("server"));
    assert_eq!(
        deployment.unseen,
        ["the env_file lost.env, which is not there"]
    );
    for (name, wanted) in [
        ("A", "1"),
        ("B", "v1=x"),
        ("DB_POOL_SIZE", "7"),
        (
            "PASSED",
            "? passed through from the shell that runs Compose",
        ),
        ("C", ""),
    ] {
        assert_eq!(value(worker, name), wanted, "{name}");
    }
    let deployment = worker.deployment.as_ref().unwrap();
    assert_eq!(
        deployment.start_command.as_ref().unwrap().value,
        "celery -A jobs worker"
    );
    assert_eq!(deployment.instances.as_ref().unwrap().value, 1);
}

#[test]
fn what_compose_would_refuse_gets_its_place() {
    for (text, at, message) in [
        (
            "services: []\n",
            (1, 11),
            "has `services` that is a list, not a mapping",
        ),
        ("[]\n", (1, 1), "is a list, not a mapping"),
        (
            "services:\n  a: 1\n",
            (2, 6),
            "has a service that is a text, not a mapping",
        ),
        (
            "services:\n  a:\n    environment: x\n",
            (3, 18),
            "has an `environment` that is a text, not a mapping or a list",
        ),
        (
            "services:\n  a:\n    environment:\n      B: [1]\n",
            (4, 10),
            "has a list as the value of a variable",
        ),
        (
            "services:\n  a:\n    environment:\n    - {B: 1}\n",
            (4, 7),
            "has a mapping in `environment`, not NAME=value",
        ),
        (
            "services:\n  a:\n    environment:\n    - B=pa$\n",
            (4, 7),
            "has a `$` that Compose cannot replace; `$$` stands for one",
        ),
        (
            "services:\n  a: {extends: b}\n  b: {extends: a}\n",
            (2, 16),
            "has services that extend each other",
        ),
        (
            "services:\n  a: {extends: c}\n",
            (2, 16),
            "extends a service that it does not have",
        ),
        (
            "services:\n  a: {scale: many}\n",
            (2, 14),
            "has a `replicas` that is no whole number",
        ),
    ] {
        let deploy = read(text);
        let problem = &deploy.problems[0];
        assert_eq!(problem.message, message);
        assert_eq!(
            (problem.line, problem.column),
            (Some(at.0), Some(at.1)),
            "{text}"
        );
    }
    assert!(read("version: '3'\n").problems.is_empty());
    assert!(read("").environments.is_empty());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(services:|\n  |a: |\n    |environment:|env_file: |extends: a|- |A=1|\\$\\{|\\}|\\[|\\]|, |command: |deploy: |replicas: 1){0,40}"
    ) {
        read(&text);
    }
}
