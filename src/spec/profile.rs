//! The built-in profiles: data files with the keys of `[spec]`.

use super::settings;
use super::toml_file::Source;
use super::{Bound, DeploymentSpec, Spec, TlsDemand, VariableNames};

/// The built-in profiles by name, with their texts.
const PROFILES: [(&str, &str); 2] = [
    ("enterprise", include_str!("enterprise.toml")),
    ("essential", include_str!("essential.toml")),
];

impl Spec {
    /// The names of the built-in profiles; the first is the default.
    pub const PROFILES: [&'static str; 2] = [PROFILES[0].0, PROFILES[1].0];

    /// Returns a built-in profile by its name.
    pub fn profile(name: &str) -> Option<Self> {
        let (name, text) = PROFILES.into_iter().find(|(known, _)| *known == name)?;
        let mut spec = Self::without_demands(name);
        let source = Source { path: name, text };
        let table = source.parse().ok()?;
        settings::read(
            source,
            table.get_ref(),
            settings::Dialect::Profile,
            &mut spec,
        )
        .ok()?;
        Some(spec)
    }

    /// Returns a spec that asks for nothing.
    fn without_demands(profile: &str) -> Self {
        let names = |name: &str| vec![name.to_owned()];
        Self {
            profile: profile.to_owned(),
            application_name: None,
            application_name_required: false,
            pool_size: Bound::Any,
            max_overflow: Bound::Any,
            pool_recycle: Bound::Any,
            pool_timeout: Bound::Any,
            pool_pre_ping: None,
            port_explicit: false,
            tls: TlsDemand::Any,
            variables: VariableNames {
                database_url: names("DATABASE_URL"),
                pool_size: names("DB_POOL_SIZE"),
                max_overflow: names("DB_MAX_OVERFLOW"),
                pool_recycle: names("DB_POOL_RECYCLE"),
                pool_timeout: names("DB_POOL_TIMEOUT"),
            },
            deployment: DeploymentSpec::default(),
            health: Vec::new(),
            logs: Vec::new(),
            all_roles: false,
            severities: Vec::new(),
            waivers: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::spec::{Bound, Spec, TlsDemand};

    #[test]
    fn every_named_profile_is_readable() {
        for name in Spec::PROFILES {
            assert_eq!(Spec::profile(name).unwrap().profile, name);
        }
        assert_eq!(Spec::profile("Enterprise"), None);
    }

    #[test]
    fn enterprise_is_the_seed() {
        let spec = Spec::profile("enterprise").unwrap();
        assert_eq!(spec.pool_size, Bound::Range { min: 1, max: 5 });
        assert_eq!(spec.max_overflow, Bound::Range { min: 0, max: 10 });
        assert_eq!(spec.pool_recycle, Bound::Equals(1800));
        assert_eq!(spec.pool_timeout, Bound::Range { min: 1, max: 30 });
        assert_eq!(spec.pool_pre_ping, Some(true));
        assert_eq!(spec.tls, TlsDemand::Require);
        assert!(spec.port_explicit && spec.application_name_required);
        assert_eq!(spec.application_name, None);
    }

    #[test]
    fn essential_has_no_taste_but_asks_for_tls() {
        let spec = Spec::profile("essential").unwrap();
        for bound in [
            spec.pool_size,
            spec.max_overflow,
            spec.pool_recycle,
            spec.pool_timeout,
        ] {
            assert_eq!(bound, Bound::Any);
        }
        assert_eq!(spec.pool_pre_ping, None);
        assert!(!spec.port_explicit && !spec.application_name_required);
        assert_eq!(spec.tls, TlsDemand::Require);
    }
}
