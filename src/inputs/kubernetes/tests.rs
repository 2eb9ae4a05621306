#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use proptest::prelude::*;

use super::{is_manifest, parse};
use crate::facts::{Environment, Value};
use crate::value::Origin;

fn value(environment: &Environment, name: &str) -> String {
    match &environment.get(name).unwrap().value {
        Value::Known(text) => text.expose().to_owned(),
        Value::Unknown(reason) => format!("? {reason}"),
    }
}

const FILE: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  DB_POOL_SIZE: \"5\"
  OVER: map
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {PASSWORD: pw}
data: {TOKEN: cHc=}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          command: [gunicorn]
          args: [\"app:app\", \"-w\", \"4\"]
          envFrom:
            - configMapRef: {name: settings}
            - configMapRef: {name: settings}
              prefix: P_
            - secretRef: {name: elsewhere}
          env:
            - name: OVER
              value: own
            - name: HOST
              value: db
            - name: DATABASE_URL
              value: postgresql://u:$(PW)@$(HOST):5432/d
            - name: PW
              valueFrom: {secretKeyRef: {name: keys, key: PASSWORD}}
            - name: URL2
              value: postgresql://u:$(PW)@$(HOST):5432/d
            - name: TOKEN
              valueFrom: {secretKeyRef: {name: keys, key: TOKEN}}
            - name: SIZE
              valueFrom: {configMapKeyRef: {name: settings, key: DB_POOL_SIZE}}
            - name: LOST
              valueFrom: {secretKeyRef: {name: elsewhere, key: url}}
            - name: POD
              valueFrom: {fieldRef: {fieldPath: metadata.name}}
            - name: EMPTY
        - name: side
          env: [{name: A, value: [1]}, {value: 2}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: x}
spec:
  scaleTargetRef: {kind: Deployment, name: api}
  maxReplicas: 9
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: job, env: [{name: A, value: b}]}]
";

#[test]
fn each_container_has_the_values_that_kubernetes_gives_it() {
    assert!(is_manifest(FILE));
    let deploy = parse("k8s/app.yaml", FILE);
    let names: Vec<&str> = deploy
        .environments
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "k8s/app.yaml:api/web",
            "k8s/app.yaml:api/side",
            "k8s/app.yaml:nightly"
        ]
    );
    let web = &deploy.environments[0];
    for (name, wanted) in [
        ("DB_POOL_SIZE", "5"),
        ("P_DB_POOL_SIZE", "5"),
        ("OVER", "own"),
        ("DATABASE_URL", "postgresql://u:$(PW)@db:5432/d"),
        ("URL2", "postgresql://u:pw@db:5432/d"),
        ("TOKEN", "? in base64 in a Secret of this file"),
        ("SIZE", "5"),
        ("LOST", "? the key url of the Secret elsewhere"),
        ("POD", "? a field of the pod (fieldRef)"),
        ("EMPTY", ""),
    ] {
        assert_eq!(value(web, name), wanted, "{name}");
    }
    assert_eq!(
        web.get("DB_POOL_SIZE").unwrap().origin,
        Origin::file("k8s/app.yaml", 5, 17)
    );
    let deployment = web.deployment.as_ref().unwrap();
    assert_eq!(
        deployment.start_command.as_ref().unwrap().value,
        "gunicorn app:app -w 4"
    );
    assert_eq!(deployment.instances.as_ref().unwrap().value, 9);
    assert_eq!(deployment.unseen, ["the Secret elsewhere (envFrom)"]);
    let messages: Vec<&str> = deploy
        .problems
        .iter()
        .map(|known| known.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "has a list as a `value`, which must be a text, a number, or true or false",
            "has an entry of `env` without a name"
        ]
    );
}

#[test]
fn other_yaml_is_no_manifest_and_a_template_says_so() {
    for text in [
        "a: 1\n",
        "apiVersion: v1\nkind: Service\n",
        "kind: x\ncontainers: []\n",
        "",
    ] {
        assert!(!is_manifest(text), "{text}");
    }
    let template =
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: {{ .Values.name }}\n";
    assert!(is_manifest(template));
    assert_eq!(
        parse("t.yaml", template).problems[0].message,
        "has a mapping as a key, as a template (`{{ … }}`) does"
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(kind: Pod|kind: Deployment|\n|\n  |\n    |spec:|template:|containers:|- |env:|name: a|value: b|valueFrom: |envFrom:|---\n){0,40}"
    ) {
        parse("k.yaml", &text);
    }
}
