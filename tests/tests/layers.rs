//! Who may use whom, read from the workspace itself.
//!
//! The rules stay free of AWS, and the functions of each other, only as long
//! as nobody adds the one convenient dependency.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Metadata, MetadataCommand};

const SHARED: [&str; 6] = [
    "crm-connectors",
    "crm-domain",
    "crm-events",
    "crm-lambda",
    "crm-sources",
    "crm-store",
];

const FUNCTIONS: [&str; 8] = [
    "api",
    "connector-push",
    "customer-upsert",
    "event-relay",
    "ingest-webhook",
    "segment-recompute",
    "sla-checker",
    "workflow-dispatcher",
];

/// Packages of ours that `package` may depend on.
fn allowed(package: &str) -> Vec<&'static str> {
    match package {
        "crm-domain" | "crm-lambda" => vec![],
        "crm-events" | "crm-sources" | "crm-store" => vec!["crm-domain"],
        "crm-connectors" => vec!["crm-domain", "crm-events"],
        function if FUNCTIONS.contains(&function) => SHARED.to_vec(),
        "crm-local" => [SHARED.as_slice(), &FUNCTIONS].concat(),
        "crm-tests" => [SHARED.as_slice(), &FUNCTIONS, &["crm-local"]].concat(),
        other => panic!("{other} has no place in the layout: add it here on purpose"),
    }
}

fn workspace() -> Metadata {
    MetadataCommand::new()
        .no_deps()
        .exec()
        .expect("cargo describes its own workspace")
}

/// Every package of ours with those of ours it depends on, for whatever
/// purpose.
fn ours(workspace: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let packages = workspace.workspace_packages();
    let names: BTreeSet<_> = packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    packages
        .iter()
        .map(|package| {
            let used = package
                .dependencies
                .iter()
                .map(|dependency| dependency.name.clone());
            (
                package.name.to_string(),
                used.filter(|name| names.contains(name)).collect(),
            )
        })
        .collect()
}

#[test]
fn each_package_uses_only_those_below_it() {
    for (package, used) in ours(&workspace()) {
        let allowed = allowed(&package);
        let beyond: Vec<_> = used
            .iter()
            .filter(|name| !allowed.contains(&name.as_str()))
            .collect();
        assert!(beyond.is_empty(), "{package} must not use {beyond:?}");
    }
}

#[test]
fn the_layout_is_eight_functions_and_six_shared_crates() {
    let packages: BTreeSet<_> = ours(&workspace()).into_keys().collect();
    let expected = [SHARED.as_slice(), &FUNCTIONS, &["crm-local", "crm-tests"]].concat();
    assert_eq!(packages, expected.into_iter().map(str::to_owned).collect());
}

#[test]
fn the_domain_knows_no_aws_no_async_and_no_machine() {
    let workspace = workspace();
    let packages = workspace.workspace_packages();
    let domain = packages
        .iter()
        .find(|p| p.name.as_str() == "crm-domain")
        .expect("the domain");
    let kinds = domain
        .dependencies
        .iter()
        .filter(|d| d.kind == cargo_metadata::DependencyKind::Normal);
    let used: BTreeSet<_> = kinds.map(|dependency| dependency.name.as_str()).collect();
    // The generator of random numbers is only ever seeded with a constant: an interval is drawn the
    // same way every time.
    let pure = [
        "basin",
        "icu_normalizer",
        "idna",
        "jiff",
        "libm",
        "phonelib",
        "rand_chacha",
        "rand_distr",
        "rust_decimal",
        // Says what a value looks like, and is asked by tests alone.
        "schemars",
        "serde",
        // Conditions are told, and kept, in its form.
        "serde_json",
        "sha2",
        "strsim",
        "thiserror",
    ];
    assert_eq!(
        used,
        pure.into_iter().collect(),
        "the rules are values and pure functions"
    );
}

#[test]
fn every_function_says_what_it_is_for() {
    let workspace = workspace();
    for function in FUNCTIONS {
        let readme = workspace
            .workspace_root
            .join("functions")
            .join(function)
            .join("README.md");
        let text = std::fs::read_to_string(&readme)
            .unwrap_or_default()
            .to_lowercase();
        for part in ["trigger", "variable", "metric", "alarm"] {
            assert!(text.contains(part), "{readme} says nothing of its {part}");
        }
    }
}
